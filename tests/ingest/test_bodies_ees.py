"""Explore Education Statistics: versions, gzip, opaque ids, pages, and the ways it refuses."""

from __future__ import annotations

import datetime as dt
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest.bodies import connector_for
from ingest.bodies import ees as module
from ingest.bodies.base import Delivered, Known
from ingest.bodies.http import Http
from ingest.contract import Body, Dataset, Ees
from ingest.errors import BadFile, BodyError, NotPublished, Withdrawn
from ingest.landing import LandingStore
from tests.ingest.body_server import BodyServer, Reply, Request, dataset

ID = "7f0c2a3e-0000-5000-8000-000000000001"
SUMMARY = f"/api.education.gov.uk/statistics/v1/data-sets/{ID}"
CSV = b"time_period,time_identifier,pupils\n200809,Academic year,12\n"


@pytest.fixture
def server() -> Iterator[BodyServer]:
    """A scripted body."""
    with BodyServer() as running:
        yield running


def summary(version: str = "1.2", **changes: Any) -> bytes:
    latest = {"version": version, "published": "2009-01-15T09:30:00+00:00", "totalResults": 2}
    return json.dumps({"id": ID, "title": "A", "status": "Published", "latestVersion": latest, **changes}).encode()


def data(mode: str = "csv", max_bytes: int = 1 << 20) -> Dataset:
    source = Ees(ID, ("entries", "passes"), filters=("breakdown",), mode=mode)  # type: ignore[arg-type]
    return dataset(source, Body.EES, max_bytes=max_bytes)


def fetch(server: BodyServer, which: Dataset, folder: Path, known: Known | None = None) -> tuple[Delivered, str] | None:
    connector, store = connector_for(which.source), LandingStore(str(folder))
    with Http(server.settings()) as http:
        (offer,) = connector.offers(which, http)
        delivered = connector.fetch(which, offer, known, http, store, lambda *_: None)
    if delivered is None:
        return None
    with store.open(delivered.sha256) as source:
        return delivered, source.read().decode()


def landed(server: BodyServer, which: Dataset, folder: Path) -> tuple[Delivered, str]:
    found = fetch(server, which, folder)
    assert found is not None
    return found


def test_csv_is_unpacked_and_its_version_kept(server: BodyServer, tmp_path: Path) -> None:
    server.says(SUMMARY, summary())
    packed = Reply(200, gzip.compress(CSV), {"Content-Encoding": "gzip", "Content-Type": "text/csv"})
    server.says(f"{SUMMARY}/csv", packed)
    delivered, text = landed(server, data(), tmp_path)
    assert text.encode() == CSV
    assert delivered.headers["data-set-version"] == "1.2"
    assert delivered.url == f"{server.url}{SUMMARY}/csv?dataSetVersion=1.2"
    assert server.requests[1].query == {"dataSetVersion": "1.2"}


def test_version_we_hold_is_not_fetched_again_and_a_new_one_is(server: BodyServer, tmp_path: Path) -> None:
    server.says(SUMMARY, summary("1.2"), summary("1.3"))
    server.says(f"{SUMMARY}/csv", CSV)
    # The port of the sandbox differs from run to run.
    known = Known(url=f"http://localhost:1{SUMMARY}/csv?dataSetVersion=1.2")
    assert fetch(server, data(), tmp_path, known) is None
    assert server.paths() == [SUMMARY]
    assert fetch(server, data(), tmp_path, known) is not None


def test_day_of_publication_is_that_of_the_version(server: BodyServer) -> None:
    server.says(SUMMARY, summary())
    with Http(server.settings()) as http:
        (offer,) = connector_for(data().source).offers(data(), http)
    assert (offer.part, offer.published_on) == ("all", dt.date(2009, 1, 15))


def test_withdrawn_data_set_names_its_successor(server: BodyServer, tmp_path: Path) -> None:
    server.says(SUMMARY, summary(status="Withdrawn", supersedingDataSetId="other"))
    with pytest.raises(Withdrawn, match="is withdrawn") as caught:
        fetch(server, data(), tmp_path)
    assert caught.value.hint == "its successor is other"


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [(Reply(404, b'{"title":"Not Found","status":404}'), NotPublished, "answered 404"),
     (Reply(403, b'{"title":"Forbidden","status":403}'), BodyError, "answered 403"),
     (Reply(504), BodyError, "answered 504; given up after 4 tries"),
     (Reply(429), BodyError, "answered 429; given up after 4 tries"),
     (Reply(200, b"[]"), BodyError, "is not a data set"),
     (Reply(200, b'{"latestVersion": {}}'), BodyError, "names no version")],
)  # fmt: skip
def test_refusals_of_the_summary(
    server: BodyServer, tmp_path: Path, reply: Reply, kind: type[BodyError], words: str
) -> None:
    server.says(SUMMARY, reply)
    with pytest.raises(BodyError, match=words) as caught:
        fetch(server, data(), tmp_path)
    assert type(caught.value) is kind


def test_unpacked_size_is_limited(server: BodyServer, tmp_path: Path) -> None:
    server.says(SUMMARY, summary())
    bomb = gzip.compress(CSV + b"200809,Academic year,1\n" * 100_000)
    assert len(bomb) < 50_000
    server.says(f"{SUMMARY}/csv", Reply(200, bomb, {"Content-Encoding": "gzip"}))
    with pytest.raises(BadFile, match="larger than the 1,048,576 bytes"):
        fetch(server, data(), tmp_path)


# Queries

