"""`enrich`: read a member's full profile."""

from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from overture.touchpoints.base import Category, Outcome, Reversibility, Touchpoint
from overture.touchpoints.discovered import Discovered
from overture.touchpoints.profile import Profile
from overture.touchpoints.target import TargetInput


class ContactDetails(BaseModel):
    """What the member lets the account see of how to reach them; `not_shared` names what they do not."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    email: str | None = None
    phone_numbers: tuple[str, ...] = ()
    websites: tuple[str, ...] = ()
    not_shared: tuple[Literal["email", "phone_numbers", "websites"], ...] = ()


class Enriched(Outcome):
    """The profile as it was read.

    `contact` None: not asked for. `discovered` None: no page was open, the profile comes from JSON.
    """

    profile: Profile
    contact: ContactDetails | None = None
    discovered: Discovered | None = None


class Enrich(TargetInput, Touchpoint):
    """Read a member's full profile; nobody is notified."""

    reversibility: ClassVar[Reversibility] = "read"
    category: ClassVar[Category] = "profile_read"
    outcome: ClassVar[type[Outcome]] = Enriched

    type: Literal["enrich"] = "enrich"
    contact_details: bool = Field(
        default=False, strict=True, description="Also read how to reach the person; one more read."
    )
