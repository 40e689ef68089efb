"""Who is connected to whom, who asked whom, and the rules by which the site lets people ask."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from overture_sandbox.world.checkpoints import Checkpoints
from overture_sandbox.world.faults import Horizon
from overture_sandbox.world.ledger import Via
from overture_sandbox.world.model import (
    DISTANCES,
    Connection,
    Degree,
    Invitation,
    InvitationState,
    Login,
    Member,
    Moment,
    RelationState,
)

COOLDOWN = timedelta(days=21)  # after a withdrawal or a refusal one may not ask again
DEFAULT_NOTE_LIMIT = 300  # for people who have no login of their own


class Refused(Exception):
    """The site says no, with the status and the code it would give."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status, self.code, self.message = status, code, message


@dataclass(frozen=True)
class Relationship:
    """How two people stand to each other, seen by one of them."""

    state: RelationState
    degree: Degree
    invitation: Invitation | None = None
    connected_at: datetime | None = None

    @property
    def distance(self) -> str:
        """`SELF`, `DISTANCE_1` … `OUT_OF_NETWORK`."""
        return DISTANCES[self.degree]


def note_length(note: str) -> int:
    """How long the site thinks a note is: it counts UTF-16 units, as browsers do."""
    return len(note.encode("utf-16-le")) // 2


class Links(dict[frozenset[str], Connection]):
    """Connections by the two people; each person's own are at hand without looking through all."""

    def __init__(self) -> None:
        super().__init__()
        self._of: dict[str, dict[frozenset[str], Connection]] = {}

    def __setitem__(self, pair: frozenset[str], link: Connection) -> None:
        super().__setitem__(pair, link)
        for name in pair:
            self._of.setdefault(name, {})[pair] = link

    def discard(self, pair: frozenset[str]) -> None:
        """Take one away, if it is there."""
        if pair in self:
            super().__delitem__(pair)
            for name in pair:
                del self._of[name][pair]

    def of(self, profile_id: str) -> Iterable[Connection]:
        """The connections of one person."""
        return self._of.get(profile_id, {}).values()


