"""Made files with layouts of their own: recorded crime, schools, inspections, neighbourhoods."""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import requests
from python_calamine import CalamineWorkbook

from sandbox.areas import SEEDS, Geography
from sandbox.made.neighbourhoods import CLAIMANTS, RESIDENTS, Neighbourhoods
from sandbox.made.recorded_crime import RecordedCrime, forces, partnerships
from sandbox.truth import Truth
from tests.sandbox.client import Client

CRIME_PAGE = "/www.gov.uk/api/content/government/statistical-data-sets/ho-recorded-crime-csp"
KNIFE_PAGE = "/www.gov.uk/api/content/government/statistical-data-sets/ho-knife-gun-crime"
SCHOOLS = "/data.gov.uk/dataset/dcsf-school-results/dcsf_school_results_{}.csv"
OFSTED = "/data.gov.uk/dataset/ofsted-schools/ofsted_schools.csv"
BARNSLEY, LEA_OF_BARNSLEY = "E08000016", "370"
YEAR = ("2008-09-01", "2009-08-31")


@pytest.fixture(scope="module")
def geography() -> Geography:
    """Areas of the reference seeds."""
    return Geography()


@pytest.fixture(scope="module")
def truth(geography: Geography) -> Truth:
    """The truth of the seed that the made sandbox has."""
    return Truth(2008, geography)


def _attachment(client: Client, page: str) -> bytes:
    url = client.get(page).json()["details"]["attachments"][0]["url"]
    return requests.get(url, timeout=60).content


def _sheets(content: bytes) -> dict[str, list[list[Any]]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


@cache
def _crime(client: Client) -> dict[str, list[list[Any]]]:
    return _sheets(_attachment(client, CRIME_PAGE))


def _records(client: Client, path: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(client.get(path).content.decode()), delimiter="\t"))


def test_recorded_crime_has_a_sheet_a_year_and_the_body_s_columns(made: Client) -> None:
    sheets = _crime(made)
    years = ["2004-05", "2005-06", "2006-07", "2007-08", "2008-09", "2009-10", "2010-11"]
    assert list(sheets) == ["Notes", *years]
    for year in years:
        header, *rows = sheets[year]
        assert header == [
            "Financial Year", "Financial Quarter", "Force Name", "CSP Name", "Offence Description", "Offence Group",
            "Offence Subgroup", "Offence Code", "Offence Count",
        ]  # fmt: skip
        assert {row[0] for row in rows} == {year.replace("-", "/")}
        assert {str(row[1]).removeprefix("Q").removesuffix(".0") for row in rows} == {"1", "2", "3", "4"}
        assert all(isinstance(row[7], str) for row in rows)


def test_codes_of_a_measure_add_up_to_its_truth(made: Client, truth: Truth, geography: Geography) -> None:
    with (SEEDS / "offence_codes.csv").open(encoding="utf-8", newline="") as file:
        listed = [row for row in csv.DictReader(file) if row["dataset_id"] == "ho_recorded_crime_csp"]
    for sheet, number, quarter in (
        ("2005-06", 1, ("2005-04-01", "2005-06-30")),
        ("2009-10", "Q3", ("2009-10-01", "2009-12-31")),
    ):
        measure_of = {
            row["offence_code"]: row["measure_id"]
            for row in listed
            if (row["valid_from"] or "0") <= quarter[1] <= (row["valid_to"] or "9")
        }
        found: Counter[tuple[str, str]] = Counter()
        for row in _crime(made)[sheet][1:]:
            if row[1] == number and row[7] in measure_of:
                found[row[3], measure_of[row[7]]] += int(row[8])
        places = partnerships(geography, quarter[1])
        for name, area in places:
            for measure in set(measure_of.values()):
                assert found[name, measure] == truth.value(measure, area, quarter), (name, measure)
        assert {name for name, _ in found} - {name for name, _ in places} == {"Unassigned", "British Transport Police"}


def test_crimes_can_be_cancelled_and_joint_partnerships_stand_for_several_councils(
    made: Client, geography: Geography, truth: Truth
) -> None:
    quarter = ("2009-10-01", "2009-12-31")
    lost = [row for row in _crime(made)["2009-10"][1:] if (row[1], row[3], row[7]) == ("Q3", "Unassigned", "45")]
    crime = RecordedCrime(truth, geography)
    assert sum(row[8] for row in lost) == crime.unassigned("recorded_crimes_theft_from_vehicle", quarter) > 0
    assert crime.unassigned("recorded_crimes_homicide", quarter) == 0
    negative = [row for row in _crime(made)["2009-10"][1:] if row[8] < 0]
    assert [(row[1], row[7]) for row in negative] == [("Q3", "4.1")]
    names = {row[3] for row in _crime(made)["2010-11"][1:]}
    assert "Dartford and Gravesham" in names
    assert not {"Dartford", "Gravesham"} & names
    codes = {row[7] for row in _crime(made)["2008-09"][1:]}
    assert {"39", "126"} <= codes
    for day in ("2004-06-30", "2009-03-31", "2009-06-30", "2011-03-31"):
        pieces = Counter(atom for _, area in partnerships(geography, day) for atom in geography.territory(area))
        assert len(pieces) == 354
        assert set(pieces.values()) == {1}


