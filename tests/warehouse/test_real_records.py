"""Checks counts of crimes, casualties and households against counts made from the genuine files."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path

import pytest

from tests.warehouse.readings import Cell, Warehouse, atlas, by_area, delimited, number, sheet

pytestmark = pytest.mark.end_to_end
Cells = dict[tuple[str, str], list[Cell]]
LONDON = "E12000007"

# What each indicator counts, in the force's own words (major, minor category).
OFFENCES = {
    "ni_015": {
        ("Violence Against the Person", "Murder"),
        ("Violence Against the Person", "Wounding/GBH"),
        ("Violence Against the Person", "Grievous Bodily Harm"),
    },
    "ni_016": {
        ("Burglary", "Burglary in a Dwelling"),
        ("Robbery", "Personal Property"),
        ("Robbery", "Business Property"),
        ("Theft and Handling", "Theft From Motor Vehicle"),
        ("Theft and Handling", "Theft/Taking Of Motor Vehicle"),
    },
    "ni_020": {("Violence Against the Person", "Assault with Injury")},
}


@pytest.fixture(scope="module")
def boroughs(samples: Path) -> dict[str, tuple[str, dict[int, float]]]:
    """Code and mid-year residents of each London borough, by its name."""
    found: dict[str, tuple[str, dict[int, float]]] = {}
    for row in delimited(samples / "population" / "la_mid_year_population_totals_2005_2019.csv"):
        if row["LA_CODE"].startswith("E09"):
            _, residents = found.setdefault(row["LA_NAME"], (row["LA_CODE"], {}))
            residents[int(row["YEAR"])] = 1000 * float(row["LA_POPULATION"])
    return found


@pytest.fixture(scope="module")
def crimes(samples: Path) -> list[dict[str, str]]:
    """Rows of the force's file: borough, categories, and a column for each month."""
    return delimited(samples / "police" / "mps_borough_level_crime_200801_201612.csv")


@pytest.mark.parametrize("indicator", sorted(OFFENCES))
def test_crime_rates_of_the_32_boroughs(
    cells: Cells,
    crimes: list[dict[str, str]],
    boroughs: dict[str, tuple[str, dict[int, float]]],
    indicator: str,
) -> None:
    ours = by_area(cells[indicator, "met_police"])
    counted: dict[tuple[str, int], float] = defaultdict(float)
    for row in crimes:
        if (row["Major Category"], row["Minor Category"]) in OFFENCES[indicator]:
            for month, count in row.items():
                if re.fullmatch(r"\d{6}", month):
                    year = int(month[:4]) - (month[4:] < "04")
                    counted[row["Borough"], year] += float(count)
    assert len({borough for borough, _ in counted}) == 32
    for (borough, year), total in counted.items():
        code, residents = boroughs[borough]
        cell = ours.get((code, date(year + 1, 3, 31)))
        if year == 2007:
            # Three months, and before the framework's years the index holds values and no gaps.
            assert cell is None, borough
            continue
        assert cell is not None, (borough, year)
        if year <= 2015:
            assert cell.value == pytest.approx(1000 * total / residents[year], rel=1e-7), (borough, year)
            assert (cell.numerator, cell.marker) == (total, None)
        else:
            # Nine months of 2016-17.
            assert (cell.value, cell.marker, cell.reason) == (None, "[x]", "incomplete_year"), (borough, year)


@pytest.mark.parametrize("indicator", sorted(OFFENCES))
def test_london_has_no_crime_rate_without_the_city(cells: Cells, indicator: str) -> None:
    for year in range(2009, 2017):
        end = date(year, 3, 31)
        cell = by_area(cells[indicator, "met_police"], end)[LONDON, end]
        assert (cell.value, cell.marker, cell.reason) == (None, "[x]", "incomplete_members")
        assert cell.coverage == pytest.approx(32 / 33)


def test_rows_of_unused_crime_categories_are_kept(sample_warehouse: Warehouse) -> None:
    # All 32 boroughs are known and every cell is a number: nothing is set aside.
    assert sample_warehouse.rejected("mps_borough_crime") == {}


@pytest.fixture(scope="module")
def casualties(samples: Path) -> Counter[tuple[str, str]]:
    """Killed or seriously injured by highway authority, all ages and children."""
    folder = samples / "roads"
    authority = {
        row["collision_index"]: row["local_authority_highway"]
        for row in delimited(folder / "dft-road-casualty-statistics-collision-2024-west-yorkshire.csv")
    }
    counted: Counter[tuple[str, str]] = Counter()
    for row in delimited(folder / "dft-road-casualty-statistics-casualty-2024-west-yorkshire.csv"):
        if row["casualty_severity"] in ("1", "2"):
            code = authority[row["collision_index"]]
            counted[code, "ni_047"] += 1
            # -1 is an unknown age.
            if 0 <= int(row["age_of_casualty"]) < 16:
                counted[code, "ni_048"] += 1
    return counted


