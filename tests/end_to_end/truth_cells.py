"""Published cells of the framework's years, held against the truth."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from ingest.settings import Settings
from sandbox.truth import Period
from tests.end_to_end.commands import query
from tests.end_to_end.truth_figures import Figures

YEARS = ("2008-09", "2009-10", "2010-11")
_CELLS = f"""
    select
        indicator_id,
        component,
        area_code,
        period_start::text as period_start,
        period_end::text as period_end,
        framework_year,
        value::float8 as value,
        marker,
        reason
    from published.value_current
    where framework_year in {YEARS}
"""
ComponentKey = tuple[str, str]


class Cell(NamedTuple):
    """A published cell."""

    area: str
    period: Period
    framework_year: str
    value: float | None
    marker: str | None
    reason: str | None


Cells = dict[ComponentKey, list[Cell]]


def published_cells(settings: Settings) -> Cells:
    """Cells of the framework's years by indicator and component."""
    cells: Cells = defaultdict(list)
    for row in query(settings, _CELLS):
        period = Period(row["period_start"], row["period_end"])
        cell = Cell(row["area_code"], period, row["framework_year"], row["value"], row["marker"], row["reason"])
        cells[row["indicator_id"], row["component"]].append(cell)
    return cells


def held_against_the_truth(
    figures: Figures, cells: Cells, components: Iterable[ComponentKey]
) -> tuple[Counter[str], list[str]]:
    """How many cells are numbers, markers or each kind of fault, and the faults in words."""
    kinds: Counter[str] = Counter()
    faults: list[str] = []
    for indicator_id, name in components:
        for cell in cells[indicator_id, name]:
            truth = figures.figure(indicator_id, name, cell.area, cell.period)
            kind = _fault(cell, truth.value if truth.is_known else None)
            kinds[kind or ("marker" if cell.value is None else "number")] += 1
            if kind:
                faults.append(f"{kind}: {indicator_id}/{name} {cell}, {truth}")
    return kinds, faults


def _fault(cell: Cell, true_value: float | None) -> str:
    """What is wrong with a cell; empty when nothing is. Published values keep nine decimals."""
    if cell.value is None:
        # What we withhold ourselves is known to the truth.
        is_withheld = cell.reason in ("suppressed", "part_suppressed", "secondary_suppression")
        return "" if cell.marker and (true_value is None or is_withheld) else "a figure is missing"
    if true_value is None:
        return "a number where none can be known"
    return "" if math.isclose(cell.value, true_value, rel_tol=1e-9, abs_tol=2e-9) else "another number"
