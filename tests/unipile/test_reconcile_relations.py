"""The field failure: 9,369 connections, leads invited long ago; whoever is listed is found, by few reads."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr
from sqlalchemy import select
from unipile_desk import KEY, ME, Desk, open_desk

from campaign_house import work
from crowd import a_lead, keys_of, observe, profile_id
from overture.accounts import NO_LIMITS, Limits, WorkingHours
from overture.campaigns import reconcile
from overture.db import Event
from overture.entrypoints.api import create_api
from overture.entrypoints.api.outreach import FILES, ROUTERS
from overture.entrypoints.bootstrap import App
from overture.people import Lead, Relationship, Seen
from overture.providers.unipile.provider import Unipile
from overture_sandbox.unipile.ids import id_in
from product import API_KEY, MakeApp

RELATIONS = 9_369
PATH = "/api/v1/admin/reconcile/connections"
HANDLE = "mira"
NAMELESS = 0.4
Relation = dict[str, Any]


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with open_desk() as made:
        yield made


@pytest.fixture
async def app(make_app: MakeApp, desk: Desk) -> AsyncIterator[App]:
    made = await make_app(
        unipile_dsn=desk.sandbox.url,
        unipile_api_key=SecretStr(KEY),
    )
    provider = Unipile(made.settings, made.clock, made.rng)
    yield replace(made, providers={provider.name: provider})
    await provider.close()


@pytest.fixture
async def client(app: App, desk: Desk) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=create_api(app, ROUTERS, FILES), raise_app_exceptions=False)
    headers = {"X-API-Key": API_KEY}
    async with httpx2.AsyncClient(transport=transport, base_url="http://o.test", headers=headers) as made:
        account = {
            "handle": HANDLE,
            "provider": "unipile",
            "external_id": desk.account,
            "working_hours": WorkingHours.always().model_dump(mode="json"),
            "ramp": "off",
            "limits": Limits.model_validate({**NO_LIMITS, "min_gap_s": 0}).model_dump(mode="json"),
        }
        assert (await made.post("/api/v1/accounts", json=account)).is_success
        yield made


def relations_of(desk: Desk) -> list[Relation]:
    """Every connection of the account, as the service lists them."""
    found: list[Relation] = []
    cursor: dict[str, Any] = {}
    while True:
        page = desk.get("/users/relations", limit=1000, **cursor).json
        found += page["items"]
        if page["cursor"] is None:
            return found
        cursor = {"cursor": page["cursor"]}


@dataclass
class Invited:
    """Leads that were invited long ago: those among the connections, and those that are not."""

    inside: dict[str, list[Lead]] = field(default_factory=dict)
    outside: dict[str, list[Lead]] = field(default_factory=dict)

    @property
    def all_inside(self) -> list[Lead]:
        return [one for of in self.inside.values() for one in of]

    @property
    def all_outside(self) -> list[Lead]:
        return [one for of in self.outside.values() for one in of]


def in_sales_navigator(one: Relation) -> str:
    return id_in("sales_navigator", str(one["member_id"]))


KNOWN_BY: dict[str, Callable[[Relation], dict[str, str]]] = {
    "id": lambda one: {"linkedin_profile_id": one["member_id"]},
    "name": lambda one: {"linkedin_slug": one["public_identifier"]},
    "name of one listed without": lambda one: {"linkedin_slug": one["public_identifier"]},
    "sales navigator": lambda one: {"sales_navigator": in_sales_navigator(one)},
    "sales navigator's address": lambda one: {
        "linkedin_url": f"https://www.linkedin.com/sales/lead/{in_sales_navigator(one)},NAME_SEARCH,x1y2"
    },
    "address with a query": lambda one: {
        "linkedin_url": f"http://linkedin.com/in/{one['public_identifier'].upper()}/?miniProfileUrn=urn%3Ali%3Ax"
    },
    "number": lambda one: {"linkedin_member_id": one["member_urn"]},
    "former name": lambda one: {"linkedin_slug": one["public_identifier"]},
    "id and former name": lambda one: {
        "linkedin_profile_id": one["member_id"],
        "linkedin_slug": one["public_identifier"],
    },
}
OF_EACH = 4
READ_OF = {"name of one listed without", "sales navigator", "sales navigator's address", "former name"}
"""Ways in which a lead cannot be recognised without a profile read."""


async def invited(app: App, desk: Desk) -> Invited:
    """Leads known in every way, of people spread over the whole list; and others who never accepted."""
    listed = relations_of(desk)
    assert len(listed) == RELATIONS
    desk.settings(nameless_fraction=NAMELESS)
    named = {one["member_id"] for one in relations_of(desk) if "public_identifier" in one}
    found = Invited()
    with_name = [one for one in listed if one["member_id"] in named]
    without = [one for one in listed if one["member_id"] not in named]
    for place, (way, fields) in enumerate(KNOWN_BY.items()):
        pool = without if way == "name of one listed without" else with_name
        people = pool[place :: len(pool) // OF_EACH][:OF_EACH]
        found.inside[way] = [await a_lead(app, full_name=full_name(one), **fields(one)) for one in people]
        if "former name" in way:
            for number, one in enumerate(people):
                desk.admin.patch(
                    f"/members/{one['public_identifier']}", {"slug": f"renamed-{place}-{number}"}
                )
    strangers = desk.admin.post("/populate", count=3 * OF_EACH)
    fields_of = (
        lambda one: {"linkedin_profile_id": one["profile_id"]},
        lambda one: {"linkedin_slug": one["slug"]},
        lambda one: {"sales_navigator": id_in("sales_navigator", one["profile_id"])},
    )
    for place, way in enumerate(("id", "name", "sales navigator")):
        people = strangers[place::3]
        found.outside[way] = [await a_lead(app, **fields_of[place](one)) for one in people]
    taken_over = with_name[len(KNOWN_BY) :: len(with_name) // OF_EACH][:OF_EACH]
    found.outside["name that is somebody else's now"] = [
        await a_lead(
            app, linkedin_profile_id=profile_id(10**9 + number), linkedin_slug=one["public_identifier"]
        )
        for number, one in enumerate(taken_over)
    ]
    for lead in (*found.all_inside, *found.all_outside):
        await observe(app, HANDLE, lead, Seen("invited", app.now() - timedelta(days=90), "import"))
    desk.admin.delete("/unipile/journal")
    return found


def full_name(one: Relation) -> str:
    return f"{one['first_name']} {one['last_name']}"


async def reconciled(app: App, client: httpx2.AsyncClient, **wish: Any) -> dict[str, Any]:
    """Begin one, and carry it on until nothing more happens."""
    begun = await client.post(f"{PATH}/accounts/{HANDLE}", json=wish or None)
    assert begun.status_code == 202, begun.text
    while await reconcile.turn(app.planner_kit, app.now()):
        await work(app)
    found: dict[str, Any] = (await client.get(f"{PATH}/{begun.json()['reconciliation_id']}")).json()
    assert found["state"] == "finished", found
    return found


async def connected(app: App) -> set[str]:
    async with app.sessions() as db:
        query = select(Relationship.lead_id).where(Relationship.state == "connected")
        return {str(one) for one in await db.scalars(query)}


async def told(app: App) -> Counter[str]:
    """How often each event of a connection is in the log."""
    async with app.sessions() as db:
        types = await db.scalars(select(Event.type).where(Event.type.like("connection_accepted%")))
        return Counter(types)


def ids(leads: list[Lead]) -> set[str]:
    return {str(one.id) for one in leads}


async def test_every_lead_among_9369_connections_is_found_by_at_most_one_read_each(
    app: App, client: httpx2.AsyncClient, desk: Desk, record_property: Callable[[str, object], None]
) -> None:
    there = len(relations_of(desk))
    desk.admin.post("/populate", count=RELATIONS - there, connected_to=ME, apart_s=600, quiet=True)
    leads = await invited(app, desk)
    unknown = [one for way in READ_OF for one in leads.inside[way]]
    unknown += leads.outside["name"] + leads.outside["sales navigator"]

    found = await reconciled(app, client, profile_reads=200)

    assert await connected(app) == ids(leads.all_inside)
    calls = desk.admin.get("/unipile/journal")
    reads = Counter(one["path"] for one in calls if one["endpoint"] == "user")
    assert max(reads.values()) == 1
    assert sum(reads.values()) == len(unknown) == found["counts"]["profile_reads"]
    assert endpoints(desk)["relations"] == 10 == found["counts"]["pages"]
    record_property("requests", len(calls))

    counts = found["counts"]
    assert (counts["relations_read"], counts["is_complete"]) == (RELATIONS, True)
    assert counts["leads_in_scope"] == len(leads.all_inside) + len(leads.all_outside)
    assert counts["matched"] == counts["newly_connected"] == len(leads.all_inside)
    assert counts["unmatched_leads"] == len(leads.all_outside)
    assert {one["reason"] for one in found["unmatched"]["relations"]} == {"no_lead", "name_changed_hands"}
    assert await told(app) == {"connection_accepted": len(leads.all_inside)}
    kept = {key.kind for key in await keys_of(app, leads.inside["sales navigator"][0])}
    assert {"sales_navigator", "linkedin_profile_id", "linkedin"} <= kept
    names = [
        one.value for one in await keys_of(app, leads.inside["former name"][0]) if one.kind == "linkedin"
    ]
    assert len(names) == 2
    assert names[0].startswith("renamed-")

    desk.admin.delete("/unipile/journal")
    again = await reconciled(app, client, profile_reads=200)

    assert (again["counts"]["newly_connected"], again["counts"]["profile_reads"]) == (0, 0)
    assert again["counts"]["already_connected"] == len(leads.all_inside)
    assert "user" not in endpoints(desk)
    assert await told(app) == {"connection_accepted": len(leads.all_inside)}


def endpoints(desk: Desk) -> Counter[str]:
    return Counter(one["endpoint"] for one in desk.admin.get("/unipile/journal"))
