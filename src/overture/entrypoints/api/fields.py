"""Types of fields that requests and responses share."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import Path
from pydantic import BeforeValidator, StringConstraints

from overture.core.errors import NotFound
from overture.core.ids import read_public_id
from overture.entrypoints.api.catalogue import PROBLEMS
from overture.touchpoints import REGISTRY

HANDLE_PATTERN: Final = r"^[a-z0-9][a-z0-9._-]{0,62}$"
RUN_ID_PATTERN: Final = r"^run_[0-7][0-9a-hjkmnp-tv-z]{25}$"
TOUCHPOINT_TYPES: Final = tuple(sorted(REGISTRY))


def as_whole(value: object) -> object:
    """JSON has one kind of number: 3.0 is the integer 3."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Whole = Annotated[int, BeforeValidator(as_whole)]
"""An integer, also when it is written 3.0; to be made strict where it stands."""
Handle = Annotated[str, StringConstraints(pattern=HANDLE_PATTERN)]
Tag = Annotated[str, StringConstraints(pattern=r"^[^\x00]{1,100}$")]
HandlePath = Annotated[
    str, Path(pattern=HANDLE_PATTERN, description="The account's handle.", examples=["ada"])
]
RunIdPath = Annotated[
    str,
    Path(
        pattern=RUN_ID_PATTERN,
        description="The run's id.",
        examples=["run_01kb3v6q2v8x0c5h2m9r4t7wze"],
    ),
]


def run_uuid(run_id: str) -> UUID:
    """The id inside `run_…`, or the refusal every unknown run gets."""
    found = read_public_id("run", run_id)
    if found is None:
        raise NotFound(
            "run_not_found", f"There is no run {run_id[:40]!r}.", fix=PROBLEMS["run_not_found"].fix
        )
    return found
