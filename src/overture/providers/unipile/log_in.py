"""Log in: nothing to do but to prove it; Unipile keeps the session, and tells who it belongs to."""

from overture.providers.unipile.desk import Desk
from overture.providers.unipile.registry import reads
from overture.touchpoints import LoggedIn, LogIn


@reads
async def log_in(desk: Desk, touchpoint: LogIn) -> LoggedIn:  # noqa: ARG001 - the type registers it
    """Who LinkedIn says the account is, through its session."""
    me = await desk.client.users.me(desk.account)
    return LoggedIn(profile_id=me.provider_id, public_identifier=me.public_identifier, how="kept")
