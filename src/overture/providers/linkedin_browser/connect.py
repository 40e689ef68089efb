"""Connect: invite a member, by their own control and LinkedIn's own dialog."""

from datetime import datetime
from uuid import UUID

from overture.core.errors import NotPossible, PageChanged, Transient
from overture.providers.linkedin_browser.controls import Control, find_connect
from overture.providers.linkedin_browser.desk import Desk
from overture.providers.linkedin_browser.fuse_rules import Charge
from overture.providers.linkedin_browser.identity import Identity, open_profile, resolve
from overture.providers.linkedin_browser.invite_dialog import InviteDialog
from overture.providers.linkedin_browser.looks import keep_looking, nobody_wrote
from overture.providers.linkedin_browser.registry import writes
from overture.providers.linkedin_browser.verdict import accepted_value
from overture.providers.linkedin_browser.voyager.members import read_sent_invitations
from overture.touchpoints import Accepted, Connect, Evidence, Intent, Invited, LastLook, Outcome, ReadBack
from overture.touchpoints.profile import Profile, RelationshipState


@writes
class ConnectWrite:
    """One invitation under way."""

    def __init__(self, desk: Desk, touchpoint: Connect, token: UUID) -> None:
        self._desk = desk
        self._touchpoint = touchpoint
        self._token = token
        self._identity: Identity | None = None
        self._dialog: InviteDialog | None = None
        self._last: Control | None = None

    async def prepare(self) -> Outcome | None:
        """Resolve the member, see whether inviting makes sense, open the dialog up to its last button."""
        self._identity, profile = await resolve(self._desk, self._touchpoint.target)
        done = await self._already(profile)
        if done is not None:
            return done
        await open_profile(self._desk, self._identity)
        await self._open_dialog(self._identity)
        return None

    async def last_look(self, look: LastLook) -> None:
        """Read the thread with the member, if there is one."""
        await nobody_wrote(self._desk, self._known().profile_id, look, str(self._token))

    async def act(self, intent: Intent) -> Accepted:
        """Press the one button; LinkedIn's answer to the request it makes is the verdict."""
        identity, last = self._known(), self._last
        if last is None:
            raise PageChanged("a prepared invitation", code="not_prepared")
        if self._desk.clock.now() >= intent.act_before:
            raise Transient("the time in which the act may begin had passed", code="act_window_passed")
        charge = Charge(
            "invite",
            identity.profile_id,
            identity.member_id,
            self._touchpoint.note,
            intent.token,
            release_before=intent.act_before,
        )
        answer = await self._desk.fuse.fire(charge, lambda: self._press(last))
        value = accepted_value(self._desk, "invite", answer)
        urn = value.get("invitationUrn")
        return Accepted(Evidence("write_answer", {"status": answer.status, "invitation_urn": urn}))

    async def confirm(self, accepted: Accepted) -> tuple[Outcome, Evidence] | None:
        """The invitation as the profile or the sent list shows it; never what the button says."""
        seen = await keep_looking(self._desk, self._seen)
        if seen is None or seen[0].invitation_urn is not None:
            return seen
        urn = accepted.evidence.facts.get("invitation_urn")  # the answer named it, this read did not
        return seen[0].model_copy(update={"invitation_urn": urn}), seen[1]

    async def abandon(self) -> None:
        """Close what is open; the fuse is closed, so nothing can be sent by it."""
        if self._dialog is not None:
            await self._desk.tidy(self._dialog.close)

    async def read_back(self, token: UUID, intended_at: datetime) -> ReadBack:  # noqa: ARG002
        """Whether an invitation is out, or was accepted meanwhile; invitations carry no token of ours."""
        try:
            self._identity, profile = await resolve(self._desk, self._touchpoint.target)
        except NotPossible:
            return ReadBack("cannot_tell")
        seen = self._seen_in(profile) or await self._seen_in_sent()
        if seen is not None:
            return ReadBack("found", *seen)
        sent = await read_sent_invitations(self._desk.client)
        is_clear = profile.relationship.state in (RelationshipState.NONE, RelationshipState.UNKNOWN)
        return ReadBack("absent" if is_clear and sent.covers(intended_at) else "cannot_tell")

    def _known(self) -> Identity:
        if self._identity is None:
            raise PageChanged("a prepared invitation", code="not_prepared")
        return self._identity

    async def _already(self, profile: Profile) -> Outcome | None:
        """An outcome when there is nothing to do; raises when it cannot be done."""
        match profile.relationship.state:
            case RelationshipState.SELF:
                raise NotPossible("self", "this is the account's own profile")
            case RelationshipState.INCOMING:
                raise NotPossible(
                    "incoming_request", "this member has invited the account; accept that instead"
                )
            case RelationshipState.CONNECTED:
                return self._outcome("connected", noop=True)
            case RelationshipState.PENDING:
                return self._outcome("pending", profile.relationship.invitation_urn, noop=True)
            case RelationshipState.UNKNOWN:
                sent = await self._seen_in_sent()
                return self._outcome("pending", sent[0].invitation_urn, noop=True) if sent else None
            case _:
                return None

    async def _open_dialog(self, identity: Identity) -> None:
        """Press Connect, fuse closed; where that would send at once, pressing it is the act itself."""
        await self._press(await self._connect(identity))
        dialog = InviteDialog(self._desk, identity)
        if await dialog.opens():
            self._dialog = dialog
            self._last = await dialog.ready(self._touchpoint.note)
            return
        if self._touchpoint.note is not None:
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

    async def _seen(self) -> tuple[Invited, Evidence] | None:
        _, profile = await resolve(self._desk, self._touchpoint.target)
        return self._seen_in(profile) or await self._seen_in_sent()

    def _seen_in(self, profile: Profile) -> tuple[Invited, Evidence] | None:
        relationship = profile.relationship
        if relationship.state is RelationshipState.CONNECTED:
            return self._outcome("connected"), Evidence("profile", {"state": "connected"})
        if relationship.state is not RelationshipState.PENDING:
            return None
        urn = relationship.invitation_urn
        return self._outcome("pending", urn), Evidence("profile", {"state": "pending", "invitation_urn": urn})

    async def _seen_in_sent(self) -> tuple[Invited, Evidence] | None:
        identity = self._known()
        sent = (await read_sent_invitations(self._desk.client)).to(identity.profile_id, identity.member_id)
        if sent is None:
            return None
        return self._outcome("pending", sent.urn), Evidence("sent_invitations", {"invitation_urn": sent.urn})

    def _outcome(self, state: str, urn: str | None = None, *, noop: bool = False) -> Invited:
        identity = self._known()
        return Invited(
            state="connected" if state == "connected" else "pending",
            noop=noop,
            invitation_urn=urn,
            note_sent=not noop and self._touchpoint.note is not None,
            public_identifier=identity.slug,
            profile_id=identity.profile_id,
        )