def test_a_revision_of_recorded_crime_changes_some_partnerships(made: Client) -> None:
    before = _crime(made)["2008-09"]
    made.fault(CRIME_PAGE, "revise", args={"share": 0.1})
    after = _sheets(_attachment(made, CRIME_PAGE))["2008-09"]
    old, new = (
        Counter({place: sum(row[8] for row in rows[1:] if row[3] == place) for place in {row[3] for row in rows[1:]}})
        for rows in (before, after)
    )
    changed = {place for place in old if old[place] != new[place]}
    assert 15 < len(changed) < 65
    made.mend()
    made.fault(CRIME_PAGE, "unknown_area")
    made.fault(CRIME_PAGE, "bad_number", args={"count": 2, "value": "n/a"})
    spoilt = _sheets(_attachment(made, CRIME_PAGE))
    assert sum(row[3] == "Atlantis" for row in spoilt["2008-09"]) == 1
    assert sum(row[8] == "n/a" for row in spoilt["2010-11"]) == 2


def test_knife_and_gun_crime_is_told_by_force(made: Client, geography: Geography, truth: Truth) -> None:
    header, *rows = _sheets(_attachment(made, KNIFE_PAGE))["Data"]
    assert header == ["Financial Year", "Force Name", "Offence", "Number"]
    assert len(rows) == 7 * 39 * 2
    assert {row[1] for row in rows} == {name for name, _ in forces(geography)}
    assert {"Metropolitan Police", "Avon and Somerset", "City of London"} <= {row[1] for row in rows}
    with_gun = [row for row in rows if "firearm" in row[2] and row[0] == "2008/09"]
    whole = truth.value("recorded_crimes_with_firearm", "E92000001", ("2008-04-01", "2009-03-31"))
    assert sum(row[3] for row in with_gun) == whole


@pytest.mark.parametrize(
    ("stage", "floor", "measure"),
    [
        ("ks2", 55, "schools_ks2_below_floor"),
        ("ks3", 50, "schools_ks3_below_floor"),
        ("ks4", 30, "schools_ks4_below_floor"),
    ],
)
def test_schools_below_the_floor_are_as_many_as_the_truth_says(
    made: Client, truth: Truth, stage: str, floor: int, measure: str
) -> None:
    period = ("2007-09-01", "2008-08-31")
    rows = [row for row in _records(made, SCHOOLS.format(stage)) if row["YEAR"] == "2007/08"]
    schools = [row for row in rows if row["RECTYPE"] in "12" and int(row["TELIG"]) > 10]
    below = Counter(row["LEA"] for row in schools if int(row["PASS"]) * 100 < floor * int(row["TELIG"]))
    assert below[LEA_OF_BARNSLEY] == truth.value(measure, BARNSLEY, period)
    assert sum(below.values()) == truth.value(measure, "E92000001", period)
    # Some schools stand exactly on the floor, and some are too small to count.
    assert any(int(row["PASS"]) * 100 == floor * int(row["TELIG"]) for row in schools)
    assert any(int(row["TELIG"]) <= 10 and row["PASS"] == "0" for row in rows)
    england = next(row for row in rows if row["RECTYPE"] == "4")
    assert int(england["TELIG"]) == sum(int(row["TELIG"]) for row in rows if row["RECTYPE"] in "12")
    assert len({row["URN"] for row in rows if row["RECTYPE"] in "12"}) == sum(row["RECTYPE"] in "12" for row in rows)
    assert all(int(row["PASS"]) <= int(row["TELIG"]) for row in rows)


def test_key_stage_3_ends_with_the_tests_of_2008(made: Client) -> None:
    assert max(row["YEAR"] for row in _records(made, SCHOOLS.format("ks3"))) == "2007/08"


