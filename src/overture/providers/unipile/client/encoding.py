"""How parameters, sections, files and nested values are written into a request."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from overture.providers.unipile.client.calls import Part, QueryValue
from overture.providers.unipile.client.vocabulary import LinkedInApi


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a message, a post or an e-mail."""

    name: str
    content: bytes = field(repr=False)
    mimetype: str = "application/octet-stream"
    part: Literal["attachments", "voice_message", "video_message"] = "attachments"


@dataclass(frozen=True)
class LinkedInOptions:
    """How a new LinkedIn chat is opened: by which product, and whether as an InMail."""

    api: LinkedInApi = "classic"
    inmail: bool = False
    topic: str | None = None  # required to write to a company
    more: Mapping[str, str] = field(default_factory=dict)  # applicant_id, invitation_id, recruiter's own


def query_text(query: Mapping[str, QueryValue]) -> dict[str, str]:
    """A query as it is sent: unset ones left out, booleans in words."""
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in query.items()
        if value is not None
    }


def comma_joined(names: Iterable[str]) -> str | None:
    """Several names in one parameter (`linkedin_sections=experience,skills`), as the official SDK does."""
    chosen = [names] if isinstance(names, str) else list(names)
    if any("," in name for name in chosen if not isinstance(names, str)):
        raise ValueError("a comma inside a name would make two of it")
    return ",".join(chosen) or None


def given(**values: object) -> dict[str, object]:
    """Those of these values that are set."""
    return {name: value for name, value in values.items() if value is not None}


def text_parts(**values: str | None) -> list[Part]:
    """Text parts of a multipart body, unset ones left out."""
    return [Part(name, value) for name, value in values.items() if value is not None]


def attendee_parts(attendees: Sequence[str]) -> list[Part]:
    """Recipients of a new chat: the part repeated once for each id, never joined by commas."""
    if isinstance(attendees, str) or not attendees:
        raise ValueError("a chat needs a list of at least one attendee")
    if any(not one or "," in one for one in attendees):
        raise ValueError("an attendee is one id")
    return [Part("attendees_ids", one) for one in attendees]


def linkedin_parts(options: LinkedInOptions) -> list[Part]:
    """LinkedIn's options as nested names (`linkedin[api]`)."""
    parts = [Part("linkedin[api]", options.api)]
    if options.inmail:
        parts.append(Part("linkedin[inmail]", "true"))
    if options.topic:
        parts.append(Part("linkedin[topic]", options.topic))
    return parts + [Part(f"linkedin[{name}]", value) for name, value in options.more.items()]


def file_parts(attachments: Iterable[Attachment]) -> list[Part]:
    """Files, each under its own or the common name."""
    return [Part(one.part, one.content, one.name, one.mimetype) for one in attachments]


def json_part(name: str, value: object) -> list[Part]:
    """A nested value as JSON text, the way e-mails want it; nothing when it is unset."""
    return [] if value is None else [Part(name, json.dumps(value, ensure_ascii=False))]


def bounded(limit: int | None, highest: int) -> int | None:
    """A page size the list allows."""
    if limit is not None and not 1 <= limit <= highest:
        raise ValueError(f"a page of this list has 1 to {highest} items")
    return limit
