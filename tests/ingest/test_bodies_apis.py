"""The interfaces of Fingertips, Nomis and the police: pages, limits and answers that mislead."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest.bodies import connector_for
from ingest.bodies.base import Delivered
from ingest.bodies.http import Http
from ingest.bodies.polygons import Polygon, as_text, quarters
from ingest.contract import Body, Dataset, Fingertips, Nomis, NomisQuery, PoliceApi
from ingest.errors import BadFile, BodyError, ContractError, NotPublished
from ingest.landing import LandingStore
from tests.ingest.body_server import BodyServer, Reply, Request, dataset

FINGERTIPS = "/fingertips.phe.org.uk/api/all_data/csv/by_indicator_id"
NOMIS = "/www.nomisweb.co.uk/api/v01/dataset/NM_2002_1.data.csv"
POLICE = "/data.police.uk/api/crimes-street/all-crime"
SQUARE = ((51.0, -1.0), (51.0, 0.0), (52.0, 0.0), (52.0, -1.0))
SELECT = ("DATE_NAME", "GEOGRAPHY_NAME", "OBS_VALUE", "RECORD_OFFSET", "RECORD_COUNT")


@pytest.fixture
def server() -> Iterator[BodyServer]:
    """A scripted body."""
    with BodyServer() as running:
        yield running


def fetch(server: BodyServer, data: Dataset, folder: Path, **changes: object) -> tuple[Delivered, bytes]:
    """Fetch the only offer of a dataset; returns what was delivered and its bytes."""
    connector, store = connector_for(data.source), LandingStore(str(folder))
    with Http(server.settings(**changes)) as http:
        (offer,) = connector.offers(data, http)
        delivered = connector.fetch(data, offer, None, http, store, lambda *_: None)
    assert delivered is not None
    with store.open(delivered.sha256) as source:
        return delivered, source.read()


# Fingertips


def fingertips(count: int = 1) -> Dataset:
    return dataset(Fingertips(tuple(range(90_000, 90_000 + count)), 102, 6), Body.FINGERTIPS)


def test_fingertips_asks_for_the_indicators_of_the_dataset(server: BodyServer, tmp_path: Path) -> None:
    server.says(FINGERTIPS, b"Indicator ID,Value\r\n90000,1\r\n")
    delivered, landed = fetch(server, fingertips(), tmp_path)
    assert landed == b"Indicator ID,Value\r\n90000,1\r\n"
    assert server.requests[0].query["indicator_ids"] == "90000"
    assert server.requests[0].query["child_area_type_id"] == "102"
    assert server.requests[0].query["parent_area_type_id"] == "6"
    assert delivered.url.startswith(server.url + FINGERTIPS)


def test_fingertips_joins_calls_of_at_most_100(server: BodyServer, tmp_path: Path) -> None:
    def answer(request: Request) -> Reply:
        ids = request.query["indicator_ids"].split(",")
        # No line end after the last record: the next call's first must not be glued to it.
        return Reply(200, b"Indicator ID,Value\r\n" + "\r\n".join(f"{name},1" for name in ids).encode())

    server.says(FINGERTIPS, answer)
    _, landed = fetch(server, fingertips(205), tmp_path)
    assert [len(request.query["indicator_ids"].split(",")) for request in server.requests] == [100, 100, 5]
    assert landed.decode().split("\r\n") == [
        "Indicator ID,Value",
        *(f"{n},1" for n in range(90_000, 90_205)),
        "",
    ]


def test_fingertips_complaint_with_status_200_is_no_data(server: BodyServer, tmp_path: Path) -> None:
    server.says(FINGERTIPS, b"Sequence contains no elements")
    with pytest.raises(BodyError, match="'Sequence contains no elements' in place of the header"):
        fetch(server, fingertips(), tmp_path)


def test_fingertips_header_alone_is_no_data(server: BodyServer, tmp_path: Path) -> None:
    server.says(FINGERTIPS, b"Indicator ID,Value\r\n")
    with pytest.raises(NotPublished, match="has no data"):
        fetch(server, fingertips(), tmp_path)


def test_fingertips_layout_must_not_change_between_calls(server: BodyServer, tmp_path: Path) -> None:
    server.says(FINGERTIPS, b"Indicator ID,Value\r\n1,1\r\n", b"Indicator ID,Count\r\n1,1\r\n")
    with pytest.raises(BodyError, match="Count"):
        fetch(server, fingertips(101), tmp_path)


def test_fingertips_limit_holds_for_all_calls_together(server: BodyServer, tmp_path: Path) -> None:
    server.says(FINGERTIPS, b"Indicator ID,Value\r\n" + b"1,1\r\n" * 150_000)
    with pytest.raises(BadFile, match="larger than"):
        fetch(server, fingertips(101), tmp_path)


# Nomis


def nomis(select: tuple[str, ...] = SELECT) -> Dataset:
    return dataset(
        Nomis((NomisQuery("NM_2002_1", (("geography", "TYPE464"), ("c_age", "101...191")), select),)),
        Body.NOMIS,
        max_bytes=8 << 20,
    )


class Cut:
    """Nomis with a limit of rows a call, cut silently, and a place name that breaks naive line counting."""

    def __init__(self, total: int, limit: int) -> None:
        self.total, self.limit, self.calls = total, limit, 0

    def page(self, start: int, stop: int, total: int) -> bytes:
        rows = [f'"2011","Bournemouth,\nand ""Poole""",{number},{number},{total}' for number in range(start, stop)]
        return "\r\n".join([",".join(f'"{name}"' for name in SELECT), *rows]).encode() + b"\r\n"

    def __call__(self, request: Request) -> Reply:
        self.calls += 1
        start = int(request.query.get("RecordOffset", "0"))
        if start >= self.total:
            return Reply(200, b"")
        return Reply(200, self.page(start, min(start + self.limit, self.total), self.total))


