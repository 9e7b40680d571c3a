"""The upload of returns over a real socket: statuses, receipts, tokens, limits, uploads that break off."""

from __future__ import annotations

import hashlib
import http.client
import json
import socket
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from ingest.errors import UsageError
from ingest.returns import upload
from ingest.returns.upload import UploadServer
from ingest.settings import Settings
from tests.ingest.returns import marac, neet
from tests.ingest.warehouse import Warehouse

pytestmark = pytest.mark.warehouse

COUNCIL, OFFICE = "a-council", "government-office-london"
TOKENS = {COUNCIL: "a" * 24, OFFICE: "b" * 24}
PATH = f"/returns/marac_cases/{COUNCIL}"
LIMIT = 5000


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True)
class Upload:
    """A running server."""

    server: UploadServer
    warehouse: Warehouse

    def ask(
        self, method: str, path: str, body: bytes | None = None, token: str | None = TOKENS[COUNCIL], **headers: str
    ) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.server_address[1], timeout=20)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        try:
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            return Answer(answer.status, dict(answer.headers), json.loads(answer.read()))
        finally:
            connection.close()

    def raw(self, text: bytes, *, end: bool = True) -> bytes:
        """Everything that comes back for these bytes."""
        with socket.create_connection(("127.0.0.1", self.server.server_address[1]), timeout=20) as line:
            line.sendall(text)
            if end:
                line.shutdown(socket.SHUT_WR)
            received = b""
            while chunk := line.recv(65536):
                received += chunk
            return received

    def recorded(self) -> list[tuple[str, str, str]]:
        return self.warehouse.query("select sender, status, received_by from ops.return order by return_id")


def running(settings: Settings, *, open_to_all: bool = False) -> Iterator[UploadServer]:
    server = UploadServer(settings, port=0, open_to_all=open_to_all)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def here(warehouse: Warehouse, tmp_path: Path) -> Iterator[Upload]:
    warehouse.query("delete from ops.return")
    tokens = {sender: SecretStr(token) for sender, token in TOKENS.items()}
    settings = warehouse.settings.model_copy(
        update={"home": tmp_path, "returns_tokens": tokens, "returns_max_bytes": LIMIT}
    )
    for server in running(settings):
        yield Upload(server, warehouse)


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_a_sound_return_gets_201_and_a_receipt(here: Upload, method: str) -> None:
    answer = here.ask(method, PATH, marac())
    assert answer.status == 201
    assert answer.body["sha256"] == hashlib.sha256(marac()).hexdigest()
    assert (answer.body["rows"], answer.body["status"], answer.body["received_by"]) == (1, "accepted", "http")
    assert answer.body["id"] == here.warehouse.one("select return_id from ops.return")


def test_the_receipt_of_a_sound_return_holds_its_warnings(here: Upload) -> None:
    too_small = neet({"ni_code": "NI 005", "baseline_value": "50.0", "target_value": "52.0"})
    answer = here.ask("PUT", PATH.replace("marac_cases", "laa_targets"), too_small)
    assert (answer.status, answer.body["status"], answer.body["warning_count"]) == (201, "accepted", 1)
    assert answer.body["warnings"][0]["rule"] == "undetectable_change"
    assert "faults" not in answer.body


def test_a_second_copy_gets_200_and_the_first_receipt(here: Upload) -> None:
    first, second = here.ask("PUT", PATH, marac()), here.ask("PUT", PATH, marac())
    assert (first.status, second.status) == (201, 200)
    assert second.body == first.body | {"already_received": True}
    assert len(here.recorded()) == 1


def test_a_faulty_return_gets_422_and_every_fault(here: Upload) -> None:
    answer = here.ask("PUT", PATH, marac({"numerator": "85"}, {"area_code": "99ZZ", "denominator": "=SUM(A1)"}))
    assert answer.status == 422
    assert [(fault["row"], fault["column"], fault["value"], fault["rule"]) for fault in answer.body["faults"]] == [
        (1, "numerator", "85", "numerator_above_denominator"),
        (2, "area_code", "99ZZ", "unknown_area"),
        (2, "denominator", "=SUM(A1)", "formula"),
    ]
    assert all(set(fault) == {"row", "column", "value", "rule", "way_out"} for fault in answer.body["faults"])
    assert here.recorded() == [(COUNCIL, "refused", "http")]


