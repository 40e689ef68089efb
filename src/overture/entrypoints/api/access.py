"""How routes reach the product, and how the schema says that a key is needed."""

from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader

from overture.entrypoints.bootstrap import App


def the_app(request: Request) -> App:
    """The product this API is a door of."""
    app = request.app.state.overture
    assert isinstance(app, App)
    return app


Product = Annotated[App, Depends(the_app)]

# The doorway checks the key of every address under /api/; this only declares it in the schema.
needs_key = Security(
    APIKeyHeader(name="X-API-Key", scheme_name="ApiKey", description="OVERTURE_API_KEY.", auto_error=False)
)
