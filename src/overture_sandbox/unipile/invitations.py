"""Invitations: asking, listing, taking back, and answering those one got."""

from datetime import timedelta
from typing import Any, Final

from overture_sandbox.unipile.call import Call, stamp
from overture_sandbox.unipile.errors import ApiError, not_found
from overture_sandbox.unipile.gate import Door
from overture_sandbox.unipile.ids import product_of
from overture_sandbox.unipile.paging import INVITATIONS, page_at, place_of
from overture_sandbox.unipile.users import reachable
from overture_sandbox.world import Invitation, Member, World
from overture_sandbox.world.network import note_length

Json = dict[str, Any]
LONGEST_NOTE: Final = 300
DAY, WEEK = timedelta(days=1), timedelta(days=7)
ANNOUNCED: Final = (50, 75, 90, 95)
"""The percentages of a limit at which the answer says how much is used."""


def doors() -> list[Door]:
    """The routes about invitations."""
    return [
        Door("POST", "/users/invite", "invite", _invite),
        Door("GET", "/users/invite/sent", "invite.sent", _sent),
        Door("GET", "/users/invite/received", "invite.received", _received),
        Door("POST", "/users/invite/received/{invitation_id}", "invite.answer", _answer),
        Door("DELETE", "/users/invite/sent/{invitation_id}", "invite.withdraw", _withdraw),
    ]


def _invite(call: Call) -> Json:
    """Ask somebody, named by the classic internal id."""
    provider_id, note = call.needed("provider_id"), call.words("message")
    if product_of(provider_id) != "classic":
        raise ApiError("invalid_recipient")
    target = reachable(call.tenant.member(provider_id))
    if note and note_length(note) > LONGEST_NOTE:
        raise ApiError("too_many_characters")
    if call.world.relationship(call.me, target).state == "none":
        _check_day(call)
    made = call.world.create_invitation(call.me, target, note, "unipile", email=call.text("user_email"))
    answer: Json = {"object": "UserInvitationSent"}
    if not call.tenant.settings.null_ids:
        answer["invitation_id"] = str(made.number)
    usage = _crossed(call)
    return answer | ({"usage": usage} if usage else {})


def _check_day(call: Call) -> None:
    most = call.account.invites_per_day
    if most is not None and call.world.sent_since(call.me, call.world.clock.now() - DAY) >= most:
        raise ApiError("cannot_resend_yet")


def _crossed(call: Call) -> int | None:
    """The percentage of the limit that this invitation crossed, if it is one that is announced."""
    now, account = call.world.clock.now(), call.account
    used = [
        call.world.sent_since(call.me, now - span) * 100 // most
        for most, span in ((call.login.invites_per_week, WEEK), (account.invites_per_day, DAY))
        if most
    ]
    reached = max((one for one in ANNOUNCED if used and max(used) >= one), default=0)
    before, account.invites_before = account.invites_before, reached
    return reached if reached > before else None


def _sent(call: Call) -> Json:
    return _invitations(call, "sent")


def _received(call: Call) -> Json:
    return _invitations(call, "received")


def _invitations(call: Call, direction: str) -> Json:
    """Those that wait for an answer, newest first."""
    horizon = call.world.horizon(f"unipile:invite.{direction}", call.me)
    rows = call.world.invitations_of(call.me, direction, horizon)
    page = page_at(call, place_of(call, INVITATIONS, "cursor", {}), rows)
    items = [_json(call.world, one, direction) for one in page.rows]
    return {"object": "InvitationList", "items": items, "cursor": page.cursor}


def _json(world: World, invitation: Invitation, direction: str) -> Json:
    inviter, invited = (world.members[one] for one in (invitation.inviter_id, invitation.invitee_id))
    days = (world.clock.now() - invitation.sent.at).days
    shown: Json = {
        "object": "InvitationSent" if direction == "sent" else "InvitationReceived",
        "id": str(invitation.number),
        "date": f"Sent {_relative(days)}" if direction == "sent" else _relative(days).capitalize(),
        "parsed_datetime": stamp(invitation.sent.at),
        "invitation_text": invitation.note,
        "inviter": {
            "inviter_name": inviter.full_name,
            "inviter_id": inviter.profile_id,
            "inviter_public_identifier": inviter.slug,
            "inviter_description": inviter.headline or None,
        },
        "specifics": {"provider": "LINKEDIN", "shared_secret": invitation.shared_secret},
    }
    return shown | _invited(invited)


def _invited(invited: Member) -> Json:
    return {
        "invited_user": invited.full_name,
        "invited_user_id": invited.profile_id,
        "invited_user_public_id": invited.slug,
        "invited_user_description": invited.headline or None,
    }


def _relative(days: int) -> str:
    """`today`, `3 weeks ago`: all the page says, which is not exact."""
    if days < 1:
        return "today"
    for size, unit in ((30, "month"), (7, "week"), (1, "day")):
        if days >= size:
            count = days // size
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "today"


def _named(call: Call) -> Invitation:
    text = call.path("invitation_id")
    if not text.isdigit():
        raise ApiError("invalid_invitation_id")
    found = call.world.invitation(int(text))
    if found is None or found.state != "pending":
        raise not_found("Invitation")
    return found


def _answer(call: Call) -> Json:
    """Say yes or no, with the secret that came with the invitation."""
    found, action = _named(call), call.needed("action")
    if found.invitee_id != call.me.profile_id or call.needed("shared_secret") != found.shared_secret:
        raise ApiError("invalid_invitation_id")
    if action not in ("accept", "decline"):
        raise ApiError("invalid_parameters", "action must be accept or decline.")
    if action == "accept":
        call.world.accept(found, "unipile")
    else:
        call.world.decline(found, "unipile")
    status = "ACCEPTED" if action == "accept" else "DECLINED"
    return {"object": "UserInvitationHandled", "status": status}


def _withdraw(call: Call) -> Json:
    found = _named(call)
    if found.inviter_id != call.me.profile_id:
        raise not_found("Invitation")
    call.world.withdraw(found, "unipile")
    return {"object": "InvitationCanceled"}
