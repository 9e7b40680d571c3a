"""Each shared layout: a small delivered file, and the raw rows that a contract of that layout makes of it."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from ingest import registry
from ingest.contract import Dataset
from ingest.errors import BadFile
from sandbox.spreadsheets import SheetData, write_workbook
from tests.ingest.warehouse import Warehouse

pytestmark = pytest.mark.warehouse

Row = dict[str, Any]


def loaded(
    warehouse: Warehouse, dataset_id: str, data: bytes, part: str = "all", table: int = 0
) -> tuple[Dataset, list[Row]]:
    """Rows of raw as column to cell, without cells that are null, with the row's number under `#`."""
    which = registry.datasets()[dataset_id]
    release = warehouse.deliver(which, data, part)
    names = ["#", *(column.name for column in which.tables[table].columns)]
    return which, [
        {name: cell for name, cell in zip(names, row, strict=True) if cell is not None}
        for row in warehouse.rows(which, release, table)
    ]


def rows(warehouse: Warehouse, dataset_id: str, data: bytes, part: str = "all", table: int = 0) -> list[Row]:
    return loaded(warehouse, dataset_id, data, part, table)[1]


def book(folder: Path, *sheets: SheetData) -> bytes:
    path = folder / "book.ods"
    write_workbook(path, sheets)
    return path.read_bytes()


def test_ees_csv_keeps_symbols_and_levels(warehouse: Warehouse) -> None:
    data = (
        b"time_period,time_identifier,geographic_level,country_code,country_name,region_code,region_name,old_la_code,"
        b"new_la_code,la_name,breakdown_topic,breakdown,a_level_entries_chemistry,a_level_entries_maths,"
        b"a_level_entries_physics\n"
        b"200809,Academic year,National,E92000001,England,,,,,,Total,Total,37700,64500,24700\n"
        b"200809,Academic year,Local authority,E92000001,England,E12000003,Yorkshire and The Humber,370,E08000016,"
        b"Barnsley,Total,Total,c,z,low\n"
    )
    found = rows(warehouse, "dcsf_a_levels", data)
    assert found[0] == {
        "#": 1, "time_period": "200809", "time_identifier": "Academic year", "geographic_level": "National",
        "country_code": "E92000001", "country_name": "England", "breakdown_topic": "Total", "breakdown": "Total",
        "a_level_entries_chemistry": "37700", "a_level_entries_maths": "64500", "a_level_entries_physics": "24700",
    }  # fmt: skip
    assert found[1]["new_la_code"] == "E08000016"
    assert [found[1][f"a_level_entries_{name}"] for name in ("chemistry", "maths", "physics")] == ["c", "z", "low"]


def test_long_csv_in_cp1252_with_crlf(warehouse: Warehouse) -> None:
    data = (
        "period,area_code,area_name,measure,sex,age_band,value\r\n"
        "2008/09,921,England,adults_care_programme_approach,,,1234\r\n"
        "2008/09,00EB,Hartlepool \x96 council,adults_care_programme_approach,P,,*\r\n"
    ).encode("latin-1")
    assert rows(warehouse, "mhmds", data) == [
        {
            "#": 1, "period": "2008/09", "area_code": "921", "area_name": "England",
            "measure": "adults_care_programme_approach", "value": "1234",
        },
        {
            "#": 2, "period": "2008/09", "area_code": "00EB", "area_name": "Hartlepool \u2013 council",
            "measure": "adults_care_programme_approach", "sex": "P", "value": "*",
        },
    ]  # fmt: skip


def test_survey_csv(warehouse: Warehouse) -> None:
    data = (
        b"wave,area_code,area_name,question,numerator,weighted_base,unweighted_base,score,status\n"
        b'2008,00EB,Hartlepool,good_health,812.5,1100.25,1093,,u\n2008,38,"Oxford, shire",good_health,*,*,*,,\n'
    )
    found = rows(warehouse, "place_survey", data)
    assert found[0]["weighted_base"] == "1100.25"
    assert found[0]["status"] == "u"
    assert (found[1]["area_name"], found[1]["numerator"]) == ("Oxford, shire", "*")
    assert "score" not in found[0]


def test_hub_return(warehouse: Warehouse) -> None:
    data = (
        b"ni_code,component,area_code,period,numerator,denominator,value,decimal_places,return_status,submitted_by,"
        b"submitted_at\nNI 043,main,Leeds,2008/09,31,402,,1,final,A. Clerk,2009-06-30T16:00:00\n"
    )
    assert rows(warehouse, "yjb_yot_returns", data, part="youth-justice-board") == [
        {
            "#": 1, "ni_code": "NI 043", "component": "main", "area_code": "Leeds", "period": "2008/09",
            "numerator": "31", "denominator": "402", "decimal_places": "1", "return_status": "final",
            "submitted_by": "A. Clerk", "submitted_at": "2009-06-30T16:00:00",
        }
    ]  # fmt: skip


