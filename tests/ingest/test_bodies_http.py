"""HTTP towards the bodies: what is tried again, what is refused, what never leaves this machine."""

from __future__ import annotations

import gzip
import io
import logging
import ssl
import time
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest
from structlog.testing import capture_logs

from ingest.bodies import Known, connector_for
from ingest.bodies.base import Delivered
from ingest.bodies.http import Ask, Http
from ingest.bodies.retry import wait_asked_for
from ingest.bodies.sniff import what_is
from ingest.contract import Dataset
from ingest.errors import BadFile, BodyError, NotPublished, Withdrawn
from ingest.landing import LandingStore
from tests.ingest.body_server import BodyServer, Reply, bulk_dataset

PATH = "/data.dft.gov.uk/file.csv"
CSV = b"a,b\r\n1,2\r\n"


@pytest.fixture
def server() -> Iterator[BodyServer]:
    """A scripted body."""
    with BodyServer() as running:
        yield running


def fetch(
    server: BodyServer,
    folder: Path,
    dataset: Dataset | None = None,
    known: Known | None = None,
    **changes: object,
) -> Delivered | None:
    """Fetch the only file of a bulk dataset into a store in `folder`."""
    dataset = dataset or bulk_dataset()
    connector = connector_for(dataset.source)
    with Http(server.settings(**changes)) as http:
        (offer,) = connector.offers(dataset, http)
        return connector.fetch(dataset, offer, known, http, LandingStore(str(folder)), lambda done, total: None)


def content(folder: Path, delivered: Delivered | None) -> bytes:
    """The bytes that landed."""
    assert delivered is not None
    with LandingStore(str(folder)).open(delivered.sha256) as source:
        return source.read()


def test_file_lands_with_its_headers(server: BodyServer, tmp_path: Path) -> None:
    server.says(
        PATH,
        Reply(200, CSV, {"ETag": '"v1"', "Content-Type": "text/csv; charset=utf-8", "Set-Cookie": "a=b"}),
    )
    delivered = fetch(server, tmp_path)
    assert content(tmp_path, delivered) == CSV
    assert delivered is not None
    assert (delivered.size, delivered.media_type, delivered.new_object) == (10, "text/csv", True)
    assert delivered.headers["etag"] == '"v1"'
    assert "set-cookie" not in delivered.headers
    assert delivered.url == server.url + PATH
    assert server.requests[0].headers["user-agent"].startswith("national-indicators/")


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_passing_failures_are_tried_again(server: BodyServer, tmp_path: Path, status: int) -> None:
    server.says(PATH, Reply(status), Reply(status), Reply(200, CSV))
    with capture_logs() as lines:
        assert content(tmp_path, fetch(server, tmp_path)) == CSV
    assert len(server.requests) == 3
    warnings = [line for line in lines if line["log_level"] == "warning"]
    assert [line["attempt"] for line in warnings] == [1, 2]
    assert str(status) in warnings[0]["reason"]


def test_gives_up_after_the_set_number_of_tries(server: BodyServer, tmp_path: Path) -> None:
    server.says(PATH, Reply(503))
    with pytest.raises(BodyError, match=r"test_series: .*file\.csv answered 503; given up after 4 tries"):
        fetch(server, tmp_path)
    assert len(server.requests) == 4


@pytest.mark.parametrize(
    ("status", "error", "words"),
    [
        (400, BodyError, "no such indicator"),
        (401, BodyError, "check keys"),
        (403, BodyError, "check keys"),
        (404, NotPublished, "answered 404"),
        (410, Withdrawn, "answered 410"),
        (418, BodyError, "answered 418"),
    ],
)
def test_other_refusals_are_not_tried_again(
    server: BodyServer, tmp_path: Path, status: int, error: type[BodyError], words: str
) -> None:
    server.says(PATH, Reply(status, b"no such indicator"))
    with pytest.raises(error) as raised:
        fetch(server, tmp_path)
    assert type(raised.value) is error
    assert words in str(raised.value)
    assert len(server.requests) == 1


def test_retry_after_is_honoured(server: BodyServer, tmp_path: Path) -> None:
    server.says(PATH, Reply(429, headers={"Retry-After": "1"}), Reply(200, CSV))
    fetch(server, tmp_path, retry_max_wait=5)
    first, second = server.requests
    assert 1.0 <= second.at - first.at < 2.5


