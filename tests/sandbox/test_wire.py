"""Wire behaviour of the interfaces: validators, refusals, limits, pages."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import socket
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import requests

from sandbox.bodies.police import Bucket, inside
from tests.sandbox.client import NOMIS, NOMIS_QUERY, ROOT, STREET, SURREY, TOTALS, WASTE_PAGE, Client

FINGERTIPS = "/fingertips.phe.org.uk/api/all_data/csv/by_indicator_id"


def test_fixed_files_answer_304_while_the_validators_hold(made: Client) -> None:
    first = made.get(TOTALS)
    assert first.status_code == 200
    assert int(first.headers["Content-Length"]) == len(first.content)
    for known in (
        {"If-None-Match": first.headers["ETag"]},
        {"If-Modified-Since": first.headers["Last-Modified"]},
    ):
        again = made.get(TOTALS, headers=known)
        assert (again.status_code, again.content) == (304, b"")
    assert made.get(TOTALS, headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_govuk_page_lists_attachments_at_this_sandbox(made: Client) -> None:
    page = made.get(WASTE_PAGE)
    assert page.headers["Cache-Control"] == "max-age=300, public"
    item = page.json()
    workbook = next(a for a in item["details"]["attachments"] if a["filename"].endswith(".ods"))
    assert workbook["url"].startswith(f"{made.url}/assets.publishing.service.gov.uk/media/")
    assert len(workbook["url"].split("/")[-2]) == 24
    asset = requests.get(workbook["url"], timeout=20)
    assert len(asset.content) == workbook["file_size"]
    assert asset.content[30:38] == b"mimetype"
    assert item["public_updated_at"].endswith("Z")
    assert made.get("/www.gov.uk/api/content/government/nothing").status_code == 404


def test_the_street_api_refuses_as_the_real_one_does(made: Client) -> None:
    month = {"date": "2020-08"}
    crimes = made.get(STREET, params={"poly": SURREY, **month})
    assert crimes.status_code == 200
    assert len(crimes.json()) > 1_000
    assert set(crimes.json()[0]) == {
        "category", "location_type", "location", "context", "outcome_status", "persistent_id", "id",
        "location_subtype", "month",
    }  # fmt: skip
    assert made.get(STREET, params={"poly": SURREY, "date": "2020-09"}).status_code == 404
    assert made.get(STREET, params={"poly": "60,1:60,2:61,2", **month}).json() == []
    long = ":".join([SURREY] * 100)
    assert made.get(STREET, params={"poly": long, **month}).status_code == 400
    posted = requests.post(made.url + STREET, data={"poly": SURREY, **month}, timeout=20)
    assert posted.json() == crimes.json()
    assert made.get(STREET, params={"poly": "here", **month}).status_code == 400


def test_more_crimes_than_the_limit_are_refused_with_503(made: Client) -> None:
    api = made.server.site._police
    api._limit, before = 100, api._limit
    try:
        assert made.get(STREET, params={"poly": SURREY, "date": "2020-08"}).status_code == 503
    finally:
        api._limit = before
    assert before == 10_000


def test_the_leaky_bucket_takes_30_at_once_and_15_a_second() -> None:
    now = [0.0]
    bucket = Bucket(clock=lambda: now[0])
    assert [bucket.take() for _ in range(31)] == [True] * 30 + [False]
    now[0] = 1.0
    assert [bucket.take() for _ in range(16)] == [True] * 15 + [False]


def test_a_rush_of_requests_gets_429(made: Client) -> None:
    with requests.Session() as session:
        path = made.url + "/data.police.uk/api/crime-last-updated"
        codes = [session.get(path, timeout=20).status_code for _ in range(60)]
    assert 429 in codes
    made.server.site._police._bucket = Bucket()


def test_ray_casting_handles_a_hollow() -> None:
    hollow = [(0.0, 0.0), (0.0, 4.0), (4.0, 4.0), (4.0, 0.0), (2.0, 2.0)]
    assert inside((1.0, 3.0), hollow)
    assert inside((1.0, 1.2), hollow)
    assert not inside((1.0, 0.8), hollow)
    assert not inside((2.0, 1.9), hollow)
    assert not inside((5.0, 1.0), hollow)


def test_nomis_cuts_at_25000_rows_without_a_word(made: Client) -> None:
    first = made.get(NOMIS, params=NOMIS_QUERY)
    rows = list(csv.reader(io.StringIO(first.text)))
    assert len(rows) - 1 == 25_000
    assert rows[0] == NOMIS_QUERY["select"].split(",")
    assert rows[1][-2:] == ["0", "59332"]
    assert first.text.splitlines()[1].startswith('"E06000001","Male","Age 0",')
    last = list(csv.reader(io.StringIO(made.get(NOMIS, params={**NOMIS_QUERY, "RecordOffset": "50000"}).text)))
    assert len(last) - 1 == 59_332 - 50_000
    assert last[-1][2] == "Aged 90+"
    assert last[-1][-2:] == ["59331", "59332"]


def test_nomis_without_a_match_is_an_empty_200(made: Client) -> None:
    nothing = made.get(NOMIS, params={**NOMIS_QUERY, "date": "1999"})
    assert (nothing.status_code, nothing.content) == (200, b"")
    assert "ETag" not in nothing.headers
    assert made.get(NOMIS, params={**NOMIS_QUERY, "c_age": "old"}).status_code == 400
    few = made.get(NOMIS, params={**NOMIS_QUERY, "geography": "E06000001", "c_age": "101", "RecordLimit": "1"})
    assert len(few.text.splitlines()) == 2


def test_fingertips_refuses_with_plain_text(made: Client) -> None:
    good = {"indicator_ids": "93356", "child_area_type_id": "102", "parent_area_type_id": "15"}
    answer = made.get(FINGERTIPS, params=good)
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "ETag" not in answer.headers
    assert answer.content.split(b"\r\n")[0].count(b",") == 26
    for bad in ({"indicator_ids": ",".join(["1"] * 101)}, {"child_area_type_id": "x"}):
        refused = made.get(FINGERTIPS, params={**good, **bad})
        assert refused.status_code == 400
        assert refused.headers["Content-Type"].startswith("text/plain")
    assert len(made.get(FINGERTIPS, params={**good, "indicator_ids": "1"}).content.splitlines()) == 1
    regions = made.get(FINGERTIPS, params={**good, "parent_area_type_id": "6"})
    assert b"Compared to Regions (statistical) value" in regions.content.splitlines()[0]


def test_the_police_archive_holds_one_folder_a_month(made: Client) -> None:
    answer = made.get("/data.police.uk/data/archive/2020-08.zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        names = archive.namelist()
        assert names == ["2020-08/2020-08-surrey-outcomes.csv", "2020-08/2020-08-surrey-street.csv"]
        assert archive.read(names[1]).count(b"\n") == 1_501


def test_genuine_files_are_served_byte_for_byte(sample: Client, samples_folder: Path) -> None:
    for path, file in {
        TOTALS: "population/la_mid_year_population_totals_2005_2019.csv",
        "/www.ons.gov.uk/explore-local-statistics/indicators/employment-rate.csv": "els/employment-rate.csv",
        f"{FINGERTIPS}?indicator_ids=93356&child_area_type_id=102&parent_area_type_id=15": (
            "fingertips/fingertips_93356_county_ua.csv"
        ),
    }.items():
        genuine = hashlib.sha256((samples_folder / file).read_bytes()).hexdigest()
        assert hashlib.sha256(sample.get(path).content).hexdigest() == genuine, path
    crimes = sample.get(STREET, params={"poly": SURREY, "date": "2020-08"}).json()
    assert len(crimes) > 8_000
    assert len({crime["id"] for crime in crimes}) == len(crimes)
    first = sample.get(NOMIS, params={**NOMIS_QUERY, "geography": "E06000005", "gender": "1", "c_age": "101"}).text
    # Boys under one in Darlington, mid-2011, as published.
    assert '"E06000005","Male","Age 0",695,0,1' in first


def test_shared_files_stream_and_stay_in_their_folder(made: Client) -> None:
    answer = made.get("/__files/big.csv")
    assert len(answer.content) == 4_000_000
    assert made.get("/__files/big.csv", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    for name in ("../conftest.py", "%2e%2e/conftest.py", "..%2Fconftest.py", "", ".", "none.csv"):
        with socket.create_connection(("127.0.0.1", made.server.server_port), timeout=10) as wire:
            wire.sendall(f"GET /__files/{name} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
            assert wire.recv(100).startswith(b"HTTP/1.1 404")


def test_the_server_listens_on_loopback_alone(made: Client) -> None:
    assert made.server.server_address[0] == "127.0.0.1"


def test_the_command_prints_its_address_and_ends_with_its_parent() -> None:
    command = [sys.executable, "-m", "sandbox", "--watch-stdin", "--seed", "7"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        assert ready["origin"] == "made"
        identity = requests.get(f"{ready['url']}/__control/identity", timeout=20).json()
        assert identity == {"origin": "made", "seed": 7}
        process.stdin.close()
        assert process.wait(10) == 0


@pytest.mark.parametrize("arguments", [["--origin", "sample", "--samples", "nowhere"], ["--files", "nowhere"]])
def test_the_command_says_what_is_missing(arguments: list[str]) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "sandbox", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert result.returncode == 2
    assert "nowhere" in result.stderr
    assert "--" in result.stderr
