"""`message`: write to a member one is connected with."""

from datetime import datetime
from typing import ClassVar, Literal

from pydantic import Field

from overture.touchpoints.base import Category, Outcome, Reversibility, Touchpoint
from overture.touchpoints.target import TargetInput
from overture.touchpoints.text import SentText

MESSAGE_LIMIT = 8000  # LinkedIn's composer (reference: maxlength seen in 2026)


class MessageSent(Outcome):
    """The message is in the thread."""

    message_urn: str
    conversation_urn: str | None = None
    delivered_at: datetime | None = None
    public_identifier: str
    profile_id: str | None = None


class Message(TargetInput, Touchpoint):
    """Send a direct message to a connection."""

    reversibility: ClassVar[Reversibility] = "once"
    category: ClassVar[Category] = "message"
    outcome: ClassVar[type[Outcome]] = MessageSent
    reaches_person: ClassVar[bool] = True

    type: Literal["message"] = "message"
    message: SentText = Field(
        min_length=1, max_length=MESSAGE_LIMIT, description="The text, sent exactly as given."
    )