def test_road_casualties_are_counted_by_highway_authority(cells: Cells, casualties: Counter[tuple[str, str]]) -> None:
    end = date(2024, 12, 31)
    for indicator in ("ni_047", "ni_048"):
        ours = {
            code: cell.value
            for (code, _), cell in by_area(cells[indicator, "casualties"], end).items()
            if cell.value is not None
        }
        assert ours == {code: count for (code, other), count in casualties.items() if other == indicator}
        assert len(ours) == 5  # the councils of West Yorkshire


def test_one_year_of_casualties_gives_no_rolling_change(cells: Cells, casualties: Counter[tuple[str, str]]) -> None:
    end = date(2024, 12, 31)
    for indicator in ("ni_047", "ni_048"):
        ours = by_area(cells[indicator, "main"], end)
        for code in {code for code, _ in casualties}:
            cell = ours[code, end]
            assert (cell.value, cell.marker, cell.reason) == (None, "[x]", "too_few_years")


def test_temporary_accommodation_is_the_printed_count(cells: Cells, samples: Path) -> None:
    rows = sheet(samples / "homelessness" / "DetailedLA_201806.xlsx", "TA1 - Apr-Jun 18", 4)
    end = date(2018, 6, 30)
    ours = by_area(cells["ni_156", "main"], end)
    kinds: Counter[str] = Counter()
    for row in rows:
        code = str(row[0])
        if code.startswith("E"):
            mine = atlas().code_on(code, end)
            assert mine is not None, f"TA1 names {code}: no area of the catalogue"
            cell, households = ours[mine, end], number(row[4])
            assert cell.value == households, code
            if households is None:
                assert (row[4], cell.marker, cell.reason) == ("..", "[x]", "not_yet_published"), code
            kinds["none" if households is None else "figure"] += 1
    assert kinds["none"] == 28  # the councils without a figure, says a note of the table
    # England and the regions are the body's own figures, with what it imputed for the 28.
    stated = {"E92000001": 82390, "E12000001": 170, "E12000006": 5920, LONDON: 56330, "E12000009": 2620}
    assert {code: ours[code, end].value for code in stated} == stated


def test_county_without_one_district_has_no_total(cells: Cells, samples: Path) -> None:
    rows = sheet(samples / "homelessness" / "DetailedLA_201806.xlsx", "TA1 - Apr-Jun 18", 4)
    households = {str(row[0]): number(row[4]) for row in rows if str(row[0]).startswith("E07")}
    end = date(2018, 6, 30)
    ours = by_area(cells["ni_156", "main"], end)
    counties = [
        code for code, row in atlas().areas.items() if row["area_type"] == "county" and atlas().in_force(code, end)
    ]
    assert len(counties) == 27
    whole = 0
    for code in counties:
        members = atlas().members(code, end)
        figures = [households[member] for member in members]
        known = [figure for figure in figures if figure is not None]
        if len(known) == len(figures):
            assert ours[code, end].value == sum(known), code
            whole += 1
        else:
            assert (ours[code, end].marker, ours[code, end].reason) == ("[x]", "incomplete_members"), code
            assert ours[code, end].coverage == pytest.approx(len(known) / len(figures)), code
    assert 0 < whole < len(counties)


def test_fuel_poverty_of_surrey_is_the_sum_of_its_districts(sample_warehouse: Warehouse, samples: Path) -> None:
    rows = delimited(samples / "fuel_poverty" / "decc_fuel_poverty_la_2011.csv")
    # 43UB to 43UM are the eleven districts of Surrey in the old ONS codes.
    surrey = [row for row in rows if row["la_code"].startswith("43U")]
    assert len(surrey) == 11
    for measure, column in (
        ("fuel_poverty_households", "households"),
        ("fuel_poor_households", "fuel_poor_households"),
    ):
        cell = sample_warehouse.measure(measure)["E10000030", date(2011, 12, 31)]
        assert (cell.value, cell.origin, cell.coverage) == (
            sum(float(row[column]) for row in surrey),
            "summed",
            1,
        )
    assert sample_warehouse.rejected("decc_fuel_poverty") == {}


def test_rows_of_the_county_sheet_are_out_of_scope(sample_warehouse: Warehouse, samples: Path) -> None:
    lines = (samples / "fuel_poverty" / "decc_fuel_poverty_county_2011_raw.csv").read_text().splitlines()
    delivered = [line for line in lines[3:] if line.strip(", ")]
    assert sample_warehouse.rejected("decc_fuel_poverty_county") == {("other_area_group", "scope"): len(delivered)}