@pytest.mark.parametrize(("total", "calls"), [(25_000, 1), (25_001, 2), (60_000, 3)])
def test_nomis_is_read_to_the_last_record(server: BodyServer, tmp_path: Path, total: int, calls: int) -> None:
    body = Cut(total, 25_000)
    server.says(NOMIS, body)
    delivered, landed = fetch(server, nomis(), tmp_path, read_timeout=5)
    assert body.calls == calls
    assert landed == body.page(0, total, total)
    assert delivered.url.endswith("?geography=TYPE464&c_age=101...191&select=" + ",".join(SELECT))


def test_nomis_queries_are_parts_of_their_own(server: BodyServer) -> None:
    queries = tuple(NomisQuery(f"NM_{number}_1", (("date", "2008"),), SELECT, part=f"p{number}") for number in (7, 8))
    with Http(server.settings()) as http:
        found = list(connector_for(Nomis(queries)).offers(dataset(Nomis(queries), Body.NOMIS), http))
    assert [(offer.part, offer.url.removeprefix(server.url).partition("?")[0]) for offer in found] == [
        ("p7", "/www.nomisweb.co.uk/api/v01/dataset/NM_7_1.data.csv"),
        ("p8", "/www.nomisweb.co.uk/api/v01/dataset/NM_8_1.data.csv"),
    ]
    assert server.requests == []


def test_nomis_byte_order_mark_appears_once(server: BodyServer, tmp_path: Path) -> None:
    body = Cut(5, 3)
    server.says(NOMIS, lambda request: Reply(200, b"\xef\xbb\xbf" + body(request).body))
    _, landed = fetch(server, nomis(), tmp_path)
    assert landed == b"\xef\xbb\xbf" + body.page(0, 5, 5)


def test_nomis_unique_id_travels_but_is_not_recorded(server: BodyServer, tmp_path: Path) -> None:
    server.says(NOMIS, Cut(2, 10))
    delivered, landed = fetch(server, nomis(), tmp_path, nomis_uid="0xsecret")
    assert server.requests[0].query["uid"] == "0xsecret"
    assert "0xsecret" not in f"{delivered} {landed!r}"


def test_nomis_empty_answer_is_no_data(server: BodyServer, tmp_path: Path) -> None:
    server.says(NOMIS, b"")
    with pytest.raises(NotPublished, match="no data for this query"):
        fetch(server, nomis(), tmp_path)
    assert len(server.requests) == 1


def test_nomis_starts_again_when_the_count_changes(server: BodyServer, tmp_path: Path) -> None:
    old, new = Cut(6, 4), Cut(7, 4)
    server.says(NOMIS, old, new)
    _, landed = fetch(server, nomis(), tmp_path)
    assert [request.query["RecordOffset"] for request in server.requests] == ["0", "4", "0", "4"]
    assert landed == new.page(0, 7, 7)


