"""Stat-Xplore, the many data sets of Nomis and Fingertips, and faults of interfaces that answer from documents."""

from __future__ import annotations

import gzip
import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox.bodies.stat_xplore import Allowance
from sandbox.site import Site
from tests.sandbox.client import Client, post, running, table_of

EES = "/api.education.gov.uk/statistics/v1/data-sets"
A_LEVELS = f"{EES}/{uuid.uuid5(uuid.NAMESPACE_URL, 'ees:dcsf_a_levels')}"
STAT_XPLORE = "/stat-xplore.dwp.gov.uk/webapi/rest/v1"
KEY = {"APIKey": "a key"}
CUBE: dict[str, Any] = {
    "database": "str:database:SHBE",
    "measures": ["str:measure:SHBE:NEW_CLAIMS_DECIDED", "str:measure:SHBE:MEAN_CASELOAD"],
    "dimensions": [["str:field:SHBE:PERIOD"], ["str:field:SHBE:LA"]],
}
NOMIS = "/www.nomisweb.co.uk/api/v01/dataset"
FINGERTIPS = "/fingertips.phe.org.uk/api/all_data/csv/by_indicator_id"


def _rows_of_cube(cube: dict[str, Any]) -> Iterator[tuple[str, str, str, float | None]]:
    outer, inner = (
        [(item.get("uris", [""])[0].rpartition(":")[2], item["labels"][0]) for item in field["items"]]
        for field in cube["fields"]
    )
    for measure in cube["measures"]:
        values = cube["cubes"][measure["uri"]]["values"]
        for one, line in zip(outer, values, strict=True):
            for two, value in zip(inner, line, strict=True):
                yield measure["label"], one[1], two[0], value


def test_a_cube_is_dense_and_its_total_adds_up(made: Client) -> None:
    answer = post(made, f"{STAT_XPLORE}/table", CUBE, **KEY)
    assert "ETag" not in answer.headers
    cube = answer.json()
    assert [field["label"] for field in cube["fields"]] == ["Quarter", "Local authority"]
    assert cube["fields"][1]["items"][-1] == {"type": "RecodeItem", "labels": ["Total"]}
    rows = list(_rows_of_cube(cube))
    quarter = {
        area: value for label, period, area, value in rows if (label, period) == ("New claims decided", "2008/09 Q1")
    }
    total = quarter.pop("")
    assert total == sum(value for value in quarter.values() if value is not None)
    # 354 councils in June 2008, 363 codes in all years together.
    assert sum(value is not None for value in quarter.values()) == 354
    assert quarter["00EB"] is not None
    assert quarter["00HF"] is None
    years = [value for label, period, _, value in rows if label == "New claims decided" and period == "2008/09"]
    assert set(years) == {None}


def test_a_cube_follows_the_order_and_the_recodes_of_its_query(made: Client) -> None:
    area, period = "str:value:SHBE:LA:00EB", "str:value:SHBE:PERIOD:200809Q1"
    query = {
        **CUBE,
        "measures": CUBE["measures"][:1],
        "dimensions": CUBE["dimensions"][::-1],
        "recodes": {
            "str:field:SHBE:LA": {"map": [[area]], "total": False},
            "str:field:SHBE:PERIOD": {"map": [[period]], "total": True},
        },
    }
    cube = post(made, f"{STAT_XPLORE}/table", query, **KEY).json()
    assert [field["label"] for field in cube["fields"]] == ["Local authority", "Quarter"]
    values = cube["cubes"][CUBE["measures"][0]]["values"]
    whole = {row[2]: row[3] for row in _rows_of_cube(post(made, f"{STAT_XPLORE}/table", CUBE, **KEY).json())
             if row[:2] == ("New claims decided", "2008/09 Q1")}  # fmt: skip
    assert values == [[whole["00EB"]] * 2]


@pytest.mark.parametrize(
    "wrong",
    [
        {"database": "str:database:NONE"},
        {"measures": ["str:measure:SHBE:NONE"]},
        {"dimensions": [["str:field:SHBE:PERIOD"]]},
        {"recodes": {"str:field:SHBE:LA": {"map": [["str:value:SHBE:LA:99ZZ"]]}}},
    ],
)
def test_a_cube_that_cannot_be_is_refused(made: Client, wrong: dict[str, object]) -> None:
    assert post(made, f"{STAT_XPLORE}/table", {**CUBE, **wrong}, **KEY).status_code == 400


