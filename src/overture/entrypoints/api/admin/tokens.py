"""Route of tokens: made with the API key, for somebody who may do a part of what it may."""

from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Response, status
from pydantic import BaseModel, ConfigDict, Field

from overture.core.ids import public_id
from overture.core.instants import Instant
from overture.db import append_event
from overture.entrypoints.api.access import By, Product, needs_key
from overture.entrypoints.api.fields import Whole
from overture.entrypoints.api.problems import declared
from overture.entrypoints.api.system import WRITE
from overture.entrypoints.api.tokens import LONGEST, Mint, Scope
from overture.entrypoints.bootstrap import App

router = APIRouter(prefix="/api/v1/admin/tokens", tags=["admin"], dependencies=[needs_key])

MOST_MINUTES: Final = int(LONGEST / timedelta(minutes=1))
Name = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]{0,62}$", description="Whose it is, for the log.")
]


class TokenWish(BaseModel):
    """What a token is to open, and for how long."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"examples": [{"name": "grafana", "scopes": ["read"], "minutes": 1440}]},
    )

    name: Name
    scopes: frozenset[Scope] = Field(min_length=1, description="None implies another.")
    minutes: Whole = Field(default=60, strict=True, ge=1, le=MOST_MINUTES, description="How long it lives.")


class TokenView(BaseModel):
    """A token; it is shown this once and kept nowhere."""

    token: str = Field(description="Send it as `Authorization: Bearer …`.")
    name: str
    scopes: list[Scope]
    expires_at: Instant


@router.post("", status_code=status.HTTP_201_CREATED, responses=declared(*WRITE))
async def issue_token(app: Product, by: By, response: Response, wish: TokenWish) -> TokenView:
    """Make a token. Only the API key itself does; a change of the key ends all there are."""
    response.headers["Cache-Control"] = "no-store"
    return await issued(app, wish, by)


async def issued(app: App, wish: TokenWish, by: str) -> TokenView:
    """The token, and that it was made in the log."""
    now, token_id = app.now(), public_id("tok", app.ids.new())
    lives = timedelta(minutes=wish.minutes)
    word, bearer = Mint(app.vault.ring, app.api_key).issue(wish.name, wish.scopes, now, lives, token_id)
    data = {
        "name": wish.name,
        "scopes": sorted(wish.scopes),
        "expires_at": bearer.expires_at.isoformat(),
        "by": by,
    }
    async with app.sessions.begin() as db:
        await append_event(db, now, "admin.token_issued", data=data)
    return TokenView(token=word, name=wish.name, scopes=sorted(wish.scopes), expires_at=bearer.expires_at)
