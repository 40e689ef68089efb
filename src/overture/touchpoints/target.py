"""Whom a LinkedIn touchpoint is about: the slug or member id in a profile address."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

PROFILE_ID: Final = re.compile(r"ACoAA[A-Za-z0-9_-]{34}")
MEMBER_ID: Final = re.compile(r"AC[A-Za-z0-9]AA[A-Za-z0-9_-]{34}")
"""A profile id, or the id the same member has in Sales Navigator (`ACwAA…`); capitals matter in both."""
SLUG: Final = re.compile(r"[^\s/?#&%\x00-\x1f]{3,100}")
LOCAL_HOSTS: Final = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Target:
    """One member, by the key we were given: a `public_identifier` (slug) or a profile id (`ACoAA…`)."""

    key: str

    @property
    def is_profile_id(self) -> bool:
        """Whether the key is the stable id rather than the slug, which its owner can change."""
        return PROFILE_ID.fullmatch(self.key) is not None

    @property
    def path(self) -> str:
        """The path of the member's profile page."""
        return f"/in/{self.key}/"


class TargetInput(BaseModel):
    """The two ways to name a member; exactly one is given."""

    url: str | None = Field(
        default=None,
        max_length=500,
        description="Address of a profile, `https://www.linkedin.com/in/<slug>/`.",
        examples=["https://www.linkedin.com/in/prisca-hollowell-sbx/"],
    )
    public_identifier: str | None = Field(
        default=None,
        max_length=100,
        description="The slug or member id (`ACoAA…`) of a profile address.",
        examples=["prisca-hollowell-sbx"],
    )

    @model_validator(mode="after")
    def names_one_member(self) -> "TargetInput":
        """Refuse none, both, and addresses that are not a profile's."""
        if (self.url is None) == (self.public_identifier is None):
            raise PydanticCustomError(
                "one_target", "give either url or public_identifier, not both and not neither"
            )
        read_target(self.url, self.public_identifier)
        return self

    @property
    def target(self) -> Target:
        """The member that was named."""
        return read_target(self.url, self.public_identifier)

    def target_key(self) -> str | None:
        """The key under which runs about the same member are recognised."""
        return self.target.key


def read_target(url: str | None, identifier: str | None) -> Target:
    """The member in a profile address or identifier, in one canonical spelling."""
    raw = identifier if identifier is not None else slug_of(url or "")
    key = unicodedata.normalize("NFC", unquote(raw)).strip("/")
    key = key if MEMBER_ID.fullmatch(key) else key.lower()
    if key in ("me", "unavailable") or not SLUG.fullmatch(key):
        raise PydanticCustomError(
            "not_a_profile", "{given} does not name a LinkedIn member", {"given": repr(raw[:80])}
        )
    return Target(key)


def slug_of(url: str) -> str:
    """The part of a profile address after `/in/`."""
    given = url if "//" in url else f"https://{url}"
    try:
        parts = urlsplit(given)
        host = parts.hostname or ""
    except ValueError:
        host, parts = "", urlsplit("")
    ours = host == "linkedin.com" or host.endswith(".linkedin.com") or host in LOCAL_HOSTS
    segments = [part for part in parts.path.split("/") if part]
    if not ours or len(segments) < 2 or segments[0] != "in":
        raise PydanticCustomError(
            "not_a_profile_url",
            "{given} is not a profile address like https://www.linkedin.com/in/<slug>/"
            " (Sales Navigator addresses carry no slug: open the profile and copy its address)",
            {"given": repr(url[:120])},
        )
    return segments[1]
