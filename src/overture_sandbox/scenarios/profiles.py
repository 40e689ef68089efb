"""Reading profiles: every degree, people who cannot be shown, and answers that are no profile."""

from typing import Any

from overture_sandbox.scenarios.scenario import Setting, arranged, friend, look, person, scenario
from overture_sandbox.world.model import Education, Position, YearMonth

TRAP = "1st hire, patent Pending, Connect with me"
EXACT = "the exact degree and state, by check_connection and by enrich; nobody contacted"
UNAVAILABLE = "failed, profile_unavailable; nobody contacted"

arranged(
    35,
    "prof-1st",
    friend("person", headline="A friend"),
    site="a connection, with a hidden 2nd beside the 1st",
    required=EXACT,
)
arranged(
    35,
    "prof-2nd",
    person("person", headline="A stranger"),
    site="2nd degree, with a hidden 1st beside it",
    required=EXACT,
)
arranged(
    35, "prof-3rd", person("person", degree="3", headline="A stranger"), site="3rd degree", required=EXACT
)
arranged(
    35,
    "prof-out-of-network",
    person("person", degree="OUT", headline="A stranger"),
    site="out of network",
    required=EXACT,
)
arranged(
    35,
    "prof-headline-trap",
    person("person", degree="3", headline=TRAP),
    site="3rd degree; the headline speaks of 1st, Pending and Connect",
    required=EXACT,
)
arranged(
    36,
    "prof-degree-missing",
    person("stranger", headline=TRAP, sidebar_decoys=4),
    friend("friend"),
    person("invited", "pending"),
    look(relationship_hidden=True),
    site="profiles say nothing of how one stands to their owner",
    required="state and degree unknown, never none; from the page when a visit is allowed",
)
arranged(
    37,
    "prof-deleted",
    person("person", deleted=True),
    site="the profile is gone: 404",
    required=UNAVAILABLE,
)
arranged(
    37,
    "prof-unavailable",
    person("person", unavailable=True),
    site="the API finds nobody, the page is /in/unavailable/",
    required=UNAVAILABLE,
)
arranged(
    37,
    "prof-memorialized",
    person("person", memorialized=True),
    site="kept in memory of its owner",
    required=UNAVAILABLE,
)
arranged(
    38,
    "prof-private-403",
    person("person", inaccessible=True),
    site="403 for this one profile, /me is fine",
    required="failed, profile_inaccessible; the account goes on",
)
arranged(
    39,
    "prof-api-400-queryid",
    friend("friend", headline="Keeper of the zanzibar gauges", email="friend@gauges.test"),
    look(stale_queries=True),
    site="every stored query is out of date: 400",
    required="the older read or the page is used; profile, contact details and search all come",
)


@scenario(
    40,
    "prof-200-html",
    site="the profile's JSON is answered with a login page, status 200; once, then for good",
    required="the first is read again after a new session; the second failed, session_expired",
)
def login_page(setting: Setting) -> None:
    """One person once, another for good."""
    once, always = setting.person("once"), setting.person("always")
    page = "<!DOCTYPE html><html><head><title>LinkedIn Login</title></head><body><form></form></body></html>"
    setting.fault("status", "profile", status=200, body=page, target=once.slug, times=1)
    setting.fault("status", "profile", status=200, body=page, target=always.slug)


@scenario(
    41,
    "prof-gql-errors",
    site="status 200 with errors inside",
    required="failed, rejected; never a profile",
)
def errors_inside(setting: Setting) -> None:
    """One person."""
    person = setting.person("person")
    body = {"data": {"data": None, "errors": [{"message": "internal error"}]}, "included": []}
    setting.fault("status", "profile", status=200, body=body, target=person.slug)


@scenario(
    42,
    "prof-lazy",
    site="cards are drawn only when the inner scroller moves",
    required="the whole profile; a visit sees the late cards",
)
def lazy(setting: Setting) -> None:
    """Somebody with jobs, schools and colleagues below the fold."""
    colleague = setting.person("colleague", degree="3")
    setting.person(
        "person",
        positions=[
            Position("Head of Gauges", "Gauge Works", None, YearMonth(2021, 3), description="All of them."),
            Position("Gauge reader", "Gauge Works", None, YearMonth(2017, 1), YearMonth(2021, 2)),
        ],
        educations=[Education("Testfield University", None, "BSc", "Metrology", 2013, 2016)],
        skills=["Gauges", "Dials"],
        summary="Reads gauges.",
        mentions=[colleague.slug],
    )


@scenario(
    43,
    "prof-contact-not-shared",
    site="a stranger's contact details are not shown, a friend's are",
    required="completed; nothing but what is shared, and the rest named as not shared",
)
def contact(setting: Setting) -> None:
    """A stranger and a friend, both with address and number."""
    details: dict[str, Any] = {
        "email": "who@gauges.test",
        "phone": "+49 30 0000001",
        "websites": ["https://gauges.test"],
    }
    setting.person("stranger", **details)
    setting.person("friend", "connected", None, **details)
