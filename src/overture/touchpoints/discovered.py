"""Whom the pages that were open link to: data for whoever looks for more people, never acted on."""

from pydantic import BaseModel, ConfigDict

MOST_DISCOVERED = 200
"""Of each kind; a page that links to more is a list, and lists have reads of their own."""


class ProfileLink(BaseModel):
    """One linked member, by what the address gave: the slug, or the id that stays."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    public_identifier: str | None = None
    profile_id: str | None = None


class Discovered(BaseModel):
    """The people a profile page links to, in the page's order, each once; without its owner and the account.

    `mentioned` in the page's own content (recommendations, posts, colleagues); `other_cards` in what the
    service put beside it ("more profiles for you", "people you may know"). Somebody in both is mentioned.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    mentioned: list[ProfileLink]
    other_cards: list[ProfileLink]
    truncated: bool = False
