"""Connect: invite a member, by their own control and LinkedIn's own dialog; or accept their invitation."""

from datetime import datetime
from typing import Final
from uuid import UUID

from overture.core.errors import Failure, NotPossible, PageChanged, Throttled, Transient
from overture.providers.linkedin_browser.controls import Control, find_connect
from overture.providers.linkedin_browser.desk import Desk
from overture.providers.linkedin_browser.fuse import Answer
from overture.providers.linkedin_browser.fuse_rules import Charge
from overture.providers.linkedin_browser.identity import Identity, open_profile
from overture.providers.linkedin_browser.incoming import find_accept
from overture.providers.linkedin_browser.invite_dialog import InviteDialog
from overture.providers.linkedin_browser.looks import keep_looking, nobody_wrote
from overture.providers.linkedin_browser.member_write import MemberWrite, ready
from overture.providers.linkedin_browser.notices import Warned, put_away, says_limit
from overture.providers.linkedin_browser.registry import writes
from overture.providers.linkedin_browser.verdict import WEEKLY_LIMIT_REST, accepted_value
from overture.providers.linkedin_browser.voyager.members import read_sent_invitations
from overture.touchpoints import Accepted, Connect, Evidence, Intent, Invited, LastLook, Outcome, ReadBack
from overture.touchpoints.profile import Invitation, Profile, RelationshipState

NOTE_REFUSALS: Final = ("note_quota", "note_not_possible")
"""Why no note can go along although an invitation could."""


