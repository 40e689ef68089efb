"""Routes of accounts."""

from typing import Annotated

from fastapi import APIRouter, Body, Response, status
from pydantic import BaseModel, ConfigDict, Field

from overture.accounts import AccountChange, NewAccount
from overture.entrypoints.api import acts
from overture.entrypoints.api.access import By, Product, needs_key
from overture.entrypoints.api.fields import HandlePath
from overture.entrypoints.api.problems import declared
from overture.entrypoints.api.shapes import AccountList, AccountView

router = APIRouter(prefix="/api/v1/accounts", tags=["accounts"], dependencies=[needs_key])

WRITE = (400, 413, 415)


class Pause(BaseModel):
    """Why an account is paused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: str | None = Field(default=None, max_length=500, description="Shown wherever the account is.")


class Resume(BaseModel):
    """Why an account may act again."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: str | None = Field(default=None, max_length=500, description="Kept in the event log.")


@router.get("", responses=declared())
async def list_accounts(app: Product) -> AccountList:
    """All accounts, by handle."""
    return AccountList(data=await acts.list_accounts(app))


@router.post("", status_code=status.HTTP_201_CREATED, responses=declared(*WRITE, 409))
async def add_account(app: Product, new: NewAccount, response: Response) -> AccountView:
    """Add an account. Credentials are stored encrypted and never returned."""
    response.headers["Location"] = f"/api/v1/accounts/{new.handle}"
    return await acts.add_account(app, new)


@router.get("/{handle}", responses=declared(404))
async def get_account(app: Product, handle: HandlePath) -> AccountView:
    """One account, its state and the next step for an operator."""
    return await acts.show_account(app, handle)


@router.patch("/{handle}", responses=declared(*WRITE, 404, 409))
async def change_account(app: Product, by: By, handle: HandlePath, wanted: AccountChange) -> AccountView:
    """Change what is given. `credentials` replaces all of them and drops the kept session."""
    return await acts.change_account(app, handle, wanted, by)


@router.delete("/{handle}", status_code=status.HTTP_204_NO_CONTENT, responses=declared(404, 409))
async def remove_account(app: Product, by: By, handle: HandlePath) -> None:
    """Remove an account: waiting runs are cancelled, secrets erased, its history stays.

    Refused while a run of it is under way or of unknown outcome.
    """
    await acts.remove_account(app, handle, by)


@router.post("/{handle}/pause", responses=declared(*WRITE, 404))
async def pause_account(
    app: Product, by: By, handle: HandlePath, pause: Annotated[Pause | None, Body()] = None
) -> AccountView:
    """Let nothing more begin on this account; a run that has not acted stops before its act."""
    return await acts.pause_account(app, handle, pause.reason if pause else None, by)


@router.post("/{handle}/resume", responses=declared(*WRITE, 404))
async def resume_account(
    app: Product, by: By, handle: HandlePath, resume: Annotated[Resume | None, Body()] = None
) -> AccountView:
    """Let the account act again; waiting runs go on, and its breaker counts from nothing."""
    return await acts.resume_account(app, handle, resume.reason if resume else None, by)
