"""`nis sql`: one statement, as a role, streamed as a table, CSV or JSON."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
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

ROWS_ON_SCREEN = 200
LARGEST_QUERY = 1_000_000
_LEAD = re.compile(r"(?:\s|--[^\n]*(?:\n|$)|/\*.*?\*/|\()*", re.DOTALL)
_FETCHED_WORDS = ("select", "values", "table")
_DECLARE = b"declare answer no scroll cursor for "
_FETCH = b"fetch forward 2000 from answer"
_READING_WORDS = ("select", "with", "values", "table", "show", "explain")
_NUMBERS = ("int2", "int4", "int8", "oid", "numeric", "float4", "float8")


class As(StrEnum):
    """Roles that a query can be asked as."""

    READER = "reader"
    INSPECTOR = "inspector"
    LOADER = "loader"


_ROLES: dict[As, Role] = {As.READER: "reader", As.INSPECTOR: "inspector", As.LOADER: "nis_loader"}


@app.command(
    epilog="Examples:\n\n"
    "- `nis sql 'select ni, title from published.dim_indicator order by ni'`\n\n"
    "- `nis sql --format csv 'table published.value_current' > values.csv`\n\n"
    "- `nis sql --as inspector - < question.sql`\n\n"
    "- `nis sql --as loader 'select * from ops.run order by run_id desc' --limit 5`"
)
def sql(
    query: Annotated[str, typer.Argument(help="One SQL statement; `-` reads it from standard input.")],
    role: Annotated[
        As,
        typer.Option("--as", help="reader: what is public; inspector: embargoed rows too; loader: raw and ops."),
    ] = As.READER,
    form: Annotated[Format, typer.Option("--format", help="Shape of the answer.")] = Format.TABLE,
    limit: Annotated[
        int | None,
        typer.Option(min=0, help=f"Most rows to show, 0 for all; a table stops at {ROWS_ON_SCREEN} by itself."),
    ] = None,
) -> None:
    """Ask the warehouse in SQL, as a role that only sees what it may.

    Roles reader and inspector only read. Rows go to standard output as they arrive, remarks to standard
    error. Dates and times are in UTC. Exit code 1 when the query is wrong or refused.
    """
    from ingest.settings import settings

    text = statement(query)
    if limit is None:
        limit = ROWS_ON_SCREEN if form is Format.TABLE else 0
    if role is not As.LOADER:
        check_reads(text, role)
    # A loader's `with` may write, which no cursor does.
    fetched = first_word(text) in _FETCHED_WORDS or (role is not As.LOADER and first_word(text) == "with")
    with session(settings(), role) as connection, _explained(text, len(_DECLARE) if fetched else 0):
        origin = origin_of(connection, settings())
        # The answer has begun before anything is written: a wrong query leaves no half of one.
        answer = ask(connection, text, fetched=fetched)
        if not answer.columns:
            if said := notice(origin):
                say(said)
            say(answer.told)
            return
        write(
            form,
            f"Role {role.value}",
            answer.columns,
            answer.kinds,
            answer.rows,
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
            f"the query is longer than {LARGEST_QUERY:,} characters",
            hint="load lists into a table, or join one",
        )
    text = text.strip().rstrip(";").rstrip()
    if not text or "\x00" in text:
        raise UsageError("the query is empty" if not text else "the query holds a zero byte", hint="nis sql 'select 1'")
    return text


def check_reads(text: str, role: As) -> None:
    """Refuse what is no question: raises UsageError, before the server is asked.

    The transaction is read-only besides; this says it plainly.
    """
    if (word := first_word(text)) not in _READING_WORDS:
        raise UsageError(
            f"role {role.value} only reads; no query begins with {word or text[:1]!r}",
            hint=f"begin with {', '.join(_READING_WORDS)}; `--as loader` works on raw and ops",
        )


def first_word(text: str) -> str:
    """The word that a statement begins with, after comments and brackets, in lower case."""
    lead = _LEAD.match(text)
    word = re.match(r"[a-z_]*", text[lead.end() if lead else 0 :], re.IGNORECASE)
    return word[0].lower() if word else ""


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


@dataclass(frozen=True, slots=True)
class Answer:
    """What a statement gave: columns with their kinds and rows of text, or only what it did."""

    columns: list[str]
    kinds: list[str]
    rows: Iterator[tuple[Cell, ...]]
    told: str


def ask(connection: Connection, text: str, *, fetched: bool) -> Answer:
    """The answer to one statement, as PostgreSQL's own text; with `fetched`, rows come as they are read.

    The extended protocol carries one statement: the server refuses a second one.
    """
    from psycopg.types.string import TextLoader

    cursor = connection.cursor()
    for known in connection.adapters.types:
        cursor.adapters.register_loader(known.oid, TextLoader)
        if known.array_oid:
            cursor.adapters.register_loader(known.array_oid, TextLoader)
    if fetched:
        # All rows are wanted, so the plan for the first tenth of them is the wrong one.
        connection.execute("set local cursor_tuple_fraction = 1")
        cursor.execute(_DECLARE + text.encode(), prepare=True)
        cursor.execute(_FETCH)
    else:
        cursor.execute(text.encode(), prepare=True)
    described = cursor.description or []
    columns, kinds = [column.name for column in described], [_kind(column.type_code) for column in described]
    rows = _rows(cursor, fetched) if described else iter(())
    return Answer(columns, kinds, rows, cursor.statusmessage or "done")


def _rows(cursor: Cursor[Any], fetched: bool) -> Iterator[tuple[Cell, ...]]:
    while rows := cursor.fetchall():
        yield from rows
        if not fetched:
            return
        cursor.execute(_FETCH)


@contextmanager
def _explained(text: str, sent_before: int) -> Iterator[None]:
    """Turn a refused query into an error that shows the line and the place."""
    import psycopg

    try:
        yield
    except psycopg.errors.QueryCanceled as error:
        allowed = ", ".join(f"{role} {seconds}" for role, seconds in TIMEOUTS.items())
        raise DatabaseError(
            f"the query was stopped: {error.diag.message_primary}",
            hint=f"ask for less at once (allowed: {allowed})",
        ) from error
    except psycopg.Error as error:
        raise DatabaseError(f"the query is refused: {_told(error, text, sent_before)}", hint=_way_out(error)) from error


def _told(error: Any, text: str, sent_before: int) -> str:
    said = error.diag.message_primary or str(error).strip()
    message = f"{said} (SQLSTATE {error.sqlstate})" if error.sqlstate else said
    if error.diag.statement_position:
        # The server counts from the start of what was sent.
        place = min(max(int(error.diag.statement_position) - 1 - sent_before, 0), len(text))
        before = text[:place]
        line = before.count("\n") + 1
        column = place - (before.rfind("\n") + 1)
        shown = text.splitlines()[line - 1] if text.splitlines() else ""
        # A long line is shown around the place only.
        start = max(0, column - 60)
        message += f"\n  line {line}, column {column + 1}:\n    {shown[start : start + 120]}"
        message += f"\n    {' ' * (column - start)}^"
    return message


def _way_out(error: Any) -> str:
    if error.diag.message_hint:
        return str(error.diag.message_hint)
    return {
        "42501": "this role may not see it: reader and inspector see schema published, loader raw and ops",
        "42601": "ask one statement at a time, and check the marked place",
        "42P01": "tables are named with their schema, such as published.value_current",
        "25006": "this role only reads",
    }.get(error.sqlstate or "", "")


def _kind(oid: int) -> str:
    from psycopg import postgres

    found = postgres.types.get(oid)
    name = found.name if found else "text"
    if name in _NUMBERS:
        return "number"
    return "boolean" if name == "bool" else "json" if name in ("json", "jsonb") else "text"
