"""How routes reach the product, and how the schema says that a key is needed."""

from typing import Annotated, Final

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader, HTTPBearer

from overture.entrypoints.bootstrap import App


async def the_app(request: Request) -> App:  # were it no coroutine, each request would wait for a thread
    """The product this API is a door of."""
    app = request.app.state.overture
    assert isinstance(app, App)
    return app


Product = Annotated[App, Depends(the_app)]

KEY: Final = APIKeyHeader(
    name="X-API-Key", scheme_name="ApiKey", description="OVERTURE_API_KEY.", auto_error=False
)
TOKEN: Final = HTTPBearer(
    scheme_name="Token",
    bearerFormat="JWT",
    description="A token of POST /api/v1/admin/tokens: `read` opens what reads, `write` what changes, "
    "`admin` what is under /api/v1/admin. None implies another.",
    auto_error=False,
)


async def key_or_token(
    _key: Annotated[str | None, Security(KEY)], _token: Annotated[object, Security(TOKEN)]
) -> None:
    """Declare both in the schema; the doorway has checked them, for every address under /api/."""


needs_key = Depends(key_or_token)


def author_of(request: Request) -> str:
    """Who asks, for the log: `api` with the key itself, else `token:<name>`."""
    return str(request.scope.get("overture.by", "api"))


async def who_asks(request: Request) -> str:
    """`author_of`, for routes."""
    return author_of(request)


By = Annotated[str, Depends(who_asks)]
