"""Stat-Xplore: the question, the key, and the hour's allowance."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.bodies import connector_for
from ingest.bodies.base import Delivered
from ingest.bodies.http import Http
from ingest.contract import Body, Dataset, StatXplore
from ingest.errors import BodyError
from ingest.landing import LandingStore
from tests.ingest.body_server import BodyServer, Reply, dataset

BASE = "/stat-xplore.dwp.gov.uk/webapi/rest/v1"
CUBE = b'{"measures": [], "fields": [], "cubes": {}}'
PLENTY = b'{"limit": 2000, "remaining": 1999, "reset": 0}'


@pytest.fixture
def server() -> Iterator[BodyServer]:
    """A scripted body with requests left."""
    with BodyServer() as running:
        running.says(f"{BASE}/rate_limit", PLENTY)
        yield running


def data() -> Dataset:
    source = StatXplore("str:database:X", ("str:count:X:N",), ("str:field:X:DATE", "str:field:X:AREA"))
    return dataset(source, Body.STAT_XPLORE, media="json")


def fetch(server: BodyServer, folder: Path, **changes: object) -> tuple[Delivered, bytes]:
    connector, store = connector_for(data().source), LandingStore(str(folder))
    with Http(server.settings(**changes)) as http:
        (offer,) = connector.offers(data(), http)
        delivered = connector.fetch(data(), offer, None, http, store, lambda *_: None)
    assert delivered is not None
    with store.open(delivered.sha256) as source:
        return delivered, source.read()


def test_table_is_asked_for_by_post_with_the_key_in_a_header(server: BodyServer, tmp_path: Path) -> None:
    server.says(f"{BASE}/table", CUBE)
    delivered, landed = fetch(server, tmp_path, stat_xplore_key="0xsecret")
    assert landed == CUBE
    (question,) = [request for request in server.requests if request.path.endswith("/table")]
    assert (question.method, question.query) == ("POST", {})
    assert question.headers["apikey"] == "0xsecret"
    assert json.loads(question.text) == {
        "database": "str:database:X",
        "measures": ["str:count:X:N"],
        "dimensions": [["str:field:X:DATE"], ["str:field:X:AREA"]],
    }
    assert "0xsecret" not in f"{delivered}"


def test_key_does_not_follow_a_redirect(server: BodyServer, tmp_path: Path) -> None:
    server.says(f"{BASE}/table", Reply(307, headers={"Location": f"{server.url}/elsewhere"}))
    server.says("/elsewhere", CUBE)
    fetch(server, tmp_path, stat_xplore_key="0xsecret")
    assert server.paths()[-1] == "/elsewhere"
    assert "apikey" not in server.requests[-1].headers


def test_key_that_is_not_accepted_names_the_setting(server: BodyServer, tmp_path: Path) -> None:
    server.says(f"{BASE}/rate_limit", Reply(401, b'{"message": "The API key is not valid."}'))
    with pytest.raises(BodyError, match=r"answered 401 .*it does not accept the key") as caught:
        fetch(server, tmp_path, stat_xplore_key="bad")
    assert "NIS_STAT_XPLORE_KEY" in caught.value.hint
    assert "bad" not in caught.value.message.replace(BASE, "")
    assert len(server.requests) == 1


def test_live_runs_need_a_key_and_others_do_not(server: BodyServer, tmp_path: Path) -> None:
    server.says(f"{BASE}/table", CUBE)
    assert fetch(server, tmp_path, source="made")[1] == CUBE
    before = len(server.requests)
    with pytest.raises(BodyError, match="answers only to a key"):
        fetch(server, tmp_path, source="live")
    assert len(server.requests) == before


def test_used_up_allowance_is_waited_for(server: BodyServer, tmp_path: Path) -> None:
    reset = time.time() + 0.6
    server.says(f"{BASE}/rate_limit", json.dumps({"remaining": 0, "reset": int(reset * 1000)}).encode())
    server.says(f"{BASE}/table", CUBE)
    fetch(server, tmp_path, retry_max_wait=5.0)
    assert server.paths() == [f"{BASE}/rate_limit", f"{BASE}/table"]
    assert time.time() >= reset - 0.01


def test_allowance_that_is_too_far_off_is_told(server: BodyServer, tmp_path: Path) -> None:
    # 1 January 2100, in milliseconds.
    server.says(f"{BASE}/rate_limit", b'{"remaining": 0, "reset": 4102444800000}')
    with pytest.raises(BodyError, match=r"used up until 2100-01-01T00:00:00\+00:00"):
        fetch(server, tmp_path)


def test_429_waits_as_long_as_the_body_asks(server: BodyServer, tmp_path: Path) -> None:
    reset = time.time() + 0.5
    busy = Reply(429, headers={"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(reset * 1000))})
    server.says(f"{BASE}/table", busy, Reply(200, CUBE))
    assert fetch(server, tmp_path, retry_max_wait=5.0)[1] == CUBE
    assert server.requests[-1].at - server.requests[-2].at >= 0.4


def test_answer_that_is_no_json_is_refused(server: BodyServer, tmp_path: Path) -> None:
    server.says(f"{BASE}/table", b"<html><title>Down</title></html>")
    with pytest.raises(BodyError, match="sent HTML: title 'Down' in place of json"):
        fetch(server, tmp_path)
