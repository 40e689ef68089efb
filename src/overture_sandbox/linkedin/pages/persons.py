"""People as a page shows them to the one who looks."""

from dataclasses import asdict, dataclass
from heapq import nsmallest
from urllib.parse import quote

from overture_sandbox.world import Conversation, Member, Relationship, World
from overture_sandbox.world.clock import millis
from overture_sandbox.world.ids import conversation_urn, message_urn
from overture_sandbox.world.inmails import InMailTerms

Json = dict[str, object]


@dataclass(frozen=True)
class Person:
    """A member and how the one who looks stands to them."""

    member: Member
    relationship: Relationship
    may_message: bool
    terms: InMailTerms
    follows: bool = False

    @property
    def name(self) -> str:
        """The name as printed."""
        return self.member.full_name

    @property
    def state(self) -> str:
        """none, pending, incoming, connected or self."""
        return self.relationship.state

    @property
    def degree(self) -> str:
        """1, 2, 3 or OUT."""
        return self.relationship.degree

    @property
    def member_id(self) -> str:
        """The number by which the page's state knows them."""
        return str(self.member.number)

    @property
    def initials(self) -> str:
        """What stands in for the photograph."""
        return (self.member.first_name[:1] + self.member.last_name[:1]).upper()

    @property
    def hue(self) -> int:
        """The colour that stands in for the photograph."""
        return self.member.number * 47 % 360

    @property
    def path(self) -> str:
        """Where their profile is."""
        return f"/in/{self.member.slug}/"

    @property
    def compose_path(self) -> str:
        """Where a message to them is written."""
        urn = quote(self.member.urn, safe="")
        return (
            f"/messaging/compose/?profileUrn={urn}&recipient={self.member.profile_id}"
            "&screenContext=NON_SELF_PROFILE_VIEW&interop=msgOverlay"
        )

    @property
    def invite_path(self) -> str:
        """Where an invitation to them is written."""
        return f"/preload/custom-invite/?vanityName={quote(self.member.slug, safe='')}"

    def as_json(self) -> Json:
        """What the page's scripts know of them."""
        invitation = self.relationship.invitation
        return {
            "memberId": self.member_id,
            "id": self.member.profile_id,
            "slug": self.member.slug,
            "firstName": self.member.first_name,
            "lastName": self.member.last_name,
            "name": self.name,
            "headline": self.member.headline,
            "emailRequired": self.member.email_required,
            "mayMessage": self.may_message,
            "inmail": asdict(self.terms),
            "isFollowed": self.follows,
            "invitation": {"pending": "Pending", "none": "Connect"}.get(self.state),
            "invitationUrn": invitation.urn if invitation else None,
            "sharedSecret": invitation.shared_secret if invitation and self.state == "incoming" else None,
        }


def person(world: World, viewer: Member, member: Member, endpoint: str = "page:profile") -> Person:
    """Somebody as the viewer's page sees them now, as far as the page can see."""
    relationship = world.relationship(viewer, member, world.horizon(endpoint, viewer, member))
    terms = world.inmail_terms(viewer, member)
    follows = world.is_following(viewer, member, world.horizon(endpoint, viewer, member))
    return Person(member, relationship, world.may_message(viewer, member), terms, follows)


def is_shown(member: Member) -> bool:
    """The site still shows this person to others."""
    return not (member.deleted or member.memorialized or member.inaccessible or member.unavailable)


def conversation_json(world: World, viewer: Member, thread: Conversation) -> Json:
    """A thread as the page's scripts know it."""
    horizon = world.horizon("messages", viewer, world.members[thread.other(viewer.profile_id)])
    return {
        "urn": conversation_urn(viewer.profile_id, thread.thread_id),
        "isDeclined": thread.request_state == "DECLINED",
        "messages": [
            {
                "urn": message_urn(viewer.profile_id, one.id),
                "senderId": one.sender_id,
                "text": one.text,
                "at": millis(one.delivered.at),
            }
            for one in world.messages_in(thread, horizon)
        ],
    }


MOST_NEIGHBOURS = 60  # looked at for a sidebar; a large world is not searched through


def neighbours(world: World, viewer: Member, target: Member) -> list[Person]:
    """Other people a sidebar can show, namesakes of the target first, the rest in an order of their own."""
    with_login = {login.slug for login in world.logins.values()}

    def order(one: Member) -> tuple[bool, int]:
        return one.first_name != target.first_name, (one.number * 2654435761 + target.number * 40503) % 2**32

    others = (
        one
        for one in world.members.values()
        if is_shown(one) and one is not target and one.slug not in with_login
    )
    return [person(world, viewer, one) for one in nsmallest(MOST_NEIGHBOURS, others, key=order)]


@dataclass(frozen=True)
class Sidebar:
    """The strangers next to a profile, by the control their card carries."""

    connect: list[Person]
    follow: list[Person]
    message: list[Person]


def sidebar(world: World, viewer: Member, target: Member) -> Sidebar:
    """As many Connect cards as the target's page has, and a few Follow and Message cards."""
    others = neighbours(world, viewer, target)
    connect = [one for one in others if one.state == "none"][: target.sidebar_decoys]
    rest = [one for one in others if one not in connect]
    message = [one for one in rest if one.state == "connected"][:2]
    follow = [one for one in rest if one.state == "none"][: target.number % 4]
    return Sidebar(connect, follow, message)
