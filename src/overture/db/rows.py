"""Rows straight from the driver as entities that belong to no session: to look at, or to be written by who
wrote the statement for it.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import TypeVar

from sqlalchemy import TextClause, inspect
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import configure_mappers
from sqlalchemy.orm.attributes import instance_dict, manager_of_class

from overture.db.base import Base
from overture.db.driver import Given, fetch

Entity = TypeVar("Entity", bound=Base)


def columns_of(kind: type[Base], alias: str) -> str:
    """The columns of an entity's table, as `made` and `fetch_all` take them."""
    return ", ".join(f"{alias}.{column.name}" for column in kind.__table__.columns)


@cache
def attributes_of(kind: type[Base]) -> tuple[str, ...]:
    """The attributes of an entity, in the order of its table's columns."""
    configure_mappers()  # an entity whose class is not configured yet has no attributes to read
    mapper = inspect(kind)
    return tuple(mapper.get_property_by_column(column).key for column in kind.__table__.columns)


def made(kind: type[Entity], values: Iterator[object]) -> Entity:
    """An entity of the next values that were read."""
    found: Entity = manager_of_class(kind).new_instance()
    instance_dict(found).update(zip(attributes_of(kind), values, strict=False))  # takes no more than these
    return found


def new(kind: type[Entity], values: Mapping[str, object]) -> Entity:
    """A new row as an entity that belongs to no session; what it is not given is None."""
    return made(kind, iter([values.get(name) for name in attributes_of(kind)]))


async def fetch_all(
    db: AsyncSession, kind: type[Entity], statement: TextClause, given: Given
) -> list[Entity]:
    """The entities a statement brings, whose columns are `columns_of` their table."""
    return [made(kind, iter(row)) for row in await fetch(db, statement, given)]


def copy_of(entity: Entity) -> Entity:
    """Another of the same values, of which nothing counts as changed."""
    values = instance_dict(entity)
    return made(type(entity), iter([values[name] for name in attributes_of(type(entity))]))
