"""Suites of gate 1, built at run time from the checks of the datasets' contracts."""

from __future__ import annotations

import math
from dataclasses import dataclass

from great_expectations.expectations.core.expect_column_unique_value_count_to_be_between import (
    ExpectColumnUniqueValueCountToBeBetween,
)
from great_expectations.expectations.core.expect_column_values_to_match_regex import (
    ExpectColumnValuesToMatchRegex,
)
from great_expectations.expectations.core.expect_column_values_to_not_be_null import (
    ExpectColumnValuesToNotBeNull,
)
from great_expectations.expectations.core.expect_table_row_count_to_be_between import (
    ExpectTableRowCountToBeBetween,
)
from great_expectations.expectations.core.unexpected_rows_expectation import UnexpectedRowsExpectation

from expectations.context import Rule
from ingest.contract import Check

PERIOD, PERIOD_BEFORE = "period__sound", "period__before"


@dataclass(frozen=True, slots=True)
class Baseline:
    """The same table in the last accepted release of the same part."""

    release_id: int
    rows: int


def identifier(name: str) -> str:
    """A quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A quoted SQL string, with colons escaped as SQLAlchemy's text() asks."""
    return "'" + text.replace("'", "''").replace(":", r"\:") + "'"


def text_of(column: str) -> str:
    """Name in the batch of a column whose missing values are empty text.

    Great Expectations passes over nulls, while a contract's share counts every row.
    """
    return f"{column}__text"


def query(raw_table: str, release_id: int, check: Check, baseline: Baseline | None) -> str:
    """SQL of the batch: one release's rows of a raw table, only the columns that are checked.

    A column under its own name is null where it holds only white space; `<column>__text` is never null.
    """
    table = f"raw.{identifier(raw_table)}"
    filled = sorted({column for column in (check.area_column, *check.not_empty) if column})
    selected = ["row_number"]
    selected += [rf"case when {identifier(c)} ~ '\S' then {identifier(c)} end as {identifier(c)}" for c in filled]
    selected += [
        f"coalesce({identifier(c)}, '') as {identifier(text_of(c))}"
        for c in sorted({column for column, _, _ in check.matches})
    ]
    if check.period_column and baseline:
        sound = _sound_period(check)
        selected += [
            f"{sound} as {PERIOD}",
            f"(select max({sound}) from {table} where release_id = {int(baseline.release_id)}) as {PERIOD_BEFORE}",
        ]
    return f"select {', '.join(selected)} from {table} where release_id = {int(release_id)}"


def latest_period(raw_table: str, release_id: int, check: Check) -> str:
    """SQL of the latest sound period of a release, for messages; the same reading as in the batch."""
    # No parameters are bound to this statement, so the colon of a pattern needs no escape here.
    sound = _sound_period(check).replace(r"\:", ":")
    return f"select max({sound}) from raw.{identifier(raw_table)} where release_id = {int(release_id)}"


def _sound_period(check: Check) -> str:
    """The period column, byte order, without cells that are no periods (footnotes sort after any year)."""
    column = identifier(check.period_column)
    patterns = [pattern for name, pattern, _ in check.matches if name == check.period_column] or [r"\S"]
    sound = " and ".join(f"{column} ~ {literal(pattern)}" for pattern in patterns)
    return f'case when {sound} then {column} collate "C" end'


def rules(check: Check, baseline: Baseline | None) -> list[Rule]:
    """The rules that a table's check stands for; those that compare need a baseline."""
    built = [
        Rule(
            "min_rows",
            ExpectTableRowCountToBeBetween(min_value=check.min_rows),
            {"min_rows": check.min_rows},
        )
    ]
    if baseline:
        smallest = math.ceil(check.min_share_of_last * baseline.rows)
        built.append(
            Rule(
                "min_share_of_last",
                # The description keeps it apart from the rule above, and says why this number.
                ExpectTableRowCountToBeBetween(
                    min_value=smallest,
                    description=f"Row count is at least {smallest}: {check.min_share_of_last:.0%} "
                    f"of the {baseline.rows} rows of release {baseline.release_id}.",
                ),
                {
                    "min_rows": smallest,
                    "min_share_of_last": check.min_share_of_last,
                    "rows_of_last": baseline.rows,
                    "last_release_id": baseline.release_id,
                },
            )
        )
    if check.area_column and check.min_areas:
        built.append(
            Rule(
                "min_areas",
                ExpectColumnUniqueValueCountToBeBetween(column=check.area_column, min_value=check.min_areas),
                {"min_areas": check.min_areas},
                check.area_column,
            )
        )
    if check.period_column and baseline:
        built.append(
            Rule(
                "period_not_older",
                UnexpectedRowsExpectation(
                    unexpected_rows_query=f"select max({PERIOD}) as latest, max({PERIOD_BEFORE}) as before "
                    f"from {{batch}} having coalesce(max({PERIOD}), '') < max({PERIOD_BEFORE})",
                    description=f"The latest {check.period_column} is not older than that of "
                    f"release {baseline.release_id}.",
                ),
                {"last_release_id": baseline.release_id},
                check.period_column,
            )
        )
    built += [
        Rule("not_empty", ExpectColumnValuesToNotBeNull(column=column), {"share": 1.0}, column)
        for column in check.not_empty
    ]
    built += [
        Rule(
            "matches",
            ExpectColumnValuesToMatchRegex(column=text_of(column), regex=pattern, mostly=share),
            {"regex": pattern, "share": share},
            column,
        )
        for column, pattern, share in check.matches
    ]
    return built
