"""What people do with messages besides writing them: look, react, change their mind."""

from overture_sandbox.world.inmails import Inmails
from overture_sandbox.world.ledger import Via
from overture_sandbox.world.model import Conversation, Member, Message
from overture_sandbox.world.network import Refused


class Gestures(Inmails):
    """Small things in threads that go on record."""

    def newest_of(self, sender: Member, reader: Member) -> tuple[Conversation, Message]:
        """The last message somebody sent somebody."""
        thread = self.conversation_between(sender, reader)
        mine = [one for one in thread.messages if one.sender_id == sender.profile_id] if thread else []
        if thread is None or not mine:
            raise Refused(409, "NO_MESSAGE", f"{sender.slug} wrote nothing to {reader.slug}")
        return thread, mine[-1]

    def look_at(self, reader: Member, sender: Member, via: Via = "admin") -> Message:
        """Somebody reads what was written to them."""
        thread, message = self.newest_of(sender, reader)
        self.mark_read(thread, reader)
        return self._gesture("message_read", reader, sender, message, via)

    def react_to(self, reader: Member, sender: Member, sign: str, via: Via = "admin") -> Message:
        """Somebody puts a sign under the last message they got."""
        _, message = self.newest_of(sender, reader)
        message.reactions[reader.profile_id] = sign
        return self._gesture("message_reaction", reader, sender, message, via, sign)

    def reword(self, sender: Member, reader: Member, text: str, via: Via = "admin") -> Message:
        """Somebody changes their last message."""
        _, message = self.newest_of(sender, reader)
        message.text, message.is_edited = text, True
        return self._gesture("message_edited", sender, reader, message, via, text)

    def unsay(self, sender: Member, reader: Member, via: Via = "admin") -> Message:
        """Somebody deletes their last message."""
        _, message = self.newest_of(sender, reader)
        message.is_deleted = True
        return self._gesture("message_deleted", sender, reader, message, via)

    def _gesture(
        self, kind: str, actor: Member, other: Member, message: Message, via: Via, text: str | None = None
    ) -> Message:
        self._record(kind, actor, other, via=via, text=text, urn=f"urn:li:messagingMessage:{message.id}")
        return message
