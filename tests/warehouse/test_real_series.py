"""Checks the published series (NI 87, 151, 154, 166) and the index as a whole against the genuine files."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from ingest.settings import ROOT
from tests.warehouse.readings import Cell, Row, atlas, by_area, delimited, number

pytestmark = pytest.mark.end_to_end
Cells = dict[tuple[str, str], list[Cell]]
SERIES = {
    ("ni_151", "ages_16_to_64"): ("employment-rate", "Employment rate"),
    ("ni_166", "all_employees"): ("gross-median-weekly-pay", "Gross median weekly pay"),
    ("ni_154", "per_1000_stock"): (
        "net-additions-to-the-housing-stock",
        "Net additions to the housing stock (England)",
    ),
    ("ni_087", "all_pupils"): ("persistent-absences-for-all-pupils", "Persistent absences for all pupils"),
}
FEW = {"ni_151": 8_040, "ni_166": 7_109, "ni_154": 8_621, "ni_087": 2_909}


def last_day(period: str) -> date:
    """Last day of a period written 2008-04-01/P1Y, or the day itself."""
    first = date.fromisoformat(period[:10])
    return first.replace(year=first.year + 1) - timedelta(days=1) if period.endswith("/P1Y") else first


def rows_of(samples: Path, key: tuple[str, str]) -> dict[tuple[str, date], Row]:
    """English rows of a series, by the body's area code and last day."""
    file, series = SERIES[key]
    rows = [row for row in delimited(samples / "els" / f"{file}.csv") if row["indicator"] == series]
    assert len(rows) == FEW[key[0]]
    return {(row["areacd"], last_day(row["period"])): row for row in rows if row["areacd"] in atlas().areas}


@pytest.mark.parametrize("key", sorted(SERIES))
def test_value_and_limits_are_the_printed_ones(cells: Cells, samples: Path, key: tuple[str, str]) -> None:
    printed = rows_of(samples, key)
    ours = by_area(cells[key])
    expected: dict[tuple[str, date], Row] = {}
    for (code, end), row in printed.items():
        mine = atlas().code_on(code, end)
        # A code in force speaks for itself; for its ground under another code, only where it is silent.
        if mine is not None and (mine == code or (mine, end) not in printed):
            expected[mine, end] = row
    # What is left out is a council formed by a merger after the period, or one that ended within it.
    left_out = [
        (code, end, row["period"]) for (code, end), row in printed.items() if atlas().code_on(code, end) is None
    ]
    ended = [place for place in left_out if place[2] <= atlas().areas[place[0]]["valid_to"] < place[1].isoformat()]
    assert all(place in ended or atlas().areas[place[0]]["valid_from"] > place[2] for place in left_out)
    # Of school years that run over 1 April: Bournemouth, Poole and Dorset, Northamptonshire, Cumbria.
    assert len(ended) == (5 if key[0] == "ni_087" else 0), ended
    values = {place: cell for place, cell in ours.items() if cell.value is not None}
    figures = {place: row for place, row in expected.items() if row["observation"]}
    assert values.keys() == figures.keys()
    assert len(figures) > 2_800
    for place, row in figures.items():
        cell = values[place]
        assert cell.value == float(row["observation"]), place
        assert (cell.lower_limit, cell.upper_limit) == (number(row["lci_95"]), number(row["uci_95"])), place
        assert cell.coverage == 1


@pytest.mark.parametrize("key", [("ni_151", "ages_16_to_64"), ("ni_166", "all_employees")])
def test_symbols_of_the_series_become_markers(cells: Cells, samples: Path, key: tuple[str, str]) -> None:
    ours = by_area(cells[key])
    meant = {"x": ("[x]", "not_yet_published"), "u": ("[u]", "unreliable")}
    seen: Counter[str] = Counter()
    for (code, end), row in rows_of(samples, key).items():
        if row["status"] and (code, end) in ours:
            cell = ours[code, end]
            marker, reason = meant[row["status"]]
            if row["status"] == "x" and key[0] == "ni_151" and date(2008, 4, 1) <= end < date(2011, 4, 1):
                marker, reason = "[z]", "other_source"  # a stand-in is due nowhere in the framework's years
            assert (cell.value, cell.marker, cell.reason) == (None, marker, reason), (code, end)
            seen[row["status"]] += 1
    assert seen["x"] > 0
    assert seen["u"] > 0


def test_a_rate_in_place_of_a_count_is_marked(cells: Cells) -> None:
    values = [cell for cell in cells["ni_154", "per_1000_stock"] if cell.value is not None]
    assert len(values) > 8_000
    assert {(cell.marker, cell.reason) for cell in values} == {("[e]", "rate_not_count")}


def test_published_rates_are_never_added_up(cells: Cells) -> None:
    # Multi Area Agreements are in no file: a mean of rates would be wrong.
    for key in SERIES:
        member = [cell for cell in cells[key] if cell.area_code == "E06000002" and cell.value is not None]
        tees_valley = by_area(cells[key])
        seen = 0
        for end in {cell.period_end for cell in member if cell.period_end > date(2008, 7, 1)}:
            cell = tees_valley["MAA06", end]
            assert (cell.value, cell.marker, cell.reason) == (None, "[z]", "not_aggregable"), cell
            seen += 1
        assert seen > 10
        assert not any(cell.value is not None for cell in cells[key] if cell.area_code.startswith("MAA"))


def test_every_cell_is_a_value_or_a_marker_with_a_known_reason(cells: Cells) -> None:
    reasons = {
        row["reason"] for row in delimited(ROOT / "dbt_project" / "seeds" / "reasons.csv") if row["kind"] == "value"
    }
    count = 0
    for found in cells.values():
        for cell in found:
            count += 1
            assert cell.value is not None or (cell.marker and cell.reason), cell
            assert cell.reason is None or cell.reason in reasons, cell
            assert cell.reason is None or cell.marker, cell
            assert 0 <= cell.coverage <= 1, cell
    assert count > 50_000


def test_index_holds_every_agreement_area_in_each_year_of_the_framework(cells: Cells) -> None:
    agreement_areas = {
        row["area_code"]
        for row in delimited(ROOT / "dbt_project" / "seeds" / "area_sets.csv")
        if row["area_set"] == "laa_2008"
    }
    assert len(agreement_areas) == 150
    for key, end in ((("ni_192", "main"), date(2009, 3, 31)), (("ni_186", "reduction"), date(2008, 12, 31))):
        assert agreement_areas <= {cell.area_code for cell in cells[key] if cell.period_end == end}, key


@pytest.mark.parametrize(
    ("key", "lowest", "highest"),
    [
        # Rates are per 1,000 and percentages are 0-100: a fraction or a per-head rate would fall out.
        (("ni_015", "met_police"), 0.2, 10),
        (("ni_016", "met_police"), 5, 60),
        (("ni_020", "met_police"), 1, 30),
        (("ni_151", "ages_16_to_64"), 40, 100),
        (("ni_186", "per_capita"), 2, 300),
        (("ni_192", "main"), 10, 75),
    ],
)
def test_units_are_those_of_the_definition(cells: Cells, key: tuple[str, str], lowest: float, highest: float) -> None:
    values = [cell.value for cell in cells[key] if cell.value is not None]
    assert lowest <= min(values)
    assert max(values) <= highest
