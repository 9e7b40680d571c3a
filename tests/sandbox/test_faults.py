"""Faults on demand: spoilt answers, and new releases."""

from __future__ import annotations

import csv
import io
import time
import zipfile

import pytest
import requests
from python_calamine import CalamineWorkbook

from tests.sandbox.client import NOMIS, NOMIS_QUERY, STREET, SURREY, TOTALS, WASTE_PAGE, Client

HOMES_PAGE = "/www.gov.uk/api/content/government/statistical-data-sets/clg-council-homes"
ADULTS = "/data.gov.uk/dataset/mhmds/mhmds.csv"
A_LEVELS = "/api.education.gov.uk/statistics/v1/data-sets/d4b0ebb1-b189-5487-ab65-a62b16606603/query"


def _workbook(client: Client) -> dict[str, str]:
    attachments: list[dict[str, str]] = client.get(WASTE_PAGE).json()["details"]["attachments"]
    return next(a for a in attachments if a["filename"].endswith(".ods"))


def test_a_fault_waits_strikes_and_passes(made: Client) -> None:
    assert made.fault("/www.ons.gov.uk/*", "503", times=2, after=1).status_code == 201
    assert [made.get(TOTALS).status_code for _ in range(4)] == [200, 503, 503, 200]
    seen = made.get("/__control/faults").json()
    assert [(fault["seen"], fault["struck"]) for fault in seen] == [(4, 2)]


@pytest.mark.parametrize("kind", ["401", "403", "404", "410", "500", "504"])
def test_refusals_carry_their_status(made: Client, kind: str) -> None:
    made.fault(TOTALS, kind)
    assert made.get(TOTALS).status_code == int(kind)
    assert made.get(TOTALS).status_code == 200


def test_429_names_the_wait_when_asked_to(made: Client) -> None:
    made.fault(TOTALS, "429", args={"retry_after": 7, "reset_ms": 1_551_969_921_590})
    answer = made.get(TOTALS)
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "7"
    assert answer.headers["X-RateLimit-Reset"] == "1551969921590"


def test_303_points_elsewhere(made: Client) -> None:
    made.fault(WASTE_PAGE, "303", args={"location": "/elsewhere"})
    answer = made.get(WASTE_PAGE)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/elsewhere")


def test_a_dropped_connection_breaks_its_promise(made: Client) -> None:
    made.fault(TOTALS, "drop")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        made.get(TOTALS)


def test_short_empty_and_html_bodies_look_complete(made: Client) -> None:
    whole = made.get(TOTALS).content
    made.fault(TOTALS, "short", args={"share": 0.25})
    short = made.get(TOTALS).content
    assert whole.startswith(short)
    assert len(short) == len(whole) // 4
    made.fault(TOTALS, "empty")
    assert made.get(TOTALS).content == b""
    made.fault(TOTALS, "html")
    page = made.get(TOTALS)
    assert page.status_code == 200
    assert page.headers["Content-Type"].startswith("text/html")
    assert b"<html>" in page.content


def test_packed_and_chunked_bodies_are_the_same_body(made: Client) -> None:
    whole = made.get(TOTALS).content
    made.fault(TOTALS, "gzip")
    packed = made.get(TOTALS, headers={"Accept-Encoding": "identity"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.content == whole
    made.fault(TOTALS, "chunked")
    pieces = made.get(TOTALS)
    assert pieces.headers["Transfer-Encoding"] == "chunked"
    assert pieces.content == whole


def test_a_timeout_holds_the_answer_back(made: Client) -> None:
    made.fault(TOTALS, "timeout", args={"seconds": 1.5})
    start = time.monotonic()
    with pytest.raises(requests.exceptions.ReadTimeout):
        requests.get(made.url + TOTALS, timeout=0.3)
    assert time.monotonic() - start < 1.2


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"kind": "503"}, "path is missing"),
        ({"path": "*", "kind": "flood"}, "unknown"),
        ({"path": "*", "kind": "503", "times": -1}, "times"),
        ({"path": "*", "kind": "503", "often": 1}, "often"),
        ({"path": TOTALS, "kind": "rename_column"}, "from"),
        ({"path": TOTALS, "kind": "rename_column", "args": {"from": "NO", "to": "B"}}, "no column 'NO'"),
        ({"path": TOTALS, "kind": "missing_sheet"}, "no sheets"),
        ({"path": "/nowhere/*", "kind": "revise"}, "fits no document"),
        ({"path": "/www.nomisweb.co.uk/*", "kind": "bom"}, "its encoding and line ends are its own"),
        ({"path": TOTALS, "kind": "pages", "args": {"size": 5}}, "not read page by page"),
        ({"path": "/www.nomisweb.co.uk/*", "kind": "pages", "args": {"size": 0}}, "size"),
        ([], "JSON object"),
    ],
)
def test_a_wrong_fault_is_refused_with_the_reason(made: Client, body: object, words: str) -> None:
    answer = requests.post(f"{made.url}/__control/faults", json=body, timeout=20)
    assert answer.status_code == 400
    assert words in answer.json()["error"]
    assert made.get("/__control/faults").json() == []
    assert made.get(TOTALS).status_code == 200