def test_nomis_that_keeps_changing_is_given_up(server: BodyServer, tmp_path: Path) -> None:
    def restless(request: Request) -> Reply:
        start = int(request.query["RecordOffset"])
        return Reply(200, Cut(0, 0).page(start, start + 2, 10 + len(server.requests)))

    server.says(NOMIS, restless)
    with pytest.raises(BodyError, match="changed between pages, 3 times"):
        fetch(server, nomis(), tmp_path)
    assert len(server.requests) == 6


def test_nomis_missing_records_are_an_error(server: BodyServer, tmp_path: Path) -> None:
    body = Cut(0, 0)
    server.says(NOMIS, body.page(0, 4, 9), b"")
    with pytest.raises(BodyError, match="sent 4 records where RECORD_COUNT promises 9"):
        fetch(server, nomis(), tmp_path)


def test_nomis_that_ignores_the_offset_is_found_out(server: BodyServer, tmp_path: Path) -> None:
    server.says(NOMIS, Cut(0, 0).page(0, 4, 9))
    with pytest.raises(BodyError, match="answered from record 0 where 4 was asked for"):
        fetch(server, nomis(), tmp_path)


@pytest.mark.parametrize(
    ("body", "words"),
    [(b'"A","B"\n1,2\n', "lacks the columns"),
     (b'"RECORD_OFFSET","RECORD_COUNT"\n0,many\n', "record 2 of a page is"),
     (b'"RECORD_OFFSET","RECORD_COUNT"\n0,1,2\n', "record 2 of a page is")],
)  # fmt: skip
def test_nomis_damaged_answers(server: BodyServer, tmp_path: Path, body: bytes, words: str) -> None:
    server.says(NOMIS, body)
    with pytest.raises(BodyError, match=words):
        fetch(server, nomis(), tmp_path)


def test_nomis_query_must_select_what_paging_needs(server: BodyServer, tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="RECORD_COUNT"):
        fetch(server, nomis(("OBS_VALUE", "RECORD_OFFSET")), tmp_path)


def test_nomis_transient_503_is_tried_again(server: BodyServer, tmp_path: Path) -> None:
    server.says(NOMIS, Reply(503), Cut(3, 10))
    assert fetch(server, nomis(), tmp_path)[1] == Cut(0, 0).page(0, 3, 3)


# Police


def police(polygon: Polygon = SQUARE, months: tuple[str, ...] = ("2020-08",)) -> Dataset:
    return dataset(PoliceApi((("surrey", polygon),), months), Body.POLICE, media="jsonl")


def crime(identity: int, lat: float, lng: float) -> dict[str, Any]:
    place = {"latitude": f"{lat:.6f}", "longitude": f"{lng:.6f}", "street": {"id": 1, "name": "Ŵ Street"}}
    return {"month": "2020-08", "id": identity, "category": "burglary", "location": place}


class Crowd:
    """The police API: 503 for more crimes than `limit` inside the polygon, which must be a rectangle."""

    def __init__(self, crimes: list[dict[str, Any]], limit: int) -> None:
        self.crimes, self.limit, self.refused = crimes, limit, 0

    def __call__(self, request: Request) -> Reply:
        asked = request.form or request.query
        points = [tuple(map(float, pair.split(","))) for pair in asked["poly"].split(":")]
        (low_lat, high_lat), (low_lng, high_lng) = ((min(side), max(side)) for side in zip(*points, strict=True))
        found = [
            item
            for item in self.crimes
            if low_lat <= float(item["location"]["latitude"]) <= high_lat
            and low_lng <= float(item["location"]["longitude"]) <= high_lng
        ]
        if len(found) > self.limit:
            self.refused += 1
            return Reply(503)
        return Reply(200, json.dumps(found[::-1]).encode())


def test_police_parts_are_areas_and_months(server: BodyServer) -> None:
    data = police(months=("2020-08", "2020-09"))
    with Http(server.settings()) as http:
        found = list(connector_for(data.source).offers(data, http))
    assert [offer.part for offer in found] == ["surrey/2020-08", "surrey/2020-09"]
    assert server.requests == []


