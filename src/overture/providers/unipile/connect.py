"""Connect: invite a member, or accept their invitation; in doubt their standing tells; nothing is resent."""

from datetime import datetime
from typing import Final
from uuid import UUID

from overture.core.errors import Failure, NotPossible, PageChanged, Transient
from overture.providers.unipile import client as api
from overture.providers.unipile.desk import Desk
from overture.providers.unipile.member_write import MemberWrite
from overture.providers.unipile.registry import writes
from overture.providers.unipile.resolve import invitation_urn, state_of
from overture.providers.unipile.thread import nobody_wrote
from overture.providers.unipile.verdict import limited
from overture.touchpoints import (
    REINVITE_AFTER,
    Accepted,
    Connect,
    Evidence,
    Intent,
    Invited,
    LastLook,
    Outcome,
    ReadBack,
)
from overture.touchpoints.profile import RelationshipState

CLOSE_TO_LIMIT: Final = 90.0  # percent of the limit, as Unipile tells it
LIMIT_OR_COOLDOWN: Final = frozenset({"cannot_resend_yet", "cannot_resend_within_24hrs"})
MAY_BE_THE_NOTE: Final = frozenset({"limit_exceeded"})
"""What an account hears whose invitations are used up, and one whose notes are."""


@writes
class ConnectWrite(MemberWrite[Connect]):
    """One invitation under way."""

    def __init__(self, desk: Desk, touchpoint: Connect, token: UUID) -> None:
        super().__init__(desk, touchpoint, token)
        self._incoming: api.Invitation | None = None
        self._note_went: bool | None = None
        self._usage: float | None = None

    async def prepare(self) -> Outcome | None:
        """See whether inviting makes sense, or accepting their invitation; nobody notices."""
        state = state_of(await self._meet())
        match state:
            case RelationshipState.CONNECTED:
                return self._outcome("connected", noop=True)
            case RelationshipState.PENDING:
                return self._outcome("pending", noop=True)
            case RelationshipState.INCOMING:
                await self._find_incoming()
                return None
            case RelationshipState.UNKNOWN if (seen := await self._seen()) is not None:
                return seen[0].model_copy(update={"noop": True, "note_sent": False, "note_dropped": False})
        self._check_note()
        return None

    @property
    def is_answer(self) -> bool:
        """Whether it accepts their invitation."""
        return self._incoming is not None

    async def last_look(self, look: LastLook) -> None:
        """Read the thread with the member, if there is one."""
        await nobody_wrote(self._desk, self._known().profile_id, look)

    async def act(self, intent: Intent) -> Accepted:
        """Invite them, or say yes to theirs, once; Unipile's answer is the verdict."""
        if self._incoming is not None:
            return await self._accept(intent, self._incoming)
        await self._desk.release(intent)
        profile_id, note = self._known().profile_id, self._note
        try:
            sent = await self._desk.client.invitations.send(
                self._desk.account, profile_id, note, tier=self._desk.owner.tier
            )
        except api.UnipileError as error:
            raise await self._refused(error) from error
        self._desk.memory.went_well("invite")
        self._note_went, self._usage = note is not None, sent.usage
        facts = {"invitation_urn": invitation_urn(sent.invitation_id), "usage": sent.usage}
        return Accepted(Evidence("write_answer", facts))

    async def confirm(self, accepted: Accepted) -> tuple[Outcome, Evidence] | None:
        """The invitation as the list of sent ones or the profile shows it."""
        seen = await self._desk.keep_looking(self._seen)
        if seen is None:
            return None
        outcome, evidence = seen
        urn = outcome.invitation_urn or accepted.evidence.facts.get("invitation_urn")
        is_close = self._usage is not None and self._usage >= CLOSE_TO_LIMIT
        warning = "close_to_limit" if is_close else None
        return outcome.model_copy(update={"invitation_urn": urn, "warning": warning}), evidence

    async def read_back(self, token: UUID, intended_at: datetime) -> ReadBack:  # noqa: ARG002
        """Whether an invitation is out, or was accepted meanwhile; invitations carry no token of ours.

        One that was taken back or passed over may have been this one: it is gone, and yet it was sent.
        """
        profile = await self._meet()
        if self._touchpoint.on_incoming == "accept" and profile.has_invited_us:
            return ReadBack("absent")  # theirs is open still: it was not accepted
        found = await self._standing()
        seen = self._seen_in(found)
        if seen is not None:
            return ReadBack("found", *seen)
        was_taken_back = found.profile is not None and _was_taken_back(found.profile)
        is_absent = found.standing is api.Standing.NONE and not was_taken_back
        return ReadBack("absent" if is_absent else "cannot_tell")

    @property
    def _note(self) -> str | None:
        """The note that is to go along with this attempt."""
        return None if self._goes_without else self._touchpoint.note

    @property
    def _goes_without(self) -> bool:
        """The note was refused, in this attempt or an earlier one of the run."""
        return str(self._token) in self._desk.memory.without_note

    def _check_note(self) -> None:
        """A note that is longer than this account may write is known before anything is sent."""
        note, tier = self._note, self._desk.owner.tier
        if note is None or api.note_fits(note, tier):
            return
        limit = api.NOTE_LIMITS[tier]
        if self._touchpoint.on_note_refused == "refuse":
            raise NotPossible(
                "note_too_long",
                f"this account may write {limit} characters",
                limit=limit,
                length=api.text_length(note),
            )
        self._drop_note("note_too_long")

    def _drop_note(self, code: str) -> None:
        self._desk.memory.leave_out_note(str(self._token))
        self._desk.trace.step("note_dropped", code=code)

    async def _find_incoming(self) -> None:
        """Their invitation with what answering it takes; refused, unless it may be accepted."""
        if self._touchpoint.on_incoming == "refuse":
            raise NotPossible("incoming_request", "this member has invited the account; accept that instead")
        profile_id = self._known().profile_id
        async for invitation in self._desk.client.invitations.iter_received(self._desk.account):
            if invitation.inviter is not None and invitation.inviter.inviter_id == profile_id:
                self._incoming = invitation
                return
        raise PageChanged("the number of their invitation", code="relationship_unknown")

    async def _accept(self, intent: Intent, theirs: api.Invitation) -> Accepted:
        account, invitations = self._desk.account, self._desk.client.invitations
        await self._desk.fire(intent, "accept", lambda: invitations.answer(account, theirs, "accept"))
        self._note_went = False
        return Accepted(Evidence("write_answer", {"invitation_urn": invitation_urn(theirs.id)}))

    async def _refused(self, error: api.UnipileError) -> Failure:
        """The refusal; where it means one of two things, the member's standing tells which."""
        desk = self._desk
        if error.indeterminate:
            return desk.failure(error, "invite")
        if error.ambiguous:
            return await self._told_apart(error)
        may_drop = self._note is not None and self._touchpoint.on_note_refused == "send_without"
        if error.slug in MAY_BE_THE_NOTE and may_drop:
            self._drop_note("note_quota")
            return Transient("the note was refused; the next attempt leaves it out", code="note_quota")
        return desk.failure(error, "invite")

    async def _told_apart(self, error: api.UnipileError) -> Failure:
        """This call did nothing; it met an invitation, a cooldown of the person, or the account's limit."""
        desk, facts = self._desk, {"status": error.status, "site_code": error.slug}
        try:
            found = await self._standing()
        except api.UnipileError:
            found = api.Invited(api.Standing.UNKNOWN)
        desk.trace.step("told_apart", site_code=error.slug, standing=found.standing)
        if found.standing is api.Standing.PENDING:
            return NotPossible("already_pending", "an invitation to this member is pending already", **facts)
        if found.standing is api.Standing.CONNECTED:
            return NotPossible("already_connected", "this member is connected already", **facts)
        was_taken_back = found.profile is not None and _was_taken_back(found.profile)
        if error.slug in LIMIT_OR_COOLDOWN and not was_taken_back:
            return limited(error, "invite", desk.memory, desk.clock.now())
        if found.standing is api.Standing.UNKNOWN:
            return Transient("whether an invitation is out is not told", code="state_unclear", **facts)
        until = desk.clock.now() + REINVITE_AFTER
        message = f"this member was invited before; until {until.date().isoformat()} at the latest"
        return NotPossible("invite_cooldown", message, until=until.isoformat(), **facts)

    async def _standing(self) -> api.Invited:
        return await self._desk.client.was_invited(self._desk.account, self._known().profile_id)

    async def _seen(self) -> tuple[Invited, Evidence] | None:
        return self._seen_in(await self._standing())

    def _seen_in(self, found: api.Invited) -> tuple[Invited, Evidence] | None:
        if found.standing is api.Standing.CONNECTED:
            return self._outcome("connected"), Evidence("profile", {"state": "connected"})
        if found.standing is not api.Standing.PENDING or self._incoming is not None:
            return None
        urn = invitation_urn(found.invitation.id if found.invitation else None)
        source = "sent_invitations" if found.invitation is not None else "profile"
        outcome = self._outcome("pending", found.invitation)
        return outcome, Evidence(source, {"state": "pending", "invitation_urn": urn})

    def _outcome(
        self, state: str, invitation: api.Invitation | None = None, *, noop: bool = False
    ) -> Invited:
        identity = self._known()
        note_sent = False if noop or self._touchpoint.note is None else self._has_note(invitation)
        return Invited(
            state="connected" if state == "connected" else "pending",
            noop=noop,
            invitation_urn=invitation_urn(invitation.id if invitation else None),
            note_sent=note_sent,
            note_dropped=not noop and self._touchpoint.note is not None and note_sent is False,
            public_identifier=identity.slug,
            profile_id=identity.profile_id,
        )

    def _has_note(self, invitation: api.Invitation | None) -> bool | None:
        """Whether the note that was given went along; None when only a read is left, and it does not tell."""
        if self._note_went is not None:
            return self._note_went
        if self._goes_without:
            return False
        is_strict = self._touchpoint.on_note_refused == "refuse" and self._touchpoint.on_incoming == "refuse"
        return True if is_strict or (invitation is not None and invitation.invitation_text) else None


def _was_taken_back(profile: api.UserProfile) -> bool:
    """Whether the profile tells of an invitation of ours that was withdrawn or passed over."""
    told = profile.invitation
    return told is not None and told.type == "SENT" and told.status in ("WITHDRAWN", "IGNORED")
