"""Seeing at a glance that a row is of nobody suppressed says what the whole list would say."""

from typing import cast
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from overture.entrypoints.bootstrap import App
from overture.people import suppression
from overture.people.importing.barring import People, ShortList, barred_rows, may_be_barred
from overture.people.importing.cleaning import Person, Unfit, person_of, plan_of
from overture.people.importing.deciding import Standing
from overture.people.importing.reading import Record
from overture.people.keys import Key, with_implied
from overture.people.suppression import SuppressionKind, Wanted

MIRA = "ACoAADWk6QEBEoqhx_o-vtQuucEehcVnIZdLsn8"
COLUMNS = ("email", "linkedin_url", "company", "company_domain", "external_id")
PLAN = plan_of(COLUMNS, "other")
LEADS = [UUID(int=number) for number in (1, 2)]
CELLS = st.tuples(
    st.sampled_from(["", "ada@acme.example", "ada+tag@acme.example", "bob@mail.acme.example"]),
    st.sampled_from(["", "linkedin.com/in/ada-l", f"linkedin.com/in/{MIRA}"]),
    st.sampled_from(["", "Acme GmbH", "Other"]),
    st.sampled_from(["", "acme.example", "eu.acme.example", "gmail.com"]),
    st.sampled_from(["", "4711"]),
)
KEYS = st.lists(
    st.sampled_from(
        [
            Key("email", "ada@acme.example"),
            Key("email", "bob@home.example"),
            Key("linkedin", "ada-l"),
            Key("linkedin_profile_id", MIRA),
            Key("external", "4711"),
        ]
    ),
    unique=True,
)
COMPANIES = st.sampled_from([{}, {"company_name": "Acme"}, {"website": "https://acme.example"}])
MARKS = [
    *(("email", one) for one in ("ada@acme.example", "bob@mail.acme.example", "bob@home.example")),
    *(("domain", one) for one in ("acme.example", "mail.acme.example", "home.example", "gmail.com")),
    *(("linkedin", one) for one in ("ada-l", MIRA, "900000001")),
    *(("company", one) for one in ("acme", "other")),
    *(("person", str(one)) for one in LEADS),
    *(
        ("tombstone", key.tombstone)
        for key in with_implied(
            (
                Key("email", "ada@acme.example"),
                Key("email", "ada+tag@acme.example"),
                Key("linkedin_profile_id", MIRA),
                Key("external", "4711"),
            )
        )
    ),
]


@given(CELLS, st.tuples(KEYS, KEYS), st.tuples(COMPANIES, COMPANIES), st.sets(st.sampled_from(MARKS)))
def test_the_short_list_and_the_whole_say_the_same_of_a_row(
    cells: tuple[str, ...],
    keys: tuple[list[Key], list[Key]],
    companies: tuple[dict[str, str], dict[str, str]],
    listed: set[tuple[str, str]],
) -> None:
    person = person_of(Record(2, list(cells)), PLAN)
    if isinstance(person, Unfit):
        return
    people = standing(keys, companies)

    by_the_whole = not people.known(person).marks().isdisjoint(listed)
    assert may_be_barred(person, ShortList(listed), people) == by_the_whole


def standing(keys: tuple[list[Key], list[Key]], companies: tuple[dict[str, str], dict[str, str]]) -> People:
    """Two leads that have these keys; one that both should have is the first's."""
    owners: dict[Key, UUID] = {}
    standings = {}
    for lead_id, theirs, company in zip(LEADS, keys, companies, strict=True):
        own = [key for key in theirs if key not in owners]
        owners |= dict.fromkeys(own, lead_id)
        standings[lead_id] = Standing(lead_id, company, {}, None, keys=own)
    return People(owners, standings)


def test_a_row_knows_the_number_inside_its_profile_id() -> None:
    person = person_of(Record(2, ["", f"linkedin.com/in/{MIRA}", "", "", ""]), PLAN)

    assert isinstance(person, Person)
    assert ShortList([("linkedin", "900000001")]).may_bar(person)


async def test_a_long_list_bars_the_same_rows_as_a_short_one(app: App) -> None:
    cells = [
        (email, profile, company, domain, "")
        for email in ("ada+tag@acme.example", "bob@home.example", "cid@x.example")
        for profile in ("", "linkedin.com/in/ada-l", f"linkedin.com/in/{MIRA}")
        for company, domain in (("Acme GmbH", ""), ("Other", "eu.evil.example"))
    ]
    found = [person_of(Record(row, list(of_row)), PLAN) for row, of_row in enumerate(cells, start=2)]
    rows = [row for row in found if isinstance(row, Person)]
    people = standing(([Key("linkedin", "ada-l")], [Key("email", "bob@home.example")]), ({}, {}))
    async with app.sessions.begin() as db:
        now = app.clock.now()
        for kind, value in MARKS[:-1]:
            if value in ("acme.example", "acme", "home.example", "other", str(LEADS[1])):
                continue
            wanted = Wanted(cast(SuppressionKind, kind), value, "opt_out", "tests", "tests")
            await suppression.add(db, app.ids, now, wanted)
        barred = (
            await barred_rows(db, now, rows, people),
            await barred_rows(db, now, rows, people, few=1),
            await suppression.of(db, {row.row: people.known(row) for row in rows}, now),
        )
        by_short, by_long, by_all = ({row: one.id for row, one in each.items()} for each in barred)

    assert by_short == by_long == by_all
    assert 0 < len(by_all) < len(rows)