def test_police_crimes_are_written_one_a_line_sorted(server: BodyServer, tmp_path: Path) -> None:
    one, two = crime(7, 51.5, -0.5), crime(12, 51.6, -0.6)
    server.says(POLICE, json.dumps([two, one]).encode(), json.dumps([one, dict(reversed(two.items()))]).encode())
    first, landed = fetch(server, police(), tmp_path)
    again, _ = fetch(server, police(), tmp_path)
    assert [json.loads(line) for line in landed.splitlines()] == [one, two]
    assert landed.startswith(b'{"category":"burglary","id":7,"location":{"latitude":"51.500000"')
    assert "Ŵ Street".encode() in landed
    assert again.sha256 == first.sha256
    assert not again.new_object
    assert server.requests[0].query["date"] == "2020-08"
    assert server.requests[0].query["poly"].startswith("51.000000,-1.000000:51.000000,0.000000:")


def test_police_503_splits_the_polygon_and_is_not_tried_again(server: BodyServer, tmp_path: Path) -> None:
    # A grid whose middle lines are the very cuts: 51.5 and -0.5 lie on both sides of them.
    crimes = [crime(row * 9 + column, 51.1 + row / 10, -0.9 + column / 10) for row in range(9) for column in range(9)]
    body = Crowd(crimes, limit=20)
    server.says(POLICE, body)
    _, landed = fetch(server, police(), tmp_path)
    assert [json.loads(line)["id"] for line in landed.splitlines()] == list(range(81))
    assert body.refused >= 1
    assert len(server.requests) == len({request.query["poly"] for request in server.requests})


def test_police_pieces_have_an_end(server: BodyServer, tmp_path: Path) -> None:
    server.says(POLICE, Crowd([crime(number, 51.7, -0.3) for number in range(30)], limit=10))
    with pytest.raises(BodyError, match="even for a piece as small as"):
        fetch(server, police(), tmp_path)
    assert len(server.requests) < 40


def test_police_unpublished_month(server: BodyServer, tmp_path: Path) -> None:
    server.says(POLICE, Reply(404))
    with pytest.raises(NotPublished, match="404"):
        fetch(server, police(), tmp_path)


def test_police_empty_list_is_not_a_count_of_zero(server: BodyServer, tmp_path: Path) -> None:
    server.says(POLICE, b"[]")
    with pytest.raises(NotPublished, match="empty list, which is not a count of zero"):
        fetch(server, police(), tmp_path)


def test_police_long_questions_go_by_post(server: BodyServer, tmp_path: Path) -> None:
    polygon = tuple((51 + number / 1000, -1 + number / 1000) for number in range(300))
    server.says(POLICE, json.dumps([crime(1, 51.1, -0.9)]).encode())
    fetch(server, police(polygon), tmp_path)
    (request,) = server.requests
    assert (request.method, request.query) == ("POST", {})
    assert request.form["date"] == "2020-08"
    assert request.form["poly"].count(":") == 299


@pytest.mark.parametrize(
    ("body", "words"),
    [(b'{"error": 1}', "dict in place of a list"), (b'[{"id": null}]', "no number as its id"),
     (b"<html><title>Down</title></html>", "HTML: title 'Down'"), (b"[{", "in place of JSON")],
)  # fmt: skip
def test_police_answers_that_are_no_crimes(server: BodyServer, tmp_path: Path, body: bytes, words: str) -> None:
    server.says(POLICE, body)
    with pytest.raises(BodyError, match=words):
        fetch(server, police(), tmp_path)


def test_polygons_are_written_to_six_decimals() -> None:
    assert as_text(((51.5, -0.1), (52.1234567, 1.0))) == "51.500000,-0.100000:52.123457,1.000000"


def area(polygon: Polygon) -> float:
    """Shoelace formula, in square degrees."""
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(polygon, polygon[1:] + polygon[:1], strict=True))) / 2


@pytest.mark.parametrize(
    ("polygon", "whole", "parts"),
    [
        (SQUARE, 1.0, 4),
        # A right triangle, legs 2 and 2: its far quarter is a sliver as wide as the overlap.
        (((0.0, 0.0), (2.0, 0.0), (0.0, 2.0)), 2.0, 4),
        # An L of three unit squares: the missing one is outside and must not be asked for.
        (((0.0, 0.0), (2.0, 0.0), (2.0, 1.0), (1.0, 1.0), (1.0, 2.0), (0.0, 2.0)), 3.0, 4),
    ],
)
def test_quarters_cover_the_polygon_and_nothing_else(polygon: Polygon, whole: float, parts: int) -> None:
    found = quarters(polygon)
    assert len(found) <= parts
    assert sum(map(area, found)) == pytest.approx(whole, abs=2e-4)
    for part in found:
        assert area(part) < whole * 0.6
