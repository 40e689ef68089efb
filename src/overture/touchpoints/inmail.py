"""`inmail`: write to a member one is not connected with, for a credit or, to an open profile, for none."""

from datetime import datetime
from typing import Annotated, ClassVar, Final, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from overture.touchpoints.base import Category, Outcome, Reversibility, Touchpoint
from overture.touchpoints.target import TargetInput
from overture.touchpoints.text import SentText

SUBJECT_LIMIT: Final = 200  # LinkedIn's own; a page may allow less, which is read live
BODY_LIMIT: Final = 1900  # Sales Navigator's, the least of the products that send InMail


class InMailSent(Outcome):
    """The InMail is in the thread; credits as the composer stated them before, and as read again after."""

    message_urn: str
    conversation_urn: str | None = None
    delivered_at: datetime | None = None
    public_identifier: str
    profile_id: str | None = None
    credits_cost: int | None = Field(
        default=None,
        description="What the composer said it would cost; 0 to an open profile. Null when the answer was "
        "lost and the run was read back.",
    )
    credits_before: int | None = None
    credits_after: int | None = None
    warning: Literal["credits_not_read", "credits_differ"] | None = Field(
        default=None,
        description="The credits could not be read again after the InMail, or were not those before less the "
        "cost.",
    )


def fits_the_subject_line(text: str) -> str:
    """The same text, unless it is longer than a subject may be or more than one line."""
    length = _units(text)
    if length > SUBJECT_LIMIT:
        raise PydanticCustomError(
            "subject_too_long",
            "a subject has at most {limit} characters, this one {length}",
            {"limit": SUBJECT_LIMIT, "length": length},
        )
    if "\n" in text or "\r" in text:
        raise PydanticCustomError("subject_not_one_line", "a subject is one line")
    return text


def fits_the_body(text: str) -> str:
    """The same text, unless LinkedIn's counter would find it too long."""
    length = _units(text)
    if length > BODY_LIMIT:
        raise PydanticCustomError(
            "body_too_long",
            "an InMail has at most {limit} characters, this one {length}",
            {"limit": BODY_LIMIT, "length": length},
        )
    return text


def _units(text: str) -> int:
    """How long LinkedIn's counters find it: UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


SubjectLine = Annotated[
    SentText, AfterValidator(fits_the_subject_line), Field(json_schema_extra={"maxLength": SUBJECT_LIMIT})
]
Body = Annotated[SentText, AfterValidator(fits_the_body), Field(json_schema_extra={"maxLength": BODY_LIMIT})]


class InMail(TargetInput, Touchpoint):
    """Send an InMail."""

    reversibility: ClassVar[Reversibility] = "once"
    category: ClassVar[Category] = "inmail"
    outcome: ClassVar[type[Outcome]] = InMailSent
    reaches_person: ClassVar[bool] = True

    type: Literal["inmail"] = "inmail"
    subject: SubjectLine | None = Field(
        default=None, description="At most 200 characters on one line; none when absent."
    )
    body: Body = Field(min_length=1, description="The text, at most 1900 characters, sent exactly as given.")
