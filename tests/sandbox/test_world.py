"""The world by itself: seeds, clocks, ids, arranged people and the operator's errors."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest
from visitor import Visitor

from overture_sandbox.testing import AdminClient, AdminError, SandboxServer
from overture_sandbox.world import Refused, World


def names(world: World) -> list[tuple[str, str]]:
    return [(one.slug, one.profile_id) for one in world.members.values()]


def test_a_seed_decides_everything() -> None:
    one, same, other = World(5), World(5), World(6)
    for world in (one, same, other):
        world.populate(200)

    assert names(one) == names(same)
    assert names(one) != names(other)


def test_some_people_share_a_name_and_nobody_a_slug() -> None:
    world = World(1)
    people = world.populate(300)

    assert len({one.slug for one in people}) == 300
    assert len({one.full_name for one in people}) < 300


def test_a_refused_command_leaves_no_trace() -> None:
    world = World(1)
    me, jonas = world.member("mira-oxbow-sbx"), world.member("jonas-fernweh-sbx")
    assert me is not None
    assert jonas is not None

    with pytest.raises(Refused):
        world.create_invitation(me, jonas, None, "voyager")

    assert len(world.ledger) == 0


def test_the_note_of_an_accepted_invitation_opens_the_thread() -> None:
    world = World(1)
    me, prisca = world.member("mira-oxbow-sbx"), world.member("prisca-hollowell-sbx")
    assert me is not None
    assert prisca is not None

    world.accept(world.create_invitation(me, prisca, "Hi Prisca", "voyager"), "admin")

    thread = world.conversation_between(me, prisca)
    assert thread is not None
    assert [one.text for one in thread.messages] == ["Hi Prisca"]
    assert [one.kind for one in world.ledger.entries()] == ["invite", "accept"]


def test_the_clock_can_be_set_frozen_and_moved(mira: Visitor) -> None:
    start = datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)
    mira.sandbox.admin.post("/clock", set=start.isoformat(), freeze=True)
    mira.sandbox.admin.post("/clock", advance_s=60)

    answer = mira.get("/voyager/api/me")

    assert parsedate_to_datetime(answer.headers["date"]) == start + timedelta(seconds=60)
    mira.invite("prisca-hollowell-sbx")
    assert mira.sandbox.admin.ledger()[0]["at"] == "2031-05-06T07:09:09+00:00"


def test_the_ledger_is_filtered(mira: Visitor) -> None:
    mira.invite("prisca-hollowell-sbx")
    mira.message("jonas-fernweh-sbx", "hello")

    admin = mira.sandbox.admin
    assert [one["kind"] for one in admin.ledger(target="jonas-fernweh-sbx")] == ["message"]
    assert [one["kind"] for one in admin.ledger(since=1)] == ["message"]
    assert len(admin.ledger(account="mira-oxbow-sbx")) == len(admin.ledger(account="mira@sandbox.test")) == 2
    assert admin.ledger(since="2999-01-01") == []


def test_people_are_made_to_order(sandbox: SandboxServer) -> None:
    made = sandbox.admin.post(
        "/members",
        first_name="Prisca",
        last_name="Hollowell",
        headline="1st hire, patent Pending",
        positions=[{"title": "CTO", "company_name": "Acme", "start": {"year": 2020}}],
        connect_placement="more_menu",
        sidebar_decoys=9,
    )
    namesake = sandbox.admin.post("/members", first_name="Prisca", last_name="Hollowell")

    assert (made["slug"], made["company"], made["sidebar_decoys"]) == ("prisca-hollowell", "Acme", 9)
    assert namesake["slug"] != made["slug"]
    assert (
        sandbox.admin.get(f"/members/{made['slug']}")["relationships"]["mira@sandbox.test"]["state"] == "none"
    )


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/members", {"positions": [{"title": 3, "company_name": "x"}]}, "positions.0.title"),
        ("/members", {"connect_placement": "roof"}, "connect_placement"),
        ("/members", {"slug": "jonas-fernweh-sbx"}, "slug"),
        ("/logins", {"username": "x"}, "password"),
        ("/logins", {"username": "x", "password": "y", "variant": "C"}, "variant"),
        ("/populate", {"count": "many"}, "count"),
        ("/clock", {"set": "soon"}, "set"),
        ("/sessions", {"account": "nobody"}, "account"),
        ("/people/jonas-fernweh-sbx/reply", {"account": "mira@sandbox.test"}, "text"),
    ],
)
def test_a_bad_order_names_its_field(
    sandbox: SandboxServer, path: str, body: dict[str, object], field: str
) -> None:
    with pytest.raises(AdminError) as refused:
        sandbox.admin.post(path, body)

    assert refused.value.status == 400
    assert json.loads(refused.value.body)["field"] == field


def test_what_cannot_happen_in_the_world_is_a_conflict(sandbox: SandboxServer) -> None:
    with pytest.raises(AdminError) as refused:
        sandbox.admin.post("/people/prisca-hollowell-sbx/accept", account="mira@sandbox.test")

    assert refused.value.status == 409
    assert sandbox.admin.ledger() == []


def test_the_command_prints_where_it_listens() -> None:
    command = [sys.executable, "-m", "overture_sandbox", "--port", "0", "--seed", "3", "--population", "4"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        summary = AdminClient(url).get("/world")
        process.terminate()

    assert (summary["seed"], summary["members"]) == (3, 9)
