"""Routes about the whole installation: the kill switch."""

from typing import Final

from fastapi import APIRouter

from overture.entrypoints.api import switching
from overture.entrypoints.api.access import By, Product, needs_key
from overture.entrypoints.api.problems import declared
from overture.entrypoints.api.switching import KillSwitchView, SwitchRequest

router = APIRouter(prefix="/api/v1/system", tags=["system"], dependencies=[needs_key])

WRITE: Final = (400, 413, 415)


@router.get("/kill_switch", responses=declared())
async def show_kill_switch(app: Product) -> KillSwitchView:
    """Which kill switches are on, and whether the stop file stops everyone."""
    return await switching.show_switches(app)


@router.post("/kill_switch", responses=declared(*WRITE, 404))
async def turn_kill_switch(app: Product, by: By, wanted: SwitchRequest) -> KillSwitchView:
    """Stop everyone, a channel or an account, or let them go on. It holds from the moment this answers.

    Nothing that had not begun to act begins; runs may still be submitted, and wait with `kill_switch`.
    """
    return await switching.turn_switch(app, wanted, by=by)
