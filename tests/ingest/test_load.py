"""Loading: whole releases or nothing, every cell as it was delivered, errors that lead to the cell."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import database, registry
from ingest.contract import Column, Delimited, JsonLines, MessyCsv, Table, WideCsv
from ingest.errors import BadFile
from ingest.load import Landed, load_release, rebuild, refuse, retry_refused, waiting
from ingest.runs import recorded
from tests.ingest.warehouse import Warehouse, dataset, plain

pytestmark = pytest.mark.warehouse

THREE = dataset("load_three")
ONE = dataset("load_one", plain("only"))
OLD = dataset("load_cp1252", plain("a", "b", "c", reader=Delimited(encoding="cp1252")))
TABS = dataset("load_tabs", plain("a", "b", reader=Delimited(delimiter="\t")))
ZIPPED = dataset("load_zipped", plain("a", "b", reader=Delimited(member=r".*/x-\d\.csv")))
PAIR = dataset("load_pair", plain("a", name="first", part="one"), plain("b", name="second", part="two"))
WIDE = dataset("load_wide", plain("area", reader=WideCsv(label=r"\d{6}")))
MESSY = dataset("load_messy", plain("area", "number", reader=MessyCsv(header_row=2)))
LINES = dataset("load_lines", plain("id", "town", reader=JsonLines((("id", "id"), ("town", "place.town")))))
OPTIONAL = dataset("load_optional", Table((Column("a"), Column("b", optional=True)), Delimited()))
ALL = (THREE, ONE, OLD, TABS, ZIPPED, PAIR, WIDE, MESSY, LINES, OPTIONAL)

REAL = {
    "ons_employment_rate": ("all", "els/employment-rate.csv"),
    "ons_weekly_pay": ("all", "els/gross-median-weekly-pay.csv"),
    "ons_net_additions": ("all", "els/net-additions-to-the-housing-stock.csv"),
    "ons_persistent_absence": ("all", "els/persistent-absences-for-all-pupils.csv"),
    "ons_population": ("all", "population/la_mid_year_population_totals_2005_2019.csv"),
    "decc_la_co2": ("all", "co2/2005-11_UK_local_authority_CO2_emissions_England.csv"),
    "decc_fuel_poverty": ("2011", "fuel_poverty/decc_fuel_poverty_la_2011.csv"),
    "collision": ("collision", "roads/dft-road-casualty-statistics-collision-2024-west-yorkshire.csv"),
    "casualty": ("casualty", "roads/dft-road-casualty-statistics-casualty-2024-west-yorkshire.csv"),
}


@pytest.fixture(scope="module")
def loading(warehouse: Warehouse) -> Warehouse:
    warehouse.declare(*ALL)
    return warehouse


def refused(loading: Warehouse, which: object, data: bytes, part: str = "all") -> str:
    """Load bytes that must be refused; returns the message, once nothing of them is left."""
    chosen = which if not isinstance(which, str) else registry.datasets()[which]
    release = loading.land(chosen, data, part, name="delivered.csv")  # type: ignore[arg-type]
    with pytest.raises(BadFile) as caught:
        loading.load(release, data)
    assert loading.status(release) == "landed"
    left = loading.query(
        "select relname from pg_class as c inner join pg_namespace as n on c.relnamespace = n.oid "
        "where n.nspname = 'raw' and relname like %s",
        (f"r{release.release_id}\\_%",),
    )
    assert left == []
    assert caught.value.hint
    return caught.value.message


def test_rows_are_numbered_from_one_in_the_order_of_the_file(loading: Warehouse) -> None:
    release = loading.deliver(THREE, b"c,a,b\n3,1,2\n,x,\n6,4,5\n")
    assert loading.rows(THREE, release) == [(1, "1", "2", "3"), (2, "x", None, None), (3, "4", "5", "6")]
    assert loading.status(release) == "loaded"
    assert loading.one("select row_count from ops.release where release_id = %s", (release.release_id,)) == 3


def test_loading_twice_changes_nothing(loading: Warehouse) -> None:
    data = b"a,b,c\ntwice,2,3\n"
    release = loading.deliver(THREE, data)
    before = loading.query("select *, xmin from ops.release where release_id = %s", (release.release_id,))
    assert loading.load(release, data) == 0
    assert loading.query("select *, xmin from ops.release where release_id = %s", (release.release_id,)) == before
    assert loading.rows(THREE, release) == [(1, "twice", "2", "3")]


def test_a_bad_row_leaves_nothing_of_its_release(loading: Warehouse) -> None:
    rows = b"".join(b"%d,x,y\n" % number for number in range(5000))
    told = refused(loading, THREE, b"a,b,c\n" + rows + b"5001,x,y,surplus\n")
    assert "load_three/all (delivered.csv): row 5001 (line 5002 of the file)" in told
    assert "4 cells where the header has 3" in told
    assert "'surplus'" in told


def test_row_of_a_message_counts_records_and_not_lines(loading: Warehouse) -> None:
    told = refused(loading, THREE, b'"a",b,c\n"first\nof two\nlines",2,3\n4,5\n')
    assert "row 2 (line 5 of the file)" in told
    assert "2 cells where the header has 3" in told
    assert "column 'b', is '5'" in told


def test_wrong_byte_is_told_with_line_column_and_value(loading: Warehouse) -> None:
    told = refused(loading, THREE, b'a,b,c\n1,"Leeds, West Yorkshire",3\n4,"Camb, Suffolk",costs \xa35\n')
    assert "row 2 (line 3 of the file): column 'c', value 'costs £5': byte 0xa3 is not utf-8" in told
    assert 'invalid byte sequence for encoding "UTF8": 0xa3' in told


def test_zero_byte_is_told_with_line_column_and_value(loading: Warehouse) -> None:
    told = refused(loading, THREE, b"a,b,c\n1,2,3\n4,fi\x00ve,6\n")
    assert "row 2 (line 3 of the file): column 'b', value b'fi\\x00ve'" in told


def test_open_quote_is_refused(loading: Warehouse) -> None:
    told = refused(loading, THREE, b'a,b,c\n1,2,3\n4,"never closed,6\n7,8,9\n')
    assert "row 2" in told
    assert "unterminated CSV quoted field" in told


def test_declared_encodings_and_delimiters_reach_copy(loading: Warehouse) -> None:
    release = loading.deliver(OLD, "a,b,c\n£5,naïve – “so”,€\n".encode("cp1252"))
    assert loading.rows(OLD, release) == [(1, "£5", "naïve – “so”", "€")]
    release = loading.deliver(TABS, b"a\tb\n1,5\t2\n")
    assert loading.rows(TABS, release) == [(1, "1,5", "2")]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_line_ends_and_byte_order_mark_do_not_matter(loading: Warehouse, end: bytes) -> None:
    release = loading.deliver(THREE, b"\xef\xbb\xbf" + end.join([b"a,b,c", b"1,2,3", b"4,5,6"]))
    assert loading.rows(THREE, release) == [(1, "1", "2", "3"), (2, "4", "5", "6")]


def test_byte_order_mark_says_utf_8_whatever_is_declared(loading: Warehouse) -> None:
    release = loading.deliver(OLD, "\ufeffa,b,c\r\n£5,naïve – “so”,€\r\n".encode())
    assert loading.rows(OLD, release) == [(1, "£5", "naïve – “so”", "€")]
    assert "row 1" in (told := refused(loading, OLD, b"\xef\xbb\xbfa,b,c\n1,2,\x80\n"))
    assert "column 'c'" in told
    assert "byte 0x80 is not utf-8" in told


def test_header_with_a_line_break_is_one_header(loading: Warehouse) -> None:
    release = loading.deliver(THREE, b'"a","b\n","  c\xc2\xa0"\n1,2,3\n')
    assert loading.rows(THREE, release) == [(1, "1", "2", "3")]


def test_end_of_data_mark_of_copy_is_only_text(loading: Warehouse) -> None:
    release = loading.deliver(ONE, b"only\nbefore\n\\.\nafter\n")
    assert loading.rows(ONE, release) == [(1, "before"), (2, "\\."), (3, "after")]


def test_absent_optional_column_is_null(loading: Warehouse) -> None:
    release = loading.deliver(OPTIONAL, b"a\n1\n")
    assert loading.rows(OPTIONAL, release) == [(1, "1", None)]


def test_quoted_empty_text_is_not_null(loading: Warehouse) -> None:
    release = loading.deliver(THREE, b'a,b,c\n"",,x\n')
    assert loading.rows(THREE, release) == [(1, "", None, "x")]


def archive(members: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in members.items():
            made.writestr(name, data)
    return target.getvalue()


def test_members_of_an_archive_are_numbered_through(loading: Warehouse) -> None:
    data = archive(
        {
            "2020/x-2.csv": b"\xef\xbb\xbfb,a\n4,3\n",
            "2020/x-1.csv": b"a,b\n1,2\n7,8\n",
            "2020/notes.txt": b"no table",
        }
    )
    release = loading.deliver(ZIPPED, data)
    assert loading.rows(ZIPPED, release) == [(1, "1", "2"), (2, "7", "8"), (3, "3", "4")]


def test_a_bad_member_refuses_the_whole_archive(loading: Warehouse) -> None:
    told = refused(loading, ZIPPED, archive({"2020/x-1.csv": b"a,b\n1,2\n", "2020/x-2.csv": b"a,b\n1\n"}))
    assert "load_zipped/all (delivered.csv), member 2020/x-2.csv: row 1 (line 2 of the file)" in told


def test_damaged_member_is_refused(loading: Warehouse) -> None:
    whole = bytearray(archive({"2020/x-1.csv": b"a,b\n" + bytes(range(48, 58)) * 400 + b",2\n"}))
    whole[45:60] = b"\xff" * 15
    assert "not a readable archive" in refused(loading, ZIPPED, bytes(whole))


def test_a_part_carries_only_its_tables(loading: Warehouse) -> None:
    release = loading.deliver(PAIR, b"b\n7\n", part="two")
    assert loading.rows(PAIR, release, 1) == [(1, "7")]
    assert loading.rows(PAIR, release, 0) == []
    assert "table second: the header lacks column 'b'" in refused(loading, PAIR, b"a\n7\n", part="two")


def test_wide_rows_become_one_row_a_cell(loading: Warehouse) -> None:
    release = loading.deliver(WIDE, b"area,200801,200802\nBarnet,5,\nBrent,7,8\n")
    cells = loading.query(
        "select row_number, area, source_column, cell from raw.load_wide where release_id = %s order by 1, 3",
        (release.release_id,),
    )
    assert cells == [
        (1, "Barnet", "200801", "5"),
        (1, "Barnet", "200802", None),
        (2, "Brent", "200801", "7"),
        (2, "Brent", "200802", "8"),
    ]


def test_text_that_no_column_can_hold_is_refused_by_name(loading: Warehouse) -> None:
    told = refused(loading, MESSY, b"title\narea,number\nBarnet,1\nBr\x00ent,2\n")
    assert "row 2: column 'area', value 'Br\\x00ent': character U+0000 is no text" in told
    told = refused(loading, LINES, b'{"id": 1}\n{"id": 2, "place": {"town": "half \\ud83d"}}\n')
    assert "row 2: column 'town', value 'half \\ud83d': character U+D83D is no text" in told


def test_json_lines_keep_their_figures(loading: Warehouse) -> None:
    record = {"id": 54164419, "place": {"town": "Ripley’s Yard"}}
    release = loading.deliver(LINES, (json.dumps(record) + "\n").encode())
    assert loading.rows(LINES, release) == [(1, "54164419", "Ripley’s Yard")]


def test_refused_release_keeps_the_last_good_one_in_use(loading: Warehouse) -> None:
    which = replace(THREE, dataset_id="load_last_good")
    loading.declare(which)
    good = loading.deliver(which, b"a,b,c\n1,2,3\n")
    loading.query("update ops.release set status = 'accepted' where release_id = %s", (good.release_id,))
    data = b"a,b\n1,2\n"
    bad = loading.land(which, data)
    with database.connect(loading.settings, "nis_loader") as connection:
        assert waiting(connection, [which]) == [bad]
    with pytest.raises(BadFile) as caught:
        loading.load(bad, data)
    with (
        recorded(loading.settings, "load") as run,
        database.connect(loading.settings, "nis_loader") as connection,
    ):
        refuse(connection, bad, run.run_id, caught.value)
    assert loading.status(bad) == "refused"
    assert loading.in_use(which) == [("all", good.release_id)]
    ((reason, message, owner),) = loading.query(
        "select r.status_reason, q.message, q.owner from ops.quality_result as q "
        "inner join ops.release as r using (release_id) where release_id = %s and not q.success",
        (bad.release_id,),
    )
    assert message == "load_last_good/all (all.csv): the header lacks column 'c'"
    assert reason.startswith(message)
    assert "way out" in reason
    assert owner == which.owner
    with database.connect(loading.settings, "nis_loader") as connection:
        assert waiting(connection, [which]) == []
        # Once the contract fits the file, the same bytes are read again.
        assert retry_refused(connection, [which]) == 1
        assert waiting(connection, [which]) == [bad]
        # The landing store is the truth: what is in use can be loaded from it anew.
        assert rebuild(connection, [which]) == 1
        assert {release.release_id for release in waiting(connection, [which])} == {good.release_id, bad.release_id}


def test_rows_of_raw_are_out_of_a_readers_reach(loading: Warehouse) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        loading.query("select * from raw.load_three", role="reader")


@pytest.mark.parametrize("name", sorted(REAL))
def test_real_file_through_copy_is_what_csv_reads(loading: Warehouse, samples: Path, name: str) -> None:
    part, path = REAL[name]
    which = registry.datasets().get(name) or registry.datasets()["dft_road_casualties"]
    release = loading.deliver(which, (samples / path).read_bytes(), part)
    with (samples / path).open(encoding="utf-8-sig", newline="") as file:
        head, *rows = csv.reader(file)
    (table,) = which.tables_of(part)
    order = [next((at for at, cell in enumerate(head) if column.matches(cell)), None) for column in table.columns]
    expected = [
        (number, *((row[at] or None) if at is not None else None for at in order))
        for number, row in enumerate(rows, start=1)
    ]
    assert loading.rows(which, release, which.tables.index(table)) == expected


# Every character that text in PostgreSQL can hold; characters that CSV and COPY care about come up often.
TEXT = st.text(
    st.one_of(st.sampled_from(',"\n\r\t\\.;\ufeff\xa0 '), st.characters(exclude_characters="\0", codec="utf-8")),
    max_size=12,
)


@pytest.fixture(scope="module")
def blank(loading: Warehouse) -> Landed:
    """A landed release that no test keeps loaded."""
    return loading.land(THREE, b"to be filled again and again")


@settings(max_examples=60, deadline=None)
@given(table=st.lists(st.tuples(TEXT, TEXT, TEXT), max_size=6), quoted=st.booleans())
def test_any_table_written_as_csv_comes_back_unchanged(
    loading: Warehouse, blank: Landed, table: list[tuple[str, str, str]], quoted: bool
) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL)
    writer.writerow(("a", "b", "c"))
    writer.writerows(table)
    data = text.getvalue().encode()
    with database.connect(loading.settings, "nis_loader") as connection:
        load_release(connection, blank, io.BytesIO(data))
        found = connection.execute(
            "select row_number, a, b, c from raw.load_three where release_id = %s order by 1",
            (blank.release_id,),
        ).fetchall()
        connection.rollback()
    # An empty cell without quotes is null; everything else is itself.
    empty = "" if quoted else None
    expected = [(number, *(cell or empty for cell in cells)) for number, cells in enumerate(table, start=1)]
    assert found == expected
