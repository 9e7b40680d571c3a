"""Measures made from cells: sums, gaps, ages, offence codes, the frozen list; worked out by hand."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from ingest.settings import ROOT
from tests.warehouse.prepared import Prepared
from tests.warehouse.scratch import Row, Scratch

pytestmark = pytest.mark.warehouse

SEEDS = ROOT / "dbt_project" / "seeds"
DOMAINS = (
    "economy", "education", "environment", "health", "housing", "local_authority", "police", "survey", "transport",
)  # fmt: skip
HARTLEPOOL, MIDDLESBROUGH, REDCAR, STOCKTON = "E06000001", "E06000002", "E06000003", "E06000004"
ENGLAND = "E92000001"
Figure = tuple[Decimal | None, str | None, str | None]


def table(text: str) -> list[Row]:
    """Rows written as CSV."""
    return list(csv.DictReader(line.strip() for line in text.strip().splitlines()))


DEATHS = table(
    """period,area_code,measure,sex,age_band,value
    2008,00EB,circulatory,M,70-74,40
    2008,00EB,circulatory,F,70-74,35
    2008,00EC,circulatory,M,70-74,40
    2008,00EC,circulatory,F,70-74,*
    2008,00EE,circulatory,M,70-74,..
    2008,00EE,circulatory,F,70-74,35
    2008,00EF,circulatory,M,70-74,40
    2008,00EB,circulatory,M,65-69,few
    2008,00EB,circulatory,F,65-69,30
    2008,00EB,all_causes,M,70-74,90
    2008,00EB,all_causes,F,70-74,80"""
)
COUNCIL_RETURNS = table(
    """ni_code,component,area_code,period,numerator,denominator,value
    NI 014,main,00EB,2008/09,120,400,30
    NI 014,main,20,2008/09,1200,4000,30
    NI 014,main,921,2008/09,9000,30000,30"""
)
PLANNING = table(
    """period,ons_code,authority,planning_decisions_major
    2008/09 Q1,20UD,Derwentside,6
    2008/09 Q1,20,Durham,3
    2008/09 Q1,,NORTH EAST,150"""
)
RESIDENTS = [
    {
        "date_name": year,
        "geography_code": code,
        "gender_name": gender,
        "c_age_name": f"Age {age}" if age < 90 else "Age 90+",
        "obs_value": "" if (code, gender, age) == (MIDDLESBROUGH, "Female", 16) else str(100 + age),
        "obs_status": "Q" if (code, gender, age) == (MIDDLESBROUGH, "Female", 16) else "A",
    }
    for year in ("2008",)
    for code in (HARTLEPOOL, MIDDLESBROUGH)
    for gender in ("Male", "Female")
    for age in range(91)
]
"""In each sex, 100 + age residents of each single year of age; one woman's age is missing in Middlesbrough."""


def claimants(area: str, name: str, quarters: list[tuple[str, str]]) -> list[Row]:
    """Claimants of one small area, by quarter."""
    return [
        {
            "date_name": month, "geography_code": area, "geography_name": name,
            "variable_name": "out-of-work benefits", "measures_name": "Value", "obs_value": value, "obs_status": "A",
        }
        for month, value in quarters
    ]  # fmt: skip


def residents_of_working_age(area: str, name: str, year: str, value: str) -> Row:
    """Residents of one small area."""
    return {
        "date_name": year, "geography_code": area, "geography_name": name,
        "variable_name": "residents of working age", "measures_name": "Value", "obs_value": value, "obs_status": "A",
    }  # fmt: skip


