"""`nis sql`: one statement, as a role, streamed as a table, CSV or JSON."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from itertools import chain
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ingest.cli.app import app
from ingest.cli.asking import TIMEOUTS, opened, origin_of, reading, require_tables
from ingest.cli.render import Cell, Format, notice, say, write
from ingest.errors import DatabaseError, UsageError

if TYPE_CHECKING:
    from psycopg import Connection, Cursor

    from ingest.database import Role
    from ingest.settings import Settings

ROWS_AT_ONCE = 2000
ROWS_ON_SCREEN = 200
LARGEST_QUERY = 1_000_000
_LEAD = re.compile(r"(?:\s|--[^\n]*(?:\n|$)|/\*.*?\*/|\()*", re.DOTALL)
_READING_WORDS = ("select", "with", "values", "table", "show", "explain")
# A session may leave its role again. No statement can, since there is only one and it must begin with a reading word;
# a function can: these set the role or run a text as SQL. Unicode escapes could spell their names in other letters.
_LEAVES_ROLE = re.compile(
    r"\b(set_config|query_to_xml\w*|cursor_to_xml\w*|ts_stat|ts_rewrite|dblink\w*)\b|\bU&[\"']", re.IGNORECASE
)
_NUMBERS = ("int2", "int4", "int8", "oid", "numeric", "float4", "float8")


class As(StrEnum):
    """Roles that a query can be asked as."""

    READER = "reader"
    INSPECTOR = "inspector"
    LOADER = "loader"


_ROLES: dict[As, Role] = {As.READER: "reader", As.INSPECTOR: "inspector", As.LOADER: "nis_loader"}


@app.command(
    epilog="Examples:\n\n"
    "- `nis sql 'select ni, title from published.indicator order by ni'`\n\n"
    "- `nis sql --format csv 'table published.value_current' > values.csv`\n\n"
    "- `nis sql --as inspector - < question.sql`\n\n"
    "- `nis sql --as loader 'select * from ops.run order by run_id desc' --limit 5`"
)
def sql(
    query: Annotated[str, typer.Argument(help="One SQL statement; `-` reads it from standard input.")],
    role: Annotated[
        As, typer.Option("--as", help="reader: what is public; inspector: embargoed rows too; loader: raw and ops.")
    ] = As.READER,
    form: Annotated[Format, typer.Option("--format", help="Shape of the answer.")] = Format.TABLE,
    limit: Annotated[
        int | None,
        typer.Option(min=0, help=f"Most rows to show, 0 for all; a table stops at {ROWS_ON_SCREEN} by itself."),
    ] = None,
) -> None:
    """Ask the warehouse in SQL, as a role that only sees what it may.

    Roles reader and inspector only read. Rows go to standard output as they arrive, remarks to standard error. Dates and
    times are in UTC. Exit code 1 when the query is wrong or refused.
    """
    from ingest.settings import settings

    text = statement(query)
    if limit is None:
        limit = ROWS_ON_SCREEN if form is Format.TABLE else 0
    if role is not As.LOADER:
        check_reads(text, role)
    with session(settings(), role) as connection:
        origin = origin_of(connection, settings())
        with _explained(text), connection.cursor() as cursor:
            # The first row is fetched before anything is written: a wrong query leaves no half of an answer.
            rows = ask(connection, cursor, text)
            first = next(rows, None)
            if cursor.description is None:
                if said := notice(origin):
                    say(said)
                say(cursor.statusmessage or "done")
                return
            names = [column.name for column in cursor.description]
            kinds = [_kind(column) for column in cursor.description]
            write(
                form,
                "role " + role.value,
                names,
                kinds,
                rows if first is None else chain([first], rows),
                origin=origin,
                limit=limit or None,
            )


def statement(query: str) -> str:
    """The query's text, from the argument or standard input, without a semicolon at its end.

    Raises UsageError when it is empty or longer than 1,000,000 characters.
    """
    text = sys.stdin.read(LARGEST_QUERY + 1) if query == "-" else query
    if len(text) > LARGEST_QUERY:
        raise UsageError(
            f"the query is longer than {LARGEST_QUERY:,} characters", hint="load lists into a table, or join one"
        )
    text = text.strip().rstrip(";").rstrip()
    if not text or "\x00" in text:
        raise UsageError("the query is empty" if not text else "the query holds a zero byte", hint="nis sql 'select 1'")
    return text


def check_reads(text: str, role: As) -> None:
    """Refuse what is no question: raises UsageError, before the server is asked.

    The transaction is read-only besides; this gives the plainer words, and keeps functions from changing the role.
    """
    lead = _LEAD.match(text)
    word = re.match(r"[a-z_]*", text[lead.end() if lead else 0 :], re.IGNORECASE)
    if word is None or word[0].lower() not in _READING_WORDS:
        raise UsageError(
            f"role {role.value} only reads, and a query cannot begin with {(word[0] if word else '') or text[:1]!r}",
            hint=f"begin with {', '.join(_READING_WORDS)}; `--as loader` works on raw and ops",
        )
    if found := _LEAVES_ROLE.search(text):
        raise UsageError(
            f"role {role.value} may not use {found[0]}: it could leave its role", hint="write the query without it"
        )


@contextmanager
def session(settings: Settings, role: As) -> Iterator[Connection]:
    """A connection as the role: in a read-only transaction for the roles that only read."""
    if role is not As.LOADER:
        with reading(settings, _ROLES[role]) as connection:
            yield connection
        return
    with opened(settings, _ROLES[role]) as connection:
        require_tables(connection, settings)
        yield connection


def ask(connection: Connection, cursor: Cursor[Any], text: str) -> Iterator[tuple[Cell, ...]]:
    """Rows of one statement as PostgreSQL's own text, streamed.

    The extended protocol carries one statement; a second one is refused by the server. Nothing is put into the text.
    """
    from psycopg.types.string import TextLoader

    for known in connection.adapters.types:
        cursor.adapters.register_loader(known.oid, TextLoader)
        if known.array_oid:
            cursor.adapters.register_loader(known.array_oid, TextLoader)
    yield from cursor.stream(text.encode(), size=ROWS_AT_ONCE)


@contextmanager
def _explained(text: str) -> Iterator[None]:
    """Turn a refused query into an error that shows the line and the place."""
    import psycopg

    try:
        yield
    except psycopg.errors.QueryCanceled as error:
        allowed = ", ".join(f"{role} {seconds}" for role, seconds in TIMEOUTS.items())
        raise DatabaseError(
            f"the query was stopped: {error.diag.message_primary}", hint=f"ask for less at once (allowed: {allowed})"
        ) from error
    except psycopg.Error as error:
        raise DatabaseError(f"the query is refused: {_told(error, text)}", hint=_way_out(error)) from error


def _told(error: Any, text: str) -> str:
    said = error.diag.message_primary or str(error).strip()
    message = f"{said} (SQLSTATE {error.sqlstate})" if error.sqlstate else said
    if error.diag.statement_position:
        place = min(int(error.diag.statement_position) - 1, len(text))
        before = text[:place]
        line = before.count("\n") + 1
        column = place - (before.rfind("\n") + 1)
        shown = text.splitlines()[line - 1] if text.splitlines() else ""
        # A long line is shown around the place only.
        start = max(0, column - 60)
        message += f"\n  line {line}, column {column + 1}:\n    {shown[start : start + 120]}\n    {' ' * (column - start)}^"
    return message


def _way_out(error: Any) -> str:
    if error.diag.message_hint:
        return str(error.diag.message_hint)
    return {
        "42501": "this role may not see it: reader and inspector see schema published, loader raw and ops",
        "42601": "ask one statement at a time, and check the marked place",
        "42P01": "`nis sql \"select relname from pg_class where relnamespace = 'published'::regnamespace\"` lists tables",
        "25006": "this role only reads",
    }.get(error.sqlstate or "", "")


def _kind(column: Any) -> str:
    from psycopg import postgres

    found = postgres.types.get(column.type_code)
    name = found.name if found else "text"
    if name in _NUMBERS:
        return "number"
    return "boolean" if name == "bool" else "json" if name in ("json", "jsonb") else "text"
