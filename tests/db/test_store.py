"""What an attempt writes of its run."""

import pytest
from sqlalchemy import text

from crowd import hello, submit
from overture.entrypoints.bootstrap import App
from overture.runs import store


async def test_a_change_that_would_not_be_written_is_a_bug_and_not_lost_in_silence(
    app: App, account: str
) -> None:
    run = await submit(app, hello("grace"))
    async with app.sessions.begin() as db:
        claim = "update runs set worker = 'w', admitted_at = now() where run_id = :run returning epoch"
        epoch = await db.scalar(text(claim), {"run": run.id})
        found = await store.taken(db, run.id, epoch, "w")
        assert found is not None
        found.run.wait_reason = "retry"
        await store.keep(db, found.run)

        found.run.target = "somebody-else"
        with pytest.raises(AssertionError, match="target"):
            await store.keep(db, found.run)

    async with app.sessions() as db:
        assert await db.scalar(text("select wait_reason from runs")) == "retry"