def test_laa_targets(warehouse: Warehouse) -> None:
    data = (
        b"area_code,ni_code,component,target_class,kind,status,version,agreed_on,baseline_period,baseline_value,year,"
        b"target_value,reward_eligible,reason\n"
        b"00EB,NI 117,main,designated,change,agreed,1,2008-06-30,2007/08,9.1,2008/09,8.5,yes,\n"
    )
    (found,) = rows(warehouse, "laa_targets", data, part="communities-and-local-government")
    assert (found["baseline_value"], found["target_value"], found["year"]) == ("9.1", "8.5", "2008/09")


def test_live_table_below_its_title_and_with_footnotes(warehouse: Warehouse, tmp_path: Path) -> None:
    sheet = SheetData(
        "Data",
        [
            ["First time entrants", None, None, None],
            ["Number", None, None, None],
            [None, None, None, None],
            ["Period", "ONS code", "Authority",
             "Young people aged 10-17 with a first reprimand, final warning or conviction"],
            ["2008/09", None, "England", 74033],
            ["2008/09", "00EB", "Hartlepool", "231 R"],
            ["2008/09", "00EC", "Middlesbrough", ".."],
            [None, None, None, None],
            ["R  Revised since the last edition", None, None, None],
        ],
    )  # fmt: skip
    found = rows(warehouse, "moj_first_time_entrants", book(tmp_path, SheetData("Notes", [["x"]]), sheet))
    assert found == [
        {"#": 1, "period": "2008/09", "authority": "England", "first_time_entrants_aged_10_17": "74033"},
        {"#": 2, "period": "2008/09", "ons_code": "00EB", "authority": "Hartlepool",
         "first_time_entrants_aged_10_17": "231 R"},
        {"#": 3, "period": "2008/09", "ons_code": "00EC", "authority": "Middlesbrough",
         "first_time_entrants_aged_10_17": ".."},
        {"#": 5, "period": "R  Revised since the last edition"},
    ]  # fmt: skip


HEAD: list[str | int | float | None] = [
    "Financial Year", "Financial Quarter", "Force Name", "CSP Name", "Offence Description", "Offence Group",
    "Offence Subgroup", "Offence Code", "Offence Count",
]  # fmt: skip


def test_recorded_crime_is_read_from_the_sheets_of_all_years(warehouse: Warehouse, tmp_path: Path) -> None:
    def line(year: str, quarter: str | int, code: str | int, count: int) -> list[str | int | float | None]:
        return [year, quarter, "Cleveland", "Hartlepool", "Some offence", "Group", "Subgroup", code, count]

    data = book(
        tmp_path,
        SheetData("Notes", [["Updated: 1 May"]]),
        SheetData("2007-08", [HEAD, line("2007/08", 4, 31, 12), line("2007/08", 4, "34B", -1)]),
        SheetData("2008_09", [[*HEAD[:2], "Police Force", *HEAD[3:8], "Number of offences"],
                              line("2008/09", "Q1", "5A", 3)]),
    )  # fmt: skip
    found = rows(warehouse, "ho_recorded_crime_csp", data)
    assert [(r["#"], r["financial_quarter"], r["offence_code"], r["offence_count"]) for r in found] == [
        (1, "4", "31", "12"), (2, "4", "34B", "-1"), (3, "Q1", "5A", "3"),
    ]  # fmt: skip
    assert {(row["force_name"], row["csp_name"]) for row in found} == {("Cleveland", "Hartlepool")}


def test_force_tables(warehouse: Warehouse, tmp_path: Path) -> None:
    sheet = SheetData(
        "Data",
        [["Financial Year", "Force Name", "Offence", "Number"], ["2008/09", "Cleveland", "Domestic homicide", 2]],
    )
    assert rows(warehouse, "ho_homicide_index", book(tmp_path, sheet)) == [
        {"#": 1, "financial_year": "2008/09", "force_name": "Cleveland", "offence": "Domestic homicide", "number": "2"}
    ]