MONTHS = ("May 2006", "August 2006", "November 2006", "February 2007")
CLAIMANTS = [
    # 200, 300, 250 and 250 of 1,000 are 25 % exactly: in the list, and still in it when claims have fallen.
    *claimants("X01", "Hartlepool 001A", list(zip(MONTHS, ("200", "300", "250", "250"), strict=True))),
    *claimants("X01", "Hartlepool 001A", [("May 2009", "90")]),
    # 24.975 % is not 25 %, however much it is later.
    *claimants("X02", "Hartlepool 002A", list(zip(MONTHS, ("250", "250", "250", "249"), strict=True))),
    *claimants("X02", "Hartlepool 002A", [("May 2009", "700")]),
    # One quarter is missing: its mean is unknown, so it is not in the list.
    *claimants("X03", "Hartlepool 003A", list(zip(MONTHS[:3], ("900", "900", "900"), strict=True))),
    *claimants("X03", "Hartlepool 003A", [("May 2009", "900")]),
    *claimants("X04", "Middlesbrough 001A", list(zip(MONTHS, ("10", "10", "10", "10"), strict=True))),
    *claimants("X04", "Middlesbrough 001A", [("May 2009", "20")]),
    *claimants("X05", "Stockton-on-Tees 001A", list(zip(MONTHS, ("400", "400", "400", "400"), strict=True))),
    *claimants("X06", "Stockton-on-Tees 002A", list(zip(MONTHS, ("400", "400", "400", "400"), strict=True))),
    *claimants("X05", "Stockton-on-Tees 001A", [("May 2009", "400")]),
    # A small area of the list keeps its code when its council is merged into another.
    *claimants("X07", "Derwentside 001A", list(zip(MONTHS, ("400", "400", "400", "400"), strict=True))),
    *claimants("X07", "County Durham 001A", [("May 2009", "350")]),
]
WORKING_AGE = [
    residents_of_working_age(area, name, year, "1000")
    for area, name in (
        ("X01", "Hartlepool 001A"), ("X02", "Hartlepool 002A"), ("X03", "Hartlepool 003A"),
        ("X04", "Middlesbrough 001A"), ("X05", "Stockton-on-Tees 001A"), ("X06", "Stockton-on-Tees 002A"),
        ("X07", "County Durham 001A"),
    )
    for year in ("2006", "2009")
]  # fmt: skip


def crimes() -> Iterator[Row]:
    """One robbery in each community safety partnership of summer 2008, two of no partnership, more in Hartlepool."""
    with (SEEDS / "area_aliases.csv").open(newline="") as file:
        aliases = [row for row in csv.DictReader(file) if row["alias_kind"] == "csp_name"]
    with (SEEDS / "areas.csv").open(newline="") as file:
        joint = [{"alias": row["area_name"], **row} for row in csv.DictReader(file) if row["area_type"] == "csp"]
    names = {
        row["alias"]
        for row in (*aliases, *joint)
        if (row["valid_from"] or "0000") <= "2008-06-30" <= (row["valid_to"] or "9999")
    }
    rows = [(name, "1", "34A", "1") for name in sorted(names)]
    rows += [
        ("Unassigned", "1", "34B", "2"),
        ("Hartlepool", "1", "28A", "10"), ("Hartlepool", "1", "28B", "5"), ("Hartlepool", "1", "29", "2"),
        ("Hartlepool", "1", "46", "70"), ("Middlesbrough", "1", "28A", "many"), ("Middlesbrough", "1", "28B", "4"),
        # In the second quarter the table has one partnership only: nothing is said of England.
        ("Hartlepool", "2", "34A", "3"),
    ]  # fmt: skip
    for name, quarter, code, count in rows:
        yield {
            "financial_year": "2008/09", "financial_quarter": quarter, "force_name": "Cleveland", "csp_name": name,
            "offence_code": code, "offence_count": count,
        }  # fmt: skip


SCHOOLS = table(
    """year,rectype,lea,telig,pass
    2008/09,1,805,100,29
    2008/09,1,805,100,30
    2008/09,1,805,8,0
    2008/09,1,806,9,0"""
)


MONTHS_OF_A_YEAR = [f"2008{month:02}" for month in range(4, 13)] + ["200901", "200902", "200903"]


def london_crimes() -> Iterator[Row]:
    """Ten robberies of persons and one of a business each month: for a year, for nine months, with a wrong cell."""
    for borough, months in (("Barking and Dagenham", 12), ("Barnet", 9), ("Bexley", 12)):
        for month in MONTHS_OF_A_YEAR[:months]:
            for minor_category, count in (("Personal Property", "10"), ("Business Property", "1")):
                wrong = (borough, month, minor_category) == ("Bexley", "200807", "Business Property")
                yield {
                    "borough": borough, "major_category": "Robbery", "minor_category": minor_category,
                    "source_column": month, "cell": "some" if wrong else count,
                }  # fmt: skip


CARBON = table(
    """local_authority_code,calendar_year,sector,sub_sector,influence_kt,population_thousands
    E06000001,2008,Domestic,Domestic Gas,100,90
    E06000001,2008,Domestic,Domestic Electricity,50,90
    E06000001,2008,Commercial,Commercial Gas,30,90
    E06000001,2008,Industry,Industry Gas,7,90
    E06000001,2008,Transport,Road Transport (A roads),20,90
    E06000001,2008,Transport,Road Transport (Minor roads),much,90"""
)


