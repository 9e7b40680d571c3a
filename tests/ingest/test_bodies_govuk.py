"""GOV.UK pages: the right file is found, and a withdrawn or faked one is not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from ingest.bodies import Known, Offer
from ingest.bodies.govuk import GovUkConnector
from ingest.bodies.http import Http
from ingest.contract import Body, Dataset, GovUkPage, Maturity
from ingest.errors import BodyError, NotPublished, Withdrawn
from ingest.landing import LandingStore
from tests.ingest.body_server import BodyServer, Reply, dataset

PAGE = "/government/statistical-data-sets/live-tables"
API = f"/www.gov.uk/api/content{PAGE}"
ASSETS = "/assets.publishing.service.gov.uk/media"
CSV = b"a,b\n1,2\n"


@pytest.fixture
def server() -> Iterator[BodyServer]:
    """A scripted body."""
    with BodyServer() as running:
        yield running


def series(pattern: str = r"Detailed_(?P<part>\d{6})\.csv") -> Dataset:
    return dataset(GovUkPage(PAGE, pattern), Body.GOVUK)


def item(server: BodyServer, *names: str, **fields: object) -> bytes:
    """A content item whose files are `names`, each under an id of its own."""
    return json.dumps(
        {
            "base_path": PAGE,
            "public_updated_at": "2018-12-13T09:30:00+00:00",
            "details": {
                "attachments": [
                    {"id": name, "title": f"Table {name}", "filename": name, "content_type": "text/csv",
                     "url": f"{server.url}{ASSETS}/{number:024x}/{name}"}
                    for number, name in enumerate(names)
                ]
            },
            **fields,
        }
    ).encode()  # fmt: skip


def offers(server: BodyServer, series: Dataset) -> list[Offer]:
    assert isinstance(series.source, GovUkPage)
    with Http(server.settings()) as http:
        return list(GovUkConnector(series.source).offers(series, http))


def test_one_offer_for_each_part(server: BodyServer) -> None:
    server.says(API, item(server, "Detailed_201809.csv", "Detailed_201806.csv", "Notes.csv", "xDetailed_201806.csv"))
    found = offers(server, series())
    assert [(offer.part, offer.url.rpartition("/")[2]) for offer in found] == [
        ("201806", "Detailed_201806.csv"),
        ("201809", "Detailed_201809.csv"),
    ]
    assert found[0].published_on == date(2018, 12, 13)
    assert found[0].title == "Table Detailed_201806.csv"
    assert found[0].maturity is None


def test_last_by_name_is_the_newest_edition(server: BodyServer) -> None:
    server.says(API, item(server, "Waste_201617.csv", "Waste_201718.csv", "Waste_201516.csv"))
    (offer,) = offers(server, series(r"Waste_\d{6}\.csv"))
    assert (offer.part, offer.url.rpartition("/")[2]) == ("all", "Waste_201718.csv")


def test_maturity_is_what_the_title_says(server: BodyServer) -> None:
    body = json.loads(item(server, "Detailed_201806.csv", "Detailed_201809.csv", "Detailed_201812.csv"))
    titles = ("Table 1 (Provisional)", "Table 1, revised", "Revised 2017 and provisional 2018")
    for attachment, title in zip(body["details"]["attachments"], titles, strict=True):
        attachment["title"] = title
    server.says(API, json.dumps(body).encode())
    assert [offer.maturity for offer in offers(server, series())] == [
        Maturity.PROVISIONAL,
        Maturity.REVISED,
        None,
    ]


def test_name_comes_from_the_address_where_the_item_has_none(server: BodyServer) -> None:
    body = json.loads(item(server, "Detailed_201806.csv"))
    del body["details"]["attachments"][0]["filename"]
    server.says(API, json.dumps(body).encode())
    assert [offer.part for offer in offers(server, series())] == ["201806"]


def test_links_in_the_page_are_the_fallback(server: BodyServer) -> None:
    link = f'<a class="x" href="{server.url}{ASSETS}/0/Detailed_201806.csv">Quarter <b>2</b></a>'
    details = {"documents": [f"<section>{link}</section>"], "body": '<p><a href="/help">Help</a></p>'}
    server.says(API, item(server, details=details))
    (offer,) = offers(server, series())
    assert (offer.part, offer.title) == ("201806", "Quarter 2")


def test_no_match_lists_what_is_there(server: BodyServer) -> None:
    server.says(API, item(server, "Renamed_201806.csv", "Notes.pdf"))
    with pytest.raises(BodyError, match=r"it has: Notes\.pdf, Renamed_201806\.csv"):
        offers(server, series())


def test_canonical_address_is_followed(server: BodyServer) -> None:
    server.says(API, Reply(303, headers={"Location": f"{API}-now"}))
    server.says(f"{API}-now", item(server, "Detailed_201806.csv"))
    assert len(offers(server, series())) == 1


@pytest.mark.parametrize(("status", "error"), [(404, NotPublished), (410, Withdrawn)])
def test_missing_and_gone_pages(server: BodyServer, status: int, error: type[BodyError]) -> None:
    server.says(API, Reply(status))
    with pytest.raises(error):
        offers(server, series())


def test_withdrawn_page_names_day_and_reason(server: BodyServer) -> None:
    notice = {
        "explanation": "<p>Replaced after an <em>error</em>.</p>",
        "withdrawn_at": "2019-03-01T10:00:00Z",
    }
    server.says(API, item(server, "Detailed_201806.csv", withdrawn_notice=notice))
    with pytest.raises(Withdrawn, match=r"withdrawn on 2019-03-01: Replaced after an error \."):
        offers(server, series())


@pytest.mark.parametrize(
    ("fields", "words"),
    [
     ({"schema_name": "gone"}, "is gone"),
     ({"schema_name": "redirect", "redirects": [{"path": PAGE, "destination": "/new"}]}, "moved to /new")],
)  # fmt: skip
def test_pages_that_are_no_longer_pages(server: BodyServer, fields: dict[str, object], words: str) -> None:
    server.says(API, item(server, **fields))
    with pytest.raises(BodyError, match=words):
        offers(server, series())


@pytest.mark.parametrize(
    "url",
    ["http://169.254.169.254/Detailed_201806.csv", "file:///Detailed_201806.csv", "https://example.org/Detailed_201806.csv"],
)  # fmt: skip
def test_files_on_other_hosts_are_not_offered(server: BodyServer, url: str) -> None:
    body = json.loads(item(server, "Detailed_201806.csv"))
    body["details"]["attachments"][0]["url"] = url
    server.says(API, json.dumps(body).encode())
    with pytest.raises(BodyError, match=r"is not on .*assets"):
        offers(server, series())


def test_file_is_fetched_once_and_again_when_its_address_rotates(server: BodyServer, tmp_path: Path) -> None:
    data = series()
    assert isinstance(data.source, GovUkPage)
    connector, store = GovUkConnector(data.source), LandingStore(str(tmp_path))
    server.says(API, item(server, "Detailed_201806.csv"))
    path = f"{ASSETS}/{0:024x}/Detailed_201806.csv"
    server.says(path, Reply(200, CSV, {"ETag": '"v1"'}), Reply(304))
    with Http(server.settings()) as http:
        (offer,) = connector.offers(data, http)
        first = connector.fetch(data, offer, None, http, store, lambda *_: None)
        assert first is not None
        known = Known(first.headers["etag"], url=first.url, sha256=first.sha256)
        assert connector.fetch(data, offer, known, http, store, lambda *_: None) is None
        rotated = f"{ASSETS}/{7:024x}/Detailed_201806.csv"
        moved = Offer(offer.part, server.says(rotated, CSV + b"3,4\n"))
        second = connector.fetch(data, moved, known, http, store, lambda *_: None)
    assert second is not None
    assert second.new_object
    assert "if-none-match" not in server.requests[-1].headers
