"""From the bytes of a return to its rows: encoding, line ends, header and shape, as the loader will want them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from ingest.contract import Column, normalise_header
from ingest.returns.faults import FILE, Fault

BOM = b"\xef\xbb\xbf"
_LINE_ENDS = {"\n": "LF", "\r\n": "CR LF", "\r": "CR"}


@dataclass
class Rows:
    """Rows of a return by column, and what is wrong with its shape."""

    rows: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    """(data row from 1, cell of each column)."""
    count: int = 0
    """Data rows in the file, those of a wrong shape too."""
    faults: list[Fault] = field(default_factory=list)


def read(data: bytes, columns: Sequence[Column]) -> Rows:
    """Rows of a CSV return whose header holds exactly these columns, in any order."""
    found = Rows()
    body = data.removeprefix(BOM)
    if not body.strip():
        found.faults.append(Fault(FILE, "", "", "empty_file", "send the file again, with its header and rows"))
        return found
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        found.faults.append(_not_utf_8(body, error))
        return found
    if fault := _mixed_line_ends(text):
        found.faults.append(fault)
        return found
    records = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        delivered = next(records, [])
        found.faults += _separator(delivered) or _header([_name(cell, columns) for cell in delivered], columns)
        if found.faults:
            return found
        names = [_name(cell, columns) for cell in delivered]
        for number, cells in enumerate(records, start=1):
            found.count = number
            if faults := _shape(number, cells, names):
                found.faults += faults
            else:
                found.rows.append((number, dict(zip(names, cells, strict=True))))
    except csv.Error as error:
        way_out = f"the file cannot be read as CSV from here on ({error}): is a quote open, or doubled wrongly?"
        found.faults.append(Fault(found.count + 1, "", "", "not_csv", way_out))
    if not found.faults and not found.rows:
        found.faults.append(
            Fault(FILE, "", "", "empty_file", "the file has a header and no rows: send it with its rows")
        )
    return found


def _not_utf_8(body: bytes, error: UnicodeDecodeError) -> Fault:
    line = body.count(b"\n", 0, error.start) + 1
    start = body.rfind(b"\n", 0, error.start) + 1
    value = body[start : error.end + 20].split(b"\n")[0].decode("cp1252", "replace")
    return Fault(
        max(line - 1, FILE),
        "",
        value,
        "not_utf_8",
        f"line {line}: byte 0x{body[error.start]:02x} is not UTF-8; in a spreadsheet save as `CSV UTF-8`",
    )


def _mixed_line_ends(text: str) -> Fault | None:
    """The loader takes one kind of line end in a file; line breaks inside quotes are text."""
    kinds = set(re.findall(r"\r\n|\r|\n", re.sub(r'"[^"]*"', "", text)))
    if len(kinds) < 2:
        return None
    told = " and ".join(sorted(_LINE_ENDS[kind] for kind in kinds))
    return Fault(FILE, "", told, "line_ends", "end all lines in the same way; was the file put together by hand?")


def _name(cell: str, columns: Sequence[Column]) -> str:
    """Our name of a delivered header cell; the cell itself where no column is meant."""
    return next((column.name for column in columns if column.matches(cell)), normalise_header(cell))


def _separator(cells: Sequence[str]) -> list[Fault]:
    """The fault of a header whose cells stand apart by another sign than a comma."""
    mark = next((sign for sign in "\t;|" if len(cells) == 1 and sign in cells[0]), "")
    if not mark:
        return []
    shown = "tabs" if mark == "\t" else f"`{mark}`"
    return [Fault(FILE, "", cells[0], "header", f"separate cells by commas, not by {shown}")]


def _header(names: Sequence[str], columns: Sequence[Column]) -> list[Fault]:
    wanted = [column.name for column in columns]
    right = "the header is " + ",".join(wanted)
    faults = [
        Fault(FILE, name, "", "header", f"add the column {name!r}; {right}") for name in wanted if name not in names
    ]
    for position, name in enumerate(names):
        if name not in wanted:
            faults.append(Fault(FILE, name, name, "header", f"there is no column {name!r}: take it out; {right}"))
        elif name in names[:position]:
            faults.append(Fault(FILE, name, name, "header", f"the column {name!r} is there twice: take one out"))
    return faults


def _shape(number: int, cells: Sequence[str], names: Sequence[str]) -> list[Fault]:
    if not any(cells):
        return [Fault(number, "", "", "empty_row", "take the empty row out")]
    if len(cells) != len(names):
        way_out = f"the row has {len(cells)} cells where the header has {len(names)}: is a comma not inside quotes?"
        return [Fault(number, "", ",".join(cells), "cells", way_out)]
    faults = []
    for name, cell in zip(names, cells, strict=True):
        if "\0" in cell:
            faults.append(Fault(number, name, cell.replace("\0", "\\0"), "character", "take the zero byte out"))
        elif cell != cell.strip():
            faults.append(Fault(number, name, cell, "spaces", "take the spaces around the text out"))
    return faults