@writes
class ConnectWrite(MemberWrite[Connect]):
    """One invitation under way."""

    on_page = ("connect_control", "invitation_dialog", "note_limit")

    def __init__(self, desk: Desk, touchpoint: Connect, token: UUID) -> None:
        super().__init__(desk, touchpoint, token)
        self._incoming: Invitation | None = None
        self._dialog: InviteDialog | None = None
        self._last: Control | None = None
        self._note_went: bool | None = None

    async def _ask(self) -> Outcome | None:
        """See whether inviting makes sense, or accepting their invitation."""
        profile = await self._meet()
        done = await self._already(profile)
        if profile.relationship.state is RelationshipState.INCOMING:
            self._incoming = profile.relationship.invitation
            if self._incoming is None:
                raise PageChanged("the number of their invitation", code="relationship_unknown")
        return done

    async def _open(self) -> None:
        """Open the dialog up to its last button, or find their Accept."""
        identity = self._known()
        await open_profile(self._desk, identity)
        if self._incoming is not None:
            self._last = await find_accept(self._desk, identity)
            return
        try:
            await self._open_dialog(identity)
        except NotPossible as refusal:
            if not self._may_drop_note(refusal):
                raise
            self._drop_note(refusal)
            await open_profile(self._desk, identity)  # which also leaves the advertisement behind
            await self._open_dialog(identity)

    @property
    def is_answer(self) -> bool:
        """Whether it accepts their invitation."""
        return self._incoming is not None

    async def last_look(self, look: LastLook) -> None:
        """Read the thread with the member, if there is one."""
        await nobody_wrote(self._desk, self._known().profile_id, look, str(self._token))

    async def act(self, intent: Intent) -> Accepted:
        """Press the one button; LinkedIn's answer to the request it makes is the verdict."""
        last, charge = ready(self._last), self._charge(intent)
        answer = await self._fire(charge, last)
        try:
            value = accepted_value(self._desk, charge.kind, answer)
        except NotPossible as refusal:
            raise self._next_time_without(refusal) from refusal
        self._note_went = charge.kind == "invite" and charge.text is not None
        urn = value.get("invitationUrn") or (self._incoming.urn if self._incoming else None)
        return Accepted(Evidence("write_answer", {"status": answer.status, "invitation_urn": urn}))

    async def confirm(self, accepted: Accepted) -> tuple[Outcome, Evidence] | None:
        """The invitation as the profile or the sent list shows it; never what the button says."""
        seen = await keep_looking(self._desk, self._seen)
        warning = await self._warning()
        if seen is None:
            return None
        outcome, evidence = seen
        urn = outcome.invitation_urn or accepted.evidence.facts.get("invitation_urn")
        return outcome.model_copy(update={"invitation_urn": urn, "warning": warning}), evidence

    async def abandon(self) -> None:
        """Close what is open; the fuse is closed, so nothing can be sent by it."""
        if self._dialog is not None:
            await self._desk.tidy(self._dialog.close)

    async def read_back(self, token: UUID, intended_at: datetime) -> ReadBack:  # noqa: ARG002
        """Whether an invitation is out, or was accepted meanwhile; invitations carry no token of ours."""
        profile = await self._meet()
        seen = self._seen_in(profile) or await self._seen_in_sent()
        if seen is not None:
            return ReadBack("found", *seen)
        state = profile.relationship.state
        if state is RelationshipState.INCOMING and self._touchpoint.on_incoming == "accept":
            return ReadBack("absent")  # theirs is open still: it was not accepted
        sent = await read_sent_invitations(self._desk.client)
        is_clear = state in (RelationshipState.NONE, RelationshipState.UNKNOWN)
        return ReadBack("absent" if is_clear and sent.covers(intended_at) else "cannot_tell")

    @property
    def _note(self) -> str | None:
        """The note that is to go along with this attempt."""
        return None if self._goes_without else self._touchpoint.note

    @property
    def _goes_without(self) -> bool:
        """LinkedIn has refused the note, in this attempt or an earlier one of the run."""
        return str(self._token) in self._desk.standing.without_note

    async def _already(self, profile: Profile) -> Outcome | None:
        """An outcome when there is nothing to do; raises when it cannot be done."""
        match profile.relationship.state:
            case RelationshipState.INCOMING:
                if self._touchpoint.on_incoming == "accept":
                    return None
                raise NotPossible(
                    "incoming_request", "this member has invited the account; accept that instead"
                )
            case RelationshipState.CONNECTED:
                return self._outcome("connected", noop=True)
            case RelationshipState.PENDING:
                return self._outcome("pending", profile.relationship.invitation, noop=True)
            case RelationshipState.UNKNOWN:
                sent = await self._seen_in_sent()
                return sent[0].model_copy(update={"noop": True, "note_sent": False}) if sent else None
            case _:
                return None

    async def _open_dialog(self, identity: Identity) -> None:
        """Press Connect, fuse closed; where that would send at once, pressing it is the act itself."""
        await self._press(await self._connect(identity))
        dialog = InviteDialog(self._desk, identity)
        if await dialog.opens():
            self._dialog = dialog
            self._last = await dialog.ready(self._note)
            return
        if self._note is not None:
            raise NotPossible("note_not_possible", "on this page Connect sends at once, without a note")
        self._desk.trace.step("connect_sends_at_once")
        await open_profile(self._desk, identity)  # the page shows an invitation that was never sent
        self._last = await self._connect(identity)

    async def _connect(self, identity: Identity) -> Control:
        control = await find_connect(self._desk, identity)
        if control is None:
            raise NotPossible("not_connectable", "this member's page offers no Connect")
        return control

    async def _press(self, control: Control) -> None:
        await self._desk.tab.click(control.locator, "the button")

    def _charge(self, intent: Intent) -> Charge:
        """The one request this attempt is about."""
        identity = self._known()
        return Charge(
            "accept" if self._incoming else "invite",
            identity.profile_id,
            identity.member_id,
            None if self._incoming else self._note,
            intent.token,
            release_before=intent.act_before,
            invitation_id=self._incoming.id if self._incoming else None,
        )

    async def _fire(self, charge: Charge, last: Control) -> Answer:
        """The answer to the click; a page that shows the limit instead of asking has answered as well."""
        try:
            return await self._desk.fuse.fire(charge, lambda: self._press(last))
        except PageChanged as changed:
            if changed.code != "no_write_seen" or not await says_limit(self._desk):
                raise
            until = self._desk.clock.now() + WEEKLY_LIMIT_REST
            raise Throttled("weekly_limit", "LinkedIn's weekly limit is reached", until=until) from changed

    def _may_drop_note(self, refusal: Failure) -> bool:
        wanted = self._note is not None and self._touchpoint.on_note_refused == "send_without"
        return wanted and refusal.code in NOTE_REFUSALS

    def _drop_note(self, refusal: Failure) -> None:
        self._desk.standing.leave_out_note(str(self._token))
        self._desk.trace.step("note_dropped", code=refusal.code)

    def _next_time_without(self, refusal: NotPossible) -> Failure:
        """The refusal itself; or, when only the note was refused, another attempt with its own intent."""
        if not self._may_drop_note(refusal):
            return refusal
        self._drop_note(refusal)
        return Transient("LinkedIn refused the note; the next attempt leaves it out", code=refusal.code)

    async def _warning(self) -> Warned | None:
        """What LinkedIn remarked on the page; never a failure, for the invitation is out."""
        if self._last is None:
            return None
        try:
            return await put_away(self._desk)
        except Failure as failure:
            self._desk.trace.step("notice_stayed", code=failure.code)
            return None

    async def _seen(self) -> tuple[Invited, Evidence] | None:
        profile = await self._meet()
        seen = self._seen_in(profile)
        return seen if seen is not None or self._incoming is not None else await self._seen_in_sent()

    def _seen_in(self, profile: Profile) -> tuple[Invited, Evidence] | None:
        relationship = profile.relationship
        if relationship.state is RelationshipState.CONNECTED:
            return self._outcome("connected"), Evidence("profile", {"state": "connected"})
        if relationship.state is not RelationshipState.PENDING or self._incoming is not None:
            return None
        facts = {"state": "pending", "invitation_urn": relationship.invitation_urn}
        return self._outcome("pending", relationship.invitation), Evidence("profile", facts)

    async def _seen_in_sent(self) -> tuple[Invited, Evidence] | None:
        identity = self._known()
        sent = (await read_sent_invitations(self._desk.client)).to(identity.profile_id, identity.member_id)
        if sent is None:
            return None
        outcome = self._outcome("pending").model_copy(update={"invitation_urn": sent.urn})
        return outcome, Evidence("sent_invitations", {"invitation_urn": sent.urn})

    def _outcome(self, state: str, invitation: Invitation | None = None, *, noop: bool = False) -> Invited:
        identity = self._known()
        note_sent = False if noop or self._touchpoint.note is None else self._has_note(invitation)
        return Invited(
            state="connected" if state == "connected" else "pending",
            noop=noop,
            invitation_urn=invitation.urn if invitation else None,
            note_sent=note_sent,
            note_dropped=not noop and self._touchpoint.note is not None and note_sent is False,
            public_identifier=identity.slug,
            profile_id=identity.profile_id,
        )

    def _has_note(self, invitation: Invitation | None) -> bool | None:
        """Whether the note that was given went along; None when only a read is left, and it does not tell."""
        if self._note_went is not None:
            return self._note_went
        if self._goes_without:
            return False
        is_strict = self._touchpoint.on_note_refused == "refuse" and self._touchpoint.on_incoming == "refuse"
        return True if is_strict or (invitation is not None and invitation.message) else None
