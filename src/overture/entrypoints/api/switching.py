"""Kill switches as a client turns and sees them; the API's routes and the command line call these."""

from collections.abc import Iterable
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StrictBool, model_validator
from pydantic.config import JsonValue
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from overture import accounts, runs
from overture.accounts import Account, KillSwitch, SwitchOrder
from overture.core.instants import Instant
from overture.entrypoints.api.fields import Handle
from overture.entrypoints.bootstrap import App


def subject_goes_with(scope: str, subject: str | None) -> JsonValue:
    """What JSON Schema says of one scope: its subject is named, and none of another scope."""
    others: dict[str, JsonValue] = {
        name: {"type": "null"} for name in ("handle", "channel") if name != subject
    }
    named: dict[str, JsonValue] = {subject: {"type": "string"}} if subject else {}
    return {
        "properties": {"scope": {"const": scope}, **named, **others},
        "required": ["scope", *named],
    }


class SwitchRequest(BaseModel):
    """What to stop, or to let go on."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [{"scope": "global", "on": True, "reason": "a wrong list was imported"}],
            "oneOf": [
                subject_goes_with("global", None),
                subject_goes_with("channel", "channel"),
                subject_goes_with("account", "handle"),
            ],
        },
    )

    scope: Literal["global", "channel", "account"] = Field(description="How much it stops.")
    handle: Handle | None = Field(default=None, description="The account; only with scope `account`.")
    channel: Literal["linkedin"] | None = Field(default=None, description="Only with scope `channel`.")
    on: StrictBool = Field(description="True stops, false lets go on.")
    reason: str | None = Field(
        default=None, max_length=500, description="Shown wherever the switch is, and kept in the event log."
    )

    @model_validator(mode="after")
    def names_what_its_scope_needs(self) -> "SwitchRequest":
        """Refuse a scope without its subject, and a subject of another scope."""
        if (self.scope == "account") != (self.handle is not None):
            raise ValueError("handle goes with scope account, and only with it")
        if (self.scope == "channel") != (self.channel is not None):
            raise ValueError("channel goes with scope channel, and only with it")
        return self


class SwitchView(BaseModel):
    """One switch that is on."""

    scope: Literal["global", "channel", "account", "file"]
    handle: str | None = Field(description="The account it stops, if one.")
    channel: str | None = Field(description="The channel it stops, if one.")
    file: str | None = Field(description="Machine and place of the stop file, if it is one.")
    reason: str
    set_by: str
    since: Instant


class KillSwitchView(BaseModel):
    """What is stopped now."""

    everything_stopped: bool = Field(description="Whether nothing at all acts.")
    switches: list[SwitchView]
    stop_file: str = Field(description="The file that stops everyone by being there.")
    stop_file_says: str | None = Field(
        description="Why it stops everyone as seen from here; null: it does not."
    )


async def show_switches(app: App) -> KillSwitchView:
    """Every switch that is on."""
    async with app.sessions() as db:
        return await view(app, db)


async def turn_switch(app: App, wanted: SwitchRequest, by: str) -> KillSwitchView:
    """Stop, or let go on; what waited for this switch goes on at once, one run an account."""
    async with app.sessions.begin() as db:
        now = app.now()
        subject = await subject_of(db, wanted)
        order = SwitchOrder(wanted.scope, subject, is_on=wanted.on, reason=wanted.reason, by=by)
        await accounts.turn(db, order, now)
        if not wanted.on and await accounts.file_says(app.settings.stop_file) is None:
            await runs.let_go(db, now)
            await runs.admit(db, now, app.kit.lease(now))
        return await view(app, db)


async def subject_of(db: AsyncSession, wanted: SwitchRequest) -> str:
    """What the switch is about, as it is stored."""
    if wanted.handle is not None:
        return str((await accounts.by_handle(db, wanted.handle)).id)
    return wanted.channel or ""


async def view(app: App, db: AsyncSession) -> KillSwitchView:
    """What is stopped now, as a client sees it."""
    found = await accounts.switches_on(db)
    handles = await handles_of(db, found)
    said = await accounts.file_says(app.settings.stop_file)
    stops_all = said is not None or any(one.scope in ("global", "file") for one in found)
    return KillSwitchView(
        everything_stopped=stops_all,
        switches=[switch_view(one, handles) for one in found],
        stop_file=str(app.settings.stop_file),
        stop_file_says=said,
    )


async def handles_of(db: AsyncSession, found: Iterable[KillSwitch]) -> dict[str, str]:
    """The handles of the accounts that switches are about."""
    ids = [UUID(one.subject) for one in found if one.scope == "account"]
    rows = await db.execute(select(Account.id, Account.handle).where(Account.id.in_(ids)))
    return {str(account_id): handle for account_id, handle in rows}


def switch_view(switch: KillSwitch, handles: dict[str, str]) -> SwitchView:
    """One switch."""
    return SwitchView.model_validate(
        {
            "scope": switch.scope,
            "handle": handles.get(switch.subject) if switch.scope == "account" else None,
            "channel": switch.subject if switch.scope == "channel" else None,
            "file": switch.subject if switch.scope == "file" else None,
            "reason": switch.reason,
            "set_by": switch.set_by,
            "since": switch.since_at,
        }
    )
