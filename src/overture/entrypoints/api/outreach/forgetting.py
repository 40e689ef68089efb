"""What the packages above people know of a person: shown with their dossier, forgotten at erasure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from overture import campaigns, inbox
from overture.campaigns import reconcile
from overture.db import forget_answers
from overture.entrypoints.api.outreach.tidying import forgets_files
from overture.entrypoints.bootstrap import App
from overture.people import Erased, Forget, Tell

TELLS: Final[Mapping[str, Tell]] = {"campaigns": campaigns.tell, "conversations": inbox.tell}


async def forget_replays(db: AsyncSession, erased: Erased, now: datetime) -> None:
    """Answers kept for repeated requests may show the person."""
    del now
    await forget_answers(db, erased.whom.sql_pattern)


def forgets(app: App) -> Sequence[Forget]:
    """Everybody who must forget."""
    return (campaigns.forget, reconcile.forget, inbox.forget, forget_replays, forgets_files(app))
