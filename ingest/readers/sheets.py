"""Sheets of ODS, XLSX and XLS workbooks."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import BinaryIO

from python_calamine import CalamineError, CalamineWorkbook

from ingest.contract import Sheet, Table, normalise_header
from ingest.errors import BadFile
from ingest.readers import header

Cell = int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta


def cell_text(cell: Cell) -> str | None:
    """A cell as text: whole numbers without `.0`, other numbers with every digit they have, empty as null."""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    return str(cell) or None


def joined_header(rows: list[list[Cell]]) -> list[str]:
    """One header from several rows: distinct cells of a column joined with ` | `; untitled ones by their place."""
    names = []
    for position in range(max(map(len, rows), default=0)):
        parts: list[str] = []
        for row in rows:
            cell = normalise_header(str(row[position])) if position < len(row) else ""
            if cell and cell not in parts:
                parts.append(cell)
        names.append(" | ".join(parts) or f"column {position + 1}")
    return names


def sheet_rows(where: str, table: Table, reader: Sheet, file: BinaryIO) -> Iterator[tuple[int, tuple[str | None, ...]]]:
    """Rows (number, cells in contract order) below the header of a sheet, or of every sheet that matches.

    Row numbers count from the header, empty rows too, and go on from sheet to sheet; empty rows are left out.
    Raises BadFile when the workbook cannot be read, lacks the sheet, or has another header.
    """
    try:
        workbook = CalamineWorkbook.from_filelike(file)
    except CalamineError as error:
        raise _unreadable(where, error) from error
    names = workbook.sheet_names
    wanted = [name for name in names if re.fullmatch(reader.name, name)]
    if not wanted:
        raise BadFile(
            f"{where}: no sheet is named like {reader.name!r}; the workbook has {', '.join(map(repr, names))}",
            hint="if the body renamed the sheet, change its pattern in the contract",
        )
    first, last = reader.header_rows
    before = 0
    for name in wanted if reader.every else wanted[:1]:
        try:
            # Leading empty rows must stay, or the header is not where the contract says.
            rows: list[list[Cell]] = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
        except CalamineError as error:
            raise _unreadable(where, error) from error
        if len(rows) < last:
            raise BadFile(
                f"{where}: sheet {name!r} has {len(rows)} rows; its header should stand in rows {first} to {last}",
                hint="the file is empty or its layout changed: compare it with the contract",
            )
        placed = header.match(
            f"{where}, sheet {name!r}", table, joined_header(rows[first - 1 : last]), extra_allowed=True
        )
        order = {column: position for position, column in placed.items()}
        positions = [order.get(column.name, -1) for column in table.columns]
        for number, row in enumerate(rows[last:], start=before + 1):
            if any(cell != "" for cell in row):
                yield number, tuple(cell_text(row[at]) if 0 <= at < len(row) else None for at in positions)
        before += len(rows) - last


def _unreadable(where: str, error: CalamineError) -> BadFile:
    return BadFile(
        f"{where}: not a readable workbook: {error}", hint="the download was cut short, or it is no spreadsheet"
    )
