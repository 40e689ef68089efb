"""The suppression list: one entry per thing, wishes stay, and everybody it names is found."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from crowd import a_lead, events, profile_id, suppress, suppressed
from overture import people
from overture.core.errors import Conflict, Invalid
from overture.entrypoints.bootstrap import App
from overture.people import Merging, suppression
from overture.people.suppression import SuppressionFilter

PERSON: dict[str, Any] = {
    "email": "ada+work@mail.acme.com",
    "linkedin_slug": "ada-l",
    "linkedin_profile_id": profile_id(7),
    "sales_navigator": "ACwAADWk6QEBEoqhx_o-vtQuucEehcVnIZdLsn8",
    "company_name": "Acme, Inc.",
    "website": "https://www.acme.org",
}


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("email", "Ada <ADA@mail.acme.com>"),
        ("email", "ada+other@mail.acme.com"),
        ("domain", "acme.com"),
        ("domain", "https://mail.acme.com"),
        ("domain", "www.acme.org"),
        ("company", "ACME"),
        ("linkedin", "https://www.linkedin.com/in/Ada-L/"),
        ("linkedin", profile_id(7)),
        ("linkedin", "urn:li:member:7"),
        (
            "linkedin",
            "https://www.linkedin.com/sales/lead/ACwAADWk6QEBEoqhx_o-vtQuucEehcVnIZdLsn8,NAME_SEARCH,x",
        ),
    ],
)
async def test_a_person_is_found_by_all_that_names_them(app: App, kind: str, value: str) -> None:
    lead = await a_lead(app, **PERSON)
    other = await a_lead(app, email="bob@example.com", linkedin_slug="bob", company_name="Acmeology")

    await suppress(app, kind, value)

    assert await suppressed(app, lead, other) == {str(lead.id)}


async def test_a_suppressed_lead_suppresses_whoever_proves_to_be_the_same(app: App) -> None:
    one, two = await a_lead(app, email="a@x.io"), await a_lead(app, email="b@x.io")
    await suppress(app, "person", str(two.id))
    assert await suppressed(app, one, two) == {str(two.id)}

    async with app.sessions.begin() as db:
        await people.merge(db, app.ids, app.now(), Merging(one.id, two.id, "same", "test"))

    assert await suppressed(app, one, two) == {str(one.id), str(two.id)}


async def test_what_is_there_stays_and_takes_the_stronger_reason(app: App) -> None:
    until = app.now() + timedelta(days=30)
    first = await suppress(app, "email", "a@x.io", "manual", expires_at=until)
    second = await suppress(app, "email", "A@x.io", "opt_out")
    third = await suppress(app, "email", "a@x.io", "manual", expires_at=until)

    assert first.id == second.id == third.id
    assert (third.reason, third.expires_at) == ("opt_out", None)
    assert [kind for kind, _ in await events(app)] == ["suppression.added", "suppression.strengthened"]


async def test_one_whose_time_is_over_holds_no_more_and_makes_room(app: App) -> None:
    lead, now = await a_lead(app, email="a@x.io"), app.now()
    wanted = suppression.Wanted("email", "a@x.io", "manual", "t", "t", expires_at=now + timedelta(days=1))
    async with app.sessions.begin() as db:
        await suppression.add(db, app.ids, now, wanted)
        assert await people.is_suppressed(db, [lead.id], now)
        later = now + timedelta(days=1)
        assert not await people.is_suppressed(db, [lead.id], later)
        again = await suppression.add(
            db, app.ids, later, suppression.Wanted("email", "a@x.io", "manual", "t", "t")
        )
        assert again.is_new
        assert await people.is_suppressed(db, [lead.id], later)


async def test_a_wish_never_expires(app: App) -> None:
    with pytest.raises(Invalid, match="does not expire"):
        await suppress(app, "email", "a@x.io", "opt_out", expires_at=app.now() + timedelta(days=1))


async def test_what_somebody_asked_for_is_lifted_by_an_administrator_with_a_reason_only(app: App) -> None:
    lead = await a_lead(app, email="a@x.io")
    wish = await suppress(app, "email", "a@x.io", "opt_out")
    async with app.sessions.begin() as db:
        found = await suppression.by_id(db, wish.id)
        with pytest.raises(Conflict):
            await suppression.lift(db, found, "user", app.now())
        with pytest.raises(Invalid):
            await suppression.lift_as_admin(db, found, "admin", "  ", app.now())
    assert await suppressed(app, lead)

    async with app.sessions.begin() as db:
        found = await suppression.by_id(db, wish.id)
        await suppression.lift_as_admin(db, found, "admin", "they wrote to us", app.now())

    assert not await suppressed(app, lead)
    kind, data = (await events(app, lead))[-1]
    assert (kind, data["why"], data["by"]) == ("suppression.lifted", "they wrote to us", "admin")


async def test_the_operators_own_is_lifted_and_stays_as_a_record(app: App) -> None:
    made = await suppress(app, "domain", "acme.com", "manual")
    async with app.sessions.begin() as db:
        await suppression.lift(db, await suppression.by_id(db, made.id), "user", app.now())
        await suppression.lift(db, await suppression.by_id(db, made.id), "user", app.now())

    async with app.sessions() as db:
        assert await suppression.page(db, SuppressionFilter(), None, 10) == []
        [record] = await suppression.page(db, SuppressionFilter(is_lifted=True), None, 10)
        assert record.lifted_by == "user"
        assert await suppression.find(db, "domain", "ACME.com", app.now()) is None
    assert [kind for kind, _ in await events(app)] == ["suppression.added", "suppression.lifted"]


async def test_the_event_names_the_lead_and_not_the_key(app: App) -> None:
    lead = await a_lead(app, email="ada@acme.com")
    await suppress(app, "email", "ada@acme.com")

    kind, data = (await events(app, lead))[-1]
    assert (kind, data["kind"], data["reason"]) == ("suppression.added", "email", "opt_out")
    assert "ada@acme.com" not in str(data)


@pytest.mark.parametrize(
    ("kind", "value"),
    [("email", "no"), ("domain", "acme"), ("company", "-"), ("linkedin", "a b"), ("person", "x")],
)
async def test_what_cannot_be_read_is_refused(app: App, kind: str, value: str) -> None:
    with pytest.raises(Invalid, match="cannot be read"):
        await suppress(app, kind, value)


async def test_a_list_of_people_costs_the_same_queries_as_one(app: App) -> None:
    made = [await a_lead(app, email=f"p{n}@acme.com") for n in range(30)]
    await suppress(app, "email", "p7@acme.com")
    asked: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        asked.append(statement)

    event.listen(app.engine.sync_engine, "before_cursor_execute", note)
    assert await suppressed(app, made[7]) == {str(made[7].id)}
    for_one = len(asked)
    assert await suppressed(app, *made) == {str(made[7].id)}

    assert len(asked) == 2 * for_one