def test_retry_after_is_capped(server: BodyServer, tmp_path: Path) -> None:
    server.says(PATH, Reply(503, headers={"Retry-After": "3600"}), Reply(200, CSV))
    started = time.monotonic()
    fetch(server, tmp_path)
    assert time.monotonic() - started < 2


def test_wishes_of_bodies_are_read() -> None:
    # Thu, 01 Jan 2026 00:00:00 GMT is 1767225600 seconds after 1970.
    now = 1_767_225_600.0
    assert wait_asked_for({"Retry-After": "120"}, now) == 120
    assert wait_asked_for({"Retry-After": "Thu, 01 Jan 2026 00:00:30 GMT"}, now) == 30
    assert wait_asked_for({"Retry-After": "Wed, 31 Dec 2025 23:59:00 GMT"}, now) == 0
    assert wait_asked_for({"X-RateLimit-Reset": "1767225602500"}, now) == 2.5
    assert wait_asked_for({"X-RateLimit-Reset": "1500"}, now) == 1.5
    assert wait_asked_for({"Retry-After": "soon"}, now) is None
    assert wait_asked_for({}, now) is None


@pytest.mark.parametrize("fault", ["drop", "chunked-break", "hang"])
def test_broken_transfers_begin_again_from_the_start(server: BodyServer, tmp_path: Path, fault: str) -> None:
    body = b"a,b\r\n" + b"1,2\r\n" * 600_000
    server.says(PATH, Reply(200, body, fault=fault), Reply(200, body))  # type: ignore[arg-type]
    delivered = fetch(server, tmp_path, bulk_dataset(max_bytes=4 << 20))
    assert content(tmp_path, delivered) == body
    assert len(server.requests) == 2


def test_body_that_always_breaks_off_leaves_nothing(server: BodyServer, tmp_path: Path) -> None:
    server.says(PATH, Reply(200, CSV * 100, fault="drop"))
    with pytest.raises(BodyError, match="broke off"):
        fetch(server, tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_no_connection_is_a_body_error(server: BodyServer, tmp_path: Path) -> None:
    with pytest.raises(BodyError, match="the connection failed; given up after 2 tries"):
        fetch(server, tmp_path, sandbox_url="http://127.0.0.1:9", retry_attempts=2)


@pytest.mark.parametrize("fault", ["", "chunked"])
def test_file_over_the_limit_is_refused(server: BodyServer, tmp_path: Path, fault: str) -> None:
    server.says(PATH, Reply(200, CSV * 1000, fault=fault))  # type: ignore[arg-type]
    with pytest.raises(BadFile, match=r"test_series: .*file\.csv is larger than the 5,000 bytes"):
        fetch(server, tmp_path, bulk_dataset(max_bytes=5000))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert len(server.requests) == 1


def test_gzip_is_undone_and_its_expansion_limited(server: BodyServer, tmp_path: Path) -> None:
    headers = {"Content-Encoding": "gzip"}
    server.says(PATH, Reply(200, gzip.compress(CSV), headers), Reply(200, gzip.compress(b"1," * (8 << 20)), headers))
    delivered = fetch(server, tmp_path)
    assert content(tmp_path, delivered) == CSV
    assert delivered is not None
    assert delivered.size == len(CSV)
    with pytest.raises(BadFile, match="larger than"):
        fetch(server, tmp_path)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            b"<!DOCTYPE html><html><head><title>Sorry,\n down</title></head></html>",
            "HTML: title 'Sorry, down'",
        ),
        (b"\n  <?xml version='1.0'?><error/>", "XML"),
        (b"PK\x03\x04" + b"\x00" * 40, "zip archive"),
        (gzip.compress(CSV, mtime=0), "gzip data"),
        (b"%PDF-1.7 ...", "a PDF"),
        (b'{"title": "There was a problem processing the request."}', "JSON"),
        (b"\xef\xbb\xbf \r\n ", "nothing but white space"),
        ("a,b\r\n".encode("utf-16"), "UTF-16"),
        (b"", "an empty body"),
    ],
)
def test_what_is_not_csv_is_refused(server: BodyServer, tmp_path: Path, body: bytes, words: str) -> None:
    server.says(PATH, body)
    with pytest.raises(BodyError) as raised:
        fetch(server, tmp_path)
    assert words in raised.value.message
    assert "test_series" in raised.value.message