class Network(Checkpoints):
    """Invitations and connections."""

    def reset(self, seed: int = 1, start: datetime | None = None) -> None:
        """Begin again with nobody connected."""
        super().reset(seed, start)
        self.invitations: list[Invitation] = []
        self._asked: dict[frozenset[str], list[Invitation]] = {}  # the same by the two people, oldest first
        self._numbered: dict[int, Invitation] = {}
        self.links = Links()
        self._degrees: dict[frozenset[str], Degree] = {}

    def relationship(self, viewer: Member, target: Member, horizon: Horizon | None = None) -> Relationship:
        """none, pending (I asked), incoming (they asked) or connected, with the degree; or self."""
        if viewer.profile_id == target.profile_id:
            return Relationship("self", "SELF")
        link = self.links.get(frozenset((viewer.profile_id, target.profile_id)))
        if link and not (horizon and horizon.hides(link.since)):
            return Relationship("connected", "1", connected_at=link.since.at)
        degree = self._distance_without_link(viewer, target)
        invitation = self.open_invitation(viewer, target, horizon)
        if invitation is None:
            return Relationship("none", degree)
        is_mine = invitation.inviter_id == viewer.profile_id
        return Relationship("pending" if is_mine else "incoming", degree, invitation)

    def open_invitation(
        self, one: Member, other: Member, horizon: Horizon | None = None
    ) -> Invitation | None:
        """The unanswered invitation between two people, in either direction."""
        between = self._asked.get(frozenset((one.profile_id, other.profile_id)), [])
        return next((asked for asked in reversed(between) if _is_open(asked, horizon)), None)

    def invitation(self, number: int) -> Invitation | None:
        """The invitation with this number."""
        return self._numbered.get(number)

    def invitations_of(
        self, member: Member, direction: str, horizon: Horizon | None = None
    ) -> list[Invitation]:
        """Unanswered invitations somebody sent ("sent") or got ("received"), newest first."""
        mine = [
            one
            for one in self.invitations
            if _is_open(one, horizon)
            and (one.inviter_id if direction == "sent" else one.invitee_id) == member.profile_id
        ]
        return sorted(mine, key=lambda one: one.sent.commit, reverse=True)

    def connections_of(self, member: Member, horizon: Horizon | None = None) -> list[tuple[Member, datetime]]:
        """The people somebody is connected to and since when, newest first."""
        mine = [
            link for link in self.links.of(member.profile_id) if not (horizon and horizon.hides(link.since))
        ]
        mine.sort(key=lambda link: (link.since.at, link.since.commit), reverse=True)
        return [(self._partner(link, member), link.since.at) for link in mine]

    def create_invitation(
        self, inviter: Member, invitee: Member, note: str | None, via: Via, *, email: str | None = None
    ) -> Invitation:
        """Ask somebody to connect, or be refused by the rules of the site."""
        note = note or None
        if invitee.email_required and (email or "").casefold() != (invitee.email or "?").casefold():
            raise Refused(422, "EMAIL_REQUIRED", "This member asks for their email address with invitations")
        login = self.login_of(inviter)
        self._check_state(inviter, invitee)
        if via != "admin":
            self._check_quota(inviter, login, note)
        invitation = self._new_invitation(inviter, invitee, note)
        if login and note and login.notes_remaining is not None:
            login.notes_remaining -= 1
        kind = "incoming_invite" if via == "admin" else "invite"
        self._record(kind, inviter, invitee, via=via, text=note, urn=invitation.urn)
        return invitation

    def sent_since(self, inviter: Member, since: datetime) -> int:
        """How many people somebody asked after an instant, whatever became of it."""
        return sum(
            1 for one in self.invitations if one.inviter_id == inviter.profile_id and one.sent.at > since
        )

    def connect_with(self, member: Member, others: Iterable[Member], apart: timedelta) -> None:
        """Arrange that somebody is connected with each of these, one after the other, the last one now."""
        people = list(others)
        for index, other in enumerate(people):
            pair = frozenset((member.profile_id, other.profile_id))
            moment = self.moment()
            since = moment.at - apart * (len(people) - 1 - index)
            self.links[pair] = Connection(pair, Moment(since, moment.commit))

    def accept(self, invitation: Invitation, via: Via) -> None:
        """The invited person says yes: the two are connected."""
        inviter, invitee = self._people(invitation)
        self._close(invitation, "accepted")
        self._link(inviter, invitee)
        self._record("accept", invitee, inviter, via=via, urn=invitation.urn)

    def decline(self, invitation: Invitation, via: Via) -> None:
        """The invited person says no; the one who asked is not told."""
        inviter, invitee = self._people(invitation)
        self._close(invitation, "declined")
        self._record("decline", invitee, inviter, via=via, urn=invitation.urn)

    def withdraw(self, invitation: Invitation, via: Via) -> None:
        """The one who asked takes it back."""
        inviter, invitee = self._people(invitation)
        self._close(invitation, "withdrawn")
        self._record("withdraw", inviter, invitee, via=via, urn=invitation.urn)

    def withdrew_before(self, inviter: Member, invitee: Member, ago: timedelta) -> None:
        """Arrange that somebody asked once and took it back this long ago; nothing goes on record."""
        invitation = self._new_invitation(inviter, invitee, None)
        then = Moment(self.clock.now() - ago, invitation.sent.commit)
        invitation.sent = invitation.closed = then
        invitation.state = "withdrawn"

    def set_relationship(
        self, viewer: Member, target: Member, state: RelationState, degree: Degree | None = None
    ) -> None:
        """Arrange how two people stand, as if it had always been so; nothing goes on record."""
        pair = frozenset((viewer.profile_id, target.profile_id))
        self.links.discard(pair)
        for asked in self._asked.pop(pair, []):
            self.invitations.remove(asked)
            del self._numbered[asked.number]
        if degree in ("2", "3", "OUT"):
            self._degrees[pair] = degree
        if state == "connected":
            self._link(viewer, target)
        elif state == "pending":
            self._new_invitation(viewer, target, None)
        elif state == "incoming":
            self._new_invitation(target, viewer, None)

    def _new_invitation(self, inviter: Member, invitee: Member, note: str | None) -> Invitation:
        invitation = Invitation(
            number=self.mint.invitation_number(),
            inviter_id=inviter.profile_id,
            invitee_id=invitee.profile_id,
            note=note,
            sent=self.moment(),
            shared_secret=self.mint.secret(),
        )
        self.invitations.append(invitation)
        self._asked.setdefault(frozenset((inviter.profile_id, invitee.profile_id)), []).append(invitation)
        self._numbered[invitation.number] = invitation
        return invitation

    def _link(self, one: Member, other: Member) -> None:
        pair = frozenset((one.profile_id, other.profile_id))
        self.links[pair] = Connection(pair, self.moment())

    def _close(self, invitation: Invitation, state: InvitationState) -> None:
        if invitation.state != "pending":
            raise Refused(404, "INVITATION_NOT_FOUND", f"This invitation is already {invitation.state}")
        invitation.state, invitation.closed = state, self.moment()

    def _people(self, invitation: Invitation) -> tuple[Member, Member]:
        return self.members[invitation.inviter_id], self.members[invitation.invitee_id]

    def _partner(self, link: Connection, member: Member) -> Member:
        return self.members[next(iter(link.member_ids - {member.profile_id}))]

    def _distance_without_link(self, viewer: Member, target: Member) -> Degree:
        """The degree that was arranged, else one that follows from the seed and the two people."""
        pair = frozenset((viewer.profile_id, target.profile_id))
        if pair in self._degrees:
            return self._degrees[pair]
        roll = sha256(f"{self.seed}|{'|'.join(sorted(pair))}".encode()).digest()[0]
        return "2" if roll < 154 else "3" if roll < 230 else "OUT"

    def _check_state(self, inviter: Member, invitee: Member) -> None:
        relationship = self.relationship(inviter, invitee)
        match relationship.state:
            case "self":
                raise Refused(406, "CANT_INVITE_SELF", "You can't invite yourself")
            case "connected":
                raise Refused(400, "ALREADY_CONNECTED", "You are already connected to this member")
            case "pending" | "incoming":
                raise Refused(400, "ALREADY_INVITED", "There is already an invitation between you")
            case _:
                self._check_cooldown(inviter, invitee)

    def has_withdrawn(self, inviter: Member, invitee: Member) -> bool:
        """Somebody asked, took it back, and may not ask again yet."""
        pair = frozenset((inviter.profile_id, invitee.profile_id))
        return any(
            one.inviter_id == inviter.profile_id and one.state == "withdrawn" and self._is_recent(one)
            for one in self._asked.get(pair, [])
        )

    def _is_recent(self, closed: Invitation) -> bool:
        return closed.closed is not None and closed.closed.at + COOLDOWN > self.clock.now()

    def _check_cooldown(self, inviter: Member, invitee: Member) -> None:
        for one in self._asked.get(frozenset((inviter.profile_id, invitee.profile_id)), []):
            refused = one.inviter_id == inviter.profile_id and one.state in ("withdrawn", "declined")
            if refused and self._is_recent(one):
                raise Refused(400, "CANT_RESEND_YET", "You can't resend an invitation yet")

    def _check_quota(self, inviter: Member, login: Login | None, note: str | None) -> None:
        if note and note_length(note) > (login.note_limit if login else DEFAULT_NOTE_LIMIT):
            raise Refused(400, "CUSTOM_MESSAGE_TOO_LONG", "The custom message is too long")
        if login is None:
            return
        if note and login.notes_remaining is not None and login.notes_remaining <= 0:
            code = "PERSONALIZED_INVITATION_QUOTA_EXCEEDED"
            raise Refused(400, code, "You've used all your personalized invitations")
        sent = self.sent_since(inviter, self.clock.now() - timedelta(days=7))
        if login.invites_per_week is not None and sent >= login.invites_per_week:
            raise Refused(429, "FUSE_LIMIT_EXCEEDED", "Fuse limit exceeded")


def _is_open(invitation: Invitation, horizon: Horizon | None) -> bool:
    """It is unanswered as far as the reader can see."""
    if horizon and horizon.hides(invitation.sent):
        return False
    if invitation.closed is None:
        return True
    return horizon is not None and horizon.hides(invitation.closed)
