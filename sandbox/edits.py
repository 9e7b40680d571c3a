"""Content faults applied to the rows of a file, before or instead of its usual bytes."""

from __future__ import annotations

import csv
import io
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from sandbox.faults import Fault, FaultError
from sandbox.spreadsheets import Cell, SheetData

Row = list[Cell]
Edit = tuple[Fault, "frozenset[int]"]
UNKNOWN_AREA = "E06000999"
BOM = b"\xef\xbb\xbf"
_OTHER_END = {"\n": "\r\n", "\r\n": "\n", "": ""}


@dataclass(frozen=True, slots=True)
class Columns:
    """What the edits need to know of a table: regular expressions of its column titles.

    `revised` maps a pattern to the text a revision puts there; empty text means: scale the number.
    """

    revised: dict[str, str] = field(default_factory=dict)
    area: str = ""
    name: str = ""
    unknown: str = UNKNOWN_AREA
    header_row: int = 1
    """Line of the column titles in a CSV file, counted from 1."""
    areas: str = r"E0[6-9]\d{6}"
    """Regular expression of the area cells of a workbook's data rows; totals and footnotes have others."""
    delimiter: str = ","
    encoding: str = "utf-8"


def plain(text: Cell) -> str:
    """A title with its white space collapsed."""
    return " ".join(str(text or "").replace("\ufeff", "").split())


@lru_cache(maxsize=256)
def _found(header: tuple[Cell, ...], pattern: str) -> list[int]:
    return [i for i, title in enumerate(header) if pattern and re.fullmatch(pattern, plain(title), re.IGNORECASE)]


def _places(header: Sequence[Cell], pattern: str) -> list[int]:
    return _found(tuple(header), pattern)


def scaled(text: str, factor: float) -> str:
    """A number in text multiplied by a factor above 1, with as many decimals as before.

    It always differs from what it was, but for 0.0, which stands for what does not count; other text is left alone.
    """
    try:
        value = float(text)
    except ValueError:
        return text
    decimals = len(text.partition(".")[2]) if "e" not in text.lower() else 6
    result = value * factor
    if decimals == 0:
        moved = round(result)
        return str(moved if moved != round(value) else moved + 1)
    if value and round(result, decimals) == value:
        result = value + 10**-decimals
    return f"{result:.{decimals}f}"


def edit_cells(row: Row, header: Sequence[Cell], fault: Fault, columns: Columns, rng: random.Random) -> None:
    """Apply one content fault to one row in place."""
    if fault.kind == "revise":
        factor = 1 + rng.uniform(0.01, 0.08)
        for pattern, text in columns.revised.items():
            for place in _places(header, pattern):
                if place < len(row) and row[place] not in (None, ""):
                    row[place] = text or scaled(str(row[place]), factor)
    elif fault.kind == "bad_number":
        places = [p for pattern, text in columns.revised.items() if not text for p in _places(header, pattern)]
        places = places or [p for pattern in columns.revised for p in _places(header, pattern)]
        if places and places[0] < len(row):
            row[places[0]] = str(fault.args.get("value", "1,203,514 "))
    elif fault.kind == "unknown_area":
        for place in _places(header, columns.area)[:1]:
            row[place] = str(fault.args.get("code", columns.unknown))
    elif fault.kind == "cp1252":
        for place in _places(header, columns.name or columns.area)[:1]:
            row[place] = f"{row[place]}\u2019s"


def _chosen(faults: Sequence[Fault], count: int, seed: str) -> list[Edit]:
    """Which data rows (0 to count - 1) each fault touches."""
    chosen: list[Edit] = []
    for fault in faults:
        rng = random.Random(f"{seed}:{fault.kind}")
        if fault.kind == "revise":
            share = min(1.0, max(0.0, float(fault.args.get("share", 0.05))))
            wanted = max(1, round(count * share))
        elif fault.kind in ("bad_number", "unknown_area", "cp1252"):
            wanted = int(fault.args.get("count", 3 if fault.kind == "bad_number" else 1))
        else:
            wanted = 0
        chosen.append((fault, frozenset(rng.sample(range(count), min(wanted, count)))))
    return chosen


def records(text: str) -> Iterator[str]:
    """Records of a CSV text with their line ends; a line break inside quotes does not end a record."""
    held = ""
    for line in io.StringIO(text, newline=""):
        held += line
        # A lone LF inside a CRLF file stands within quotes, and so does any end after an odd number of quotes.
        if held.count('"') % 2 == 0 and held.endswith("\n"):
            yield held
            held = ""
    if held:
        yield held


