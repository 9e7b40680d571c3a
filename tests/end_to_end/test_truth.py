"""Every published figure of the framework's years against the truth that the made files were written from.

The truth knows nothing of files, loading or SQL, and the formulas are written out again in `truth_figures`; so a figure
that agrees has come unharmed through sandbox, landing, staging, measures, methods and publishing.
"""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest

from ingest.settings import Settings
from tests.end_to_end.truth_cells import YEARS, Cells, held_against_the_truth, published_cells
from tests.end_to_end.truth_figures import Figures
from tests.end_to_end.truth_readings import seed_rows

pytestmark = pytest.mark.end_to_end

METHODS = sorted({row["method"] for row in seed_rows("indicator_components.csv")})


@pytest.fixture(scope="module")
def figures() -> Figures:
    """The truth, remembered over the tests of this file."""
    return Figures()


@pytest.fixture(scope="module")
def published(made_run: Settings) -> Cells:
    """Cells of the framework's years by component."""
    return published_cells(made_run)


def test_the_truth_knows_nine_components_in_ten(figures: Figures) -> None:
    unknown = [key for key, component in figures.components.items() if not figures.is_known(component)]
    told = ", ".join("/".join(key) for key in unknown)
    assert len(unknown) <= 0.1 * len(figures.components), f"the truth does not know: {told}"


@pytest.mark.parametrize("method", METHODS)
def test_each_figure_is_the_truth_or_withheld_with_it(method: str, figures: Figures, published: Cells) -> None:
    components = [key for key, row in figures.components.items() if row["method"] == method and figures.is_known(row)]
    kinds, faults = held_against_the_truth(figures, published, components)
    assert not faults, f"{len(faults)} of {kinds.total()} ({dict(kinds)}):\n" + "\n".join(faults[:20])
    assert kinds["number"] >= len(YEARS) * 9, "there is something to compare"


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