def test_a_correction_and_a_withdrawal(here: Upload) -> None:
    here.ask("PUT", PATH, marac({"numerator": "1"}))
    here.ask("PUT", PATH, marac())
    assert here.ask("DELETE", PATH, b"{}").status == 422
    gone = here.ask("DELETE", PATH, b'{"reason": "wrong year", "by": "J. Smith"}')
    assert (gone.status, gone.body["status"]) == (200, "withdrawn")
    assert (gone.body["withdrawn_by"], gone.body["withdrawn_reason"]) == ("J. Smith", "wrong year")
    assert here.ask("DELETE", PATH, b'{"reason": "wrong year"}').status == 404
    assert [row[1] for row in here.recorded()] == ["superseded", "withdrawn"]


@pytest.mark.parametrize("body", [b"", b"[]", b"nonsense", b'{"reason": " "}'])
def test_a_withdrawal_says_why(here: Upload, body: bytes) -> None:
    here.ask("PUT", PATH, marac())
    assert here.ask("DELETE", PATH, body).status == 422
    assert [row[1] for row in here.recorded()] == ["accepted"]


def test_a_sender_sees_its_own_receipts_newest_first(here: Upload) -> None:
    here.ask("PUT", PATH, marac({"numerator": "85"}))
    here.ask("PUT", PATH, marac())
    here.ask("PUT", f"/returns/marac_cases/{OFFICE}", marac(), TOKENS[OFFICE])
    mine = here.ask("GET", "/returns")
    assert [(one["sender"], one["status"]) for one in mine.body] == [(COUNCIL, "accepted"), (COUNCIL, "refused")]


@pytest.mark.parametrize("token", [None, "", "c" * 24, "a" * 23, "ä" * 24])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_without_a_token_nothing_is_told_or_taken(here: Upload, method: str, token: str | None) -> None:
    sent = None if token is None else token.encode().decode("latin-1")
    answer = here.ask(method, "/returns" if method == "GET" else PATH, marac(), sent)
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert here.recorded() == []


def test_another_kind_of_authorisation_is_refused(here: Upload) -> None:
    assert here.ask("GET", "/returns", token=None, Authorization=f"Basic {TOKENS[COUNCIL]}").status == 401


def test_nobody_sends_in_the_name_of_another(here: Upload) -> None:
    for method in ("PUT", "DELETE"):
        assert here.ask(method, PATH, b'{"reason": "x"}', TOKENS[OFFICE]).status == 403
    assert here.recorded() == []


@pytest.mark.parametrize(
    "path",
    [
        "/", "/returns/marac_cases", "/returns/defra_waste/a-council", "/returns/marac_cases/A%20Council",
        "/returns/marac_cases/..%2Fa-council", "/returns/marac_cases/a-council/more", "/elsewhere/marac_cases/a-council",
    ],
)  # fmt: skip
def test_other_addresses_are_not_there(here: Upload, path: str) -> None:
    assert here.ask("PUT", path, marac()).status == 404
    assert here.ask("GET", path).status == 404


def test_health_needs_no_token(here: Upload) -> None:
    assert here.ask("GET", "/health", token=None).body == {"status": "ok"}


def test_too_much_is_refused_before_it_is_read(here: Upload) -> None:
    answer = here.ask("PUT", PATH, b"x" * (LIMIT + 1))
    assert answer.status == 413
    assert "5,000" in answer.body["error"]
    head = (
        f"PUT {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKENS[COUNCIL]}\r\nContent-Length: 99999999999\r\n"
    )
    assert here.raw(f"{head}\r\n".encode()).startswith(b"HTTP/1.1 413")
    told = here.raw(f"{head}Expect: 100-continue\r\n\r\n".encode())
    assert told.startswith(b"HTTP/1.1 413")
    assert b"100 Continue" not in told
    assert here.recorded() == []


