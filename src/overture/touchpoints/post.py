"""Which LinkedIn post a touchpoint is about: the URN in its address."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, Field, field_validator
from pydantic_core import PydanticCustomError

from overture.touchpoints.target import LOCAL_HOSTS

URN: Final = re.compile(r"urn:li:(?P<kind>activity|ugcPost|share):(?P<number>\d{15,20})")
IN_SLUG: Final = re.compile(r"[-_](?P<kind>activity|ugcPost|share)-(?P<number>\d{15,20})(?:-[\w-]*)?$")


@dataclass(frozen=True)
class Post:
    """One post by its URN: `urn:li:activity:<n>`, `urn:li:ugcPost:<n>` or `urn:li:share:<n>`."""

    urn: str

    @property
    def path(self) -> str:
        """The path of the post's own page."""
        return f"/feed/update/{self.urn}/"


class PostInput(BaseModel):
    """A touchpoint's post, by its address."""

    post_url: str = Field(
        max_length=500,
        description="Address of a post, `https://www.linkedin.com/feed/update/urn:li:activity:<n>/` or "
        "`…/posts/…-activity-<n>-…/`, or its URN.",
        examples=["https://www.linkedin.com/feed/update/urn:li:activity:7400000000000000001/"],
    )

    @field_validator("post_url")
    @classmethod
    def names_a_post(cls, value: str) -> str:
        """Refuse what is not a post's address."""
        read_post(value)
        return value

    @property
    def post(self) -> Post:
        """The post that was named."""
        return read_post(self.post_url)

    def target_key(self) -> str | None:
        """The key under which runs about the same post are recognised."""
        return self.post.urn


def read_post(given: str) -> Post:
    """The post in an address or URN."""
    found = URN.fullmatch(given) or _in_address(given)
    if found is None:
        raise PydanticCustomError(
            "not_a_post_url",
            "{given} is not a post's address like https://www.linkedin.com/feed/update/urn:li:activity:<n>/",
            {"given": repr(given[:120])},
        )
    return Post(f"urn:li:{found['kind']}:{found['number']}")


def _in_address(given: str) -> re.Match[str] | None:
    try:
        parts = urlsplit(given if "//" in given else f"https://{given}")
        host = parts.hostname or ""
    except ValueError:
        return None
    if not (host == "linkedin.com" or host.endswith(".linkedin.com") or host in LOCAL_HOSTS):
        return None
    path = unquote(parts.path).rstrip("/")
    if path.startswith("/feed/update/"):
        return URN.fullmatch(path.removeprefix("/feed/update/"))
    return IN_SLUG.search(path) if path.startswith("/posts/") else None