def archive(*members: tuple[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        for name, data in members:
            target.writestr(name, data)
    return buffer.getvalue()


ODS = archive(("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", b"<x/>"))
XLSX = archive(("[Content_Types].xml", b"<x/>"), ("xl/workbook.xml", b"<x/>"))
DOCX = archive(("[Content_Types].xml", b"<x/>"), ("word/document.xml", b"<x/>"))
ZIP = archive(("2020-08/2020-08-surrey-street.csv", b"Crime ID\nxl/"))


def test_containers_are_told_apart() -> None:
    assert [what_is(body)[0] for body in (ODS, XLSX, DOCX, ZIP, CSV)] == ["ods", "xlsx", "zip", "zip", "csv"]


@pytest.mark.parametrize(
    ("media", "body", "good"),
    [
        ("zip", ZIP, True), ("zip", ODS, False), ("zip", CSV, False),
        ("ods", ODS, True), ("ods", XLSX, True), ("xlsx", ODS, True), ("xlsx", XLSX, True),
        ("xlsx", ZIP, False), ("ods", DOCX, False), ("xlsx", b"\xd0\xcf\x11\xe0....", False),
    ],
)  # fmt: skip
def test_first_bytes_must_be_the_promised_media(
    server: BodyServer, tmp_path: Path, media: str, body: bytes, good: bool
) -> None:
    server.says(PATH, body)
    if good:
        assert content(tmp_path, fetch(server, tmp_path, bulk_dataset(media=media))) == body
    else:
        with pytest.raises(BodyError, match=f"in place of {media}"):
            fetch(server, tmp_path, bulk_dataset(media=media))


def test_unchanged_file_is_not_fetched_again(server: BodyServer, tmp_path: Path) -> None:
    server.says(PATH, Reply(304))
    known = Known('"v1"', "Thu, 01 Jan 2026 00:00:00 GMT", server.url + PATH)
    assert fetch(server, tmp_path, known=known) is None
    assert server.requests[0].headers["if-none-match"] == '"v1"'
    assert server.requests[0].headers["if-modified-since"] == "Thu, 01 Jan 2026 00:00:00 GMT"


def test_validators_hold_when_only_the_sandbox_port_changed(server: BodyServer, tmp_path: Path) -> None:
    server.says(PATH, Reply(304))
    assert fetch(server, tmp_path, known=Known('"v1"', url=f"http://localhost:1{PATH}")) is None


def test_validators_of_another_address_are_not_sent(server: BodyServer, tmp_path: Path) -> None:
    server.says(PATH, CSV)
    assert fetch(server, tmp_path, known=Known('"v1"', url=f"{server.url}/elsewhere/file.csv")) is not None
    assert "if-none-match" not in server.requests[0].headers


def test_304_without_conditions_is_refused(server: BodyServer, tmp_path: Path) -> None:
    server.says(PATH, Reply(304))
    with pytest.raises(BodyError, match="without conditions"):
        fetch(server, tmp_path)


def test_redirect_on_the_same_host_is_followed(server: BodyServer, tmp_path: Path) -> None:
    server.says(PATH, Reply(302, headers={"Location": "/moved.csv"}))
    server.says("/moved.csv", CSV)
    delivered = fetch(server, tmp_path)
    assert content(tmp_path, delivered) == CSV
    assert delivered is not None
    assert delivered.url == server.url + PATH


@pytest.mark.parametrize(
    "target",
    [
        "http://169.254.169.254/latest/meta-data/",
        "https://example.org/file.csv",
        "http://127.0.0.1:1/file.csv",
        "file:///etc/passwd",
        "https://data.dft.gov.uk.example.org/file.csv",
    ],
)
def test_redirect_elsewhere_is_refused(server: BodyServer, tmp_path: Path, target: str) -> None:
    server.says(PATH, Reply(302, headers={"Location": target}))
    with pytest.raises(BodyError, match="not an address of the bodies"):
        fetch(server, tmp_path)
    assert server.paths() == [PATH]


def test_redirect_loop_ends(server: BodyServer, tmp_path: Path) -> None:
    server.says(PATH, Reply(302, headers={"Location": PATH}))
    with pytest.raises(BodyError, match="more than 5 times"):
        fetch(server, tmp_path)


def test_json_is_decoded_and_html_in_its_place_refused(server: BodyServer) -> None:
    good = server.says("/www.gov.uk/good", b'{"a": 1}')
    bad = server.says("/www.gov.uk/bad", b"<html><title>Down</title></html>")
    with Http(server.settings()) as http:
        assert http.json(Ask(good, "x")) == {"a": 1}
        with pytest.raises(BodyError, match="HTML: title 'Down' in place of JSON"):
            http.json(Ask(bad, "x"))
        with pytest.raises(BadFile, match="larger than the 5 bytes"):
            http.json(Ask(good, "x"), limit=5)


def test_interfaces_are_paced_and_files_are_not(server: BodyServer) -> None:
    paced = server.says("/fingertips.phe.org.uk/api/x", b"[]")
    free = server.says("/fingertips.phe.org.uk/x", b"[]")
    with Http(server.settings()) as http:
        for url in [free] * 20 + [paced] * 4:
            http.json(Ask(url, "x"))
    times = [request.at for request in server.requests]
    assert times[19] - times[0] < 1
    # Two a second: the third and fourth must wait for the second second.
    assert times[23] - times[20] >= 0.9


def test_certificates_are_verified(server: BodyServer, tmp_path: Path) -> None:
    x509 = pytest.importorskip("cryptography.x509", reason="makes the self-signed certificate")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "server.pem"
    pem.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    inner = server._server.socket
    server._server.socket = context.wrap_socket(inner, server_side=True, do_handshake_on_connect=True)
    with Http(server.settings(base_urls={"data.dft.gov.uk": server.url.replace("http:", "https:")})) as http:
        dataset = bulk_dataset()
        with pytest.raises(BodyError, match=r"certificate of 127\.0\.0\.1 was not accepted"):
            http.json(Ask(http.addresses.of(dataset.body) + "/file.csv", "x"))


def test_secrets_reach_the_body_and_nothing_else(server: BodyServer, caplog: pytest.LogCaptureFixture) -> None:
    settings = server.settings(nomis_uid="0xsecret", retry_attempts=2)
    assert settings.nomis_uid is not None
    caplog.set_level(logging.DEBUG)
    url = server.says("/www.nomisweb.co.uk/api/x", Reply(500), b"[]")
    gone = f"http://127.0.0.1:9/www.nomisweb.co.uk/api/x?a={'b' * 5}"
    with Http(settings) as http, capture_logs() as lines:
        http.json(Ask(url, "x", secrets=(("uid", settings.nomis_uid),)))
        with pytest.raises(BodyError) as raised:
            http.json(Ask(gone, "x", secrets=(("uid", settings.nomis_uid),)))
    assert server.requests[-1].query == {"uid": "0xsecret"}
    assert len(lines) >= 3
    told = f"{lines} {caplog.text} {raised.value} {raised.value.__cause__!r}"
    assert "0xsecret" not in told


def test_slow_sender_is_waited_for_only_so_long(server: BodyServer, tmp_path: Path) -> None:
    server.says(PATH, Reply(200, CSV, fault="hang"))
    started = time.monotonic()
    with pytest.raises(BodyError, match="no answer in time"):
        fetch(server, tmp_path, retry_attempts=1)
    assert time.monotonic() - started < 0.8


def test_many_downloads_in_parallel_share_a_session(server: BodyServer, tmp_path: Path) -> None:
    server.says(PATH, CSV)
    dataset = bulk_dataset()
    connector = connector_for(dataset.source)
    found: list[Delivered | None] = []
    with Http(server.settings(read_timeout=5)) as http:
        (offer,) = connector.offers(dataset, http)
        store = LandingStore(str(tmp_path))
        threads = [
            Thread(target=lambda: found.append(connector.fetch(dataset, offer, None, http, store, lambda *_: None)))
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(item.new_object for item in found if item is not None) == [False] * 7 + [True]
