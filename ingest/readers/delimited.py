"""Plain CSV for COPY: the header is read here, the rest goes to the server as bytes."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import BinaryIO

from ingest.contract import Delimited, MessyCsv, Table, WideCsv
from ingest.errors import BadFile
from ingest.readers import header

BOM = b"\xef\xbb\xbf"
HEAD_BYTES = 1 << 18
COPY_ENCODINGS = {"utf-8": "UTF8", "cp1252": "WIN1252", "latin-1": "LATIN1"}


def decoded(where: str, data: bytes, encoding: str) -> str:
    """Text of some bytes.

    Raises BadFile naming the byte and its place when they are not in this encoding.
    """
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadFile(
            f"{where}: line {line}: byte 0x{data[error.start]:02x} is not {encoding}",
            hint="if the body changed its encoding, declare it in the contract (cp1252 is usual for old files)",
        ) from error


def encoding_of(file: BinaryIO, declared: str) -> str:
    """Encoding of a file at its start: a byte order mark says UTF-8, whatever the contract declares.

    Leaves the file at its start.
    """
    file.seek(0)
    start = file.read(len(BOM))
    file.seek(0)
    return "utf-8" if start == BOM else declared


def copy_header(where: str, table: Table, reader: Delimited, file: BinaryIO) -> list[str]:
    """Columns of a CSV file in their order; leaves the file at its header, after a byte order mark.

    Raises BadFile when the header is not the contract's.
    """
    start = file.read(len(BOM))
    skip = len(BOM) if start == BOM else 0
    file.seek(0)
    head = file.read(HEAD_BYTES)[skip:]
    file.seek(skip)
    if not head.strip():
        raise BadFile(f"{where}: the file is empty", hint="nothing was loaded; the last good release stays in use")
    end = head.rfind(b"\n") + 1 or len(head)
    first = head.split(b"\n", 1)[0]
    # A quoted header cell may hold a line break, so the csv module finds the header's end, not we.
    text = decoded(where, first if b'"' not in first else head[:end], "utf-8" if skip else reader.encoding)
    try:
        names = next(csv.reader(io.StringIO(text, newline=""), delimiter=reader.delimiter), [])
    except csv.Error as error:
        raise BadFile(f"{where}: the header cannot be read: {error}", hint="is it a CSV file at all?") from error
    if len(names) == 1 and "\t" in names[0] and reader.delimiter != "\t":
        raise BadFile(f"{where}: the file is separated by tabs", hint="declare delimiter='\\t' in the contract")
    placed = header.match(where, table, names, extra_allowed=False)
    return [placed[position] for position in range(len(names))]


def explain_line(file: BinaryIO, line: int, columns: list[str], reader: Delimited) -> tuple[int, str]:
    """Data row, and what is wrong, of a line that COPY refused: column and value, where they can be told."""
    encoding = encoding_of(file, reader.encoding)
    # Latin-1 gives each byte back as it was, and leaves separators and quotes where they are.
    text = io.TextIOWrapper(file, encoding="latin-1", newline="")
    records = csv.reader(text, delimiter=reader.delimiter)
    row, cells = -1, [""]
    try:
        # A record may span lines: ours is the first that ends at the line or after it.
        while records.line_num < line:
            cells = next(records)
            row += 1
    except StopIteration:
        pass  # the last record, with a quote that nothing closes, is ours
    except csv.Error:
        row, cells = row + 1, []
    finally:
        text.detach()
    shown = [cell.encode("latin-1") for cell in cells]
    for position, cell in enumerate(shown):
        name = columns[position] if position < len(columns) else f"number {position + 1}"
        try:
            cell.decode(encoding)
        except UnicodeDecodeError as error:
            value = cell.decode("cp1252", errors="replace")
            byte = f"byte 0x{cell[error.start]:02x} is not {encoding}"
            return row, f"column {name!r}, value {value[:80]!r}: {byte}"
        if b"\0" in cell:
            return row, f"column {name!r}, value {cell[:80]!r}: it holds a zero byte"
    value = shown[-1].decode(encoding) if shown else ""
    last = columns[min(max(len(cells), 1), len(columns)) - 1]
    if len(cells) != len(columns):
        found = f"{len(cells)} cells where the header has {len(columns)}"
        return row, f"{found}; the last, column {last!r}, is {value[:80]!r}"
    return row, f"the last cell, column {last!r}, is {value[:80]!r}"


@contextmanager
def _records(where: str, file: BinaryIO, declared: str, delimiter: str) -> Iterator[Iterator[list[str]]]:
    """CSV records of a file as text, without a byte order mark."""
    encoding = encoding_of(file, declared)
    text = io.TextIOWrapper(file, encoding="utf-8-sig" if encoding == "utf-8" else encoding, newline="")
    try:
        yield csv.reader(text, delimiter=delimiter)
    except UnicodeDecodeError as error:
        raise BadFile(
            f"{where}: byte 0x{error.object[error.start]:02x} is not {encoding}, "
            f"near {error.object[max(error.start - 30, 0) : error.start]!r}",
            hint="if the body changed its encoding, declare it in the contract (cp1252 is usual for old files)",
        ) from error
    except csv.Error as error:
        raise BadFile(
            f"{where}: it cannot be read as CSV: {error}", hint="is a quote open, or is it no CSV file at all?"
        ) from error
    finally:
        if not text.closed:  # a reader that was given up may outlive its file
            text.detach()


def messy_rows(
    where: str, table: Table, reader: MessyCsv, file: BinaryIO
) -> Iterator[tuple[int, tuple[str | None, ...]]]:
    """Rows (number, cells in contract order) of a CSV with title lines, spacers or short rows.

    Row numbers count records after the header, empty ones too; a row shorter than the header ends in nulls.
    Raises BadFile when the header is not found or a row is longer than it.
    """
    with _records(where, file, reader.encoding, reader.delimiter) as records:
        head = list(islice(records, reader.header_row))
        if len(head) < reader.header_row:
            raise BadFile(
                f"{where}: the header should stand in row {reader.header_row}, the file has {len(head)} rows",
                hint="the file is empty or cut short; the last good release stays in use",
            )
        names = head[-1]
        fillers = [position for position, cell in enumerate(names) if not cell.strip()]
        placed = header.match(where, table, names, extra_allowed=True, fillers=fillers)
        order = {name: position for position, name in placed.items()}
        positions = [order.get(column.name, len(names)) for column in table.columns]
        for number, cells in enumerate(records, start=1):
            if len(cells) > len(names):
                raise BadFile(
                    f"{where}: row {number} has {len(cells)} cells where the header has {len(names)}; "
                    f"the first too many is {cells[len(names)]!r}",
                    hint="a cell holds an unquoted separator; the last good release stays in use",
                )
            if any(cell.strip() for cell in cells):
                yield number, tuple((cells[at] or None) if at < len(cells) else None for at in positions)


def wide_rows(
    where: str, table: Table, reader: WideCsv, file: BinaryIO
) -> Iterator[tuple[int, tuple[str | None, ...]]]:
    """Rows (number, contract columns, source column, cell) of a CSV with one column a period: one row a cell.

    Raises BadFile when a row is not as long as the header.
    """
    with _records(where, file, reader.encoding, reader.delimiter) as records:
        names = next(records, [])
        labels = [position for position, cell in enumerate(names) if re.fullmatch(reader.label, cell.strip())]
        if not labels:
            raise BadFile(
                f"{where}: no column header matches {reader.label!r}; the header starts {names[:6]}",
                hint="the file is empty or its layout changed: compare it with the contract",
            )
        placed = header.match(where, table, names, extra_allowed=False, fillers=labels)
        order = {name: position for position, name in placed.items()}
        for number, cells in enumerate(records, start=1):
            if len(cells) != len(names):
                raise BadFile(
                    f"{where}: row {number} has {len(cells)} cells where the header has {len(names)}; "
                    f"it starts {cells[:3]}",
                    hint="the file was cut short or edited by hand; the last good release stays in use",
                )
            stem = tuple(cells[order[column.name]] or None for column in table.columns)
            for position in labels:
                yield number, (*stem, names[position].strip(), cells[position] or None)
