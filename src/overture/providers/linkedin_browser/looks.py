"""The last look before a send, and the bounded looks after it."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final, TypeVar

from overture.core.errors import Failure, NotPossible
from overture.providers.linkedin_browser.desk import Desk
from overture.providers.linkedin_browser.text import canonical
from overture.providers.linkedin_browser.voyager.threads import Thread, read_thread
from overture.touchpoints import LastLook

CLOCK_TOLERANCE: Final = timedelta(seconds=1)
"""The server's clock is known to the second only; a reply within it stops the send rather than not."""

T = TypeVar("T")


async def nobody_wrote(desk: Desk, other: str, look: LastLook, own_token: str) -> None:
    """Raise when the person answered, or the operator wrote by hand, since the run was planned."""
    thread = await read_thread(desk.client, desk.me, other)
    desk.trace.step(
        "last_look", messages=len(thread.messages), has_thread=thread.conversation_urn is not None
    )
    stop = _stopper(thread, other, look, own_token)
    if stop is not None:
        raise stop


def _stopper(thread: Thread, other: str, look: LastLook, own_token: str) -> NotPossible | None:
    since = look.since + thread.skew - CLOCK_TOLERANCE
    own = look.own_tokens | {own_token}
    news = [message for message in thread.messages if message.delivered_at > since]
    if any(message.sender_id == other for message in news):
        return NotPossible("replied_already", "the person wrote since this was planned")
    notes = {canonical(note) for note in look.own_notes}
    if any(message.origin_token not in own and canonical(message.text) not in notes for message in news):
        return NotPossible("operator_wrote", "somebody wrote to the person by hand since this was planned")
    return None


async def keep_looking(desk: Desk, look: Callable[[], Awaitable[T | None]]) -> T | None:
    """Look at the settled times after the act; a read that fails is a look that showed nothing.

    Whatever goes wrong here, the act was accepted: no failure may leave that would mean "not done".
    """
    waited = 0.0
    for at in desk.settings.browser_confirm:
        await desk.clock.sleep(timedelta(seconds=max(0.0, at - waited)))
        waited = max(waited, at)
        try:
            found = await look()
        except Failure as error:
            desk.trace.step("confirm", found=False, code=error.code)
            continue
        desk.trace.step("confirm", found=found is not None, after_s=at)
        if found is not None:
            return found
    return None
