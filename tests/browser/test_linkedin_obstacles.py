"""Pages that moved away from those that are known, and windows that lie over what is to be pressed."""

from typing import Any

import pytest
from linkedin_stage import Stage

from overture.core.errors import NotPossible, PageChanged
from overture.touchpoints import Connect, Invited, Message, MessageSent, Visit

KNOWN_POPUPS = ("cookies", "coachmark", "app_download", "notifications", "premium")


def somebody(stage: Stage, state: str = "none", **fields: Any) -> str:
    """Somebody new, standing to the account as said."""
    made = stage.member(**{"connect_placement": "primary_anchor", "sidebar_decoys": 4, **fields})
    slug = str(made["slug"])
    body = {"account": "mira@sandbox.test", "member": slug, "state": state}
    stage.admin.put("/relationships", {**body, "degree": None if state == "connected" else "2"})
    return slug


def popup(stage: Stage, **parameters: object) -> None:
    stage.admin.post("/page-quirks", {"kind": "popup", **parameters})


@pytest.mark.parametrize("level", [1, 2])
@pytest.mark.parametrize("placement", ["primary_anchor", "primary_button", "more_menu"])
async def test_other_names_and_marks_do_not_hinder_an_invitation(
    on_both: Stage, level: int, placement: str
) -> None:
    slug = somebody(on_both, connect_placement=placement)
    on_both.look(drift=level)

    done = await on_both.write(Connect(public_identifier=slug, note="Hello there"))

    assert isinstance(done.outcome, Invited)
    assert [(one["target"], one["text"]) for one in on_both.ledger("invite")] == [(slug, "Hello there")]


@pytest.mark.parametrize("level", [1, 2])
async def test_other_names_and_marks_do_not_hinder_a_message(on_both: Stage, level: int) -> None:
    slug = somebody(on_both, "connected")
    on_both.look(drift=level)

    done = await on_both.write(Message(public_identifier=slug, message="Two lines,\n\nas written."))

    assert isinstance(done.outcome, MessageSent)
    assert [one["text"] for one in on_both.ledger("message")] == ["Two lines,\n\nas written."]


@pytest.mark.parametrize("placement", ["primary_anchor", "primary_button", "more_menu"])
async def test_unknown_words_stop_an_invitation_before_anything_is_pressed(
    on_both: Stage, placement: str
) -> None:
    slug = somebody(on_both, connect_placement=placement)
    on_both.look(drift=3)

    with pytest.raises(PageChanged) as failed:
        await on_both.write(Connect(public_identifier=slug))

    assert failed.value.code == "selector_drift"
    assert on_both.trace.all("control_missing")[0]["control"] == failed.value.facts["control"]
    assert on_both.ledger("invite") == []


async def test_unknown_words_stop_a_message(on_both: Stage) -> None:
    slug = somebody(on_both, "connected")
    on_both.look(drift=3)

    with pytest.raises(PageChanged) as failed:
        await on_both.write(Message(public_identifier=slug, message="Hello"))

    assert failed.value.code == "selector_drift"
    assert on_both.ledger("message") == []


@pytest.mark.parametrize("which", KNOWN_POPUPS)
async def test_a_known_window_is_put_away_by_its_harmless_button(stage: Stage, which: str) -> None:
    slug = somebody(stage)
    stage.look(locale="da_DK" if which == "premium" else "en_US")
    popup(stage, which=which)

    done = await stage.write(Connect(public_identifier=slug))

    assert isinstance(done.outcome, Invited)
    assert stage.trace.all("popup_dismissed")[0] == {"popup": which}


async def test_an_unknown_window_is_kept_as_it_is(on_both: Stage) -> None:
    slug = somebody(on_both)
    popup(on_both)

    async with on_both.session() as session:
        write = session.write(Connect(public_identifier=slug), on_both.sender.account_id)
        with pytest.raises(PageChanged) as failed:
            await write.prepare()
        snapshot = await session.snapshot()

    assert (failed.value.code, failed.value.facts["title"]) == ("unknown_modal", "Confirm your workplace")
    assert "Confirm your workplace" in (snapshot.dom or ""), "nothing in it was pressed: it is still open"
    assert on_both.ledger("invite") == []


async def test_hidden_dialogs_and_menus_are_not_taken_for_ours(stage: Stage) -> None:
    slug = somebody(stage, connect_placement="more_menu")
    stage.admin.post("/page-quirks", {"kind": "decoy_dialogs"})

    done = await stage.write(Connect(public_identifier=slug))

    assert isinstance(done.outcome, Invited)
    assert [one["target"] for one in stage.ledger("invite")] == [slug]


async def test_a_page_that_comes_in_the_other_markup_is_told_anew(on_both: Stage) -> None:
    slug = somebody(on_both)
    on_both.admin.post("/page-quirks", {"kind": "variant_flip"})

    done = await on_both.write(Connect(public_identifier=slug))

    assert isinstance(done.outcome, Invited)
    assert {page["variant"] for page in on_both.trace.all("page")} >= {"A", "B"}


async def test_somebody_who_takes_no_invitations_is_no_changed_page(on_both: Stage) -> None:
    slug = somebody(on_both, connect_placement="none")

    with pytest.raises(NotPossible) as failed:
        await on_both.write(Connect(public_identifier=slug))

    assert failed.value.code == "not_connectable"


async def test_a_picture_of_a_page_shows_its_shadow_roots_and_what_it_asked_for(stage: Stage) -> None:
    slug = somebody(stage, "connected")
    async with stage.session() as session:
        await session.read(Visit(public_identifier=slug, duration_s=0))
        snapshot = await session.snapshot()

    assert 'shadowrootmode="open"' in (snapshot.dom or "")
    assert "artdeco-toasts" in (snapshot.dom or ""), "what is drawn inside the shadow root"
    assert "<script" not in (snapshot.dom or "")
    assert any("/voyager/api/" in str(one["address"]) for one in snapshot.network)
    assert all(
        set(one) == {"method", "address", "kind", "status", "ms", "failure"} for one in snapshot.network
    )
