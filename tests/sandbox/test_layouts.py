"""Made files of the shared layouts: titles, codes of the day, symbols, and figures that are the truth."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from sandbox.__main__ import main
from sandbox.areas import SEEDS, Geography
from sandbox.truth import Truth
from sandbox.truth.rules import read_datasets
from tests.sandbox.client import Client
from tests.sandbox.test_made import _document

Rows = list[dict[str, str]]
EES = (
    "time_period,time_identifier,geographic_level,country_code,country_name,region_code,region_name,old_la_code,"
    "new_la_code,la_name,breakdown_topic,breakdown"
)
LONG = "period,area_code,area_name,measure,sex,age_band,value"
SURVEY = "wave,area_code,area_name,question,numerator,weighted_base,unweighted_base,score,status"
RETURN = (
    "ni_code,component,area_code,period,numerator,denominator,value,decimal_places,return_status,submitted_by,"
    "submitted_at"
)
TARGETS = (
    "area_code,ni_code,component,target_class,kind,status,version,agreed_on,baseline_period,baseline_value,year,"
    "target_value,reward_eligible,reason"
)


@pytest.fixture(scope="module")
def truth() -> Truth:
    return Truth(2008, Geography())


@pytest.fixture(scope="module")
def sent(_made_client: Client, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The returns; beside a client, so that all tests of this file are in its group and they are made once."""
    folder = tmp_path_factory.mktemp("inbox")
    assert main(["returns", "--to", str(folder)]) == 0
    return folder


def _raw(client: Client, name: str) -> bytes:
    return client.server.site.shelf.text(_document(client, name)).read_bytes()


def _rows(client: Client, name: str, encoding: str = "utf-8") -> Rows:
    return list(csv.DictReader(io.StringIO(_raw(client, name).decode(encoding), newline="")))


