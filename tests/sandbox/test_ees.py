"""The public API of Explore Education Statistics: meta data, versions, queries, CSV files."""

from __future__ import annotations

import gzip
import uuid

import pytest
import requests

from tests.sandbox.client import Client, post, table_of

EES = "/api.education.gov.uk/statistics/v1/data-sets"
A_LEVELS = f"{EES}/{uuid.uuid5(uuid.NAMESPACE_URL, 'ees:dcsf_a_levels')}"
KEY_STAGE_4 = f"{EES}/{uuid.uuid5(uuid.NAMESPACE_URL, 'ees:dcsf_key_stage_4')}"
NEET = f"{EES}/{uuid.uuid5(uuid.NAMESPACE_URL, 'ees:ccis_neet')}"


def _codes(response: requests.Response) -> list[str]:
    assert response.status_code == 400
    assert response.headers["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == 400
    return [error["code"] for error in problem["errors"]]


def test_a_data_set_tells_its_version_and_content(made: Client) -> None:
    summary = made.get(A_LEVELS)
    assert "ETag" not in summary.headers
    latest = summary.json()["latestVersion"]
    assert (summary.json()["status"], latest["version"]) == ("Published", "1.0")
    assert latest["timePeriods"] == {"start": "2004/2005", "end": "2009/2010"}
    assert latest["geographicLevels"] == ["National", "Regional", "Local authority"]
    assert made.get(f"{EES}/{uuid.UUID(int=7)}").status_code == 404
    assert made.get(f"{A_LEVELS}/else").status_code == 404


def test_the_csv_is_always_packed_and_names_its_version(made: Client) -> None:
    answer = requests.get(f"{made.url}{A_LEVELS}/csv", headers={"Accept-Encoding": "identity"}, stream=True, timeout=20)
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Content-Disposition"].endswith('_v1.0.csv"')
    assert "ETag" not in answer.headers
    text = gzip.decompress(answer.raw.read(decode_content=False)).decode()
    assert text.startswith("time_period,time_identifier,geographic_level,country_code,country_name,region_code,")
    assert len(text.splitlines()) == made.get(A_LEVELS).json()["latestVersion"]["totalResults"] + 1


def test_a_query_walked_through_gives_the_rows_of_the_csv(made: Client) -> None:
    meta = made.get(f"{A_LEVELS}/meta").json()
    columns = {entry["id"]: entry["column"] for entry in meta["indicators"]}
    places = {option["id"]: option for group in meta["locations"] for option in group["options"]}
    found, page, pages = [], 1, 1
    while page <= pages:
        answer = made.get(f"{A_LEVELS}/query", params={"pageSize": "400", "page": str(page)})
        paging = answer.json()["paging"]
        pages = paging["totalPages"]
        assert answer.headers["Total-Results"] == str(paging["totalResults"])
        found += answer.json()["results"]
        page += 1
    assert pages == 3
    asked = {
        (
            result["timePeriod"]["period"],
            places[result["locations"][result["geographicLevel"]]]["code"],
            *sorted((columns[key], value) for key, value in result["values"].items()),
        )
        for result in found
    }
    level = {"National": "country_code", "Regional": "region_code", "Local authority": "new_la_code"}
    rows = table_of(made.get(f"{A_LEVELS}/csv"))
    assert asked == {
        (
            f"{row['time_period'][:4]}/20{row['time_period'][4:]}",
            row[level[row["geographic_level"]]],
            *sorted((column, row[column]) for column in columns.values()),
        )
        for row in rows
    }
    assert len(found) == len(rows)


def test_criteria_choose_rows_by_post_and_by_get(made: Client) -> None:
    criteria = {
        "and": [
            {"geographicLevels": {"eq": "LA"}},
            {"timePeriods": {"gte": {"period": "2008/2009", "code": "AY"}}},
            {"locations": {"in": [{"level": "LA", "code": "E08000016"}, {"level": "LA", "oldCode": "373"}]}},
        ]
    }
    posted = post(made, f"{A_LEVELS}/query", {"criteria": criteria, "debug": True}).json()
    assert [result["timePeriod"]["period"] for result in posted["results"]] == ["2009/2010"] * 2 + ["2008/2009"] * 2
    shown = {result["locations"]["LA"].partition(" :: ")[2] for result in posted["results"]}
    assert shown == {"Barnsley", "Sheffield"}
    asked = {
        "geographicLevels.eq": "LA",
        "timePeriods.gte": "2008/2009|AY",
        "locations.in": "LA|code|E08000016,LA|oldCode|373",
        "debug": "true",
    }
    assert made.get(f"{A_LEVELS}/query", params=asked).json() == posted
    negated = {"criteria": {"not": criteria}, "pageSize": 1}
    total = made.get(A_LEVELS).json()["latestVersion"]["totalResults"]
    assert post(made, f"{A_LEVELS}/query", negated).json()["paging"]["totalResults"] == total - 4
    none = {"criteria": {"and": [{"geographicLevels": {"eq": "NAT"}}, {"geographicLevels": {"eq": "LA"}}]}}
    empty = post(made, f"{A_LEVELS}/query", none).json()
    assert (empty["results"], empty["warnings"][0]["code"]) == ([], "QueryNoResults")


def test_filters_are_chosen_by_opaque_ids(made: Client) -> None:
    meta = made.get(f"{KEY_STAGE_4}/meta", params={"types": "Filters,Indicators"}).json()
    assert set(meta) == {"filters", "indicators"}
    breakdown = next(entry for entry in meta["filters"] if entry["column"] == "breakdown")
    total = next(option["id"] for option in breakdown["options"] if option["label"] == "Total")
    other = next(option for option in breakdown["options"] if option["label"] != "Total")
    rows = table_of(made.get(f"{KEY_STAGE_4}/csv"))
    for option, label in ((total, "Total"), (other["id"], other["label"])):
        answer = post(made, f"{KEY_STAGE_4}/query", {"criteria": {"filters": {"in": [option]}}, "pageSize": 1}).json()
        assert answer["paging"]["totalResults"] == sum(row["breakdown"] == label for row in rows)
    one = meta["indicators"][0]["id"]
    answer = post(made, f"{KEY_STAGE_4}/query", {"indicators": [one], "pageSize": 5}).json()
    assert all(list(result["values"]) == [one] for result in answer["results"])
    assert all(isinstance(value, str) for result in answer["results"] for value in result["values"].values())


def test_months_have_codes_of_their_own(made: Client) -> None:
    times = made.get(f"{NEET}/meta", params={"types": "TimePeriods"}).json()["timePeriods"]
    assert {time["code"] for time in times} == {"M11", "M12", "M1"}
    answer = made.get(f"{NEET}/query", params={"timePeriods.eq": "2008|M11", "pageSize": "1"}).json()
    assert answer["results"][0]["timePeriod"] == {"code": "M11", "period": "2008"}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"pageSize": 10_001}, "InclusiveBetween"),
        ({"page": 0}, "GreaterThanOrEqual"),
        ({"indicators": ["none"]}, "IndicatorsNotFound"),
        ({"criteria": {"filters": {"eq": "none"}}}, "FiltersNotFound"),
        ({"criteria": {"geographicLevels": {"in": ["XX"]}}}, "GeographicLevelsNotFound"),
        ({"criteria": {"locations": {"eq": {"level": "LA", "code": "E99999999"}}}}, "LocationsNotFound"),
        ({"criteria": {"locations": {"eq": "E08000016"}}}, "LocationFormat"),
        ({"criteria": {"timePeriods": {"eq": {"period": "1990/1991", "code": "AY"}}}}, "TimePeriodsNotFound"),
        ({"criteria": {"timePeriods": {"eq": {"period": "2008/2010", "code": "AY"}}}}, "TimePeriodInvalidYearRange"),
        ({"criteria": {"timePeriods": {"eq": {"period": "2008"}}}}, "TimePeriodFormat"),
        ({"sorts": [{"field": "colour", "direction": "Asc"}]}, "SortFieldsNotFound"),
        ({"sorts": [{"field": "timePeriod", "direction": "up"}]}, "SortFormat"),
        ({"criteria": {}}, "InvalidValue"),
        ([], "InvalidValue"),
    ],
)
def test_a_query_that_cannot_be_is_refused_with_a_code(made: Client, query: object, code: str) -> None:
    assert _codes(post(made, f"{A_LEVELS}/query", query)) == [code]


