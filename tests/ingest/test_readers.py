"""Readers: rows of text from delivered files, and refusals that name what is wrong and where."""

from __future__ import annotations

import datetime as dt
import io
import math
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import registry
from ingest.contract import Column, Delimited, JsonLines, MessyCsv, Sheet, Table, WideCsv
from ingest.errors import BadFile
from ingest.readers import header
from ingest.readers.delimited import copy_header, messy_rows, wide_rows
from ingest.readers.json_lines import json_rows
from ingest.readers.sheets import cell_text, joined_header, sheet_rows
from sandbox.spreadsheets import SheetData, write_workbook

ABC = (Column("a"), Column("b"), Column("c", optional=True))
MEGABYTE = 1 << 20


def table(reader: Delimited | MessyCsv | WideCsv | Sheet | JsonLines, *names: str) -> Table:
    return Table(tuple(map(Column, names)) or ABC, reader)


def message(action: Callable[[], object]) -> str:
    """The message of a refusal, which must name a way out too."""
    with pytest.raises(BadFile) as caught:
        action()
    assert caught.value.hint
    assert caught.value.message.startswith("ds/all (f.csv)")
    return caught.value.message.removeprefix("ds/all (f.csv)").removeprefix(": ")


def columns_of(data: bytes, reader: Delimited = Delimited(), *names: str) -> tuple[list[str], bytes]:  # noqa: B008
    """Columns found in the header, and the bytes that are left for COPY."""
    file = io.BytesIO(data)
    return copy_header("ds/all (f.csv)", table(reader, *names), reader, file), file.read()


# --- plain CSV ------------------------------------------------------------------------------------


def test_byte_order_mark_is_no_part_of_the_header() -> None:
    assert columns_of(b"\xef\xbb\xbfa,b\n1,2\n") == (["a", "b"], b"a,b\n1,2\n")
    assert columns_of(b'\xef\xbb\xbf"a","b"\n1,2\n') == (["a", "b"], b'"a","b"\n1,2\n')


def test_byte_order_mark_says_utf_8_whatever_is_declared() -> None:
    data = "\ufeffA,B\n£1,“2”\n".encode()
    assert columns_of(data, Delimited(encoding="cp1252"), "A", "B") == (["A", "B"], "A,B\n£1,“2”\n".encode())
    messy = MessyCsv(header_row=1, encoding="cp1252")
    rows = messy_rows("ds/all (f.csv)", table(messy, "A", "B"), messy, io.BytesIO(data))
    assert list(rows) == [(1, ("£1", "“2”"))]


def test_header_may_break_its_lines_inside_quotes() -> None:
    reader = Delimited()
    wanted = Table((Column("number_of", ("number of things",)), Column("b")), reader)
    file = io.BytesIO(b'"number\r\n of\nthings",b\n1,2\n')
    assert copy_header("ds", wanted, reader, file) == ["number_of", "b"]


def test_wrong_byte_in_a_header_names_line_and_byte() -> None:
    assert message(lambda: columns_of(b"a,b\xa3\n1,2\n")) == "line 1: byte 0xa3 is not utf-8"


def test_tabs_where_commas_are_declared_are_told() -> None:
    assert message(lambda: columns_of(b"a\tb\n1\t2\n")) == "the file is separated by tabs"
    assert columns_of(b"a\tb\n1\t2\n", Delimited(delimiter="\t"))[0] == ["a", "b"]


def test_renamed_column_is_told_with_both_names() -> None:
    told = message(lambda: columns_of(b"a,Region (new)\n1,2\n"))
    assert told == "the header lacks column 'b' and has unknown column 'Region (new)'"


def test_several_missing_and_unknown_columns_are_all_told() -> None:
    told = message(lambda: columns_of(b"x,y\n"))
    assert told == "the header lacks columns 'a', 'b' and has unknown columns 'x', 'y'"


def test_column_that_stands_twice_is_refused() -> None:
    assert message(lambda: columns_of(b"a,b,B \n1,2,3\n")) == "column 'b' is there twice, the second time as 'B '"


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b"\n\n  \r\n"])
def test_empty_file_is_told(data: bytes) -> None:
    assert message(lambda: columns_of(data)) == "the file is empty"