def test_stat_xplore_wants_a_key(made: Client) -> None:
    assert post(made, f"{STAT_XPLORE}/table", CUBE).status_code == 401
    assert post(made, f"{STAT_XPLORE}/table", CUBE, APIKey="bad").status_code == 401
    assert made.get(f"{STAT_XPLORE}/schema", headers={"APIKey": "bad"}).status_code == 401
    assert made.get(f"{STAT_XPLORE}/table", headers=KEY).status_code == 405


def test_the_schema_leads_to_the_measures_and_may_be_kept(made: Client) -> None:
    root = made.get(f"{STAT_XPLORE}/schema", headers=KEY).json()
    database = root["children"][0]["id"]
    answer = made.get(f"{STAT_XPLORE}/schema/{database}", headers=KEY)
    known = {child["id"] for child in answer.json()["children"]}
    assert set(CUBE["measures"]) < known
    left = answer.headers["X-RateLimit-Remaining"]
    again = made.get(f"{STAT_XPLORE}/schema/{database}", headers={**KEY, "If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.headers["X-RateLimit-Remaining"]) == (304, left)
    assert made.get(f"{STAT_XPLORE}/schema/none", headers=KEY).status_code == 404


def test_the_hours_requests_run_out_and_come_back(tmp_path: Path) -> None:
    now = [1_000.0]
    site = Site(stat_xplore_limit=2, cache=tmp_path)
    site._stat_xplore.allowance = Allowance(2, clock=lambda: now[0])
    small = {**CUBE, "recodes": {"str:field:SHBE:LA": {"map": [["str:value:SHBE:LA:00EB"]]}}}
    with running(site) as client:
        answers = [post(client, f"{STAT_XPLORE}/table", small, **KEY) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert [answer.headers["X-RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
        # The hour began with the first request; the reset is in milliseconds.
        assert {answer.headers["X-RateLimit-Reset"] for answer in answers} == {"4600000"}
        assert "Retry-After" not in answers[2].headers
        limit = client.get(f"{STAT_XPLORE}/rate_limit", headers=KEY).json()
        assert limit == {"limit": 2, "remaining": 0, "reset": 4_600_000}
        now[0] = 4_600.0
        assert post(client, f"{STAT_XPLORE}/table", small, **KEY).status_code == 200


def test_nomis_has_quarters_of_claimants_by_council_and_neighbourhood(made: Client) -> None:
    select = "DATE_NAME,GEOGRAPHY_CODE,GEOGRAPHY_NAME,VARIABLE_NAME,MEASURES_NAME,OBS_VALUE,OBS_STATUS,RECORD_COUNT"
    query = {"geography": "TYPE464", "time": "2008-05,2009-02", "select": select}
    councils = table_of(made.get(f"{NOMIS}/NM_105_1.data.csv", params=query))
    assert {row["DATE_NAME"] for row in councils} == {"May 2008", "August 2008", "November 2008", "February 2009"}
    assert len(councils) == 4 * 4 * 354 == int(councils[0]["RECORD_COUNT"])
    spots = table_of(made.get(f"{NOMIS}/NM_102_1.data.csv", params={**query, "geography": "TYPE298", "uid": "me"}))
    names = {row["GEOGRAPHY_NAME"] for row in spots}
    assert {"Hartlepool 001A", "Hartlepool 004A"} <= names
    assert all(row["GEOGRAPHY_CODE"].startswith("X01") for row in spots)
    for day in ("May 2008", "February 2009"):
        whole = sum(int(row["OBS_VALUE"]) for row in councils if row["DATE_NAME"] == day)
        parts = sum(int(row["OBS_VALUE"]) for row in spots if row["DATE_NAME"] == day)
        assert whole == parts


def test_what_was_drawn_from_a_document_serves_the_next_sandbox(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = {"geography": "TYPE464", "date": "2008", "select": "GEOGRAPHY_CODE,OBS_VALUE,RECORD_OFFSET,RECORD_COUNT"}
    pages = [{**query, "RecordOffset": str(start), "RecordLimit": "300"} for start in range(0, 1000, 300)]

    def ask(client: Client) -> tuple[list[dict[str, str]], Any]:
        rows = [row for page in pages for row in table_of(client.get(f"{NOMIS}/NM_30_1.data.csv", params=page))]
        return rows, client.get(A_LEVELS).json()

    with running(Site("made", cache=tmp_path)) as client:
        rows, summary = ask(client)
        whole = table_of(client.get(f"{NOMIS}/NM_30_1.data.csv", params=query))
    assert rows == whole
    assert [row["RECORD_OFFSET"] for row in rows] == [str(number) for number in range(int(rows[0]["RECORD_COUNT"]))]

    def refuse(*_: object) -> None:
        raise ValueError("the document was read again")

    monkeypatch.setattr("sandbox.bodies.nomis.Nomis._write", refuse)
    monkeypatch.setattr("sandbox.bodies.ees.read_table", refuse)
    with running(Site("made", cache=tmp_path)) as client:
        assert ask(client) == (rows, summary)
        client.fault(f"{NOMIS}/NM_30_1.data.csv", "revise", args={"share": 0.5})
        assert client.get(f"{NOMIS}/NM_30_1.data.csv", params=query).status_code == 400, "new text is read anew"


def test_nomis_takes_dates_one_by_one_in_ranges_and_from_the_end(made: Client) -> None:
    def dates(**query: str) -> set[str]:
        path = f"{NOMIS}/NM_30_1.data.csv"
        return {row["DATE_NAME"] for row in table_of(made.get(path, params={"geography": "TYPE464", **query}))}

    assert dates(date="2008") == {"2008"}
    assert dates(date="2005,2008") == {"2005", "2008"}
    assert dates(date="latest") == dates(date="latestMINUS0") == {"2010"}
    assert dates(date="latestMINUS2-latest") == dates(time="2008,2010") == {"2008", "2009", "2010"}
    bad = made.get(f"{NOMIS}/NM_30_1.data.csv", params={"geography": "TYPE464", "date": "soon"})
    assert bad.status_code == 400
    assert made.get(f"{NOMIS}/NM_999_1.data.csv", params={"geography": "TYPE464"}).content == b""


def test_the_survey_of_nomis_states_england_regions_and_missing_places(made: Client) -> None:
    query = {"geography": "2092957699,TYPE480,TYPE464", "date": "2009-03"}
    rows = table_of(made.get(f"{NOMIS}/NM_17_5.data.csv", params=query))
    # Twelve months that end in March 2009 go by their whole span.
    assert {row["DATE_NAME"] for row in rows} == {"Apr 2008-Mar 2009"}
    working = [row for row in rows if row["VARIABLE_NAME"].startswith("In employment")]
    by_area = {row["GEOGRAPHY_CODE"]: row for row in working}
    regions = sum(int(row["OBS_VALUE"]) for code, row in by_area.items() if code.startswith("E12"))
    assert int(by_area["E92000001"]["OBS_VALUE"]) == regions
    assert (by_area["E09000001"]["OBS_VALUE"], by_area["E09000001"]["OBS_STATUS"]) == ("", "Q")
    only = made.get(f"{NOMIS}/NM_17_5.data.csv", params={**query, "geography": "E12000001"})
    assert {row["GEOGRAPHY_NAME"] for row in table_of(only)} == {"North East"}


def test_fingertips_serves_the_indicators_that_are_asked_for(made: Client) -> None:
    area = {"child_area_type_id": "102", "parent_area_type_id": "15"}
    known = made.get("/fingertips.phe.org.uk/api/available_data").json()
    types = {pair["IndicatorId"]: pair["AreaTypeId"] for pair in known}
    assert types[93356] == types[99001] == 102
    assert types[99012] == 152
    two = table_of(made.get(FINGERTIPS, params={"indicator_ids": "99004,99003", **area}))
    assert {row["Indicator ID"] for row in two} == {"99003", "99004"}
    every = table_of(made.get(FINGERTIPS, params={"indicator_ids": "99003,99004,99005,99006", **area}))
    assert len(every) > len(two)
    assert [row for row in every if row["Indicator ID"] == "99004"] == [
        row for row in two if row["Indicator ID"] == "99004"
    ]
    trusts = {"indicator_ids": "99012", "parent_area_type_id": "15"}
    assert table_of(made.get(FINGERTIPS, params={**trusts, "child_area_type_id": "102"})) == []
    rows = table_of(made.get(FINGERTIPS, params={**trusts, "child_area_type_id": "152"}))
    codes = {row["Area Code"] for row in rows if row["Time period"].startswith("2008/09")}
    # England had 152 primary care and care trusts in that year.
    assert len({code for code in codes if not code.startswith(("E92", "E12"))}) == 152
    pair = made.get("/fingertips.phe.org.uk/api/available_data", params={"indicator_id": "99012"}).json()
    assert pair == [{"IndicatorId": 99012, "AreaTypeId": 152}]


def test_faults_of_single_answers_strike_the_interfaces(made: Client) -> None:
    table = f"{STAT_XPLORE}/table"
    made.fault(table, "429", args={"reset_ms": 1_551_969_921_590})
    refused = post(made, table, CUBE, **KEY)
    assert (refused.status_code, refused.headers["X-RateLimit-Reset"]) == (429, "1551969921590")
    for kind in ("429", "504"):
        made.fault(f"{A_LEVELS}/*", kind)
        answer = made.get(f"{A_LEVELS}/csv")
        assert answer.status_code == int(kind)
        assert "Retry-After" not in answer.headers
    made.fault(f"{A_LEVELS}/csv", "drop")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        made.get(f"{A_LEVELS}/csv")
    made.fault(f"{A_LEVELS}/csv", "gzip")
    packed = requests.get(f"{made.url}{A_LEVELS}/csv", stream=True, timeout=20)
    assert gzip.decompress(packed.raw.read(decode_content=False)).startswith(b"time_period,")
    made.fault(f"{FINGERTIPS}", "empty")
    assert made.get(FINGERTIPS, params={"indicator_ids": "99003"}).content == b""


def test_withdrawn_data_are_not_handed_out(made: Client) -> None:
    made.fault(f"{A_LEVELS}/csv", "withdraw")
    assert made.get(A_LEVELS).json()["status"] == "Withdrawn"
    assert [made.get(f"{A_LEVELS}/{what}").status_code for what in ("csv", "query", "meta")] == [403] * 3
    made.fault(f"{STAT_XPLORE}/table", "withdraw")
    assert post(made, f"{STAT_XPLORE}/table", CUBE, **KEY).status_code == 410
    made.fault(f"{FINGERTIPS}/nhs_child_measurement", "withdraw")
    asked = {"child_area_type_id": "102", "parent_area_type_id": "15"}
    assert made.get(FINGERTIPS, params={"indicator_ids": "99003", **asked}).status_code == 410
    assert made.get(FINGERTIPS, params={"indicator_ids": "99001", **asked}).status_code == 200
    made.fault(f"{NOMIS}/NM_30_1.data.csv", "withdraw")
    assert made.get(f"{NOMIS}/NM_30_1.data.csv", params={"geography": "TYPE464"}).status_code == 410
    assert made.get(f"{NOMIS}/NM_105_1.data.csv", params={"geography": "TYPE464"}).status_code == 200


def test_content_faults_reach_cubes_and_data_sets(made: Client) -> None:
    before = post(made, f"{STAT_XPLORE}/table", CUBE, **KEY).json()
    made.fault(f"{STAT_XPLORE}/table", "revise", args={"share": 0.5})
    after = post(made, f"{STAT_XPLORE}/table", CUBE, **KEY).json()
    was, now = list(_rows_of_cube(before)), list(_rows_of_cube(after))
    assert [row[:3] for row in was] == [row[:3] for row in now]
    assert was != now
    made.mend()
    rename = {"from": "New claims decided", "to": "New claims"}
    assert made.fault(f"{STAT_XPLORE}/table", "rename_column", args=rename).status_code == 201
    assert post(made, f"{STAT_XPLORE}/table", CUBE, **KEY).json()["measures"][0]["label"] == "New claims"
    made.mend()
    wrong = {"from": "Old claims", "to": "New claims"}
    assert made.fault(f"{STAT_XPLORE}/table", "rename_column", args=wrong).status_code == 400
    made.fault(f"{STAT_XPLORE}/table", "bad_number", args={"value": "..", "count": 5})
    assert '".."' in post(made, f"{STAT_XPLORE}/table", {**CUBE, "measures": _every_measure(made)}, **KEY).text
    made.mend()
    path = f"{NOMIS}/NM_30_1.data.csv"
    made.fault(path, "rename_column", args={"from": "OBS_VALUE", "to": "VALUE"})
    renamed = made.get(path, params={"geography": "TYPE464", "select": "GEOGRAPHY_CODE,OBS_VALUE"})
    assert renamed.text.splitlines()[0] == '"GEOGRAPHY_CODE","VALUE"'


def _every_measure(client: Client) -> list[str]:
    schema = client.get(f"{STAT_XPLORE}/schema/str:database:SHBE", headers=KEY).json()
    return [child["id"] for child in schema["children"] if child["type"] == "MEASURE"]


def test_a_query_that_is_no_json_is_refused(made: Client) -> None:
    for path, headers in ((f"{A_LEVELS}/query", {}), (f"{STAT_XPLORE}/table", KEY)):
        answer = requests.post(made.url + path, data=b"{", headers=headers, timeout=20)
        assert answer.status_code == 400
        assert json.loads(answer.content)