META = {
    "filters": [
        {"id": "f1", "column": "breakdown", "label": "Breakdown",
         "options": [{"id": "o1", "label": "Total"}, {"id": "o2", "label": "Free, school meals"}]},
    ],
    "indicators": [
        {"id": "i1", "column": "passes", "label": "Passes", "unit": ""},
        {"id": "i2", "column": "entries", "label": "Entries", "unit": ""},
    ],
    "geographicLevels": [{"code": "NAT", "label": "National"}, {"code": "LA", "label": "Local authority"},
                         {"code": "SCH", "label": "School"}],
    "locations": [
        {"level": {"code": "NAT", "label": "National"},
         "options": [{"id": "n", "label": "England", "code": "E92000001"}]},
        {"level": {"code": "REG", "label": "Regional"},
         "options": [{"id": "r", "label": "Yorkshire and The Humber", "code": "E12000003"}]},
        {"level": {"code": "LA", "label": "Local authority"},
         "options": [{"id": "b", "label": "Barnsley", "code": "E08000016", "oldCode": "370"}]},
    ],
    "timePeriods": [],
}  # fmt: skip


def result(period: str, code: str, level: str, option: str, entries: str, passes: str) -> dict[str, Any]:
    places = {"NAT": "n"} if level == "NAT" else {"NAT": "n", "REG": "r", "LA": "b"}
    return {
        "timePeriod": {"code": code, "period": period}, "geographicLevel": level, "locations": places,
        "filters": {"f1": option}, "values": {"i2": entries, "i1": passes},
    }  # fmt: skip


RESULTS = [
    result("2008/2009", "AY", "NAT", "o1", "1200", "c"),
    result("2009", "M11", "LA", "o2", "7", "z"),
    result("1999/2000", "FY", "LA", "o1", "3", "1.5"),
]
EXPECTED = (
    "time_period,time_identifier,geographic_level,country_code,country_name,region_code,region_name,"
    "old_la_code,new_la_code,la_name,breakdown,entries,passes\n"
    "200809,Academic year,National,E92000001,England,,,,,,Total,1200,c\n"
    "2009,November,Local authority,E92000001,England,E12000003,Yorkshire and The Humber,"
    '370,E08000016,Barnsley,"Free, school meals",7,z\n'
    "199900,Financial year,Local authority,E92000001,England,E12000003,Yorkshire and The Humber,"
    "370,E08000016,Barnsley,Total,3,1.5\n"
)


class Pages:
    """A query answered in pages of two results; `promised` is what it says there are in all."""

    def __init__(self, results: list[dict[str, Any]], promised: int | None = None) -> None:
        self.results, self.promised = results, len(results) if promised is None else promised

    def __call__(self, request: Request) -> Reply:
        page = json.loads(request.text)["page"]
        found = self.results[(page - 1) * 2 : page * 2]
        return Reply(200, json.dumps({"paging": {"totalResults": self.promised}, "results": found}).encode())


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of two results."""
    monkeypatch.setattr(module, "PAGE_SIZE", 2)


@pytest.mark.usefixtures("small_pages")
def test_query_is_read_to_the_last_page_and_written_as_the_csv_would_be(server: BodyServer, tmp_path: Path) -> None:
    server.says(SUMMARY, summary())
    server.says(f"{SUMMARY}/meta", json.dumps(META).encode())
    server.says(f"{SUMMARY}/query", Pages(RESULTS))
    delivered, text = landed(server, data("query"), tmp_path)
    assert text == EXPECTED
    assert delivered.headers == {"data-set-version": "1.2"}
    asked = [request for request in server.requests if request.path.endswith("/query")]
    assert [request.method for request in asked] == ["POST", "POST"]
    assert asked[0].headers["content-type"] == "application/json"
    question = json.loads(asked[1].text)
    assert question["indicators"] == ["i2", "i1"]
    assert question["criteria"] == {"geographicLevels": {"in": ["NAT", "LA"]}}
    assert (question["page"], question["pageSize"]) == (2, 2)


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize(
    ("pages", "words"),
    [(Pages(RESULTS, promised=5), "3 results and then page 3 with 0 of 5, where 5 were promised"),
     (Pages([{**RESULTS[0], "filters": {"f1": "o9"}}]), "KeyError: 'o9'"),
     (Pages([{**RESULTS[0], "values": {"i1": "1"}}]), "KeyError: 'i2'"),
     (Pages([]), "has no results")],
)  # fmt: skip
def test_queries_that_do_not_add_up(server: BodyServer, tmp_path: Path, pages: Pages, words: str) -> None:
    server.says(SUMMARY, summary())
    server.says(f"{SUMMARY}/meta", json.dumps(META).encode())
    server.says(f"{SUMMARY}/query", pages)
    with pytest.raises(BodyError, match=words):
        fetch(server, data("query"), tmp_path)


def test_indicator_that_is_gone_is_told_with_what_there_is(server: BodyServer, tmp_path: Path) -> None:
    server.says(SUMMARY, summary())
    meta = {**META, "indicators": [{"id": "i1", "column": "passes_new", "label": "Passes"}]}
    server.says(f"{SUMMARY}/meta", json.dumps(meta).encode())
    with pytest.raises(BodyError, match="has no column 'entries', 'passes'; it has passes_new, breakdown"):
        fetch(server, data("query"), tmp_path)


@pytest.mark.usefixtures("small_pages")
def test_query_is_limited_too(server: BodyServer, tmp_path: Path) -> None:
    server.says(SUMMARY, summary())
    server.says(f"{SUMMARY}/meta", json.dumps(META).encode())
    server.says(f"{SUMMARY}/query", Pages(RESULTS))
    with pytest.raises(BadFile, match="larger than the 200 bytes"):
        fetch(server, data("query", max_bytes=200), tmp_path)
