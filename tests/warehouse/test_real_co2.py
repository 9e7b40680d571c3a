"""Checks NI 186 and the population figures against sums made straight from the genuine files."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from pathlib import Path

import pytest

from tests.warehouse.readings import Cell, Warehouse, atlas, by_area, delimited

pytestmark = pytest.mark.end_to_end
Cells = dict[tuple[str, str], list[Cell]]
Levels = dict[str, dict[int, tuple[float, float]]]
YEARS = range(2005, 2012)
BASELINE = 2005
LAST_VINTAGE = date(2020, 6, 30)  # the file knows the councils of 2020

# Areas whose members are known without the catalogue.
SUFFOLK = ["E07000200", "E07000202", "E07000203", "E07000244", "E07000245"]
KNOWN_MEMBERS = {
    "E10000029": SUFFOLK,
    "E10000002": ["E06000060"],  # Buckinghamshire: one council in its bounds since 2020
    "E10000010": ["E06000047"],  # County Durham, until 2009
    "E10000001": ["E06000055", "E06000056"],  # Bedfordshire, until 2009
    "E10000004": ["E06000049", "E06000050"],  # Cheshire, until 2009
    "E10000033": ["E06000054"],  # Wiltshire, until 2009
    "MAA06": [f"E0600000{number}" for number in range(1, 6)],  # Tees Valley
    "MAA02": [f"E080000{number:02d}" for number in range(1, 11)],  # Greater Manchester
}
ENDED_2009 = {"E10000010", "E10000001", "E10000004", "E10000033"}


@pytest.fixture(scope="module")
def source(samples: Path) -> list[dict[str, str]]:
    """Rows of the CO2 file."""
    return delimited(samples / "co2" / "2005-11_UK_local_authority_CO2_emissions_England.csv")


@pytest.fixture(scope="module")
def regions(source: list[dict[str, str]]) -> dict[str, list[str]]:
    """Councils of each region, as the file places them."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in source:
        # The file leaves the code of one region out.
        assert row["Region Code"] or row["Region"] == "Yorkshire and the Humber"
        found[row["Region Code"] or "E12000003"].add(row["Local Authority Code"])
    assert len(found) == 9
    return {code: sorted(members) for code, members in found.items()}


@pytest.fixture(scope="module")
def levels(source: list[dict[str, str]]) -> Levels:
    """Tonnes within councils' influence and residents, by council and year, as the file has them."""
    tonnes: dict[tuple[str, int], float] = defaultdict(float)
    residents: dict[tuple[str, int], float] = {}
    for row in source:
        key = row["Local Authority Code"], int(row["Calendar Year"])
        tonnes[key] += 1000 * float(row["Emissions within the scope of influence of LAs (kt CO2)"])
        residents[key] = 1000 * float(row["Mid-year Population (thousands)"])
    found: Levels = defaultdict(dict)
    for (code, year), total in tonnes.items():
        found[code][year] = total, residents[code, year]
    return found


def pooled(levels: Levels, codes: list[str]) -> dict[int, float]:
    """Tonnes per head of several councils together, by year."""
    return {
        year: sum(levels[code][year][0] for code in codes) / sum(levels[code][year][1] for code in codes)
        for year in YEARS
    }


def agrees(cells: Cells, code: str, year: int, per_head: dict[int, float]) -> None:
    """Check both components of one area and year."""
    end = date(year, 12, 31)
    level = by_area(cells["ni_186", "per_capita"], end)[code, end]
    assert level.value == pytest.approx(per_head[year], rel=1e-7), (code, year)
    assert level.coverage == 1
    reduction = by_area(cells["ni_186", "reduction"], end)
    if year == BASELINE:
        # A change from a year begins after it.
        assert (code, end) not in reduction
    else:
        expected = 100 * (1 - per_head[year] / per_head[BASELINE])
        assert reduction[code, end].value == pytest.approx(expected, abs=1e-5), (code, year)
        assert reduction[code, end].coverage == 1


def test_every_council_is_its_own_tonnes_per_head(cells: Cells, levels: Levels) -> None:
    per_head = by_area(cells["ni_186", "per_capita"])
    reduction = by_area(cells["ni_186", "reduction"])
    assert len(levels) == 314
    placed = 0
    for code, years in levels.items():
        for year, (tonnes, residents) in years.items():
            end = date(year, 12, 31)
            mine = atlas().code_on(code, end)
            if mine is None:
                # A later merger: its parts have no figure of their own.
                assert (code, end) not in per_head
                continue
            assert per_head[mine, end].value == pytest.approx(tonnes / residents, rel=1e-7), (mine, year)
            if year > BASELINE:
                base = years[BASELINE][0] / years[BASELINE][1]
                expected = 100 * (1 - tonnes / residents / base)
                assert reduction[mine, end].value == pytest.approx(expected, abs=1e-5), (mine, year)
            placed += 1
    assert placed > 300 * 7