@pytest.mark.parametrize("data", [b"\na,b\n1,2\n", b"\xef\xbb\xbf\r\na,b\n"])
def test_file_that_starts_with_an_empty_line_lacks_its_columns(data: bytes) -> None:
    assert message(lambda: columns_of(data)).startswith("the header lacks columns 'a', 'b'")


def test_huge_first_cell_is_refused_and_not_a_crash() -> None:
    assert message(lambda: columns_of(b"x" * 200_000)).startswith("the header cannot be read")


# --- headers --------------------------------------------------------------------------------------


def test_unknown_columns_of_a_layout_that_allows_them_are_passed_over() -> None:
    assert header.match("ds", table(Delimited()), ["x", "b", "b", "a"], extra_allowed=True) == {
        1: "b",
        3: "a",
    }


def test_merged_header_rows_are_joined_once_each() -> None:
    rows: list[list[object]] = [
        ["", "Households", "Households", "Total"],
        ["", "with children", "Households"],
    ]
    assert joined_header(rows) == ["column 1", "Households | with children", "Households", "Total"]  # type: ignore[arg-type]


# --- messy CSV ------------------------------------------------------------------------------------


def messy(data: bytes, header_row: int = 3, encoding: str = "utf-8") -> list[tuple[int, tuple[str | None, ...]]]:
    reader = MessyCsv(header_row=header_row, encoding=encoding)
    return list(messy_rows("ds/all (f.csv)", table(reader), reader, io.BytesIO(data)))


def test_title_rows_spacers_and_short_rows() -> None:
    data = b'\xef\xbb\xbfTitle,,\n,,\nB,A,\n1,2,\n,,\n"with\nbreak"\n,7\n'
    assert messy(data) == [(1, ("2", "1", None)), (3, (None, "with\nbreak", None)), (4, ("7", None, None))]


def test_row_that_is_longer_than_its_header_is_refused() -> None:
    told = message(lambda: messy(b"t\n\na,b\n1,2\n1,2,surplus\n"))
    assert told == "row 2 has 3 cells where the header has 2; the first too many is 'surplus'"


def test_messy_file_that_ends_before_its_header_is_refused() -> None:
    assert message(lambda: messy(b"title\n")) == "the header should stand in row 3, the file has 1 rows"
    assert message(lambda: messy(b"")) == "the header should stand in row 3, the file has 0 rows"


def test_wrong_byte_in_a_messy_file_is_told_with_what_stands_before_it() -> None:
    told = message(lambda: messy(b"t\n\na,b\nBarnet,\xa35\n"))
    assert told.startswith("byte 0xa3 is not utf-8")
    assert "Barnet," in told
    assert messy(b"t\n\na,b\nBarnet,\xa35\n", encoding="cp1252") == [(1, ("Barnet", "£5", None))]


def test_cell_that_is_no_cell_is_refused_and_not_a_crash() -> None:
    told = message(lambda: messy(b't\n\na,b\n1,"' + b"x" * 200_000))
    assert told.startswith("it cannot be read as CSV")


# --- wide CSV -------------------------------------------------------------------------------------


def wide(data: bytes, *names: str) -> list[tuple[int, tuple[str | None, ...]]]:
    reader = WideCsv(label=r"\d{6}")
    return list(wide_rows("ds/all (f.csv)", table(reader, *names), reader, io.BytesIO(data)))


def test_each_period_of_a_wide_row_is_a_row() -> None:
    assert wide(b"Borough,200801,200802\nBarnet,1,\n", "borough") == [
        (1, ("Barnet", "200801", "1")),
        (1, ("Barnet", "200802", None)),
    ]


def test_ragged_wide_row_is_refused() -> None:
    told = message(lambda: wide(b"borough,200801\nBarnet,1\nBrent\n", "borough"))
    assert told == "row 2 has 1 cells where the header has 2; it starts ['Brent']"


def test_wide_file_without_periods_is_refused() -> None:
    assert message(lambda: wide(b"borough,Jan 2008\n", "borough")).startswith("no column header matches '\\\\d{6}'")
    assert message(lambda: wide(b"", "borough")).startswith("no column header matches")


