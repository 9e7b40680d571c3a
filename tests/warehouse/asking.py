"""Short ways to ask schema stats."""

from __future__ import annotations

from typing import Any

from psycopg import Connection

Pair = tuple[float | None, float | None]


def one(connection: Connection, call: str, *values: Any) -> Any:
    """What a function answers, `?` standing for its values."""
    row = connection.execute(f"select {call.replace('?', '%s')}".encode(), values).fetchone()
    assert row is not None
    return row[0] if len(row) == 1 else row


def limits(connection: Connection, call: str, *values: float | None) -> Pair:
    """Lower and upper limit of a function that answers an interval, `?` standing for its values."""
    row = connection.execute(
        f"select (i).lower, (i).upper from (select {call.replace('?', '%s::float8')} as i)".encode(), values
    ).fetchone()
    assert row is not None
    return row[0], row[1]


def both(connection: Connection, call: str, *values: float | None) -> tuple[float, float]:
    """Limits that are there."""
    lower, upper = limits(connection, call, *values)
    assert lower is not None
    assert upper is not None
    return lower, upper
