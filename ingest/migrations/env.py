"""Alembic environment: runs inside the connection that `ingest.database.upgrade` hands over."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

connection: Connection = context.config.attributes["connection"]
context.configure(
    connection=connection, version_table="migration", version_table_schema="ops", transaction_per_migration=False
)
with context.begin_transaction():
    context.run_migrations()