def test_versions_come_in_pages(made: Client) -> None:
    made.fault(f"{A_LEVELS}/csv", "revise")
    made.fault(f"{A_LEVELS}/csv", "bad_number")
    first = made.get(f"{A_LEVELS}/versions", params={"pageSize": "2"}).json()
    assert [version["version"] for version in first["results"]] == ["1.2", "1.1"]
    assert first["paging"] == {"page": 1, "pageSize": 2, "totalResults": 3, "totalPages": 2}
    second = made.get(f"{A_LEVELS}/versions", params={"pageSize": "2", "page": "2"}).json()
    assert [(version["version"], version["type"]) for version in second["results"]] == [("1.0", "Major")]
    assert made.get(f"{A_LEVELS}/versions/1.1").json()["type"] == "Minor"
    assert _codes(made.get(f"{A_LEVELS}/versions", params={"pageSize": "21"})) == ["InclusiveBetween"]
    assert made.get(f"{A_LEVELS}/csv", params={"dataSetVersion": "1.*"}).status_code == 200
    assert made.get(f"{A_LEVELS}/csv", params={"dataSetVersion": "2.0"}).status_code == 404


def test_a_revision_is_a_minor_version_and_a_renamed_column_a_major_one(made: Client) -> None:
    before = made.get(f"{A_LEVELS}/csv").text
    made.fault(f"{A_LEVELS}/csv", "revise", args={"share": 0.2})
    assert made.get(A_LEVELS).json()["latestVersion"]["version"] == "1.1"
    after = made.get(f"{A_LEVELS}/csv")
    assert after.headers["Content-Disposition"].endswith('_v1.1.csv"')
    changed = sum(old != new for old, new in zip(before.splitlines(), after.text.splitlines(), strict=True))
    wanted = round(0.2 * (len(before.splitlines()) - 1))
    # A row of symbols alone stays what it is.
    assert wanted * 0.95 <= changed <= wanted
    made.fault(f"{A_LEVELS}/csv", "rename_column", args={"from": "a_level_entries_maths", "to": "maths_entries"})
    assert made.get(A_LEVELS).json()["latestVersion"]["version"] == "2.0"
    assert "maths_entries" in [entry["column"] for entry in made.get(f"{A_LEVELS}/meta").json()["indicators"]]
    made.mend()
    assert made.get(A_LEVELS).json()["latestVersion"]["version"] == "1.0"
    assert made.get(f"{A_LEVELS}/csv").text == before