def test_quarantine_of_the_published_series(sample_warehouse: Warehouse, samples: Path) -> None:
    for file, dataset, series in (
        ("employment-rate", "ons_employment_rate", "Employment rate"),
        ("gross-median-weekly-pay", "ons_weekly_pay", "Gross median weekly pay"),
        (
            "net-additions-to-the-housing-stock",
            "ons_net_additions",
            "Net additions to the housing stock (England)",
        ),
        (
            "persistent-absences-for-all-pupils",
            "ons_persistent_absence",
            "Persistent absences for all pupils",
        ),
    ):
        expected: Counter[tuple[str, str]] = Counter()
        for row in delimited(samples / "els" / f"{file}.csv"):
            if row["indicator"] != series:
                expected["other_series", "scope"] += 1
            elif row["areacd"][0] in "KNSW":
                expected["area_outside_england", "scope"] += 1
            elif row["areacd"][:3] in ("E11", "E47"):
                # Metropolitan counties and combined authorities.
                expected["area_not_in_framework", "scope"] += 1
        assert sample_warehouse.rejected(dataset) == dict(expected), dataset


def test_no_fault_is_found_in_the_genuine_files(sample_warehouse: Warehouse) -> None:
    faults = sample_warehouse.query(
        "select dataset_id, reject_reason, value, count(*) from staging.quarantine "
        "where reject_kind = 'fault' group by 1, 2, 3"
    )
    assert faults == []


SURREY = {
    "Elmbridge",
    "Epsom and Ewell",
    "Guildford",
    "Mole Valley",
    "Reigate and Banstead",
    "Runnymede",
    "Spelthorne",
    "Surrey Heath",
    "Tandridge",
    "Waverley",
    "Woking",
}


def test_street_crimes_of_surrey_are_those_of_its_districts(sample_warehouse: Warehouse, samples: Path) -> None:
    rows = delimited(samples / "police" / "2020-08-surrey-street.csv")
    # The name of a small area is its district's and a number: Guildford 005A.
    counted = Counter(re.sub(r" \d{3}[A-Z]$", "", row["LSOA name"]) for row in rows)
    assert len(rows) == 8_912
    end = date(2020, 8, 31)
    ours = sample_warehouse.measure("street_crimes_recorded")
    county = ours["E10000030", end]
    assert county.value == sum(counted[name] for name in SURREY)
    assert (county.origin, county.coverage) == ("summed", 1)
    assert ours["E07000209", end].value == counted["Guildford"]
    # Its neighbour in the file is known in part only, and no sum is made of it.
    assert ours["E10000032", end].marker == "[x]"
    # Crimes without a place belong to no area.
    assert sample_warehouse.rejected("police_street_archive") == {
        ("no_area_code", "scope"): sum(row["LSOA code"] == "" for row in rows)
    }


@pytest.mark.parametrize(
    ("measure", "first_age", "last_age", "last_age_of_women"),
    [
        ("residents_aged_0_17", 0, 17, 17),
        ("residents_aged_16_and_over", 16, 200, 200),
        # The age at which the state pension began: 65 for men, 60 for women.
        ("residents_working_age", 16, 64, 59),
    ],
)
def test_residents_by_age_are_summed_from_single_years(
    sample_warehouse: Warehouse,
    samples: Path,
    measure: str,
    first_age: int,
    last_age: int,
    last_age_of_women: int,
) -> None:
    residents: dict[str, float] = defaultdict(float)
    for row in delimited(samples / "population" / "la_mid_2011_population_single_year_age_sex.csv"):
        last = last_age if row["sex"] == "M" else last_age_of_women
        if first_age <= int(row["age"]) <= last:
            residents[row["gss_code"]] += float(row["population"])
    ours = sample_warehouse.measure(measure)
    end = date(2011, 6, 30)
    assert len(residents) == 326
    for code, total in residents.items():
        mine = atlas().code_on(code, end)
        assert mine is not None
        assert ours[mine, end].value == total, code
    assert ours["E92000001", end].value == sum(residents.values())
    assert ours["E92000001", end].coverage == 1
    assert sample_warehouse.rejected("nomis_population") == {}


def test_groups_and_age_bands_of_the_health_profile_are_out_of_scope(
    sample_warehouse: Warehouse, samples: Path
) -> None:
    rows = delimited(samples / "fingertips" / "fingertips_93356_county_ua.csv")
    groups = sum(row["Category"] != "" for row in rows)
    children = sum(row["Category"] == "" and row["Age"] != "All ages" for row in rows)
    assert groups == 60
    assert sample_warehouse.rejected("fingertips_campylobacter") == {
        ("other_area_group", "scope"): groups,
        ("other_series", "scope"): children,
    }
    cases = sample_warehouse.measure("campylobacter_cases")
    for row in rows:
        if row["Age"] == "All ages" and row["Area Type"] == "County & UA":
            end = date(int(row["Time period"]), 12, 31)
            mine = atlas().code_on(row["Area Code"], end)
            assert mine is not None
            assert cases[mine, end].value == number(row["Count"]), (mine, end)
