"""Reads the published cells and, independently of the code under test, the genuine files they come from."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from typing import Any, NamedTuple

from python_calamine import CalamineWorkbook

from ingest import database
from ingest.settings import ROOT, Settings

Row = dict[str, str]

CELLS = """
select
    v.indicator_id, v.component, v.area_code, v.period_start, v.period_end,
    v.value, v.numerator, v.denominator, l.lower_limit, l.upper_limit, v.marker, v.reason, v.coverage
from published.value_current as v
left join published.value_limit_current as l
    using (framework_id, indicator_id, component, area_code, period_start, period_end)
"""


class Cell(NamedTuple):
    """One published cell; numbers as floats, coverage from 0 to 1."""

    indicator_id: str
    component: str
    area_code: str
    period_start: date
    period_end: date
    value: float | None
    numerator: float | None
    denominator: float | None
    lower_limit: float | None
    upper_limit: float | None
    marker: str | None
    reason: str | None
    coverage: float


class Measured(NamedTuple):
    """One measure of one area, as rolled up."""

    value: float | None
    origin: str
    coverage: float
    marker: str | None
    reason: str | None


@dataclass(frozen=True)
class Warehouse:
    """Reads the warehouse of one home."""

    settings: Settings

    def query(self, statement: str, parameters: Sequence[object] = ()) -> list[Any]:
        """Rows of a statement."""
        with database.connect(self.settings) as connection:
            return connection.execute(statement.encode(), parameters or None).fetchall()

    def cells(self) -> dict[tuple[str, str], list[Cell]]:
        """Every published cell, by indicator and component."""
        found: dict[tuple[str, str], list[Cell]] = defaultdict(list)
        for row in self.query(CELLS):
            numbers = (None if value is None else float(value) for value in row[5:10])
            cell = Cell._make((*row[:5], *numbers, row[10], row[11], float(row[12])))
            found[cell.indicator_id, cell.component].append(cell)
        return dict(found)

    def measure(self, measure_id: str) -> dict[tuple[str, date], Measured]:
        """One measure for every area, by area and last day."""
        rows = self.query(
            "select area_code, period_end, value, origin, coverage, marker, reason "
            "from measures.measure_by_area where measure_id = %s",
            (measure_id,),
        )
        return {
            (row[0], row[1]): Measured(None if row[2] is None else float(row[2]), row[3], float(row[4]), row[5], row[6])
            for row in rows
        }

    def rejected(self, dataset_id: str, table: str = "") -> dict[tuple[str, str], int]:
        """Number of quarantined rows of a dataset (or one of its tables) by reason and kind."""
        rows = self.query(
            "select reject_reason, reject_kind, count(*) from staging.quarantine "
            "where dataset_id = %s and table_name like %s group by 1, 2",
            (dataset_id, f"%{table}"),
        )
        return {(row[0], row[1]): int(row[2]) for row in rows}


def by_area(cells: Iterable[Cell], period_end: date | None = None) -> dict[tuple[str, date], Cell]:
    """Cells by area and last day; of one last day only, when it is given."""
    return {
        (cell.area_code, cell.period_end): cell for cell in cells if period_end is None or cell.period_end == period_end
    }


def number(cell: object) -> float | None:
    """A number that stands in a cell of a file, or None for a symbol or nothing."""
    if isinstance(cell, (int, float)):
        return float(cell)
    try:
        return float(str(cell).replace(",", ""))
    except ValueError:
        return None


def delimited(path: Path) -> list[Row]:
    """Rows of a CSV file."""
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


@cache
def sheet(path: Path, name: str, first_row: int) -> list[list[Any]]:
    """Rows of one sheet of a workbook, from a row on (counted from 0)."""
    with CalamineWorkbook.from_path(path) as workbook:
        return workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)[first_row:]


def financial_year(label: str) -> date:
    """Last day of a financial year written 2014-15."""
    return date(int(label[:4]) + 1, 3, 31)


class Atlas:
    """The catalogue's areas, read straight from its files."""

    def __init__(self) -> None:
        seeds = ROOT / "dbt_project" / "seeds"
        self.areas = {row["area_code"]: row for row in delimited(seeds / "areas.csv")}
        self.memberships = delimited(seeds / "area_memberships.csv")
        self._changes = delimited(seeds / "area_changes.csv")

    @staticmethod
    def _holds(row: Row, day: date) -> bool:
        return (row["valid_from"] or "0000") <= day.isoformat() <= (row["valid_to"] or "9999")

    def in_force(self, code: str, day: date) -> bool:
        """Whether a code is in the catalogue and in force on a day."""
        return code in self.areas and self._holds(self.areas[code], day)

    def members(self, parent: str, day: date) -> list[str]:
        """Areas that lie in a larger one on a day."""
        return [row["area_code"] for row in self.memberships if row["parent_code"] == parent and self._holds(row, day)]

    @cached_property
    def twins(self) -> dict[str, set[str]]:
        """Codes of the same ground, for each code that has one; follows changes of code alone."""
        pairs = [(row["from_code"], row["to_code"]) for row in self._changes if row["kind"] == "recode"]
        # Cornwall's county code covered the Isles of Scilly in name; the agreement area of 2008 did not.
        pairs.append(("E10000005", "E06000052"))
        twins: dict[str, set[str]] = defaultdict(set)
        for one, other in pairs:
            group = twins[one] | twins[other] | {one, other}
            for code in group:
                twins[code] = group
        return twins

    def code_on(self, code: str, day: date) -> str | None:
        """The code in force on a day for the ground of a code, or None where there is none."""
        for candidate in (code, *sorted(self.twins.get(code, set()))):
            if self.in_force(candidate, day):
                return candidate
        return None


@cache
def atlas() -> Atlas:
    """The catalogue's areas, read once."""
    return Atlas()
