"""What gate 1 measures of a release, by the checks of its dataset's contract, and the suite that judges it.

PostgreSQL measures each table of a release in one pass; Great Expectations then judges the measurements of all
releases at once, however many there are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from ingest.contract import Check
from ingest.errors import DatabaseError

if TYPE_CHECKING:
    from psycopg import Connection

    from expectations.context import Rule

KEY = ("table_name", "release_id", "number")
HAIR = 1e-9
"""Shares are binary floating point: one that is just met must not fail by a hair."""

RULES = {
    "min_rows": "a table has at least the rows of its contract.",
    "min_share_of_last": "a table has at least its share of the rows it had in the last accepted release.",
    "min_areas": "an area column has at least its number of distinct values.",
    "period_not_older": "the latest period is not older than in the last accepted release.",
    "not_empty": "a column that must be filled has no empty cell.",
    "matches": "no more cells than the contract allows are out of form.",
}
BLANK = r"\S"


@dataclass(frozen=True, slots=True)
class Baseline:
    """The same table in the last accepted release of the same part."""

    release_id: int
    rows: int
    latest_period: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule of a contract, measured on one table of a release."""

    rule: str
    expected: dict[str, Any]
    observed: dict[str, Any]
    excess: float
    """By how much the rule is broken: above zero it is."""
    column: str | None = None
    unexpected: int | None = None
    pattern: str = ""
    """What the unexpected cells do not match."""


def baseline(connection: Connection, raw_table: str, release_id: int, check: Check) -> Baseline | None:
    """A table as it was in an accepted release; None when that release lacks it."""
    rows, latest = _row(connection, raw_table, release_id, [sql.SQL("count(*)"), _latest_period(check)])
    return Baseline(release_id, rows, latest) if rows else None


def measure(
    connection: Connection, raw_table: str, release_id: int, check: Check, before: Baseline | None
) -> list[Finding]:
    """Measure the rules that a check stands for on the rows of a release; those that compare need a baseline.

    A missing cell counts as empty text, so a share is a share of all rows.
    """
    area = sql.Identifier(check.area_column) if check.area_column else sql.SQL("null::text")
    patterns = [*((column, BLANK) for column in check.not_empty), *((c, pattern) for c, pattern, _ in check.matches)]
    rows, areas, latest, *odd = _row(
        connection,
        raw_table,
        release_id,
        [
            sql.SQL("count(*)"),
            sql.SQL(r"count(distinct {area}) filter (where {area} ~ '\S')").format(area=area),
            _latest_period(check),
            *(
                sql.SQL("count(*) filter (where coalesce({}, '') !~ {})").format(sql.Identifier(column), pattern)
                for column, pattern in patterns
            ),
        ],
    )
    found = [Finding("min_rows", {"min_rows": check.min_rows}, {"rows": rows}, check.min_rows - rows)]
    if before:
        smallest = math.ceil(check.min_share_of_last * before.rows)
        expected = {
            "min_rows": smallest,
            "min_share_of_last": check.min_share_of_last,
            "rows_of_last": before.rows,
            "last_release_id": before.release_id,
        }
        found.append(Finding("min_share_of_last", expected, {"rows": rows}, smallest - rows))
    if check.area_column and check.min_areas:
        found.append(
            Finding(
                "min_areas",
                {"min_areas": check.min_areas},
                {"areas": areas},
                check.min_areas - areas,
                check.area_column,
            )
        )
    if check.period_column and before:
        # Python compares by code point, as the collation "C" does.
        older = before.latest_period is not None and (latest or "") < before.latest_period
        found.append(
            Finding(
                "period_not_older",
                {"last_release_id": before.release_id},
                {"latest": latest, "latest_before": before.latest_period},
                float(older),
                check.period_column,
            )
        )
    shares = [*(("not_empty", 1.0) for _ in check.not_empty), *(("matches", share) for _, _, share in check.matches)]
    for (column, pattern), (rule, share), count in zip(patterns, shares, odd, strict=True):
        wanted: dict[str, Any] = {"share": share} | ({"regex": pattern} if rule == "matches" else {})
        excess = count - (1 - share) * rows
        found.append(Finding(rule, wanted, {"rows": rows}, excess, column, count, pattern))
    return found


def rules() -> list[Rule]:
    """One expectation a rule, over the measurements of all releases."""
    from great_expectations.expectations.core.expect_column_values_to_be_between import (
        ExpectColumnValuesToBeBetween,
    )

    from expectations.context import Rule

    return [
        Rule(
            name,
            ExpectColumnValuesToBeBetween(column=name, max_value=HAIR, description=f"{name}: {description}"),
            {},
            name,
        )
        for name, description in RULES.items()
    ]


def _row(connection: Connection, raw_table: str, release_id: int, columns: list[sql.Composable]) -> tuple[Any, ...]:
    statement = sql.SQL("select {} from raw.{} where release_id = {}").format(
        sql.SQL(", ").join(columns), sql.Identifier(raw_table), release_id
    )
    try:
        found = connection.execute(statement).fetchone()
    except (psycopg.errors.UndefinedColumn, psycopg.errors.UndefinedTable) as error:
        raise DatabaseError(
            f"raw.{raw_table} is not what its contract says: {error}",
            hint="`nis migrate` brings raw tables in line with their contracts; then run the gate again",
        ) from error
    assert found is not None, "an aggregate has a row"
    return found


def _latest_period(check: Check) -> sql.Composable:
    """The latest value of the period column, without cells that are no periods (footnotes sort after any year)."""
    if not check.period_column:
        return sql.SQL("null::text")
    column = sql.Identifier(check.period_column)
    patterns = [pattern for name, pattern, _ in check.matches if name == check.period_column] or [BLANK]
    sound = sql.SQL(" and ").join(sql.SQL("{} ~ {}").format(column, pattern) for pattern in patterns)
    return sql.SQL('max({} collate "C") filter (where {})').format(column, sound)
