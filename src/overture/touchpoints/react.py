"""`react`: put a reaction on a post, or change the one that is there."""

from typing import ClassVar, Literal

from pydantic import Field

from overture.core.errors import NotPossible
from overture.touchpoints.base import Category, Outcome, Reversibility, Touchpoint
from overture.touchpoints.post import PostInput

Reaction = Literal["LIKE", "CELEBRATE", "SUPPORT", "LOVE", "INSIGHTFUL", "FUNNY"]
RequestedReaction = Literal["LIKE", "CELEBRATE", "SUPPORT", "LOVE", "INSIGHTFUL", "FUNNY", "CURIOUS"]


def offered(reaction: RequestedReaction) -> Reaction:
    """The reaction that is wanted, if LinkedIn still offers it."""
    if reaction == "CURIOUS":
        raise NotPossible("unsupported_reaction", "LinkedIn no longer offers this reaction")
    return reaction


class Reacted(Outcome):
    """The post carries the account's reaction as a fresh load shows it; `noop`: it did before."""

    post_urn: str
    reaction: Reaction
    replaced: Reaction | None = None
    noop: bool = False


class React(PostInput, Touchpoint):
    """React to a post; another reaction of ours is changed, never removed."""

    reversibility: ClassVar[Reversibility] = "once"
    category: ClassVar[Category] = "reaction"
    outcome: ClassVar[type[Outcome]] = Reacted

    type: Literal["react"] = "react"
    reaction: RequestedReaction = Field(
        description="CURIOUS is answered `unsupported_reaction`: LinkedIn no longer offers it."
    )