def edit_csv(source: Path, target: Path, faults: Sequence[Fault], columns: Columns, seed: str) -> None:
    """Write a copy of a CSV file with the faults applied; untouched records keep their bytes.

    Raises FaultError for a byte order mark where the text is not UTF-8.
    """
    kinds = {fault.kind for fault in faults}
    raw = source.read_bytes()
    bom = BOM if raw.startswith(BOM) else b""
    lines = list(records(raw[len(bom) :].decode(columns.encoding)))
    if "bom" in kinds:
        if columns.encoding != "utf-8":
            raise FaultError(f"bom: the file is in {columns.encoding}; a byte order mark is for UTF-8")
        bom = b"" if bom else BOM
    top, mark = columns.header_row, columns.delimiter
    header: Row = list(_cells(lines[top - 1], mark))
    chosen = _chosen(faults, len(lines) - top, seed)
    rng = random.Random(f"{seed}:factors")
    order = list(range(len(lines)))
    if "permute" in kinds:
        order[top:] = [top + at for at in _permuted([_cells(line, mark) for line in lines[top:]], f"{seed}:permute")]
    # Ends of lines stay at their places: the last record of a file may have none.
    ends = [_end(line) for line in lines]
    if "crlf" in kinds:
        ends = [_OTHER_END[end] for end in ends]
    lines = [_stem(lines[place]) + end for place, end in zip(order, ends, strict=True)]
    with target.open("wb") as file:
        file.write(bom)
        for number, line in zip(order, lines, strict=True):
            if number == top - 1:
                file.write(_renamed(line, faults, mark).encode(columns.encoding))
                continue
            hits = [fault for fault, rows in chosen if number - top in rows]
            if not hits:
                file.write(line.encode(columns.encoding))
                continue
            cells: Row = list(_cells(line, mark))
            for fault in hits:
                edit_cells(cells, header, fault, columns, rng)
            encoding = "cp1252" if any(fault.kind == "cp1252" for fault in hits) else columns.encoding
            file.write(_line(cells, line, mark).encode(encoding))


def _end(line: str) -> str:
    return line[len(_stem(line)) :]


def _stem(line: str) -> str:
    return line.removesuffix("\n").removesuffix("\r") if line.endswith("\n") else line


def _permuted(rows: Sequence[Sequence[Cell]], seed: str) -> list[int]:
    """Places of rows in another order; blank rows and footnotes, which fill one cell at most, stay where they are."""
    data = [at for at, row in enumerate(rows) if sum(cell not in (None, "") for cell in row) > 1]
    moved = data.copy()
    random.Random(seed).shuffle(moved)
    order = list(range(len(rows)))
    for at, source in zip(data, moved, strict=True):
        order[at] = source
    return order


def _cells(line: str, mark: str) -> list[str]:
    text = line.rstrip("\r\n")
    if '"' not in text:
        return text.split(mark)
    return next(csv.reader(io.StringIO(text, newline=""), delimiter=mark), [])


def _line(cells: Sequence[Cell], like: str, mark: str) -> str:
    ending = "\r\n" if like.endswith("\r\n") else "\n"
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=mark, lineterminator=ending).writerow(cells)
    return out.getvalue()


def _renamed(line: str, faults: Sequence[Fault], mark: str) -> str:
    renames = [(plain(f.args["from"]), str(f.args["to"])) for f in faults if f.kind == "rename_column"]
    if not renames:
        return line
    cells = _cells(line, mark)
    for old, new in renames:
        if old not in map(plain, cells):
            raise FaultError(f"rename_column: there is no column {old!r}; columns are {cells}")
        cells = [new if plain(cell) == old else cell for cell in cells]
    return _line(cells, line, mark)


def edit_sheets(
    build: Callable[[float], list[SheetData]], faults: Sequence[Fault], columns: Columns, seed: str
) -> list[SheetData]:
    """Sheets of a made workbook with the faults applied; a revision is made by the builder itself."""
    shares = [float(fault.args.get("share", 0.05)) for fault in faults if fault.kind == "revise"]
    sheets = build(max(shares, default=0.0))
    others = [fault for fault in faults if fault.kind != "revise"]
    rng = random.Random(f"{seed}:factors")
    for fault in others:
        if fault.kind in ("cp1252", "bom", "crlf"):
            raise FaultError(f"{fault.kind} is a fault of CSV files; a workbook holds no plain text")
        if fault.kind == "missing_sheet":
            wanted = str(fault.args.get("sheet", sheets[-1].name))
            if wanted not in {sheet.name for sheet in sheets}:
                raise FaultError(f"missing_sheet: no sheet {wanted!r}; sheets are {[s.name for s in sheets]}")
            sheets = [sheet for sheet in sheets if sheet.name != wanted]
        if fault.kind == "rename_column":
            _rename_in_sheets(sheets, fault)
    for sheet in sheets:
        if sheet.header_row is None:
            continue
        header = sheet.rows[sheet.header_row]
        area = _places(header, columns.area)
        body = [row for row in sheet.rows[sheet.header_row + 1 :] if area and len(row) > area[0] and row[area[0]]]
        body = [row for row in body if re.fullmatch(columns.areas, str(row[area[0]]))]
        for fault, numbers in _chosen(others, len(body), f"{seed}:{sheet.name}"):
            for number in sorted(numbers):
                edit_cells(body[number], header, fault, columns, rng)
        if any(fault.kind == "permute" for fault in others):
            below = sheet.rows[sheet.header_row + 1 :]
            sheet.rows[sheet.header_row + 1 :] = [below[at] for at in _permuted(below, f"{seed}:{sheet.name}:permute")]
    return sheets


def _rename_in_sheets(sheets: Sequence[SheetData], fault: Fault) -> None:
    old, new = plain(fault.args["from"]), str(fault.args["to"])
    found = False
    for sheet in sheets:
        if sheet.header_row is None or fault.args.get("sheet", sheet.name) != sheet.name:
            continue
        for place, title in enumerate(sheet.rows[sheet.header_row]):
            if plain(title) == old:
                sheet.rows[sheet.header_row][place] = new
                found = True
    if not found:
        raise FaultError(f"rename_column: no sheet has a column {old!r}")
