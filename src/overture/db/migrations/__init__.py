"""Migrations: Alembic inside the package, so that an installed product can upgrade its own database."""
