"""Writes through Unipile whose answer is lost: reported as unknown, settled by looking, never sent twice."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from provider_stage import Stage, settings_for
from unipile_desk import ASKED, FAR, FRIEND, ME, STRANGER, Desk

from carrying import CLOCK, IDS, intent
from overture.core.clock import SystemClock
from overture.core.errors import Uncertain
from overture.core.rng import Rng
from overture.providers.unipile.provider import Unipile
from overture.touchpoints import Comment, Connect, InMail, Message, React, Touchpoint, WithdrawInvite

TEXT = "Hello there,\r\nnice to meet you!"
COMMITTED = ("drop_after_commit", "truncated_json", "status_after_commit")
FAULTS: dict[str, dict[str, object]] = {
    "drop_before_commit": {},
    "drop_after_commit": {},
    "html_502": {},
    "truncated_json": {},
    "status_after_commit": {"status": 504},
    "status": {"status": 504},
}


@pytest.fixture
async def stage(open_sandbox: Desk) -> AsyncIterator[Stage]:
    open_sandbox.sandbox.reset()
    desk = Desk(open_sandbox.sandbox).connect(premium=True, inmail_credits=5)
    provider = Unipile(settings_for(desk.sandbox.url), SystemClock(), Rng())
    yield Stage(desk, provider)
    await provider.close()


def a_post(stage: Stage) -> str:
    made = stage.admin.post("/posts", author=FRIEND, text="A plain post")
    return str(made["urn"])


@dataclass(frozen=True)
class Deed:
    """A write, what faults call its route, and what the ledger calls it."""

    endpoint: str
    kind: str


DEEDS = {
    "connect": Deed("invite", "invite"),
    "accept": Deed("invite.answer", "accept"),
    "message": Deed("chat.start", "message"),
    "answer": Deed("message.send", "message"),
    "inmail": Deed("chat.start", "inmail"),
    "react": Deed("react", "react"),
    "comment": Deed("comment", "comment"),
    "withdraw": Deed("invite.withdraw", "withdraw"),
}

IN_A_STORE = ("message", "answer", "inmail")
"""Deeds whose traces are only in what Unipile has stored."""
LONG = timedelta(seconds=60)


def news(stage: Stage) -> None:
    """Somebody else writes to the account."""
    stage.admin.put("/relationships", account=ME, member=FAR, state="connected")
    stage.admin.post(f"/people/{FAR}/reply", account=ME, text="By the way")


def deed(stage: Stage, name: str) -> Touchpoint:  # noqa: PLR0911 - a table
    """The touchpoint of a deed, in a world where it makes sense."""
    match name:
        case "connect":
            return Connect(public_identifier=STRANGER, note="Hello")
        case "accept":
            stage.admin.put("/relationships", account=ME, member=STRANGER, state="incoming")
            return Connect(public_identifier=STRANGER, on_incoming="accept")
        case "inmail":
            return InMail(public_identifier=STRANGER, body=TEXT)
        case "withdraw":
            return WithdrawInvite(public_identifier=ASKED)
        case "react":
            return React(post_url=a_post(stage), reaction="LIKE")
        case "comment":
            return Comment(post_url=a_post(stage), text=TEXT)
        case "answer":
            stage.admin.post(f"/people/{FRIEND}/reply", account=ME, text="Hello Mira")
    return Message(public_identifier=FRIEND, message=TEXT)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", DEEDS)
async def test_a_write_in_doubt_is_read_back_and_never_sent_twice(
    stage: Stage, name: str, fault: str
) -> None:
    touchpoint, of = deed(stage, name), DEEDS[name]
    stage.desk.fault(fault, of.endpoint, times=1, **FAULTS[fault])
    since, token = CLOCK.now(), IDS.token()
    async with stage.session() as session:
        write = session.write(touchpoint, token)
        assert await write.prepare() is None
        with pytest.raises(Uncertain):
            await write.act(intent(token))
        await write.abandon()
    found = await stage.read_back(touchpoint, token, since)

    done = stage.desk.kinds(kind=of.kind)
    missing = "cannot_tell" if name in IN_A_STORE else "absent"
    assert len(done) == (1 if fault in COMMITTED else 0)
    assert found.verdict == ("found" if done else missing)
    assert (found.outcome is not None) == bool(done)


@pytest.mark.parametrize("name", IN_A_STORE)
async def test_what_is_missing_in_the_store_never_arrived_if_what_others_wrote_later_is_there(
    stage: Stage, name: str
) -> None:
    touchpoint, long_ago = deed(stage, name), CLOCK.now() - LONG
    news(stage)
    found = await stage.read_back(touchpoint, IDS.token(), long_ago)
    stage.desk.settings(read_lag_s=LONG.total_seconds())
    behind = await stage.read_back(touchpoint, IDS.token(), long_ago)

    assert (found.verdict, behind.verdict) == ("absent", "cannot_tell")


def told_of(stage: Stage) -> dict[str, Any]:
    """The account as Unipile tells it."""
    told: dict[str, Any] = stage.desk.get(f"/accounts/{stage.desk.account}").json
    return told


def tells(stage: Stage, features: list[str] | None) -> None:
    """Unipile says this of what the account pays for, or nothing."""
    told = told_of(stage)
    told["connection_params"]["im"]["premiumFeatures"] = features
    stage.desk.fault("status", "account", status=200, body=told)


def pays_for(stage: Stage, *products: str) -> None:
    stage.admin.patch(f"/unipile/accounts/{stage.desk.account}", {"products": list(products)})


def answers(stage: Stage, slug: str, product: str) -> None:
    """Somebody answers an InMail that a product sent."""
    assert stage.desk.write(slug, "Hello there", linkedin={"api": product}).status == 201
    stage.admin.post(f"/people/{slug}/reply", account=ME, text="Hello Mira")


INMAIL = InMail(public_identifier=STRANGER, body=TEXT)


@pytest.mark.parametrize("product", ["sales_navigator", "recruiter"])
async def test_news_in_the_classic_inbox_do_not_prove_an_inmail_of_another_product_absent(
    stage: Stage, product: str
) -> None:
    pays_for(stage, product)
    long_ago = CLOCK.now() - LONG
    news(stage)
    classic = await stage.read_back(INMAIL, IDS.token(), long_ago)
    answers(stage, ASKED, product)
    both = await stage.read_back(INMAIL, IDS.token(), long_ago)

    assert (classic.verdict, both.verdict) == ("cannot_tell", "absent")


async def test_an_account_of_which_is_not_told_what_it_pays_for_has_to_show_every_inbox(stage: Stage) -> None:
    pays_for(stage, "sales_navigator", "recruiter")
    tells(stage, None)
    stage.desk.fault("status", "inmail_balance", status=200, body={"object": "LinkedinInmailBalance"})
    long_ago, found = CLOCK.now() - LONG, []
    news(stage)
    found.append(await stage.read_back(INMAIL, IDS.token(), long_ago))
    answers(stage, ASKED, "sales_navigator")
    found.append(await stage.read_back(INMAIL, IDS.token(), long_ago))
    answers(stage, stage.admin.post("/members")["slug"], "recruiter")
    found.append(await stage.read_back(INMAIL, IDS.token(), long_ago))

    assert [one.verdict for one in found] == ["cannot_tell", "cannot_tell", "absent"]


async def test_products_that_only_the_balance_names_have_to_show_their_inbox(stage: Stage) -> None:
    pays_for(stage, "sales_navigator")
    tells(stage, ["premium"])
    news(stage)

    found = await stage.read_back(INMAIL, IDS.token(), CLOCK.now() - LONG)

    assert found.verdict == "cannot_tell"


async def test_a_balance_that_cannot_be_read_leaves_open_by_which_product_it_went(stage: Stage) -> None:
    body = {"type": "errors/feature_not_subscribed"}
    stage.desk.fault("status", "inmail_balance", status=403, body=body)
    news(stage)

    found = await stage.read_back(INMAIL, IDS.token(), CLOCK.now() - LONG)

    assert found.verdict == "cannot_tell"


async def test_what_the_owner_pays_for_is_read_of_the_owner_where_the_account_does_not_say_who_it_is(
    stage: Stage,
) -> None:
    pays_for(stage, "sales_navigator")
    told = told_of(stage)
    told["connection_params"] = {}
    stage.desk.fault("status", "account", status=200, body=told)
    async with stage.session() as session:
        whole = session.desk.owner
    me = stage.desk.get("/users/me").json
    del me["recruiter"]
    stage.desk.fault("status", "me", status=200, body=me)
    async with stage.session() as session:
        partly = session.desk.owner

    assert whole.profile_id == me["provider_id"]
    assert whole.features == partly.features == {"premium", "sales_navigator"}
    assert (whole.features_told, partly.features_told) == (True, False)


async def test_what_the_account_wrote_itself_does_not_show_that_the_store_was_read_anew(stage: Stage) -> None:
    stage.desk.write(FRIEND, "Something else")
    stage.desk.admin.put("/relationships", account=ME, member=STRANGER, state="connected")
    touchpoint = Message(public_identifier=STRANGER, message=TEXT)

    found = await stage.read_back(touchpoint, IDS.token(), CLOCK.now() - LONG)

    assert found.verdict == "cannot_tell"


async def test_other_words_of_the_account_since_may_be_these(stage: Stage) -> None:
    news(stage)
    stage.desk.write(FRIEND, "Hello there, nice to meet you :-)")

    found = await stage.read_back(
        Message(public_identifier=FRIEND, message=TEXT), IDS.token(), CLOCK.now() - LONG
    )

    assert found.verdict == "cannot_tell"


async def test_an_invitation_that_was_taken_back_by_hand_was_sent(stage: Stage) -> None:
    touchpoint, since = Connect(public_identifier=STRANGER), CLOCK.now()
    number = stage.desk.invite(STRANGER).json["invitation_id"]
    stage.desk.send("DELETE", f"/users/invite/sent/{number}", account_id=stage.desk.account)

    found = await stage.read_back(touchpoint, IDS.token(), since)

    assert found.verdict == "cannot_tell"


async def test_a_comment_that_is_counted_and_not_listed_may_be_ours(stage: Stage) -> None:
    touchpoint, since = Comment(post_url=a_post(stage), text=TEXT), CLOCK.now()
    stage.desk.fault("read_lag", "comments", seconds=3600)
    stage.desk.fault("drop_after_commit", "comment", times=1)
    async with stage.session() as session:
        write = session.write(touchpoint, token := IDS.token())
        await write.prepare()
        with pytest.raises(Uncertain):
            await write.act(intent(token))
    found = await stage.read_back(touchpoint, token, since)

    assert stage.desk.kinds(kind="comment") == ["comment"]
    assert found.verdict == "cannot_tell"