def test_who_asks_first_may_go_on(here: Upload) -> None:
    body = marac()
    head = f"PUT {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKENS[COUNCIL]}\r\nConnection: close\r\n"
    told = here.raw(f"{head}Content-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n".encode() + body)
    assert told.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201")


def test_a_length_is_needed(here: Upload) -> None:
    head = f"PUT {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKENS[COUNCIL]}\r\n"
    assert here.raw(f"{head}\r\n".encode()).startswith(b"HTTP/1.1 411")
    chunked = b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    assert here.raw(head.encode() + chunked).startswith(b"HTTP/1.1 411")
    assert here.raw(f"{head}Content-Length: -5\r\n\r\n".encode()).startswith(b"HTTP/1.1 400")
    endless = "9" * 6000
    assert here.raw(f"{head}Content-Length: {endless}\r\n\r\n".encode()).startswith(b"HTTP/1.1 400")
    assert here.recorded() == []


def test_an_upload_that_breaks_off_leaves_nothing(here: Upload) -> None:
    body = marac()
    head = f"PUT {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKENS[COUNCIL]}\r\n"
    told = here.raw(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[:-20])
    assert told.startswith(b"HTTP/1.1 400")
    assert here.recorded() == []
    assert here.ask("PUT", PATH, body).status == 201


def test_a_sender_that_falls_silent_is_given_up(here: Upload, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload._Handler, "timeout", 0.3)
    head = f"PUT {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKENS[COUNCIL]}\r\nContent-Length: 500\r\n\r\n"
    assert here.raw(head.encode() + b"ni_code", end=False) == b""
    assert here.recorded() == []


def test_several_requests_may_share_a_connection(here: Upload) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", here.server.server_address[1], timeout=20)
    token = {"Authorization": f"Bearer {TOKENS[COUNCIL]}"}
    statuses = []
    for body in (marac({"numerator": "85"}), marac(), marac()):
        connection.request("PUT", PATH, body, token)
        answer = connection.getresponse()
        answer.read()
        statuses.append(answer.status)
    connection.close()
    assert statuses == [422, 201, 200]


def test_a_warehouse_that_is_down_is_no_fault_of_the_sender(here: Upload, monkeypatch: pytest.MonkeyPatch) -> None:
    away = here.server.settings.model_copy(update={"database_url": SecretStr("postgresql://u:hidden@127.0.0.1:1/d")})
    monkeypatch.setattr(here.server, "settings", away)
    answer = here.ask("PUT", PATH, marac())
    assert (answer.status, answer.headers["Retry-After"]) == (503, "60")
    assert "hidden" not in json.dumps(answer.body)


def test_tokens_are_needed_long_and_of_one_sender_each(warehouse: Warehouse) -> None:
    for tokens, told in (
        ({}, "no sender has a token"),
        ({COUNCIL: "short"}, "shorter than 16"),
        ({COUNCIL: "a" * 24, OFFICE: "a" * 24}, "share one"),
        ({"A Council": "a" * 24}, "cannot be the name"),
    ):
        given = {sender: SecretStr(token) for sender, token in tokens.items()}
        with pytest.raises(UsageError, match=told):
            UploadServer(warehouse.settings.model_copy(update={"returns_tokens": given}), port=0)


def test_open_to_all_asks_for_no_token(warehouse: Warehouse, tmp_path: Path) -> None:
    for server in running(warehouse.settings.model_copy(update={"home": tmp_path}), open_to_all=True):
        here = Upload(server, warehouse)
        assert here.ask("PUT", "/returns/marac_cases/whoever", marac(), None).status == 201
        assert here.ask("GET", "/returns", token=None).body[0]["sender"] == "whoever"


def test_the_server_listens_on_loopback(here: Upload) -> None:
    assert here.server.server_address[0] == "127.0.0.1"