def test_ground_of_gateshead_is_found_under_the_code_of_the_day(cells: Cells, levels: Levels) -> None:
    # E08000037 since a boundary change of 2013; the file has the new code, 2008 needs the old one.
    assert "E08000037" in levels
    assert "E08000020" not in levels
    agrees(cells, "E08000020", 2008, pooled(levels, ["E08000037"]))
    end = date(2008, 12, 31)
    assert ("E08000037", end) not in by_area(cells["ni_186", "per_capita"], end)


@pytest.mark.parametrize("code", sorted(KNOWN_MEMBERS))
@pytest.mark.parametrize("year", [2006, 2008, 2011])
def test_known_groups_of_councils_are_pooled(cells: Cells, levels: Levels, code: str, year: int) -> None:
    # Counties that ended in April 2009 and agreements of July 2008 are there for their own years only.
    if (code in ENDED_2009 and year > 2008) or (code.startswith("MAA") and year < 2008):
        assert (code, date(year, 12, 31)) not in by_area(cells["ni_186", "per_capita"])
    else:
        agrees(cells, code, year, pooled(levels, KNOWN_MEMBERS[code]))


def test_counties_are_pooled_from_their_districts(cells: Cells, levels: Levels) -> None:
    counties = [
        code
        for code, row in atlas().areas.items()
        if row["area_type"] == "county" and atlas().in_force(code, LAST_VINTAGE)
    ]
    pooled_counties = 0
    for code in counties:
        members = [member for member in atlas().members(code, LAST_VINTAGE) if member in levels]
        for year in YEARS:
            agrees(cells, code, year, pooled(levels, members))
        pooled_counties += 1
    assert pooled_counties == 25  # the counties that still had districts in 2020


def test_regions_and_england_are_pooled(cells: Cells, levels: Levels, regions: dict[str, list[str]]) -> None:
    for code, members in regions.items():
        for year in YEARS:
            agrees(cells, code, year, pooled(levels, members))
    for year in YEARS:
        agrees(cells, "E92000001", year, pooled(levels, sorted(levels)))


@pytest.mark.parametrize(
    ("code", "year"),
    [
        ("E06000028", 2008),  # Bournemouth, merged in 2019
        ("E06000029", 2011),  # Poole
        ("E07000205", 2011),  # Suffolk Coastal, in East Suffolk since 2019
        ("E07000204", 2008),  # St Edmundsbury, in West Suffolk
        ("E07000190", 2011),  # Taunton Deane, merged in 2019
        ("E07000056", 2008),  # Durham city, in County Durham since April 2009
        ("E07000004", 2011),  # Aylesbury Vale, in Buckinghamshire since 2020
    ],
)
def test_areas_merged_since_are_not_split_by_guess(cells: Cells, code: str, year: int) -> None:
    end = date(year, 12, 31)
    for component in ("per_capita", "reduction"):
        cell = by_area(cells["ni_186", component], end)[code, end]
        assert (cell.value, cell.marker, cell.reason) == (None, "[x]", "area_merged_since")


def test_county_that_lost_a_district_to_a_merger_has_no_figure(cells: Cells) -> None:
    # Christchurch went to Bournemouth, Christchurch and Poole: five of Dorset's six districts are known.
    for year in YEARS:
        end = date(year, 12, 31)
        cell = by_area(cells["ni_186", "per_capita"], end).get(("E10000009", end))
        if year < 2008:
            assert cell is None  # before the framework's years the index holds values, and no gaps
            continue
        assert cell is not None
        assert (cell.value, cell.marker, cell.reason) == (None, "[x]", "incomplete_members")
        assert cell.coverage == pytest.approx(5 / 6)


def test_land_use_is_outside_influence(source: list[dict[str, str]]) -> None:
    land = [row for row in source if row["LA CO2 Sector"] == "LULUCF"]
    assert len(land) > 9_000
    assert all(float(row["Emissions within the scope of influence of LAs (kt CO2)"]) == 0 for row in land)


def test_no_row_of_the_file_is_set_aside(sample_warehouse: Warehouse) -> None:
    assert sample_warehouse.rejected("decc_la_co2") == {}


def test_population_of_counties_and_regions_is_the_sum_of_their_councils(
    sample_warehouse: Warehouse, samples: Path, regions: dict[str, list[str]]
) -> None:
    rows = delimited(samples / "population" / "la_mid_year_population_totals_2005_2019.csv")
    residents = {(row["LA_CODE"], int(row["YEAR"])): 1000 * float(row["LA_POPULATION"]) for row in rows}
    ours = sample_warehouse.measure("residents_all_ages_ons_totals")
    groups = dict(regions)
    groups["E92000001"] = sorted({code for code, _ in residents})
    groups["E10000029"] = SUFFOLK
    groups["E10000016"] = [
        member for member in atlas().members("E10000016", LAST_VINTAGE) if (member, 2008) in residents
    ]
    assert len(groups["E10000016"]) == 12  # the districts of Kent
    for code, members in groups.items():
        for year in (2005, 2008, 2011, 2019):
            cell = ours[code, date(year, 6, 30)]
            assert cell.value == pytest.approx(sum(residents[member, year] for member in members)), code
            assert (cell.coverage, cell.origin) == (1, "summed")