def _return(folder: Path, dataset: str, sender: str) -> Rows:
    text = (folder / dataset / f"{sender}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def _live(client: Client, name: str) -> list[list[object]]:
    path = client.server.site.shelf.release(_document(client, name)).path
    return CalamineWorkbook.from_path(path).get_sheet_by_name("Data").to_python(skip_empty_area=False)  # type: ignore[return-value]


def test_every_dataset_of_the_catalogue_has_a_file_or_a_return(made: Client, sent: Path) -> None:
    served = {document.name for document in made.server.site.documents}
    pushed = {path.name for path in sent.iterdir()}
    elsewhere = {
        "clg_homelessness": "homelessness_200903", "dcsf_school_results": "dcsf_school_results_ks2",
        "decc_fuel_poverty": "fuel_poverty", "decc_fuel_poverty_county": "fuel_poverty_county", "decc_la_co2": "la_co2",
        "defra_waste": "waste", "dft_road_casualties": "collisions", "dwp_benefits": "nomis_nm_105_1",
        "fingertips_campylobacter": "fingertips", "mps_borough_crime": "borough_crime",
        "nomis_labour_market": "nomis_nm_17_5", "nomis_population": "population_by_age",
        "ons_earnings": "nomis_nm_30_1", "ons_employment_rate": "els_employment-rate",
        "ons_net_additions": "els_net-additions-to-the-housing-stock",
        "ons_persistent_absence": "els_persistent-absences-for-all-pupils", "ons_population": "population_totals",
        "ons_weekly_pay": "els_gross-median-weekly-pay", "police_street_api": "street_crime",
        "police_street_archive": "street_crime",
    }  # fmt: skip
    datasets = read_datasets(SEEDS)
    # The survey of people who reported anti-social behaviour was called off before its first round.
    assert [name for name in datasets if elsewhere.get(name, name) not in served | pushed] == ["asb_reporter_survey"]
    assert pushed == {name for name, it in datasets.items() if it.layout in ("hub_return", "laa_targets_csv")}


def test_education_files_follow_the_standard(made: Client, truth: Truth) -> None:
    assert _raw(made, "dcsf_key_stage_4").decode().splitlines()[0] == (
        f"{EES},pupils,pupils_five_a_star_c_with_english_and_maths,pupils_ks4_two_a_star_c_science,"
        "pupils_matched_english_ks3_ks4,pupils_matched_maths_ks3_ks4,pupils_two_levels_progress_english_ks3_ks4,"
        "pupils_two_levels_progress_maths_ks3_ks4"
    )
    rows = _rows(made, "dcsf_key_stage_4")
    assert {row["time_period"] for row in rows} == {"200405", "200506", "200607", "200708", "200809", "200910"}
    assert {row["time_identifier"] for row in rows} == {"Academic year"}
    barnsley = [row for row in rows if row["new_la_code"] == "E08000016" and row["time_period"] == "200809"]
    whole = next(row for row in barnsley if row["breakdown"] == "Total")
    assert (whole["old_la_code"], whole["la_name"], whole["region_name"]) == (
        "370",
        "Barnsley",
        "Yorkshire and The Humber",
    )
    year = ("2008-09-01", "2009-08-31")
    assert int(whole["pupils"]) == truth.value("pupils_ks4_end", "E08000016", year)
    assert "z" not in whole.values()
    groups = {row["breakdown"]: row for row in barnsley if row["breakdown_topic"] == "Ethnic group"}
    assert groups["ABAN"]["pupils_ks4_two_a_star_c_science"] == "z"
    for code, row in groups.items():
        if code == "All minority ethnic":
            continue
        count = truth.value(f"pupils_ks4_ethnic_{code.lower()}", "E08000016", year)
        assert count is not None
        assert row["pupils"] == ("c" if 0 < count < 6 else str(count))
    assert any(row["pupils"] == "c" for row in groups.values())
    national = [row for row in rows if row["geographic_level"] == "National"]
    assert all(row["pupils"] != "c" for row in national)


def test_education_files_use_the_codes_in_force_at_the_end_of_each_period(made: Client) -> None:
    codes = defaultdict(set)
    for row in _rows(made, "dcsf_absence_exclusions"):
        codes[row["time_period"]].add(row["new_la_code"])
    # August 2008: Cheshire and its number 875; August 2009: Cheshire East.
    assert "E10000004" in codes["200708"]
    assert "E10000004" not in codes["200809"]
    assert "E06000049" in codes["200809"]
    assert (len(codes["200708"] - {""}), len(codes["200809"] - {""})) == (150, 152)


def test_a_row_holds_only_what_its_own_kind_of_period_has(made: Client) -> None:
    rows = _rows(made, "dcsf_looked_after_children")
    kinds = {row["time_identifier"] for row in rows}
    assert kinds == {"Academic year", "Financial year"}
    for row in rows:
        academic = row["time_identifier"] == "Academic year"
        assert (row["looked_after_children_ks4_end"] == "z") is not academic
        assert (row["looked_after_children_at_31_march"] == "z") is academic
    months = Counter(row["time_identifier"] for row in _rows(made, "ccis_neet"))
    assert set(months) == {"November", "December", "January"}


def test_late_bodies_leave_out_their_last_year(made: Client, sent: Path) -> None:
    assert max(row["time_period"] for row in _rows(made, "school_travel")) == "200809"
    assert max(row["period"] for row in _return(sent, "local_sites", "councils-of-england")) == "2009/10"
    missing = [row for row in _rows(made, "dcsf_sen2") if "x" in row.values()]
    assert missing
    assert {row["geographic_level"] for row in missing} == {"Local authority"}


def test_long_files_have_their_encodings_symbols_and_old_codes(made: Client, truth: Truth) -> None:
    for name in ("ascof_social_care", "mhmds"):
        assert _raw(made, name).startswith(f"{LONG}\r\n".encode())
        _raw(made, name).decode("cp1252")
    assert _raw(made, "ons_place_of_death").startswith(f"{LONG}\n".encode())
    care = _rows(made, "ascof_social_care", "cp1252")
    assert {row["age_band"] for row in care} == {"", "18-64", "65-74", "75-84", "85+"}
    assert any(row["value"] == "*" for row in care)
    assert all(row["value"] != "*" for row in care if row["area_code"] == "921")
    codes = {row["area_code"] for row in care if row["period"] == "2008/09"}
    assert {"921", "00EB", "13"} <= codes
    assert len(codes) == 151
    deaths = _rows(made, "ons_mortality_by_age")
    assert {row["measure"] for row in deaths} == {"all_causes", "circulatory", "cancer"}
    assert {row["sex"] for row in deaths} == {"M", "F"}
    mine = [
        row for row in deaths
        if (row["period"], row["area_code"], row["measure"]) == ("2008", "00EB", "circulatory")
    ]  # fmt: skip
    assert len(mine) == 2 * 16
    year = ("2008-01-01", "2008-12-31")
    total = truth.value("deaths_circulatory_aged_0_74_by_age_and_sex", "E06000001", year)
    assert sum(int(row["value"]) for row in mine) == total
    weeks = {row["period"] for row in _rows(made, "nhs_delayed_transfers")}
    assert {"2008-04-06", "2011-03-27"} <= weeks
    assert len(weeks) == 365


def test_surveys_have_their_waves_and_what_was_not_held_is_not_there(made: Client) -> None:
    assert _raw(made, "place_survey").decode().startswith(f"{SURVEY}\n")
    rows = _rows(made, "place_survey")
    assert {row["wave"] for row in rows} == {"2008"}
    assert len({row["area_code"] for row in rows}) == 355
    assert len({row["question"] for row in rows}) == 18
    parents = _rows(made, "disabled_children_survey")
    areas = defaultdict(set)
    for row in parents:
        if row["score"]:
            areas[row["wave"]].add(row["area_code"])
    assert (len(areas["2008-09"]), len(areas["2009-10"])) == (31, 153)
    hidden = {row["area_code"] for row in parents if row["score"] == "*"}
    bases = {
        row["area_code"]: int(row["unweighted_base"])
        for row in parents
        if row["wave"] == "2009-10" and row["unweighted_base"]
    }
    assert hidden
    assert all(bases[code] < 110 for code in hidden)


def test_live_tables_stand_as_the_department_sets_them(made: Client) -> None:
    rows = _live(made, "clg_housing_supply")
    assert rows[2] == [""] * len(rows[2])
    with (SEEDS / "measures.csv").open(encoding="utf-8", newline="") as file:
        found = [row for row in csv.DictReader(file) if row["dataset_id"] == "clg_housing_supply"]
    titles = [row["title"] for row in sorted(found, key=lambda row: row["item"])]
    assert rows[3] == ["Period", "ONS code", "Authority", *titles]
    body = [row for row in rows[4:] if row[0]]
    year = [row for row in body if row[0] == "2008/09"]
    assert [row[2] for row in year[:3]] == ["England", "NORTH EAST", "NORTH WEST"]
    assert all(row[1] == "" for row in year[:10])
    assert len(year) == 10 + 354
    assert len([row for row in body if row[0] == "2010/11"]) == 10 + 326
    assert any(str(row[3]).endswith("P") for row in body if row[0] == "2010/11")
    # Every figure of England is the sum of its regions.
    assert year[0][3:] == [sum(float(str(row[i])) for row in year[1:10]) for i in range(3, len(year[0]))]
    assert rows[-1][0] == "P provisional, R revised"
    homes = _live(made, "clg_council_homes")
    assert {"2008/09", "STATUS 2006", "STATUS 2008"} <= {row[0] for row in homes}


def test_a_revised_live_table_differs_in_a_part_of_its_councils(made: Client) -> None:
    before = _live(made, "hca_land_use")
    assert made.fault("*hca-land-use", "revise", args={"share": 0.1}).status_code < 300
    after = _live(made, "hca_land_use")
    changed = {new[1] for old, new in zip(before, after, strict=True) if old != new}
    assert 10 < len(changed) < 70
    assert "" not in changed


def test_profiles_state_england_twice_and_hide_small_counts(made: Client) -> None:
    rows = _rows(made, "hpa_chlamydia")
    assert len(rows[0]) == 27
    year = [row for row in rows if row["Indicator ID"] == "99007" and row["Time period"] == "2008/09"]
    england = [row for row in year if row["Area Code"] == "E92000001"]
    assert [row["Parent Code"] for row in england] == ["", "E92000001"]
    assert england[0]["Count"] == england[1]["Count"]
    # Restated for the councils of April 2009, with one Cheshire the fewer and two the more.
    codes = {row["Area Code"] for row in rows if row["Time period"] == "2004/05"}
    assert "E06000049" in codes
    assert "E10000004" not in codes
    hidden = [row for row in _rows(made, "nhs_child_measurement") if row["Value note"].startswith("Value suppressed")]
    assert hidden
    assert all(row["Count"] == "" for row in hidden)
    ages = {row["Age"] for row in _rows(made, "nhs_admissions") if row["Indicator ID"] == "99001"}
    assert {"0 yrs", "1-4 yrs", "80-84 yrs", "85+ yrs"} <= ages
    assert len(ages) == 19
    trusts = _rows(made, "nhs_vital_signs")
    quarter = {row["Area Code"] for row in trusts if row["Time period"] == "2008/09 Q1" and row["Area Type"] == "PCT"}
    assert len(quarter) == 152
    assert {row["Time period"] for row in trusts if row["Indicator ID"] == "99016"} == {"2008/09", "2009/10", "2010/11"}


def test_returns_have_their_senders_and_are_the_same_each_time(sent: Path, tmp_path: Path) -> None:
    assert main(["returns", "--to", str(tmp_path)]) == 0
    files = sorted(path.relative_to(sent) for path in sent.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file())
    assert all((sent / name).read_bytes() == (tmp_path / name).read_bytes() for name in files)
    offices = {name.stem for name in files if name.parent.name == "hub_council_returns"}
    assert len(offices) == 9
    assert "government-office-yorkshire-and-the-humber" in offices
    assert (sent / "yjb_yot_returns" / "youth-justice-board.csv").is_file()
    for name in files:
        first = (sent / name).read_text(encoding="utf-8").partition("\n")[0]
        assert first == (TARGETS if name.parent.name == "laa_targets" else RETURN)


def test_returns_name_youth_offending_teams_and_hold_the_truth(sent: Path, truth: Truth) -> None:
    rows = _return(sent, "yjb_yot_returns", "youth-justice-board")
    year = [row for row in rows if (row["ni_code"], row["period"]) == ("NI 043", "2008/09")]
    names = {row["area_code"]: row for row in year}
    assert {"Wessex", "Barnsley", "South Tees"} <= set(names)
    assert {"Southampton", "Middlesbrough"} & set(names) == set()
    period = ("2008-04-01", "2009-03-31")
    wessex = ["E10000014", "E06000046", "E06000044", "E06000045"]
    custody = sum(truth.value("custodial_sentences_young_people", code, period) or 0 for code in wessex)
    assert int(names["Wessex"]["numerator"]) == custody
    total = truth.value("court_sentences_young_people", "E92000001", period)
    assert sum(int(row["denominator"]) for row in year) == total


def test_councils_of_one_office_are_of_one_region(sent: Path) -> None:
    rows = _return(sent, "hub_council_returns", "government-office-north-east")
    assert {row["submitted_by"] for row in rows} == {"Government Office North East"}
    codes = {row["area_code"] for row in rows if row["ni_code"] == "NI 014" and row["period"] == "2008/09"}
    # County Durham and Northumberland stand beside their districts until April 2009.
    assert {"00EB", "20", "35", "20UB"} <= codes
    assert all(re.fullmatch(r"NI \d{3}", row["ni_code"]) for row in rows)


def test_agreements_choose_as_they_did(sent: Path) -> None:
    rows = _return(sent, "laa_targets", "communities-and-local-government")
    designated: dict[str, set[str]] = defaultdict(set)
    statutory: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row["target_class"] == "designated":
            designated[row["area_code"]].add(row["ni_code"])
        elif row["target_class"] == "statutory":
            statutory[row["area_code"]].add(row["ni_code"])
    sizes = [len(found) for found in designated.values()]
    assert len(sizes) == 150
    assert max(sizes) == 35
    assert sum(size == 35 for size in sizes) > 50
    assert 30 < sum(sizes) / 150 < 32
    chosen = Counter(ni for found in designated.values() for ni in found)
    assert [chosen[f"NI {ni:03}"] for ni in (117, 130, 135, 111, 43)] == [115, 80, 80, 74, 0]
    assert chosen.most_common(1)[0][0] == "NI 117"
    assert len(statutory) == 150
    assert {len(found) for found in statutory.values()} == {16}
    assert {row["target_class"] for row in rows} == {"designated", "statutory", "local"}
    assert {row["year"] for row in rows} == {"2008/09", "2009/10", "2010/11"}
    assert all(row["target_value"] for row in rows if row["status"] == "agreed")
    assert {row["kind"] for row in rows} == {"absolute", "relative_to", "gap", "maintain"}
    assert {row["status"] for row in rows} == {"placeholder", "agreed", "deferred", "withdrawn"}
    own = {row["area_code"] for row in rows if not row["ni_code"]}
    assert own == set(designated)
    assert {row["target_class"] for row in rows if not row["ni_code"]} == {"local"}


def test_targets_move_in_the_right_direction(sent: Path) -> None:
    rows = _return(sent, "laa_targets", "communities-and-local-government")
    last = [
        row for row in rows
        if row["status"] == "agreed" and row["year"] == "2010/11" and row["kind"] == "absolute"
    ]  # fmt: skip
    neet = [row for row in last if row["ni_code"] == "NI 117"]
    assert neet
    assert all(float(row["target_value"]) < float(row["baseline_value"]) for row in neet)
    gcse = [row for row in last if row["ni_code"] == "NI 075"]
    assert all(float(row["target_value"]) > float(row["baseline_value"]) for row in gcse)
    assert len(gcse) > 140
