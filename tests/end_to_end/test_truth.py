"""Every published figure of the framework's years against the truth that the made files were written from.

The truth knows nothing of files, loading or SQL, and the formulas are written out again in `truth_figures`; so a figure
that agrees has come unharmed through sandbox, landing, staging, measures, methods and publishing.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from typing import NamedTuple

import pytest

from ingest.settings import Settings
from sandbox.truth import Period
from tests.end_to_end.commands import query
from tests.end_to_end.truth_figures import Figures
from tests.end_to_end.truth_readings import seed_rows

pytestmark = pytest.mark.end_to_end

YEARS = ("2008-09", "2009-10", "2010-11")
METHODS = sorted({row["method"] for row in seed_rows("indicator_components.csv")})
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


class Cell(NamedTuple):
    """A published cell."""

    area: str
    period: Period
    framework_year: str
    value: float | None
    marker: str | None
    reason: str | None


Cells = dict[tuple[str, str], list[Cell]]


@pytest.fixture(scope="module")
def figures() -> Figures:
    """The truth, remembered over the tests of this file."""
    return Figures()


@pytest.fixture(scope="module")
def published(made_run: Settings) -> Cells:
    """Cells of the framework's years by component."""
    cells: Cells = defaultdict(list)
    for row in query(made_run, _CELLS):
        period = Period(row["period_start"], row["period_end"])
        cell = Cell(row["area_code"], period, row["framework_year"], row["value"], row["marker"], row["reason"])
        cells[row["indicator_id"], row["component"]].append(cell)
    return cells


def test_the_truth_knows_nine_components_in_ten(figures: Figures) -> None:
    unknown = [key for key, component in figures.components.items() if not figures.is_known(component)]
    told = ", ".join("/".join(key) for key in unknown)
    assert len(unknown) <= 0.1 * len(figures.components), f"the truth does not know: {told}"


@pytest.mark.parametrize("method", METHODS)
def test_each_figure_is_the_truth_or_withheld_with_it(method: str, figures: Figures, published: Cells) -> None:
    kinds: Counter[str] = Counter()
    faults: list[str] = []
    for (indicator_id, name), component in figures.components.items():
        if component["method"] != method or not figures.is_known(component):
            continue
        for cell in published[indicator_id, name]:
            truth = figures.figure(indicator_id, name, cell.area, cell.period)
            kind = _fault(cell, truth.value if truth.is_known else None)
            kinds[kind or "number" if cell.value is not None else kind or "marker"] += 1
            if kind:
                faults.append(f"{kind}: {indicator_id}/{name} {cell}, {truth}")
    assert not faults, f"{len(faults)} of {sum(kinds.values())} ({dict(kinds)}):\n" + "\n".join(faults[:20])
    assert kinds["number"] >= len(YEARS) * 9, "there is something to compare"


def _fault(cell: Cell, true_value: float | None) -> str:
    """What is wrong with a cell; empty when nothing is. Published values keep nine decimals."""
    if cell.value is None:
        # What we withhold ourselves is known to the truth.
        is_withheld = cell.reason in ("suppressed", "part_suppressed", "secondary_suppression")
        return "" if cell.marker and (true_value is None or is_withheld) else "a figure is missing"
    if true_value is None:
        return "a number where none can be known"
    return "" if math.isclose(cell.value, true_value, rel_tol=1e-9, abs_tol=2e-9) else "another number"


def test_each_local_area_has_a_cell_of_each_component_in_each_year(figures: Figures, published: Cells) -> None:
    local = {row["area_code"] for row in seed_rows("area_sets.csv") if row["area_set"] == "laa_2008"}
    assert len(local) == 150
    missing = []
    for key in figures.components:
        areas: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        for cell in published[key]:
            areas[cell.framework_year, cell.period.end].add(cell.area)
        missing += [f"{key} {year}" for year in YEARS if year not in {year for year, _ in areas}]
        for (_, day), found in areas.items():
            due = {code for code in local if figures.geography.areas[code].in_force(day)}
            missing += [f"{key} {day} {code}" for code in sorted(due - found)]
    assert not missing, f"{len(missing)} are missing: {missing[:20]}"


def test_the_multi_area_agreements_have_figures(published: Cells) -> None:
    # Two of the seven are made of districts, and most figures are those of counties.
    found = Counter(cell.area for cells in published.values() for cell in cells if cell.value is not None)
    assert min(found[f"MAA0{number}"] for number in range(1, 8)) > 150