@pytest.fixture(scope="module")
def measured(prepared: Prepared) -> Scratch:
    """A warehouse whose measures stand on the rows above."""
    scratch = Scratch(prepared.copy())
    for raw_table, rows, part in (
        ("ons_mortality_by_age", DEATHS, "all"),
        ("hub_council_returns", COUNCIL_RETURNS, "all"),
        ("clg_planning", PLANNING, "all"),
        ("nomis_population__residents", RESIDENTS, "all"),
        ("dwp_benefits__neighbourhoods", CLAIMANTS, "all"),
        ("nomis_population__neighbourhoods", WORKING_AGE, "all"),
        ("ho_recorded_crime_csp", list(crimes()), "all"),
        ("dcsf_school_results", SCHOOLS, "ks4"),
        ("mps_borough_crime", list(london_crimes()), "all"),
        ("decc_la_co2", CARBON, "all"),
    ):
        scratch.deliver(raw_table, rows, part)
    scratch.build("path:models/staging", *(f"measures_{domain}" for domain in DOMAINS))
    return scratch


def figures(scratch: Scratch, measure_id: str, period_end: str, stratum: str = "") -> dict[str, Figure]:
    """Value, marker and reason of a measure by area, in whichever domain it is."""
    union = " union all ".join(f"select * from measures.measures_{domain}" for domain in DOMAINS)
    rows: list[Any] = scratch.query(
        f"select area_code, value, marker, reason from ({union}) as stated "
        "where measure_id = %s and period_end = %s and stratum = %s",
        (measure_id, date.fromisoformat(period_end), stratum),
    )
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


def test_sexes_are_added_and_a_gap_in_one_is_a_gap_in_both(measured: Scratch) -> None:
    found = figures(measured, "deaths_circulatory_aged_0_74_by_age_and_sex", "2008-12-31", "70-74")
    assert found == {
        HARTLEPOOL: (Decimal(75), None, None),
        MIDDLESBROUGH: (None, "[c]", None),
        REDCAR: (None, "[x]", None),
        STOCKTON: (None, "[x]", "incomplete_parts"),
    }
    found = figures(measured, "deaths_circulatory_aged_0_74_by_age_and_sex", "2008-12-31", "65-69")
    assert found == {HARTLEPOOL: (None, "[x]", "unreadable")}


def test_one_cell_may_feed_two_measures(measured: Scratch) -> None:
    for measure_id, value in (
        ("deaths_all_causes_male_by_age", 90),
        ("deaths_all_causes_female_by_age", 80),
        ("deaths_all_causes_by_age_and_sex", 170),
    ):
        assert figures(measured, measure_id, "2008-12-31", "70-74") == {HARTLEPOOL: (Decimal(value), None, None)}


def test_totals_that_stand_beside_their_parts_are_not_added(measured: Scratch) -> None:
    rows = measured.query(
        "select area_code, adds_up from measures.measures_local_authority where measure_id = 'customer_contacts_assessed'"
    )
    assert dict(rows) == {HARTLEPOOL: True, "E10000010": True, ENGLAND: False}
    # A file of districts has them in its counties' rows.
    rows = measured.query(
        "select area_code, adds_up from measures.measures_housing where measure_id = 'planning_decisions_major'"
    )
    assert dict(rows) == {"E07000055": True, "E10000010": False, "E12000001": False}


def test_single_years_of_age_make_the_groups_of_the_catalogue(measured: Scratch) -> None:
    day = "2008-06-30"
    # Of each sex: the sum over 0-90 of 100 + age is 9,100 + 4,095.
    assert figures(measured, "residents_all_ages", day)[HARTLEPOOL] == (Decimal(26390), None, None)
    # Men 16-64: 49 x 100 + 1,960; women 16-59: 44 x 100 + 1,650.
    assert figures(measured, "residents_working_age", day)[HARTLEPOOL] == (Decimal(12910), None, None)
    assert figures(measured, "residents_female_aged_15_17", day)[HARTLEPOOL] == (Decimal(348), None, None)
    # 85 and over: 6 x 100 + 525, in both sexes.
    assert figures(measured, "residents_by_age_and_sex", day, "85+")[HARTLEPOOL] == (Decimal(2250), None, None)
    assert figures(measured, "residents_male_by_age", day, "1-4")[HARTLEPOOL] == (Decimal(410), None, None)
    assert figures(measured, "residents_male_by_age", day, "0")[HARTLEPOOL] == (Decimal(100), None, None)