def test_inspections_are_as_many_as_the_truth_says(made: Client, truth: Truth) -> None:
    rows = [row for row in _records(made, OFSTED) if row["YEAR"] == "2008/09"]
    judged = [row for row in rows if row["PHASE"] == "secondary" and row["BEHAVIOUR"]]
    left = [row for row in rows if row["SPECIAL_MEASURES"] == "left"]
    counted = {
        "secondary_schools_inspected": len(judged),
        "secondary_schools_behaviour_good_or_outstanding": sum(row["BEHAVIOUR"] in "12" for row in judged),
        "schools_in_special_measures": sum(row["SPECIAL_MEASURES"] == "in" for row in rows),
        "schools_leaving_special_measures": len(left),
        "months_in_special_measures_total": sum(int(row["MONTHS"]) for row in left),
    }
    assert counted == {measure: truth.value(measure, "E92000001", YEAR) for measure in counted}
    assert all(not row["MONTHS"] for row in rows if row["SPECIAL_MEASURES"] != "left")
    assert {row["LEA"] for row in rows} >= {LEA_OF_BARNSLEY, "201", "420", "908"}


def test_content_faults_of_a_tab_separated_file_keep_its_tabs(made: Client) -> None:
    path = SCHOOLS.format("ks4")
    before = made.get(path).content.splitlines()
    made.fault(path, "revise", args={"share": 0.01})
    made.fault(path, "rename_column", args={"from": "TELIG", "to": "ELIGIBLE"})
    after = made.get(path).content.splitlines()
    assert after[0] == before[0].replace(b"TELIG", b"ELIGIBLE")
    assert {line.count(b"\t") for line in after} == {7}
    changed = sum(old != new for old, new in zip(before[1:], after[1:], strict=True))
    assert changed == round(0.01 * (len(before) - 1))


def test_neighbourhoods_share_out_what_the_council_has(truth: Truth, geography: Geography) -> None:
    neighbourhoods = Neighbourhoods(truth, geography)
    quarter = ("2008-04-01", "2008-06-30")
    for atom in ("E06000001", "E08000016", "E09000001", "E07000025"):
        claimants = neighbourhoods.claimants(atom, quarter)
        people = neighbourhoods.residents(atom, "2008-06-30")
        assert sum(people.values()) == truth.value("residents_working_age", atom, ("2008-06-30", "2008-06-30"))
        groups = ("jobseeker", "incapacity", "lone_parent", "other_income_related")
        whole = sum(truth.value(f"benefit_claimants_{group}", atom, quarter) or 0 for group in groups)
        assert sum(claimants.values()) == whole
        assert all(0 <= claimants[code] <= people[code] for code in people)
        assert len(people) in (4, 5)


def test_the_worst_neighbourhoods_are_those_of_the_rule(truth: Truth, geography: Geography) -> None:
    neighbourhoods = Neighbourhoods(truth, geography)
    quarters = (
        ("2006-04-01", "2006-06-30"),
        ("2006-07-01", "2006-09-30"),
        ("2006-10-01", "2006-12-31"),
        ("2007-01-01", "2007-03-31"),
    )
    claims: dict[str, int] = defaultdict(int)
    people: dict[str, int] = {}
    for atom in neighbourhoods.codes:
        people |= neighbourhoods.residents(atom, "2006-06-30")
        for quarter in quarters:
            for code, count in neighbourhoods.claimants(atom, quarter).items():
                claims[code] += count
    worst = {code for code, heads in people.items() if heads and claims[code] >= heads}
    assert neighbourhoods.listed == worst
    assert 0.03 < len(worst) / len(people) < 0.2
    council = next(_holders(neighbourhoods))
    codes = neighbourhoods.listed.intersection(neighbourhoods.codes[council])
    day = ("2008-06-30", "2008-06-30")
    assert neighbourhoods.value(RESIDENTS, council, day) == sum(
        count for code, count in neighbourhoods.residents(council, day[1]).items() if code in codes
    )
    assert neighbourhoods.value(CLAIMANTS, "E92000001", quarters[0]) > 0


def _holders(neighbourhoods: Neighbourhoods) -> Iterator[str]:
    return (atom for atom, codes in neighbourhoods.codes.items() if neighbourhoods.listed.intersection(codes))


def test_names_of_neighbourhoods_keep_the_councils_of_march_2009(truth: Truth, geography: Geography) -> None:
    neighbourhoods = Neighbourhoods(truth, geography)
    assert len(set(neighbourhoods.names.values())) == len(neighbourhoods.names)
    spots = {name.rpartition(" ")[0] for name in neighbourhoods.names.values()}
    assert {"Alnwick", "Hartlepool", "Durham"} <= spots
    assert not {"Northumberland", "County Durham", "Cheshire East"} & spots
