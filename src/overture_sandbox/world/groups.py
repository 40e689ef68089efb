"""Conversations of more than two, in which whatever is said goes to everybody else."""

from datetime import datetime

from overture_sandbox.world.faults import Horizon
from overture_sandbox.world.ledger import Via
from overture_sandbox.world.mailroom import Mailroom
from overture_sandbox.world.model import Conversation, Member, Message
from overture_sandbox.world.network import Refused


class Groups(Mailroom):
    """Groups; the pages of the site do not draw them, the Unipile face does."""

    def reset(self, seed: int = 1, start: datetime | None = None) -> None:
        """Begin again without a group."""
        super().reset(seed, start)
        self.groups: list[Conversation] = []

    def groups_of(self, member: Member, horizon: Horizon | None = None) -> list[Conversation]:
        """The groups somebody is in."""
        return [
            one
            for one in self.groups
            if member.profile_id in one.member_ids and self.messages_in(one, horizon)
        ]

    def group(self, thread_id: str) -> Conversation | None:
        """The group of this thread id."""
        return next((one for one in self.groups if one.thread_id == thread_id), None)

    def open_group(
        self, opener: Member, people: list[Member], text: str, via: Via
    ) -> tuple[Conversation, Message]:
        """Say something to several people at once, each of them a connection."""
        if any(self.relationship(opener, one).state != "connected" for one in people):
            raise Refused(422, "NOT_ALLOWED_PREMIUM_INMAIL", "Groups are for connections")
        ids = (opener.profile_id, *(one.profile_id for one in people))
        group = Conversation(self.mint.thread_id(), ids, self.moment())
        self.groups.append(group)
        return group, self.say_in_group(opener, group, text, via)

    def say_in_group(
        self, sender: Member, group: Conversation, text: str, via: Via, kind: str = "message"
    ) -> Message:
        """Say something in a group; it is on record for each who gets it."""
        message = self._append(group, sender, text, self.moment(), None)
        self.mark_read(group, sender)
        urn = f"urn:li:messagingMessage:{message.id}"
        for name in group.others(sender.profile_id):
            self._record(kind, sender, self.members[name], via=via, text=text, urn=urn)
        return message
