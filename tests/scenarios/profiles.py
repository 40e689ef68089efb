"""Reading profiles: every degree, people who cannot be shown, and answers that are no profile."""

from typing import Final

from .scenario import Play, Scenario, plays
from .stage import Json, Stage


async def perform(stage: Stage, kind: str, part: str, **fields: object) -> Json:
    """A touchpoint about the person of this part, once it is over."""
    return await stage.perform(kind, stage.who(part), **fields)


def result(run: Json) -> Json:
    """What the run brought; nothing when it did not end well."""
    found: Json = run["result"] or {}
    return found


def exactly(state: str, degree: object, headline: str) -> Play:
    """Check the connection and read the profile; both must say the same."""

    async def play(stage: Stage) -> None:
        checked = await perform(stage, "check_connection", "person")
        stage.expect(checked, "completed", "none", state=state, degree=degree, source="api")
        enriched = await perform(stage, "enrich", "person")
        stage.expect(enriched, "completed", "none", discovered=None)
        profile = result(enriched).get("profile", {})
        stage.equal("headline", profile.get("headline"), headline)
        relationship = profile.get("relationship", {})
        stage.equal("profile", (relationship.get("state"), relationship.get("degree")), (state, degree))
        await stage.holds()

    return play


TRAP: Final = "1st hire, patent Pending, Connect with me"
DEGREES: Final = (
    plays("prof-1st")(exactly("connected", 1, "A friend")),
    plays("prof-2nd")(exactly("none", 2, "A stranger")),
    plays("prof-3rd")(exactly("none", 3, "A stranger")),
    plays("prof-out-of-network")(exactly("none", "out_of_network", "A stranger")),
    plays("prof-headline-trap")(exactly("none", 3, TRAP)),
)


@plays("prof-degree-missing")
async def degree_missing(stage: Stage) -> None:
    for part in ("stranger", "friend"):
        checked = await perform(stage, "check_connection", part)
        stage.expect(checked, "completed", "none", state="unknown", degree=None, source="api")
    stage.equal("visits", await visits(stage), [])

    invited = await perform(stage, "check_connection", "invited")  # the list of sent invitations knows
    stage.expect(invited, "completed", "none", state="pending", source="api")
    stranger = await perform(stage, "check_connection", "stranger", may_visit=True)
    stage.expect(stranger, "completed", "confirmed", state="none", degree=2, source="page")
    friend = await perform(stage, "check_connection", "friend", may_visit=True)
    stage.expect(friend, "completed", "confirmed", state="connected", degree=1, source="page")
    stage.equal("visits", await visits(stage), [stage.who("stranger"), stage.who("friend")])
    await stage.holds()


async def visits(stage: Stage) -> list[str]:
    """Whose pages the account opened."""
    return [entry["target"] for entry in await stage.sandbox.ledger(kind="visit", account=stage.username)]


def refused(code: str) -> Play:
    """Every way to read or reach the person ends with this code, and the account goes on."""

    async def play(stage: Stage) -> None:
        for kind in ("enrich", "visit", "check_connection", "connect"):
            stage.expect(await perform(stage, kind, "person"), "failed", "none", code)
        account = await stage.account("GET")
        stage.equal("account", account["state"], "active")
        stage.equal("visits", await visits(stage), [])
        await stage.holds()

    return play


REFUSED: Final = (
    plays("prof-deleted")(refused("profile_unavailable")),
    plays("prof-unavailable")(refused("profile_unavailable")),
    plays("prof-memorialized")(refused("profile_unavailable")),
    plays("prof-private-403")(refused("profile_inaccessible")),
    plays("prof-gql-errors")(refused("rejected")),
)


@plays("prof-api-400-queryid")
async def query_ids(stage: Stage) -> None:
    enriched = await perform(stage, "enrich", "friend", contact_details=True)
    stage.expect(enriched, "completed", "none")
    stage.equal("contact", (result(enriched).get("contact") or {}).get("email"), "friend@gauges.test")

    found = await stage.over(await stage.ask("search", keywords="zanzibar gauges", network=["1st"]))
    stage.expect(found, "completed", "none", source="page")
    slugs = [one["public_identifier"] for one in result(found).get("people", [])]
    stage.equal("found", slugs, [stage.who("friend")])


@plays("prof-200-html")
async def login_page(stage: Stage) -> None:
    once = await perform(stage, "enrich", "once")
    stage.expect(once, "completed", "none")
    stage.equal("attempts", once["attempts_made"], 2)
    stage.expect(await perform(stage, "enrich", "always"), "failed", "none", "session_expired")


@plays("prof-lazy")
async def lazy(stage: Stage) -> None:
    enriched = await perform(stage, "enrich", "person")
    stage.expect(enriched, "completed", "none")
    profile = result(enriched).get("profile", {})
    titles = [one["title"] for one in profile.get("positions", [])]
    stage.equal("positions", titles, ["Head of Gauges", "Gauge reader"])
    schools = [one["school_name"] for one in profile.get("educations", [])]
    stage.equal("educations", schools, ["Testfield University"])
    stage.equal("skills", [one["name"] for one in profile.get("skills", [])], ["Gauges", "Dials"])
    gaps = [profile.get(f"{kind}_sections") for kind in ("missing", "absent", "truncated")]
    stage.equal("gaps", gaps, [[], [], []])

    unscrolled = await perform(stage, "visit", "person", duration_s=0, scroll_depth=0)
    stage.expect(unscrolled, "completed", "confirmed", scrolled=0)
    scrolled = await perform(stage, "visit", "person", duration_s=1, scroll_depth=1)
    stage.expect(scrolled, "completed", "confirmed")
    stage.equal("mentioned", mentioned(scrolled), [stage.who("colleague")])


def mentioned(visited: Json) -> list[str]:
    """Whom the page itself linked to."""
    people = (result(visited).get("discovered") or {}).get("mentioned", [])
    return [one["public_identifier"] or one["profile_id"] for one in people]


@plays("prof-contact-not-shared")
async def contact(stage: Stage) -> None:
    stranger = await perform(stage, "enrich", "stranger", contact_details=True)
    stage.expect(stranger, "completed", "none")
    wanted = {"email": None, "phone_numbers": [], "websites": ["https://gauges.test"]}
    stage.equal(
        "stranger", result(stranger).get("contact"), {**wanted, "not_shared": ["email", "phone_numbers"]}
    )
    friend = await perform(stage, "enrich", "friend", contact_details=True)
    shared = {"email": "who@gauges.test", "phone_numbers": ["+49 30 0000001"]}
    stage.equal("friend", result(friend).get("contact"), {**wanted, **shared, "not_shared": []})
    unasked = await perform(stage, "enrich", "friend")
    stage.expect(unasked, "completed", "none", contact=None)


SCENARIOS: Final[tuple[Scenario, ...]] = (
    *DEGREES,
    degree_missing,
    *REFUSED,
    query_ids,
    login_page,
    lazy,
    contact,
)
