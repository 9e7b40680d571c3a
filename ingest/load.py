"""Load: from landed bytes to text tables in schema `raw`, by COPY, one transaction for each release."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

import psycopg
from psycopg import sql

from ingest.contract import Cube, Dataset, Delimited, JsonLines, MessyCsv, Reader, Sheet, Table, WideCsv, raw_columns
from ingest.errors import BadFile, NisError
from ingest.readers import archive, delimited
from ingest.readers.cube import cube_rows
from ingest.readers.json_lines import json_rows
from ingest.readers.sheets import sheet_rows

CHUNK = 1 << 20
ZIP = b"PK\x03\x04"
SEQUENCE_CACHE = 100_000
KEPT = "the whole release was refused and its bytes are kept; the last good release stays in use"


@dataclass(frozen=True, slots=True)
class Landed:
    """A release that waits to be loaded."""

    release_id: int
    dataset: Dataset
    part: str
    sha256: str
    url: str

    @property
    def name(self) -> str:
        """How messages call it."""
        return f"{self.dataset.dataset_id}/{self.part} ({self.url.split('?', 1)[0].rsplit('/', 1)[-1]})"


def load_release(connection: psycopg.Connection, release: Landed, file: BinaryIO) -> int:
    """Load the tables of one release and mark it loaded; returns the number of rows.

    Must run inside a transaction as `nis_loader`; the caller rolls back on an error. A release that is
    loaded already is left alone. Raises BadFile when the file is not what its contract says.
    """
    status = connection.execute(
        "select status from ops.release where release_id = %s for update", (release.release_id,)
    ).fetchone()
    if status is None or status[0] != "landed":
        return 0
    total = 0
    for table in release.dataset.tables_of(release.part):
        where = f"{release.name}" + (f", table {table.name}" if table.name else "")
        with _partition(connection, release, table) as target:
            file.seek(0)
            total += _fill(connection, target, where, release.dataset, table, file)
    connection.execute(
        "update ops.release set status = 'loaded', loaded_at = now(), row_count = %s where release_id = %s",
        (total, release.release_id),
    )
    return total


@contextmanager
def _partition(connection: psycopg.Connection, release: Landed, table: Table) -> Iterator[sql.Composable]:
    """An empty partition of the raw table for this release, numbering its own rows while it is filled."""
    parent = release.dataset.raw_table(table)
    target = sql.Identifier("raw", f"r{release.release_id}__{parent}"[:63])
    numbers = sql.Identifier("raw", f"r{release.release_id}__numbers")
    number_of = sql.Literal(f'raw."r{release.release_id}__numbers"')
    connection.execute(sql.SQL("drop table if exists {}").format(target))
    connection.execute(
        sql.SQL("create table {} partition of {} for values in ({})").format(
            target, sql.Identifier("raw", parent), sql.Literal(release.release_id)
        )
    )
    connection.execute(sql.SQL("create sequence {} cache {}").format(numbers, sql.Literal(SEQUENCE_CACHE)))
    connection.execute(
        sql.SQL("alter table {} alter release_id set default {}, alter row_number set default nextval({})").format(
            target, sql.Literal(release.release_id), number_of
        )
    )
    yield target
    connection.execute(
        sql.SQL("alter table {} alter release_id drop default, alter row_number drop default").format(target)
    )
    connection.execute(sql.SQL("drop sequence {}").format(numbers))


def _fill(
    connection: psycopg.Connection, target: sql.Composable, where: str, dataset: Dataset, table: Table, file: BinaryIO
) -> int:
    reader = table.reader
    if isinstance(reader, Delimited):
        if not reader.member:
            return _copy_bytes(connection, target, where, table, reader, file)
        with archive.checked(where, file, dataset.max_bytes) as zipped:
            return sum(
                _copy_bytes(
                    connection, target, f"{where}, member {name}", table, reader,
                    io.BufferedReader(archive.Rewindable(zipped, name), CHUNK),
                )
                for name in archive.members(where, zipped, reader.member)
            )  # fmt: skip
    if isinstance(reader, Sheet):
        # An ODS or XLSX is an archive: check what it unpacks to before the reader holds it in memory.
        if file.read(len(ZIP)) == ZIP:
            with archive.checked(where, file, dataset.max_bytes):
                pass
        file.seek(0)
    return _copy_rows(connection, target, where, table, _rows(where, table, reader, file))


def _rows(where: str, table: Table, reader: Reader, file: BinaryIO) -> Iterator[tuple[int, tuple[str | None, ...]]]:
    match reader:
        case Sheet():
            return sheet_rows(where, table, reader, file)
        case WideCsv():
            return delimited.wide_rows(where, table, reader, file)
        case MessyCsv():
            return delimited.messy_rows(where, table, reader, file)
        case JsonLines():
            return json_rows(where, reader, file)
        case Cube():
            return cube_rows(where, reader, file)
        case Delimited():
            raise AssertionError("plain CSV is copied as bytes")


def _copy_rows(
    connection: psycopg.Connection,
    target: sql.Composable,
    where: str,
    table: Table,
    rows: Iterator[tuple[int, Sequence[str | None]]],
) -> int:
    columns = sql.SQL(", ").join(map(sql.Identifier, ("row_number", *raw_columns(table))))
    statement = sql.SQL("copy {} ({}) from stdin (freeze)").format(target, columns)
    with connection.cursor() as cursor:
        with cursor.copy(statement) as copy:
            for number, cells in rows:
                try:
                    copy.write_row((number, *cells))
                except (psycopg.DataError, UnicodeEncodeError) as error:
                    raise BadFile(_unstorable(where, table, number, cells), hint=KEPT) from error
        return cursor.rowcount


def _unstorable(where: str, table: Table, number: int, cells: Sequence[str | None]) -> str:
    """Which cell of a row holds what a text column cannot: a zero byte, or half of a surrogate pair."""
    for column, cell in zip(raw_columns(table), cells, strict=True):
        for sign in cell or "":
            if sign == "\0" or "\ud800" <= sign <= "\udfff":
                told = f"character U+{ord(sign):04X} is no text"
                return f"{where}: row {number}: column {column!r}, value {(cell or '')[:80]!r}: {told}"
    return f"{where}: row {number}: the row cannot be stored: {cells!r:.200}"


def _copy_bytes(
    connection: psycopg.Connection,
    target: sql.Composable,
    where: str,
    table: Table,
    reader: Delimited,
    file: BinaryIO,
) -> int:
    """Send a CSV to COPY as it is: no Python loop over its rows."""
    encoding = delimited.encoding_of(file, reader.encoding)
    columns = delimited.copy_header(where, table, reader, file)
    statement = sql.SQL("copy {} ({}) from stdin (format csv, header true, freeze, delimiter {}, encoding {})").format(
        target,
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.Literal(reader.delimiter),
        sql.Literal(delimited.COPY_ENCODINGS[encoding]),
    )
    try:
        with connection.cursor() as cursor:
            with cursor.copy(statement) as copy:
                while chunk := file.read(CHUNK):
                    copy.write(chunk)
            return cursor.rowcount
    except (psycopg.DataError, psycopg.errors.ProgramLimitExceeded) as error:
        context = error.diag.context or ""
        line = int(context.split("line ", 1)[1].split(",")[0].split(":")[0]) if "line " in context else 0
        file.seek(0)
        row, told = delimited.explain_line(file, line, columns, reader) if line else (0, context)
        raise BadFile(
            f"{where}: row {row} (line {line} of the file): {told}: {error.diag.message_primary}", hint=KEPT
        ) from error


def waiting(connection: psycopg.Connection, datasets: Sequence[Dataset]) -> list[Landed]:
    """Releases of some datasets that are landed and not loaded yet, oldest first."""
    known = {dataset.dataset_id: dataset for dataset in datasets}
    rows = connection.execute(
        "select release_id, dataset_id, part, sha256, url from ops.release "
        "where status = 'landed' and dataset_id = any(%s) order by release_id",
        (list(known),),
    ).fetchall()
    return [
        Landed(release_id, known[dataset_id], part, sha256, url) for release_id, dataset_id, part, sha256, url in rows
    ]


def retry_refused(connection: psycopg.Connection, datasets: Sequence[Dataset]) -> int:
    """Let refused releases of some datasets be loaded or judged anew, after a contract was mended; returns how many."""
    return connection.execute(
        "update ops.release set status = case when row_count is null then 'landed' else 'loaded' end, "
        "status_reason = null where status = 'refused' and dataset_id = any(%s)",
        ([dataset.dataset_id for dataset in datasets],),
    ).rowcount


def rebuild(connection: psycopg.Connection, datasets: Sequence[Dataset]) -> int:
    """Let releases in use be loaded anew from the landing store, which is the truth; returns how many."""
    return connection.execute(
        "update ops.release set status = 'landed', row_count = null "
        "where release_id in (select release_id from ops.release_in_use) and dataset_id = any(%s)",
        ([dataset.dataset_id for dataset in datasets],),
    ).rowcount


def refuse(connection: psycopg.Connection, release: Landed, run_id: int, error: NisError) -> None:
    """Mark a release whose file cannot be read; the last good release of the part stays in use."""
    connection.execute(
        "update ops.release set status = 'refused', status_reason = %s, checked_at = now() where release_id = %s",
        (str(error), release.release_id),
    )
    connection.execute(
        "insert into ops.quality_result (run_id, gate, dataset_id, release_id, expectation, severity, success, "
        "message, owner) values (%s, 1, %s, %s, 'readable', 'fail', false, %s, %s)",
        (run_id, release.dataset.dataset_id, release.release_id, error.message, release.dataset.owner),
    )
