"""Roles, schemas and who may see what."""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None

ROLES = ("nis_loader", "nis_transformer", "nis_publisher", "inspector", "reader")
SCHEMAS = {
    "raw": "nis_loader",
    "catalogue": "nis_transformer",
    "staging": "nis_transformer",
    "measures": "nis_transformer",
    "indicators": "nis_transformer",
    "candidate": "nis_transformer",
    "published": "nis_publisher",
}


def upgrade() -> None:
    """Create the roles (shared by a server's databases, so only where missing) and the schemas."""
    op.execute("create extension if not exists btree_gist")
    for role in ROLES:
        op.execute(
            f"do $$ begin if not exists (select from pg_roles where rolname = '{role}') "
            f"then create role {role} nologin; end if; end $$"
        )
        # The owner of the database works as each of the roles, never as a superuser.
        op.execute(f"grant {role} to current_user")
    op.execute("alter schema ops owner to nis_loader")
    for schema, owner in SCHEMAS.items():
        op.execute(f"create schema if not exists {schema} authorization {owner}")

    op.execute("revoke all on schema public from public")
    op.execute(
        "do $$ begin execute format("
        "'revoke all on database %I from public; grant connect on database %I to nis_loader, nis_transformer, "
        "nis_publisher, inspector, reader; grant temporary on database %I to nis_loader, nis_transformer', "
        "current_database(), current_database(), current_database()); end $$"
    )

    op.execute("grant usage on schema raw, ops to nis_transformer, nis_publisher")
    op.execute("grant usage on schema catalogue, staging, measures, indicators, candidate to nis_publisher, nis_loader")
    op.execute("grant usage on schema published to inspector, reader, nis_transformer, nis_loader")
    op.execute("alter default privileges for role nis_loader in schema raw grant select on tables to nis_transformer")
    op.execute(
        "alter default privileges for role nis_loader in schema ops "
        "grant select on tables to nis_transformer, nis_publisher"
    )
    for schema in ("catalogue", "staging", "measures", "indicators", "candidate"):
        op.execute(
            f"alter default privileges for role nis_transformer in schema {schema} "
            "grant select on tables to nis_publisher, nis_loader"
        )
    op.execute(
        "alter default privileges for role nis_publisher in schema published "
        "grant select on tables to inspector, reader, nis_transformer, nis_loader"
    )

    op.execute("alter role reader set default_transaction_read_only = on")
    op.execute("alter role reader set statement_timeout = '30s'")
    op.execute("alter role inspector set default_transaction_read_only = on")
    op.execute("alter role inspector set statement_timeout = '120s'")