def test_one_missing_age_makes_its_groups_unknown_and_no_other(measured: Scratch) -> None:
    day = "2008-06-30"
    for measure_id, stratum in (
        ("residents_all_ages", ""),
        ("residents_working_age", ""),
        ("residents_by_age_and_sex", "15-19"),
    ):
        assert figures(measured, measure_id, day, stratum)[MIDDLESBROUGH] == (None, "[x]", None)
    assert figures(measured, "residents_male_by_age", day, "15-19")[MIDDLESBROUGH] == (Decimal(585), None, None)
    assert figures(measured, "residents_by_age_and_sex", day, "20-24")[MIDDLESBROUGH] == (Decimal(1220), None, None)


def test_the_list_of_neighbourhoods_is_frozen_by_its_rule(measured: Scratch) -> None:
    found = figures(measured, "benefit_claimants_out_of_work_by_lsoa", "2009-06-30")
    assert found[HARTLEPOOL] == (Decimal(90), None, None)
    assert figures(measured, "residents_working_age_by_lsoa", "2009-06-30")[HARTLEPOOL] == (Decimal(1000), None, None)
    # A council without any has none, on both sides.
    assert found[MIDDLESBROUGH] == (Decimal(0), None, None)
    assert figures(measured, "residents_working_age_by_lsoa", "2009-06-30")[MIDDLESBROUGH] == (Decimal(0), None, None)
    assert found["E06000047"] == (Decimal(350), None, None)
    # Of two on the list one has no row for the quarter: the sum is unknown, not smaller.
    assert found[STOCKTON] == (None, "[x]", None)


def test_offence_codes_are_added_and_a_partnership_without_a_crime_has_none(measured: Scratch) -> None:
    burglary = figures(measured, "recorded_crimes_burglary_dwelling", "2008-06-30")
    assert burglary[HARTLEPOOL] == (Decimal(17), None, None)
    assert burglary[MIDDLESBROUGH] == (None, "[x]", "unreadable")
    assert burglary[STOCKTON] == (Decimal(0), None, None)
    assert figures(measured, "recorded_crimes_burglary_dwelling", "2008-09-30") == {
        HARTLEPOOL: (Decimal(0), None, None)
    }


def test_england_has_the_crimes_of_no_partnership_too(measured: Scratch) -> None:
    partnerships = sum(row["offence_code"] == "34A" and row["financial_quarter"] == "1" for row in crimes())
    robbery = figures(measured, "recorded_crimes_robbery", "2008-06-30")
    assert robbery[ENGLAND] == (Decimal(partnerships + 2), None, None)
    assert figures(measured, "recorded_crimes_burglary_dwelling", "2008-06-30")[ENGLAND] == (None, "[x]", "unreadable")
    assert ENGLAND not in figures(measured, "recorded_crimes_robbery", "2008-09-30")
    rows = measured.query("select distinct adds_up from measures.measures_police where area_code = 'E92000001'")
    assert rows == [(False,)]


def test_schools_below_the_floor_are_counted_from_records(measured: Scratch) -> None:
    found = figures(measured, "schools_ks4_below_floor", "2009-08-31")
    assert found == {HARTLEPOOL: (Decimal(1), None, None), MIDDLESBROUGH: (Decimal(0), None, None)}


def test_twelve_months_make_a_year_in_london(measured: Scratch) -> None:
    assert figures(measured, "met_recorded_crimes_robbery", "2009-03-31") == {
        "E09000002": (Decimal(132), None, None),
        "E09000003": (None, "[x]", "incomplete_year"),
        "E09000004": (None, "[x]", "unreadable"),
    }


def test_a_sub_sector_that_cannot_be_read_makes_its_sector_unknown(measured: Scratch) -> None:
    for measure_id, figure in (
        ("co2_tonnes_domestic", (Decimal(150_000), None, None)),
        ("co2_tonnes_industry_and_commercial", (Decimal(37_000), None, None)),
        ("co2_tonnes_road_transport", (None, "[x]", "unreadable")),
        ("residents_all_ages_co2_release", (Decimal(90_000), None, None)),
    ):
        assert figures(measured, measure_id, "2008-12-31") == {HARTLEPOOL: figure}
