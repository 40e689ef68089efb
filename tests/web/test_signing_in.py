"""Nobody gets in without the key, no other site can press a button, and the API is where it was."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from site_stage import form_token

from overture.entrypoints.api import create_api
from overture.entrypoints.bootstrap import App
from overture.entrypoints.web import sign_in_link, with_pages
from product import API_KEY

PLACES = (
    *("/", "/accounts", "/accounts/ada", "/runs", "/schedules", "/campaigns", "/leads", "/imports"),
    *(
        "/approvals",
        "/suppressions",
        "/live?since=1",
        "/runs/run_01kb3v6q2v8x0c5h2m9r4t7wze/artifacts/art_01kb3v6q2v8x0c5h2m9r4t7wze",
    ),
)
ACTS = (
    *("/accounts/ada/pause", "/accounts/ada/resume", "/kill-switch", "/imports", "/logout"),
    *("/runs/run_01kb3v6q2v8x0c5h2m9r4t7wze/cancel", "/schedules/sch_01kb3v6q2v8x0c5h2m9r4t7wze/pause"),
    *(
        "/campaigns/cmp_01kb3v6q2v8x0c5h2m9r4t7wze/do/stop",
        "/enrollments/enr_01kb3v6q2v8x0c5h2m9r4t7wze/stop",
    ),
    "/approvals/apr_01kb3v6q2v8x0c5h2m9r4t7wze/approve",
    *("/campaigns", "/campaigns/cmp_01kb3v6q2v8x0c5h2m9r4t7wze/leads", "/suppressions"),
    "/suppressions/sup_01kb3v6q2v8x0c5h2m9r4t7wze/lift",
)


@pytest.fixture
async def door(app: App) -> AsyncIterator[httpx2.AsyncClient]:
    """Pages and API in process, as one browser."""
    site = with_pages(app, create_api(app), asyncio.Event())
    transport = httpx2.ASGITransport(app=site, raise_app_exceptions=False, client=("127.0.0.1", 5000))
    async with httpx2.AsyncClient(transport=transport, base_url="http://overture.test") as made:
        yield made


async def sign_in(door: httpx2.AsyncClient, key: str = API_KEY, onward: str = "/") -> httpx2.Response:
    token = form_token((await door.get("/login")).text)
    return await door.post("/login", data={"api_key": key, "next": onward, "form_token": token})


@pytest.mark.parametrize("path", PLACES)
async def test_a_stranger_is_sent_to_the_sign_in_page(door: httpx2.AsyncClient, path: str) -> None:
    answer = await door.get(path)

    assert answer.status_code == 303
    assert urlsplit(answer.headers["location"]).path == "/login"


async def test_signing_in_leads_back_to_where_one_was_going(door: httpx2.AsyncClient) -> None:
    asked = (await door.get("/runs?status=held")).headers["location"]
    onward = parse_qs(urlsplit(asked).query)["next"][0]

    answer = await sign_in(door, onward=onward)

    assert (answer.status_code, answer.headers["location"]) == (303, "/runs?status=held")
    assert (await door.get("/runs?status=held")).status_code == 200


@pytest.mark.parametrize(
    "onward", ["//evil.test/", "https://evil.test/", "/\\evil.test", "javascript:alert(1)"]
)
async def test_signing_in_never_leads_to_another_site(door: httpx2.AsyncClient, onward: str) -> None:
    assert (await sign_in(door, onward=onward)).headers["location"] == "/"


async def test_a_wrong_key_lets_nobody_in_and_many_of_them_have_to_wait(door: httpx2.AsyncClient) -> None:
    answers = [await sign_in(door, "ov_wrong") for _ in range(11)]

    assert [one.status_code for one in answers] == [401] * 10 + [429]
    assert (await door.get("/")).status_code == 303
    assert (await sign_in(door)).status_code == 429


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_the_cookie_is_kept_from_scripts_and_other_sites(door: httpx2.AsyncClient, scheme: str) -> None:
    answer = await door.get(f"{scheme}://overture.test/login")

    set_cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in set_cookie
    assert "SameSite=Lax" in set_cookie
    assert ("Secure" in set_cookie) == (scheme == "https")
    assert API_KEY not in set_cookie


async def test_a_session_gets_a_new_id_when_it_signs_in(door: httpx2.AsyncClient) -> None:
    await door.get("/login")
    before = door.cookies["overture_session"]
    await sign_in(door)

    assert door.cookies["overture_session"] != before


async def test_a_cookie_that_was_copied_ends_with_the_session(door: httpx2.AsyncClient) -> None:
    await sign_in(door)
    copied = door.cookies["overture_session"]
    token = form_token((await door.get("/")).text)
    assert (await door.post("/logout", data={"form_token": token})).status_code == 303

    door.cookies.clear()
    answer = await door.get("/", headers={"Cookie": f"overture_session={copied}"})
    assert answer.status_code == 303


async def test_a_cookie_nobody_signed_opens_nothing(door: httpx2.AsyncClient) -> None:
    await sign_in(door)
    genuine = door.cookies["overture_session"].strip('"')
    door.cookies.clear()
    later = genuine.replace(genuine[20:30], "A" * 10)

    assert (await door.get("/", headers={"Cookie": f"overture_session={genuine}"})).status_code == 200
    for forged in (f"{genuine[:-3]}AAA", f"x{genuine}", "~", "", later, '"é"'):
        answer = await door.get("/", headers=[(b"Cookie", f"overture_session={forged}".encode())])
        assert answer.status_code == 303, forged


@pytest.mark.parametrize("path", ACTS)
async def test_no_act_without_the_forms_token(door: httpx2.AsyncClient, path: str) -> None:
    await sign_in(door)

    assert (await door.post(path, data={})).status_code == 401
    assert (await door.post(path, data={"form_token": "made-up"})).status_code == 401


async def test_no_act_from_another_site_even_with_the_token(door: httpx2.AsyncClient) -> None:
    await sign_in(door)
    sent = {"form_token": form_token((await door.get("/")).text), "scope": "global", "on": "yes"}

    foreign = await door.post("/kill-switch", data=sent, headers={"Origin": "https://evil.test"})
    cross = await door.post("/kill-switch", data=sent, headers={"Sec-Fetch-Site": "cross-site"})
    own = await door.post("/kill-switch", data=sent, headers={"Origin": "http://overture.test"})

    assert (foreign.status_code, cross.status_code, own.status_code) == (401, 401, 303)


async def test_a_sign_in_link_works_once(app: App, door: httpx2.AsyncClient) -> None:
    link = sign_in_link("http://overture.test", API_KEY, app.now())
    late = sign_in_link("http://overture.test", API_KEY, app.now() - timedelta(hours=2))
    forged = sign_in_link("http://overture.test", "another key", app.now())

    assert [(await door.get(one)).status_code for one in (late, forged, link)] == [401, 401, 303]
    assert (await door.get("/")).status_code == 200
    door.cookies.clear()
    assert (await door.get(link)).status_code == 401


async def test_a_sign_in_link_is_for_this_machine_only(app: App) -> None:
    site = with_pages(app, create_api(app), asyncio.Event())
    transport = httpx2.ASGITransport(app=site, client=("192.0.2.7", 5000))
    async with httpx2.AsyncClient(transport=transport, base_url="http://overture.test") as far:
        assert (await far.get(sign_in_link("http://overture.test", API_KEY, app.now()))).status_code == 401


async def test_every_page_says_what_it_may_load(door: httpx2.AsyncClient) -> None:
    await sign_in(door)
    for path in ("/login", "/", "/nowhere", "/runs/run_none", "/static/overture.css"):
        policy = (await door.get(path)).headers.get("content-security-policy", "")
        if path != "/nowhere":
            assert "script-src 'self'" in policy
            assert "unsafe" not in policy


@pytest.mark.parametrize(
    "path", ["../../bootstrap.py", "%2e%2e/%2e%2e/bootstrap.py", "vendor/vendor.toml", "none.css"]
)
async def test_only_files_meant_for_browsers_are_served(door: httpx2.AsyncClient, path: str) -> None:
    assert (await door.get(f"/static/{path}")).status_code == 404


async def test_the_api_is_where_it_was(door: httpx2.AsyncClient) -> None:
    key = {"X-API-Key": API_KEY}

    assert (await door.get("/health")).json()["status"] == "ok"
    assert (await door.get("/docs")).status_code == 200
    assert (await door.get("/metrics", headers=key)).status_code == 200
    assert (await door.get("/api/v1/accounts", headers=key)).json() == {"data": []}
    assert (await door.get("/api/v1/accounts")).status_code == 401
    await sign_in(door)
    assert (await door.get("/api/v1/accounts")).status_code == 401, "the pages' cookie is no key"
    assert (await door.get("/elsewhere")).headers["content-type"] == "application/problem+json"
