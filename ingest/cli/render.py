"""How the reading commands show rows: a table for people, CSV or JSON for programs."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console

Cell = str | None
"""A field as text; None is null."""
WIDTH_OF_FILES = 160
"""Width of tables that are written to a file or pipe, where there is no screen to ask."""
_CONTROL = dict.fromkeys((*range(9), *range(11, 32), *range(127, 160)))


class Format(StrEnum):
    """Shapes of an answer."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def notice(origin: str) -> str:
    """What must be said of figures of this origin; empty for live data."""
    from ingest.database.origin import NOTICES

    return "" if origin == "live" else {str(name): said for name, said in NOTICES.items()}.get(origin, "")


def clean(text: object) -> str:
    """A value on its way to a screen, without the control characters that could steer a terminal."""
    return "" if text is None else str(text).translate(_CONTROL)


def screen(*, error: bool = False) -> Console:
    """A console on standard output, or on standard error; wide where the output is no terminal."""
    from rich.console import Console

    stream = sys.stderr if error else sys.stdout
    width = None if stream.isatty() or "COLUMNS" in os.environ else WIDTH_OF_FILES
    return Console(file=stream, width=width, highlight=False, soft_wrap=False)


def say(message: str) -> None:
    """A remark for the person, on standard error, so that it never mixes with the data."""
    sys.stderr.write(clean(message) + "\n")


def title_with_notice(title: str, origin: str) -> str:
    """A table's title that ends with what must be said of the data."""
    return f"{title}  [{said}]" if (said := notice(origin)) else title


def show_table(
    title: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    origin: str = "",
    right: Iterable[str] = (),
    keep: Iterable[str] = (),
) -> int:
    """Print a table and return its number of rows.

    `right` names the columns of figures, `keep` the columns that are never broken over lines.
    """
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    heading = Text(title, style="bold")
    if said := notice(origin):
        heading.append(f"  [{said}]", style="bold yellow")
    figures, whole = set(right), set(keep)
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for name in columns:
        table.add_column(
            Text(name),
            justify="right" if name in figures else "left",
            overflow="fold",
            no_wrap=name in figures or name in whole,
        )
    count = 0
    for row in rows:
        table.add_row(*(Text(clean(cell)) for cell in row))
        count += 1
    with whole_output():
        console = screen()
        console.print(heading)
        if count:
            console.print(table)
        else:
            console.print("(no rows)")
    return count


def csv_line(row: Iterable[Cell]) -> str:
    """One record quoted as RFC 4180 says, ended as Unix tools expect; null is an empty field, empty text is `""`."""
    return ",".join(_csv_field(cell) for cell in row) + "\n"


def _csv_field(cell: Cell) -> str:
    if cell is None:
        return ""
    if cell == "" or any(mark in cell for mark in ',"\r\n'):
        return '"' + cell.replace('"', '""') + '"'
    return cell


def write_csv(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> int:
    """Header and rows as CSV on standard output, row by row; returns the number of rows."""
    count = 0
    with whole_output() as out:
        out.write(csv_line(columns))
        for row in rows:
            out.write(csv_line(row))
            count += 1
    return count


def write_json(columns: Sequence[str], kinds: Sequence[str], rows: Iterable[Sequence[Cell]]) -> int:
    """One JSON array of objects on standard output, row by row; returns the number of rows.

    `kinds` says of each column whether it is `number`, `boolean`, `json` or `text`; numbers keep every digit.
    """
    names = [json.dumps(name, ensure_ascii=False) for name in distinct(columns)]
    count = 0
    with whole_output() as out:
        out.write("[")
        for count, row in enumerate(rows, start=1):
            fields = (f"{name}: {_json_value(cell, kind)}" for name, cell, kind in zip(names, row, kinds, strict=True))
            out.write(("," if count > 1 else "") + "\n{" + ", ".join(fields) + "}")
        out.write("\n]\n")
    return count


def _json_value(cell: Cell, kind: str) -> str:
    if cell is None:
        return "null"
    if kind == "boolean":
        return "true" if cell in ("t", "true", "True") else "false"
    # NaN and Infinity are numbers to PostgreSQL and not to JSON.
    if kind == "json" or (kind == "number" and cell[-1:].isdigit()):
        return cell
    return json.dumps(cell, ensure_ascii=False)


def distinct(names: Sequence[str]) -> list[str]:
    """Column names with a number added to those that come again, since a JSON object has each once."""
    seen: set[str] = set()
    result = []
    for name in names:
        unique, number = name, 1
        while unique in seen:
            number += 1
            unique = f"{name}_{number}"
        seen.add(unique)
        result.append(unique)
    return result


def write(
    form: Format,
    title: str,
    columns: Sequence[str],
    kinds: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    *,
    origin: str = "",
    limit: int | None = None,
    keep: Iterable[str] = (),
) -> int:
    """Write rows in the shape asked for; returns how many were written.

    `limit` cuts the rows (None: all of them) and says so on standard error. What must be said of the data
    stands in the table's title, and on standard error for CSV and JSON.
    """
    source = iter(rows)
    shown = source if limit is None else islice(source, limit)
    if form is Format.TABLE:
        right = [name for name, kind in zip(columns, kinds, strict=True) if kind == "number"]
        count = show_table(title, columns, shown, origin=origin, right=right, keep=keep)
    else:
        if said := notice(origin):
            say(said)
        count = write_csv(columns, shown) if form is Format.CSV else write_json(columns, kinds, shown)
    if limit is not None and count == limit and next(source, None) is not None:
        say(f"only the first {limit} rows are shown: --limit N shows N rows, --limit 0 all")
    return count


def as_text(value: object) -> Cell:
    """A Python value as the text of a field."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def texts(rows: Iterable[Sequence[object]], change: Callable[[object], Cell] = as_text) -> Iterator[list[Cell]]:
    """Rows of values as rows of text."""
    for row in rows:
        yield [change(value) for value in row]


@contextmanager
def whole_output() -> Iterator[TextIO]:
    """Standard output for a block; a reader that went away (`| head`) ends the command quietly."""
    try:
        yield sys.stdout
        sys.stdout.flush()
    except BrokenPipeError:
        # The interpreter flushes once more at its end; give it somewhere to write to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None
