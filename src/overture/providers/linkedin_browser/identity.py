"""Whom a touchpoint is about, as LinkedIn itself states it; every control is looked for by this."""

from dataclasses import dataclass
from urllib.parse import unquote

from overture.core.errors import NotPossible, PageChanged
from overture.providers.linkedin_browser.desk import Desk
from overture.providers.linkedin_browser.pages import PageClass, Sight
from overture.providers.linkedin_browser.voyager.members import read_profile
from overture.touchpoints import Target
from overture.touchpoints.profile import Profile


@dataclass(frozen=True)
class Identity:
    """One member: the id that stays, the number, the slug and the name of the moment."""

    profile_id: str
    member_id: int | None
    slug: str
    full_name: str
    first_name: str

    @property
    def path(self) -> str:
        """The path of the member's profile page."""
        return f"/in/{self.slug}/"


async def resolve(desk: Desk, target: Target) -> tuple[Identity, Profile]:
    """The member behind a key, and everything the profile read says; follows a renamed slug."""
    profile = await read_profile(desk.client, target.key)
    if target.is_profile_id and profile.profile_id != target.key:
        raise PageChanged("the member that was asked for", code="identity_mismatch")
    if profile.flags.memorialized:
        raise NotPossible("profile_unavailable", "this profile is kept in memory of its owner")
    identity = identity_of(profile, target)
    renamed = not target.is_profile_id and identity.slug.lower() != target.key.lower()
    desk.trace.step("identity", profile_id=identity.profile_id, slug=identity.slug, renamed=renamed)
    return identity, profile


def identity_of(profile: Profile, target: Target) -> Identity:
    """The names and ids in a profile read."""
    full = profile.full_name or " ".join(part for part in (profile.first_name, profile.last_name) if part)
    return Identity(
        profile_id=profile.profile_id,
        member_id=profile.member_id,
        slug=profile.public_identifier or target.key,
        full_name=full,
        first_name=profile.first_name or full,
    )


async def open_profile(desk: Desk, identity: Identity) -> Sight:
    """The member's page, loaded; anything else that opens there is refused."""
    sight = await desk.open(identity.path)
    slug = unquote(sight.slug or "").lower()
    if sight.page_class is not PageClass.PROFILE or slug not in (
        identity.slug.lower(),
        identity.profile_id.lower(),
    ):
        raise PageChanged("the member's own page", code="identity_mismatch", path=sight.path)
    return sight
