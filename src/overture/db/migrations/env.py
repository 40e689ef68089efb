"""Runs the migrations on the connection or address that `overture.db.migrate` hands over."""

from alembic import context
from sqlalchemy import Connection, create_engine, pool
from sqlalchemy.dialects.postgresql.base import ischema_names

from overture.db.base import Base
from overture.db.events import TransactionId

LOCK_TIMEOUT = "10s"

ischema_names["xid8"] = TransactionId  # SQLAlchemy does not know this type when it reads a database


def run(connection: Connection) -> None:
    """Migrate in one transaction; wait for a lock only so long, the product is running."""
    context.configure(
        connection=connection, target_metadata=Base.metadata, include_name=ours, compare_type=True
    )
    with context.begin_transaction():
        connection.exec_driver_sql(f"set lock_timeout = '{LOCK_TIMEOUT}'")
        context.run_migrations()


def ours(name: str | None, kind: str, _: object) -> bool:
    """Leave the engine's tables out of comparisons: Procrastinate's own SQL defines them."""
    return kind != "table" or not (name or "").startswith("procrastinate_")


def main() -> None:
    """Open a connection of its own, unpooled, so that nothing keeps the database in use afterwards."""
    engine = create_engine(context.config.get_main_option("sqlalchemy.url", ""), poolclass=pool.NullPool)
    with engine.connect() as connection:
        run(connection)
        connection.commit()
    engine.dispose()


main()