def test_borough_crime_of_2008_comes_out_cell_by_cell(samples: Path) -> None:
    ((of, reader),) = (
        (of, of.reader) for of in registry.datasets()["mps_borough_crime"].tables if isinstance(of.reader, WideCsv)
    )
    path = samples / "police" / "mps_borough_level_crime_200801_201612.csv"
    with path.open("rb") as file:
        rows = list(wide_rows("mps", of, reader, file))
    lines = path.read_text("utf-8-sig").splitlines()
    # Nine years of months for each line; no cell of this file holds a comma or a line break.
    assert len(rows) == (len(lines) - 1) * 9 * 12
    for number in (1, 100, len(lines) - 1):
        cells = lines[number].split(",")
        got = [row[-1] for at, row in rows[(number - 1) * 108 : number * 108] if at == number]
        assert got == [cell or None for cell in cells[3:]]


# --- JSON lines -----------------------------------------------------------------------------------


def json_lines(data: bytes) -> list[tuple[int, tuple[str | None, ...]]]:
    reader = JsonLines((("id", "id"), ("street", "location.street.name")))
    return list(json_rows("ds/all (f.csv)", reader, io.BytesIO(data)))


def test_dotted_paths_lead_to_cells_or_nowhere() -> None:
    data = b'{"id": 7, "location": {"street": {"name": "On or near A"}}}\n{"id": "x", "location": null}\n'
    assert json_lines(data) == [(1, ("7", "On or near A")), (2, ("x", None))]


def test_line_that_is_not_json_is_named() -> None:
    assert message(lambda: json_lines(b'{"id": 1}\n{"id": ')).startswith("line 2 is not JSON")
    assert message(lambda: json_lines(b'{"id": 1}\n\xff\n')).startswith("line 2 is not JSON")
    assert message(lambda: json_lines(b'{"id": 1}\n[1, 2]\n')) == "line 2 is not a JSON object: [1, 2]"


# --- workbooks ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (82390.0, "82390"),
        (0.0, "0"),
        (-3.0, "-3"),
        (0.415, "0.415"),
        (7772995.203000001, "7772995.203000001"),
        (1e15, "1000000000000000.0"),
        ("", None),
        ("..", ".."),
        (" E06000001 ", " E06000001 "),
        (7, "7"),
        (True, "True"),
        (dt.date(2008, 4, 1), "2008-04-01"),
        (dt.datetime(2008, 4, 1, 9, 30), "2008-04-01 09:30:00"),
    ],
)
def test_cell_as_text(cell: object, text: str | None) -> None:
    assert cell_text(cell) == text  # type: ignore[arg-type]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_figures_keep_every_digit(figure: float) -> None:
    text = cell_text(figure)
    assert text is not None
    assert float(text) == figure


@pytest.mark.parametrize("figure", [math.inf, -math.inf, math.nan])
def test_what_is_no_figure_stays_text(figure: float) -> None:
    assert cell_text(figure) == repr(figure)


def workbook(folder: Path, suffix: str, *sheets: SheetData) -> io.BytesIO:
    path = folder / f"book{suffix}"
    write_workbook(path, sheets)
    return io.BytesIO(path.read_bytes())


def read_sheet(file: io.BytesIO, reader: Sheet) -> list[tuple[int, tuple[str | None, ...]]]:
    return list(sheet_rows("ds/all (f.csv)", table(reader), reader, file))


@pytest.mark.parametrize("suffix", [".ods", ".xlsx"])
def test_rows_below_a_merged_header(tmp_path: Path, suffix: str) -> None:
    rows: list[list[str | int | float | None]] = [
        [None, None, None], ["B", "A", "Extra"], [1, 2.5, "x"], [None, None, None], ["[c]", None, None],
    ]  # fmt: skip
    file = workbook(tmp_path, suffix, SheetData("Notes", [["none"]]), SheetData("Table 1", rows))
    assert read_sheet(file, Sheet(r"Table[ _]1", (2, 2))) == [
        (1, ("2.5", "1", None)),
        (3, (None, "[c]", None)),
    ]


