"""`search`: find people for discovery."""

from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictInt

from overture.touchpoints.base import Category, Outcome, Reversibility, Touchpoint


class PersonFound(BaseModel):
    """One row of a people search; somebody out of network has no name, no slug and no id.

    `degree` None: not said, or only as "3rd and further".
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    profile_id: str | None = None
    public_identifier: str | None = None
    member_id: int | None = None
    full_name: str | None = None
    headline: str | None = None
    location: str | None = None
    degree: Literal[1, 2, 3, "out_of_network"] | None = None


class PeopleFound(Outcome):
    """Rows in the service's order; `next_start` None when there are no more to be had.

    `source`: the service's JSON, or its search page when the JSON's stored query is out of date.
    """

    people: list[PersonFound]
    total: int | None = None
    next_start: int | None = None
    source: Literal["api", "page"] = "api"


class Search(Touchpoint):
    """Search people by keywords and filters; nobody is notified."""

    reversibility: ClassVar[Reversibility] = "read"
    category: ClassVar[Category] = "search"
    outcome: ClassVar[type[Outcome]] = PeopleFound

    type: Literal["search"] = "search"
    keywords: str = Field(min_length=1, max_length=300, description="What to search for.")
    network: list[Literal["1st", "2nd", "3rd+"]] = Field(
        default_factory=list, max_length=3, description="Only these degrees; all when empty."
    )
    current_company_ids: list[StrictInt] = Field(default_factory=list, max_length=20)
    geo_ids: list[StrictInt] = Field(default_factory=list, max_length=20)
    start: int = Field(default=0, strict=True, ge=0, le=999, description="Where to go on, from `next_start`.")
    limit: int = Field(default=10, strict=True, ge=1, le=100, description="The most rows to read.")
