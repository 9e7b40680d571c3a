"""Ways into the warehouse for commands that only read, and plain words where there is nothing to read yet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ingest.errors import DatabaseError

if TYPE_CHECKING:
    from psycopg import Connection

    from ingest.database import Role
    from ingest.settings import Settings

START_HINT = "start with `nis run`"
TIMEOUTS: dict[str, str] = {"reader": "30s", "inspector": "120s"}
"""Longest statement of a role: a role's own setting holds at login only, not after `set role`."""


class NothingYet(DatabaseError):
    """The warehouse has not been made, or no run has filled it."""


def nothing_yet(settings: Settings) -> NothingYet:
    """The error that says that nothing has been run and what to do next."""
    where = "this warehouse (NIS_DATABASE_URL)" if settings.database_url else str(settings.home)
    return NothingYet(f"nothing has been run in {where} yet", hint=START_HINT)


@contextmanager
def reading(settings: Settings, role: Role) -> Iterator[Connection]:
    """A connection as a role in a read-only transaction, but for the inspector, whose reads may be recorded.

    Makes no warehouse: raises NothingYet where there is none or where it has no tables, and DatabaseError
    where the server cannot be reached or refuses a statement.
    """
    with opened(settings, role) as connection:
        connection.read_only = role != "inspector"
        with answered(settings):
            if timeout := TIMEOUTS.get(role):
                connection.execute("select set_config('statement_timeout', %s, true)", (timeout,))
            require_tables(connection, settings)
            yield connection


@contextmanager
def opened(settings: Settings, role: Role) -> Iterator[Connection]:
    """A connection as a role, without making a warehouse or its database."""
    from ingest import database

    if settings.database_url is None and not (database.embedded(settings).data / "PG_VERSION").exists():
        raise nothing_yet(settings)
    entered = False
    try:
        with database.connect(settings, role) as connection:
            entered = True
            yield connection
    except NothingYet:
        raise
    except DatabaseError as error:
        # A cluster that was made and never migrated has neither the database nor the roles.
        if not entered and "does not exist" in error.message:
            raise nothing_yet(settings) from error
        raise


@contextmanager
def answered(settings: Settings) -> Iterator[None]:
    """Turn what PostgreSQL refuses inside the block into errors of our own."""
    import psycopg

    try:
        yield
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName) as error:
        raise DatabaseError(
            f"the warehouse lacks a table this command reads: {_first_line(error)}",
            hint=f"`nis migrate` brings it up to date; {START_HINT}",
        ) from error
    except psycopg.errors.InsufficientPrivilege as error:
        raise DatabaseError(
            f"the warehouse refused: {_first_line(error)}",
            hint="connect as a user who may use this role, or name another role",
        ) from error
    except psycopg.errors.QueryCanceled as error:
        raise DatabaseError(
            f"the query was stopped: {_first_line(error)}",
            hint="ask for less at once: an area, a year, --limit",
        ) from error
    except psycopg.Error as error:
        raise DatabaseError(f"the warehouse refused: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def require_tables(connection: Connection, settings: Settings) -> None:
    """Raise NothingYet when the migrations have not been run."""
    # The system catalogue may be read by every role; to_regclass() needs the right to use the schema.
    if not relations(connection, "published"):
        raise nothing_yet(settings)


def relations(connection: Connection, schema: str) -> set[str]:
    """Names of the tables and views of a schema."""
    rows = connection.execute(
        "select c.relname from pg_class as c inner join pg_namespace as n on c.relnamespace = n.oid "
        "where n.nspname = %s and c.relkind in ('r', 'v', 'p', 'm')",
        (schema,),
    )
    return {row[0] for row in rows}


def origin_of(connection: Connection, settings: Settings) -> str:
    """Origin of the warehouse's data, as far as the role may see it: made, sample or live."""
    for table in ("ops.home", "published.publication"):
        schema, name = table.split(".")
        allowed = connection.execute(
            "select coalesce(bool_or(has_schema_privilege(n.oid, 'usage') "
            "and has_table_privilege(c.oid, 'select')), false) "
            "from pg_class as c inner join pg_namespace as n on c.relnamespace = n.oid "
            "where n.nspname = %s and c.relname = %s",
            (schema, name),
        ).fetchone()
        if allowed and allowed[0]:
            query = b"select origin from ops.home" if schema == "ops" else (
                b"select origin from published.publication order by publication_id desc limit 1"
            )  # fmt: skip
            if row := connection.execute(query).fetchone():
                return str(row[0])
    return settings.source


def rows_of(connection: Connection, query: str, parameters: Sequence[object] | dict[str, Any] = ()) -> list[Any]:
    """All rows of one of our own statements; values go in by parameter."""
    return connection.execute(query.encode(), parameters or None).fetchall()