def test_every_sheet_that_matches_is_read_and_rows_are_numbered_on(tmp_path: Path) -> None:
    file = workbook(
        tmp_path,
        ".ods",
        SheetData("2007-08", [["a", "b"], [1, "x"], [None, None], [2, "y"]]),
        SheetData("Notes", [["a", "b"], [9, "no"]]),
        SheetData("2008-09", [["b", "a"], ["z", 3]]),
    )
    assert read_sheet(file, Sheet(r"\d{4}-\d\d", (1, 1), every=True)) == [
        (1, ("1", "x", None)),
        (3, ("2", "y", None)),
        (4, ("3", "z", None)),
    ]
    file.seek(0)
    assert [number for number, _ in read_sheet(file, Sheet(r"\d{4}-\d\d", (1, 1)))] == [1, 3]


def test_missing_sheet_is_told_with_the_sheets_there_are(tmp_path: Path) -> None:
    file = workbook(tmp_path, ".ods", SheetData("Notes", [["x"]]), SheetData("Table 9", [["x"]]))
    told = message(lambda: read_sheet(file, Sheet("Table 1", (1, 1))))
    assert told == "no sheet is named like 'Table 1'; the workbook has 'Notes', 'Table 9'"


def test_sheet_that_ends_before_its_header_is_refused(tmp_path: Path) -> None:
    file = workbook(tmp_path, ".xlsx", SheetData("S", [["a", "b"]]))
    assert message(lambda: read_sheet(file, Sheet("S", (3, 4)))) == (
        "sheet 'S' has 1 rows; its header should stand in rows 3 to 4"
    )


def test_sheet_with_another_header_is_told_with_its_name(tmp_path: Path) -> None:
    file = workbook(tmp_path, ".xlsx", SheetData("S", [["a", "bee"]]))
    told = message(lambda: read_sheet(file, Sheet("S", (1, 1))))
    assert told == ", sheet 'S': the header lacks column 'b' and has unknown column 'bee'"


@pytest.mark.parametrize("data", [b"", b"<html>not found</html>", b"PK\x03\x04 cut short"])
def test_what_is_no_workbook_is_refused(data: bytes) -> None:
    assert message(lambda: read_sheet(io.BytesIO(data), Sheet("S", (1, 1)))).startswith("not a readable workbook")


def real_sheet(samples: Path, dataset_id: str, name: str, path: str) -> list[dict[str, str | None]]:
    """Rows of a sheet of a genuine workbook, as column to text."""
    (of,) = (of for of in registry.datasets()[dataset_id].tables if of.name == name)
    assert isinstance(of.reader, Sheet)
    with (samples / path).open("rb") as file:
        return [
            dict(zip((column.name for column in of.columns), cells, strict=True))
            for _, cells in sheet_rows(dataset_id, of, of.reader, file)
        ]


ENV18 = "waste/LA_and_Regional_Spreadsheet_201718.ods"


def test_tables_of_env18_start_below_their_headers(samples: Path) -> None:
    tonnages = real_sheet(samples, "defra_waste", "table_1", ENV18)
    # As it stands in row 5 of Table_1.
    assert tonnages[0]["financial_year"] == "2014-15"
    assert tonnages[0]["local_authority"] == "Stockton-on-Tees Borough Council"
    assert tonnages[0]["total_tonnes"] == "104218"
    assert tonnages[0]["household_recycled_tonnes"] == "21901"
    ratios = real_sheet(samples, "defra_waste", "table_3", ENV18)
    # England recycled 41.5 % of its household waste in 2010-11, the figure Defra published.
    assert (ratios[0]["year"], ratios[0]["region"]) == ("2010-11", "Total England")
    assert ratios[0]["household_recycled_share"] == "0.415"
    assert ratios[0]["collected_kg_per_person"] == ":"
    managed = real_sheet(samples, "defra_waste", "table_2", ENV18)
    assert managed[1]["landfilled_tonnes"] == "6543.050000000001"
    assert managed[1]["ons_code"] == "E06000004"


def test_sheet_ta1_starts_below_its_merged_header(samples: Path) -> None:
    rows = real_sheet(samples, "clg_homelessness", "ta1", "homelessness/DetailedLA_201806.xlsx")
    # 82,390 households were in temporary accommodation in England on 30 June 2018, with 123,770 children.
    assert rows[0]["area_code"] == "E92000001"
    assert rows[0]["households"] == "82390"
    assert rows[0]["children"] == "123770"
    assert rows[0]["region_code"] is None
    assert rows[1]["households_thousands"] == "3513.589"
