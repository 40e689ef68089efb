"""Log in: nothing to do but to prove it, for whoever reads anything has been let in."""

from overture.providers.linkedin_browser.desk import Desk
from overture.providers.linkedin_browser.registry import reads
from overture.providers.linkedin_browser.voyager.members import read_me
from overture.touchpoints import LoggedIn, LogIn


@reads
async def log_in(desk: Desk, touchpoint: LogIn) -> LoggedIn:  # noqa: ARG001 - the type registers it
    """Who the service says the account is."""
    me = await read_me(desk.client)
    return LoggedIn(profile_id=me.profile_id, public_identifier=me.slug, how=desk.how)
