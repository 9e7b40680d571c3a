"""Checks NI 191, 192 and 193 against the body's own printed indicators (Ex NI191, Ex NI192, Ex NI193)."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.warehouse.readings import Cell, atlas, by_area, financial_year, number, sheet

pytestmark = pytest.mark.end_to_end
Cells = dict[tuple[str, str], list[Cell]]
YEARS = [date(year, 3, 31) for year in (2015, 2016, 2017, 2018)]
ENGLAND = "E92000001"


@pytest.fixture(scope="module")
def workbook(samples: Path) -> Path:
    """The annual results of 2017-18, which hold Tables 1 to 3."""
    return samples / "waste" / "LA_and_Regional_Spreadsheet_201718.ods"


@pytest.fixture(scope="module")
def printed(workbook: Path) -> dict[tuple[str, date], tuple[Any, Any, Any]]:
    """NI 191, 192 and 193 as Table 3 prints them, by code in force and year; symbols stay symbols."""
    found = {}
    for row in sheet(workbook, "Table_3", 4):
        if str(row[2]).startswith("E"):
            end = financial_year(row[0])
            code = atlas().code_on(row[2], end)
            assert code is not None, f"Table 3 names {row[2]} in {row[0]}: no area of the catalogue"
            found[code, end] = (row[6], row[7], row[8])
    return found


def regional(workbook: Path, first: str) -> dict[date, tuple[float, ...]]:
    """The line England of one part of Table 3a, by year."""
    rows = sheet(workbook, "Table_3a", 0)
    top = next(place for place, row in enumerate(rows) if str(row[0]).startswith(first))
    header, england = rows[top + 2], next(row for row in rows[top:] if row[0] == "England")
    return {
        date(int(label[:4]) + 1, 3, 31): (float(value),)
        for label, value in zip(header[1:], england[1:], strict=True)
        if label
    }


def test_ni_191_is_the_printed_figure(cells: Cells, printed: dict[tuple[str, date], tuple[Any, Any, Any]]) -> None:
    ours = by_area(cells["ni_191", "main"])
    compared = 0
    for key, (kilograms, _, _) in printed.items():
        if isinstance(kilograms, float):
            assert ours[key].value == kilograms, key
            compared += 1
        else:
            assert ours[key].value is None, key
    assert compared > 2_700
    # Nothing but the body's own figures stands there: those of Table 3, its England and region rows, and Somerset's
    # of 2017-18, whose ground is that of the Somerset Waste Partnership.
    values = {key for key, cell in ours.items() if cell.value is not None}
    wider = [ENGLAND, *(f"E1200000{number}" for number in range(1, 10))]
    totals = {(code, date(year, 3, 31)) for code in wider for year in range(2011, 2019)}
    assert values - printed.keys() == totals | {("E10000027", date(2018, 3, 31))}
    # As printed: North East 2010-11 and 2016-17.
    assert ours["E12000001", date(2011, 3, 31)].value == 635.5
    assert ours["E12000001", date(2017, 3, 31)].value == 613.3
    assert ours["E10000027", date(2018, 3, 31)].value == printed["E50000009", date(2018, 3, 31)][0]


def share_within(
    cells: list[Cell], printed: dict[tuple[str, date], Any], tolerance: float
) -> tuple[int, int, list[tuple[str, date, float, float]]]:
    """Number compared, number within the tolerance, and those beyond it."""
    ours = by_area(cells)
    compared, beyond = 0, []
    for (code, end), fraction in printed.items():
        cell = ours.get((code, end))
        if isinstance(fraction, float) and end in YEARS and cell is not None and cell.value is not None:
            compared += 1
            if abs(cell.value - fraction * 100) > tolerance:
                beyond.append((code, end, cell.value, fraction * 100))
    return compared, compared - len(beyond), beyond


def test_ni_192_agrees_with_the_printed_share(
    cells: Cells, printed: dict[tuple[str, date], tuple[Any, Any, Any]]
) -> None:
    compared, within, beyond = share_within(
        cells["ni_192", "main"], {key: row[1] for key, row in printed.items()}, 0.06
    )
    # Every authority of the four years for which the file holds tonnages.
    assert compared == sum(end in YEARS and isinstance(row[1], float) for (_, end), row in printed.items())
    assert within / compared >= 0.995, beyond


def test_ni_193_is_the_printed_figure(cells: Cells, printed: dict[tuple[str, date], tuple[Any, Any, Any]]) -> None:
    ours = by_area(cells["ni_193", "main"])
    compared = 0
    for key, (_, _, fraction) in printed.items():
        if isinstance(fraction, float) and key in ours:
            # The file gives fractions; percentages are 0-100 here.
            assert ours[key].value == pytest.approx(fraction * 100, abs=1e-9), key
            compared += 1
    assert compared > 900


def test_tonnages_give_the_printed_ni_193_for_most_authorities_only(
    cells: Cells, printed: dict[tuple[str, date], tuple[Any, Any, Any]]
) -> None:
    compared, within, beyond = share_within(
        cells["ni_193", "from_tonnages"], {key: row[2] for key, row in printed.items()}, 0.06
    )
    # Of the 492 rows in all three tables 442 agree: so the printed figure stands for the indicator.
    assert compared >= 480
    assert 0.88 <= within / compared < 0.95, beyond


def test_ni_193_is_not_applicable_where_another_council_disposes(
    cells: Cells, printed: dict[tuple[str, date], tuple[Any, Any, Any]]
) -> None:
    ours = by_area(cells["ni_193", "main"])
    dashes = [key for key, row in printed.items() if row[2] == "-" and key in ours]
    assert len(dashes) > 1_500
    for key in dashes:
        assert (ours[key].value, ours[key].marker, ours[key].reason) == (None, "[z]", "not_applicable"), key


def test_ni_192_of_a_county_is_its_own_row_and_not_the_sum_of_its_districts(cells: Cells, workbook: Path) -> None:
    rows = sheet(workbook, "Table_1", 4)
    ours = by_area(cells["ni_192", "main"])
    seen = 0
    for row in rows:
        if str(row[2]).startswith("E10"):
            end = financial_year(row[0])
            cell = ours[row[2], end]
            assert (cell.denominator, cell.numerator) == (row[7], row[8]), (row[2], row[0])
            seen += 1
    assert seen == 107
    # Kent's own row holds what its 12 districts collected too: adding both would count it twice.
    kent = next(row for row in rows if row[2] == "E10000016" and row[0] == "2017-18")
    districts = atlas().members("E10000016", date(2018, 3, 31))
    collected = sum(row[7] for row in rows if row[0] == "2017-18" and row[2] in districts)
    assert 0 < collected < kent[7] < kent[7] + collected
    assert ours["E10000016", date(2018, 3, 31)].denominator == kent[7]


def test_england_is_the_sum_of_unitary_and_disposal_authorities(cells: Cells, workbook: Path) -> None:
    ours = by_area(cells["ni_192", "main"])
    printed_rates = regional(workbook, "Table 3a: Regional Household Recycling Rates")
    for end in YEARS:
        rows = [
            row
            for row in sheet(workbook, "Table_1", 4)
            if row[0] == f"{end.year - 1}-{end:%y}" and row[5] in ("Unitary", "Disposal")
        ]
        cell = ours[ENGLAND, end]
        assert cell.denominator == pytest.approx(sum(number(row[7]) or 0 for row in rows))
        assert cell.numerator == pytest.approx(sum(number(row[8]) or 0 for row in rows))
        # The printed rate is of waste from households, a slightly different definition.
        assert cell.value == pytest.approx(printed_rates[end][0], abs=0.5)
        assert cell.coverage == 1


def test_england_landfills_what_the_tables_say(cells: Cells, workbook: Path) -> None:
    main, tonnages = by_area(cells["ni_193", "main"]), by_area(cells["ni_193", "from_tonnages"])
    printed_rates = regional(workbook, "Table 3b: Regional Percentage")
    totals = {financial_year(row[0]): row for row in sheet(workbook, "Table_2", 4) if row[5] == "Total England"}
    assert sorted(totals) == YEARS
    for end, row in totals.items():
        own = next(other for other in sheet(workbook, "Table_3", 4) if other[:2] == [row[0], "Total England"])
        assert main[ENGLAND, end].value == pytest.approx(own[8] * 100, abs=1e-9)
        # Tables 3 and 3b of one file differ by a fifth of a point for 2017-18.
        assert main[ENGLAND, end].value == pytest.approx(printed_rates[end][0], abs=0.21)
        collected = sum(
            other[6]
            for other in sheet(workbook, "Table_1", 4)
            if other[0] == row[0] and other[5] in ("Unitary", "Disposal")
        )
        cell = tonnages[ENGLAND, end]
        assert cell.value == pytest.approx(100 * row[7] / collected, abs=1e-6)
        # Table 2 counts what was managed, Table 1 what was collected.
        assert cell.value == pytest.approx(printed_rates[end][0], abs=0.2)


def test_a_waste_authority_of_london_stands_for_its_boroughs(cells: Cells, workbook: Path) -> None:
    # North London: Barnet, Camden, Enfield, Hackney, Haringey, Islington, Waltham Forest.
    row = next(row for row in sheet(workbook, "Table_1", 4) if row[2] == "E50000002" and row[0] == "2017-18")
    london = by_area(cells["ni_192", "main"])["E12000007", date(2018, 3, 31)]
    boroughs = [
        other
        for other in sheet(workbook, "Table_1", 4)
        if other[0] == "2017-18" and other[1] == "London" and (other[5] == "Unitary" or str(other[2]).startswith("E50"))
    ]
    assert row in boroughs
    assert london.denominator == pytest.approx(sum(other[7] for other in boroughs))
    assert london.coverage == 1


def test_every_mark_of_the_waste_tables_is_explained(cells: Cells) -> None:
    for component in ("ni_191", "ni_192", "ni_193"):
        for cell in cells[component, "main"]:
            assert cell.value is not None or (cell.marker in {"[x]", "[z]"} and cell.reason), cell
