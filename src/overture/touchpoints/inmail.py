"""`inmail`: write to a member one is not connected with, for a credit or, to an open profile, for none."""

from datetime import datetime
from typing import ClassVar, Literal

from pydantic import Field

from overture.touchpoints.base import Category, Outcome, Reversibility, Touchpoint
from overture.touchpoints.target import TargetInput
from overture.touchpoints.text import SentText

SUBJECT_LIMIT = 200
BODY_LIMIT = 1900


class InMailSent(Outcome):
    """The InMail is in the thread; credits as the composer stated them before and after."""

    message_urn: str
    conversation_urn: str | None = None
    delivered_at: datetime | None = None
    public_identifier: str
    profile_id: str | None = None
    credits_cost: int = 0
    credits_before: int | None = None
    credits_after: int | None = None


class InMail(TargetInput, Touchpoint):
    """Send an InMail."""

    reversibility: ClassVar[Reversibility] = "once"
    category: ClassVar[Category] = "inmail"
    outcome: ClassVar[type[Outcome]] = InMailSent
    reaches_person: ClassVar[bool] = True

    type: Literal["inmail"] = "inmail"
    subject: SentText | None = Field(default=None, description="At most 200 characters; none when absent.")
    body: SentText = Field(
        min_length=1, max_length=BODY_LIMIT, description="The text, sent exactly as given."
    )