def test_fingertips_csv_is_read_by_name_though_rows_end_early(warehouse: Warehouse) -> None:
    header = (
        "Indicator ID,Indicator Name,Parent Code,Parent Name,Area Code,Area Name,Area Type,Sex,Age,Category Type,"
        "Category,Time period,Value,Lower CI 95.0 limit,Upper CI 95.0 limit,Lower CI 99.8 limit,Upper CI 99.8 limit,"
        "Count,Denominator,Value note,Recent Trend,Compared to England value or percentiles,Compared to percentiles,"
        "Time period Sortable,New data,Compared to goal,Time period range"
    )
    line = (
        '99009,"Conceptions, under 18",E92000001,England,E06000001,Hartlepool,UA,Female,<18 yrs,,,2008,61.5,50.1,74.9,,,'
        "103,1675,,,Worse,Worse,20080000,"
    )
    (found,) = rows(warehouse, "ons_conceptions", f"{header}\r\n{line}\r\n".encode())
    assert found["indicator_name"] == "Conceptions, under 18"
    assert (found["value"], found["count"], found["denominator"]) == ("61.5", "103", "1675")
    assert (found["lower_ci_95"], found["upper_ci_95"], found["time_period_sortable"]) == ("50.1", "74.9", "20080000")
    assert "time_period_range" not in found


@pytest.mark.parametrize(("part", "table"), [("claimants", 0), ("neighbourhoods", 1), ("flows", 2)])
def test_nomis_csv_goes_to_the_table_of_its_query(warehouse: Warehouse, part: str, table: int) -> None:
    data = (
        b'"DATE_NAME","GEOGRAPHY_CODE","GEOGRAPHY_NAME","VARIABLE_NAME","MEASURES_NAME","OBS_VALUE","OBS_STATUS",'
        b'"RECORD_OFFSET","RECORD_COUNT"\r\n"May 2008","E06000001","Hartlepool","job seeker","Value",2105,"A",0,2\r\n'
        b'"May 2008","E06000002","Middlesbrough","job seeker","Value",,"Q",1,2\r\n'
    )
    which, found = loaded(warehouse, "dwp_benefits", data, part, table)
    assert [of.name for of in which.tables_of(part)] == [part]
    assert found == [
        {"#": 1, "date_name": "May 2008", "geography_code": "E06000001", "geography_name": "Hartlepool",
         "variable_name": "job seeker", "measures_name": "Value", "obs_value": "2105", "obs_status": "A",
         "record_offset": "0", "record_count": "2"},
        {"#": 2, "date_name": "May 2008", "geography_code": "E06000002", "geography_name": "Middlesbrough",
         "variable_name": "job seeker", "measures_name": "Value", "obs_status": "Q",
         "record_offset": "1", "record_count": "2"},
    ]  # fmt: skip


def test_stat_xplore_cube(warehouse: Warehouse) -> None:
    cube = {
        "measures": [{"uri": "m", "label": "New claims decided"}],
        "fields": [
            {"label": "Quarter", "items": [{"uris": ["a:b:1"], "labels": ["2008/09 Q1"]}]},
            {"label": "Local authority", "items": [{"uris": ["x:y:00EB"], "labels": ["Hartlepool"]}]},
        ],
        "cubes": {"m": {"values": [[1250.0]]}},
    }
    assert rows(warehouse, "dwp_housing_benefit", json.dumps(cube).encode()) == [
        {"#": 1, "measure": "New claims decided", "period": "2008/09 Q1", "area_code": "00EB",
         "area_name": "Hartlepool", "value": "1250"}
    ]  # fmt: skip


def test_performance_tables_are_separated_by_tabs(warehouse: Warehouse) -> None:
    data = (
        b"YEAR\tRECTYPE\tLEA\tESTAB\tURN\tSCHNAME\tTELIG\tPASS\r\n"
        b'2008/09\t1\t805\t4001\t111700\t"High Tunstall, College"\t200\t107\r\n2008/09\t4\t\t\t\t\t578060\t288000\r\n'
    )
    found = rows(warehouse, "dcsf_school_results", data, part="ks4")
    assert (found[0]["schname"], found[0]["telig"], found[0]["pass"]) == ("High Tunstall, College", "200", "107")
    assert found[1] == {"#": 2, "year": "2008/09", "rectype": "4", "telig": "578060", "pass": "288000"}


def test_item_that_is_gone_from_a_wide_file_refuses_it(warehouse: Warehouse, tmp_path: Path) -> None:
    sheet = SheetData("Data", [[None], [None], [None], ["Period", "ONS code", "Authority", "First time entrants"]])
    with pytest.raises(BadFile, match="lacks column 'first_time_entrants_aged_10_17'"):
        warehouse.load(
            warehouse.land(registry.datasets()["moj_first_time_entrants"], b"renamed"),
            io.BytesIO(book(tmp_path, sheet)).getvalue(),
        )
