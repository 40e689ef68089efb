"""What is written of many at once: rows as the JSON of one parameter, past the session or after it."""

from collections.abc import Mapping
from typing import Final

from pydantic_core import to_json
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import instance_dict

from overture.db.base import Base
from overture.db.rows import attributes_of


def as_json(rows: object) -> str:
    """JSON, with instants and ids as texts; the standard library takes six times as long."""
    return to_json(rows, inf_nan_mode=AS_THEY_ARE).decode()


AS_THEY_ARE: Final = "constants"
"""What is no number is none in the database either: it refuses it, instead of getting a null."""


def values_of(entity: Base) -> Mapping[str, object]:
    """The attributes of an entity that was read or made whole, past the session's watch over each."""
    return instance_dict(entity)


def as_row(entity: Base) -> dict[str, object]:
    """An entity as its table has it; what it was not given is null."""
    values, names = values_of(entity), attributes_of(type(entity))
    columns = type(entity).__table__.columns
    return {column.name: values.get(name) for column, name in zip(columns, names, strict=True)}


async def flush_changes(db: AsyncSession) -> None:
    """Write what the session changed, if anything: mostly nothing was, and even asking costs."""
    if db.new or db.dirty or db.deleted:
        await db.flush()
