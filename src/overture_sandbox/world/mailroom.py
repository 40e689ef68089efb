"""Threads and messages between people, and who may write to whom."""

from datetime import datetime

from overture_sandbox.world.clock import millis
from overture_sandbox.world.faults import Horizon
from overture_sandbox.world.ledger import Via
from overture_sandbox.world.model import Conversation, Invitation, Member, Message, Moment
from overture_sandbox.world.network import Network, Refused


class Mailroom(Network):
    """Conversations."""

    def reset(self, seed: int = 1, start: datetime | None = None) -> None:
        """Begin again without a word said."""
        super().reset(seed, start)
        self.conversations: list[Conversation] = []
        self._threads: dict[str, Conversation] = {}  # by their id
        self._between: dict[frozenset[str], Conversation] = {}
        self._said: dict[str, tuple[Conversation, Message]] = {}  # every message by its id

    def conversation(self, thread_id: str) -> Conversation | None:
        """The thread with this `2-…` id."""
        return self._threads.get(thread_id)

    def said(self, message_id: str) -> tuple[Conversation, Message] | None:
        """The message with this id, and its thread."""
        return self._said.get(message_id)

    def conversation_between(
        self, one: Member, other: Member, horizon: Horizon | None = None
    ) -> Conversation | None:
        """The thread two people share, if it may be seen yet."""
        thread = self._between.get(frozenset((one.profile_id, other.profile_id)))
        return thread if thread and self.messages_in(thread, horizon) else None

    def conversations_of(self, member: Member, horizon: Horizon | None = None) -> list[Conversation]:
        """Somebody's threads, the one that moved last first."""
        mine = [
            one
            for one in self.conversations
            if member.profile_id in one.member_ids and self.messages_in(one, horizon)
        ]

        def place(thread: Conversation) -> tuple[datetime, int]:
            last = self.messages_in(thread, horizon)[-1]
            return self.moved_at(thread, horizon), last.delivered.commit

        return sorted(mine, key=place, reverse=True)

    def moved_at(self, thread: Conversation, horizon: Horizon | None = None) -> datetime:
        """When something last happened in a thread: a note that opens it is older than the yes that did."""
        return max([thread.created.at, *(one.delivered.at for one in self.messages_in(thread, horizon))])

    def messages_in(self, thread: Conversation, horizon: Horizon | None = None) -> list[Message]:
        """The messages of a thread a reader can see, oldest first."""
        return [one for one in thread.messages if not (horizon and horizon.hides(one.delivered))]

    def unread(self, thread: Conversation, member: Member, horizon: Horizon | None = None) -> int:
        """How many messages of the other person came after the last look."""
        read_at = thread.read_at.get(member.profile_id)
        return sum(
            1
            for one in self.messages_in(thread, horizon)
            if one.sender_id != member.profile_id and (read_at is None or one.delivered.at > read_at)
        )

    def mark_read(self, thread: Conversation, member: Member) -> None:
        """Somebody looked at the thread."""
        thread.read_at[member.profile_id] = self.clock.now()

    def may_message(self, sender: Member, recipient: Member) -> bool:
        """The site shows an ordinary message box: connected, or a thread that is open to both."""
        if self.relationship(sender, recipient).state == "connected":
            return True
        thread = self.conversation_between(sender, recipient)
        return thread is not None and self._is_open(thread, sender)

    def awaits_answer(self, sender: Member, recipient: Member) -> bool:
        """An InMail was sent and not answered: until it is, nothing more can be said."""
        thread = self.conversation_between(sender, recipient)
        is_first = (
            thread is not None and thread.is_inmail and thread.messages[0].sender_id == sender.profile_id
        )
        answered = thread is not None and any(
            one.sender_id == recipient.profile_id for one in thread.messages
        )
        return is_first and not answered and self.relationship(sender, recipient).state != "connected"

    def decline_request(self, sender: Member, recipient: Member, text: str) -> Conversation:
        """Arrange that a message request was sent once and declined; nothing goes on record."""
        thread = self._thread(sender, recipient)
        self._append(thread, sender, text, self.moment(), None)
        thread.request_state = "DECLINED"
        self.mark_read(thread, sender)
        return thread

    def send_message(
        self,
        sender: Member,
        recipient: Member,
        text: str,
        via: Via,
        origin_token: str | None = None,
        *,
        in_thread: Conversation | None = None,
    ) -> tuple[Conversation, Message]:
        """Say something; an existing thread stays open to both even when they are no longer connected."""
        if sender.profile_id == recipient.profile_id:
            raise Refused(400, "SELF_MESSAGE", "You can't message yourself")
        self._check_message(sender, recipient, in_thread)
        return self._say("message", sender, recipient, text, via=via, origin_token=origin_token)

    def reply(self, sender: Member, recipient: Member, text: str, via: Via = "admin") -> Message:
        """A person of the world writes to an account."""
        connected = self.relationship(sender, recipient).state == "connected"
        if not connected and self.conversation_between(sender, recipient) is None:
            raise Refused(409, "NOT_CONNECTED", "They are not connected and have no thread")
        return self._say("reply", sender, recipient, text, via=via)[1]

    def accept(self, invitation: Invitation, via: Via) -> None:
        """Saying yes also turns the note of the invitation into the first message of a thread."""
        super().accept(invitation, via)
        if invitation.note:
            inviter, invitee = self._people(invitation)
            thread = self._thread(inviter, invitee)
            moment = Moment(invitation.sent.at, self.moment().commit)
            self._append(thread, inviter, invitation.note, moment, None).is_note = True
            self.mark_read(thread, invitee)

    def _check_message(self, sender: Member, recipient: Member, in_thread: Conversation | None) -> None:
        if self.relationship(sender, recipient).state == "connected":
            return
        if self.awaits_answer(sender, recipient):
            code = "NOT_ALLOWED_PREMIUM_INMAIL_SUBSEQUENT_REPLY"
            raise Refused(422, code, "You can write again once they have replied")
        if in_thread is not None and in_thread.request_state == "DECLINED":
            raise Refused(422, "MESSAGE_REQUEST_DECLINED", "This member declined your message request")
        if in_thread is None:
            raise Refused(422, "NOT_ALLOWED_PREMIUM_INMAIL", "This member can only be reached by InMail")

    def _is_open(self, thread: Conversation, sender: Member) -> bool:
        other = self.members[thread.other(sender.profile_id)]
        return thread.request_state != "DECLINED" and not self.awaits_answer(sender, other)

    def _say(
        self,
        kind: str,
        sender: Member,
        recipient: Member,
        text: str,
        *,
        via: Via,
        origin_token: str | None = None,
    ) -> tuple[Conversation, Message]:
        thread = self._thread(sender, recipient)
        message = self._append(thread, sender, text, self.moment(), origin_token)
        self.mark_read(thread, sender)
        urn = f"urn:li:messagingMessage:{message.id}"
        self._record(kind, sender, recipient, via=via, text=text, origin_token=origin_token, urn=urn)
        return thread, message

    def _thread(self, one: Member, other: Member) -> Conversation:
        pair = frozenset((one.profile_id, other.profile_id))
        if pair in self._between:
            return self._between[pair]
        thread = Conversation(self.mint.thread_id(), (one.profile_id, other.profile_id), self.moment())
        self.conversations.append(thread)
        self._between[pair] = self._threads[thread.thread_id] = thread
        return thread

    def _append(
        self, thread: Conversation, sender: Member, text: str, moment: Moment, origin_token: str | None
    ) -> Message:
        message = Message(
            self.mint.message_id(millis(moment.at)), sender.profile_id, text, moment, origin_token
        )
        thread.messages.append(message)
        self._said[message.id] = thread, message
        return message