def test_control_is_closed_to_other_host_names(made: Client) -> None:
    answer = made.get("/__control/faults", headers={"Host": "evil.example:80"})
    assert answer.status_code == 403


def test_a_revision_is_a_new_release_of_a_csv(made: Client) -> None:
    before = made.get(TOTALS)
    made.fault(TOTALS, "revise", args={"share": 0.1})
    after = made.get(TOTALS)
    assert after.headers["ETag"] != before.headers["ETag"]
    assert after.headers["Last-Modified"] != before.headers["Last-Modified"]
    old, new = before.content.splitlines(), after.content.splitlines()
    changed = [pair for pair in zip(old, new, strict=True) if pair[0] != pair[1]]
    assert len(changed) == round(2_282 * 0.1)
    for was, now in changed:
        assert was.split(b",")[:3] == now.split(b",")[:3]
    made.mend()
    assert made.get(TOTALS).content == before.content


def test_a_revision_of_a_workbook_rotates_its_address_and_still_adds_up(made: Client) -> None:
    page = made.get(WASTE_PAGE).json()
    before = _workbook(made)
    made.fault(WASTE_PAGE, "revise", args={"share": 0.2})
    after = _workbook(made)
    assert after["url"] != before["url"]
    assert requests.get(before["url"], timeout=20).status_code == 404
    again = made.get(WASTE_PAGE).json()
    assert again["public_updated_at"] > page["public_updated_at"]
    assert len(again["details"]["change_history"]) == 2
    rows = _table(requests.get(after["url"], timeout=20).content, "Table_1", 4)
    assert all(row[6] == row[7] + row[16] for row in rows)
    # The page's old address in a glob goes on naming the file after it has rotated.
    assert made.fault(after["url"].removeprefix(made.url), "withdraw").status_code == 201
    assert requests.get(_workbook(made)["url"], timeout=20).status_code == 410


def _table(content: bytes, sheet: str, header: int) -> list[list[float]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)[header:]
    return [row for row in rows if str(row[2]).startswith("E")]  # type: ignore[misc]


def test_content_faults_of_a_csv(made: Client) -> None:
    made.fault(TOTALS, "rename_column", args={"from": "LA_CODE", "to": "AREA"})
    assert made.get(TOTALS).content.startswith(b"AREA,LA_NAME,")
    made.mend()
    made.fault(TOTALS, "bad_number", args={"value": "[c]", "count": 2})
    assert made.get(TOTALS).content.count(b",[c],") == 2
    made.mend()
    made.fault(TOTALS, "unknown_area", args={"code": "E06999999"})
    assert made.get(TOTALS).content.count(b"E06999999,") == 1
    made.mend()
    made.fault(TOTALS, "cp1252")
    with pytest.raises(UnicodeDecodeError):
        made.get(TOTALS).content.decode()
    assert "\u2019s" in made.get(TOTALS).content.decode("cp1252")


def test_content_faults_of_a_workbook(made: Client) -> None:
    made.fault(WASTE_PAGE, "missing_sheet", args={"sheet": "Table_2"})
    made.fault(WASTE_PAGE, "rename_column", args={"from": "ONS Code", "to": "Code", "sheet": "Table_1"})
    made.fault(WASTE_PAGE, "bad_number", args={"value": "1 203 514", "count": 1})
    book = CalamineWorkbook.from_filelike(io.BytesIO(requests.get(_workbook(made)["url"], timeout=20).content))
    assert "Table_2" not in book.sheet_names
    rows = book.get_sheet_by_name("Table_1").to_python(skip_empty_area=False)
    assert rows[3][2] == "Code"
    assert any("1 203 514" in row for row in book.get_sheet_by_name("Table_3").to_python())


def test_permuted_rows_are_the_same_rows_between_the_same_titles_and_notes(made: Client) -> None:
    before = made.get(TOTALS).content.splitlines()
    made.fault(TOTALS, "permute")
    after = made.get(TOTALS).content.splitlines()
    assert after[0] == before[0]
    assert after != before
    assert sorted(after) == sorted(before)
    made.mend()

    was = _rows(made)
    made.fault(HOMES_PAGE, "permute")
    now = _rows(made)
    first = next(at for at, row in enumerate(was) if row[0] == "Period") + 1
    notes = was.index(["Notes:", *[""] * (len(was[0]) - 1)])
    assert now[:first] == was[:first]
    assert now[notes - 1 :] == was[notes - 1 :]
    assert now[first:notes] != was[first:notes]
    assert sorted(map(str, now)) == sorted(map(str, was))


def _rows(client: Client) -> list[list[str]]:
    attachments = client.get(HOMES_PAGE).json()["details"]["attachments"]
    url = next(one["url"] for one in attachments if one["filename"].endswith(".ods"))
    book = CalamineWorkbook.from_filelike(io.BytesIO(requests.get(url, timeout=20).content))
    return [[str(cell) for cell in row] for row in book.get_sheet_by_name("Data").to_python(skip_empty_area=False)]


