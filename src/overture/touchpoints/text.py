"""Text that is sent to a person: kept byte for byte, refused when it could not arrive."""

from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError


def can_be_sent(text: str) -> str:
    """The same text, unless it holds what no channel can carry (nothing visible, NUL, half characters)."""
    if not text.strip():
        raise PydanticCustomError("blank", "the text has nothing visible in it")
    if "\x00" in text:
        raise PydanticCustomError("nul", "the text holds a NUL character, which no service accepts")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise PydanticCustomError(
            "broken_text", "the text holds half a character at position {at}", {"at": error.start}
        ) from None
    return text


SentText = Annotated[str, AfterValidator(can_be_sent)]
"""A string that reaches a person exactly as given: never stripped, normalised or reflowed."""