def test_another_encoding_holds_the_same_text(made: Client) -> None:
    plain = made.get(TOTALS).content
    assert b"\r" not in plain
    made.fault(TOTALS, "bom")
    made.fault(TOTALS, "crlf")
    assert made.get(TOTALS).content == b"\xef\xbb\xbf" + plain.replace(b"\n", b"\r\n")
    made.mend()
    cp1252 = made.get(ADULTS).content
    assert cp1252.count(b"\r\n") == cp1252.count(b"\n") > 0
    made.fault(ADULTS, "crlf")
    assert made.get(ADULTS).content == cp1252.replace(b"\r\n", b"\n")
    assert "cp1252" in made.fault(ADULTS, "bom").json()["error"]
    assert "workbook" in made.fault(HOMES_PAGE, "crlf").json()["error"]


def test_smaller_pages_hold_the_same_rows(made: Client) -> None:
    query = {**NOMIS_QUERY, "gender": "1", "c_age": "101"}
    whole = made.get(NOMIS, params=query).text.splitlines()
    made.fault(NOMIS, "pages", args={"size": 200})
    pages = [made.get(NOMIS, params={**query, "RecordOffset": str(at)}).text.splitlines() for at in (0, 200)]
    assert [len(page) for page in pages] == [201, 127]
    assert pages[0] + pages[1][1:] == whole
    made.mend()

    asked = {"pageSize": "10000"}
    whole = made.get(A_LEVELS, params=asked).json()["results"]
    made.fault(A_LEVELS.replace("/query", "/*"), "pages", args={"size": 700})
    first = made.get(A_LEVELS, params=asked).json()
    assert (len(first["results"]), first["paging"]["totalResults"]) == (700, len(whole))
    rest = [made.get(A_LEVELS, params={**asked, "page": str(page)}).json()["results"] for page in (2, 3)]
    assert first["results"] + rest[0] + rest[1] == whole[:2100]


def test_withdrawal_shows_on_the_page_and_on_files(made: Client) -> None:
    made.fault(TOTALS, "withdraw")
    assert made.get(TOTALS).status_code == 410
    made.fault(WASTE_PAGE, "withdraw", args={"explanation": "Wrong tonnes."})
    item = made.get(WASTE_PAGE).json()
    assert "Wrong tonnes." in item["withdrawn_notice"]["explanation"]
    assert requests.get(_workbook(made)["url"], timeout=20).status_code == 410


def test_content_faults_reach_the_computed_interfaces(made: Client) -> None:
    query = {**NOMIS_QUERY, "gender": "1", "c_age": "101"}
    before = made.get(NOMIS, params=query).text.splitlines()
    made.fault("/www.nomisweb.co.uk/*", "revise", args={"share": 1})
    after = made.get(NOMIS, params=query).text.splitlines()
    assert len(before) == len(after) == 327
    assert all(old != new for old, new in zip(before[1:], after[1:], strict=True))
    made.mend()
    made.fault("/www.nomisweb.co.uk/*", "rename_column", args={"from": "OBS_VALUE", "to": "VALUE"})
    assert '"VALUE"' in made.get(NOMIS, params=query).text.splitlines()[0]
    made.mend()
    month = {"poly": SURREY, "date": "2020-08"}
    was = made.get(STREET, params=month).json()
    made.fault("/data.police.uk/*", "revise", args={"share": 0.2})
    now = made.get(STREET, params=month).json()
    assert [crime["id"] for crime in was] == [crime["id"] for crime in now]
    assert was != now


def test_a_bomb_weighs_little_and_unpacks_to_much(made: Client) -> None:
    size = 300 * 1024**2 + 17
    made.fault(WASTE_PAGE, "bomb", args={"bytes": size})
    content = requests.get(_workbook(made)["url"], timeout=20).content
    assert len(content) < 1_000_000
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist() == ["mimetype", "content.xml"]
        assert archive.getinfo("content.xml").file_size == size
        # Read to the end: the archive's own checksum is verified on the way.
        with archive.open("content.xml") as member:
            total = 0
            while chunk := member.read(1 << 22):
                total += len(chunk)
    assert total == size
    assert made.fault(WASTE_PAGE, "bomb", args={"bytes": 5 * 1024**3}).status_code == 400


def test_genuine_csv_can_be_revised_and_genuine_workbooks_cannot(sample: Client) -> None:
    path = "/www.ons.gov.uk/explore-local-statistics/indicators/net-additions-to-the-housing-stock.csv"
    before = sample.get(path).content
    sample.fault(path, "revise")
    after = sample.get(path).content
    assert after.startswith(b"\xef\xbb\xbfareacd,")
    assert b"\r" not in after
    old, new = (list(csv.DictReader(io.StringIO(text.decode("utf-8-sig")))) for text in (before, after))
    changed = [(a, b) for a, b in zip(old, new, strict=True) if a != b]
    assert len(changed) == round(8_621 * 0.05)
    assert all({**a, "observation": ""} == {**b, "observation": ""} for a, b in changed)
    refused = sample.fault(WASTE_PAGE, "revise")
    assert refused.status_code == 400
    assert "genuine" in refused.json()["error"]
