"""Nomis: CSV queries of several data sets, cut silently at a row limit."""

from __future__ import annotations

import csv
import re
from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from pathlib import Path

from sandbox.areas import Geography
from sandbox.bodies.answers import Answer, Request, as_text
from sandbox.documents import Document, Shelf
from sandbox.faults import FaultError

PREFIX = "/www.nomisweb.co.uk/api/v01/dataset/"
POPULATION = "NM_2002_1"
GUEST_LIMIT = 25_000
MEMBER_LIMIT = 100_000
TABLE_COLUMNS = (
    "DATE", "DATE_NAME", "GEOGRAPHY_CODE", "GEOGRAPHY_NAME", "GEOGRAPHY_TYPE", "VARIABLE", "VARIABLE_NAME",
    "MEASURES", "MEASURES_NAME", "OBS_VALUE", "OBS_STATUS",
)  # fmt: skip
"""Columns of the text behind every data set but the population by age; DATE is a code such as 2008-05 or 2008."""

_PATH = re.compile(r"/api/v01/dataset/(NM_\d+_\d+)\.data\.csv", re.IGNORECASE)
_TYPE = re.compile(r"TYPE\d+")
_NUMBERS = frozenset({"OBS_VALUE", "RECORD_OFFSET", "RECORD_COUNT", "GENDER", "C_AGE", "MEASURES", "VARIABLE"})
_STATUS = {"A": "Normal Value", "Q": "These figures are missing."}


def address(data_set: str) -> str:
    """Address of a data set's `.data.csv`."""
    return f"{PREFIX}{data_set}.data.csv"


@dataclass(frozen=True, slots=True)
class _Cell:
    """How a Nomis column is read from a split line: from the field at `place`, of which few differ."""

    place: int
    read: Callable[[str], str]

    def __call__(self, row: Sequence[str]) -> str:
        """The column's value in a line."""
        return self.read(row[self.place])


@dataclass(frozen=True, slots=True)
class _Table:
    """The text of one data set, and how each Nomis column is read from a split line of it."""

    path: Path
    cells: dict[str, _Cell]

    def lines(self) -> list[str]:
        """The lines below the header."""
        return self.path.read_text(encoding="utf-8", errors="replace").splitlines()[1:]


@dataclass(frozen=True, slots=True)
class _Rows:
    """All rows that a query gives, as they are served, in a file: row n begins at byte `starts[n]`."""

    path: Path
    starts: array[int]

    def page(self, offset: int, limit: int) -> bytes:
        """At most `limit` rows from `offset` on."""
        last = len(self.starts) - 1
        first, end = (self.starts[min(place, last)] for place in (offset, offset + limit))
        with self.path.open("rb") as file:
            file.seek(first)
            return file.read(end - first)


class Nomis:
    """Answers queries of the data sets that have a document.

    `date` or `time`, `geography` (codes, or any TYPE for all areas), and for the population by age `gender`, `c_age`
    and `measures` choose rows. Other dimensions of other data sets are taken as they come: their codes were never
    confirmed, and each document holds only what the query is meant to give.
    """

    def __init__(self, documents: Sequence[Document], shelf: Shelf, geography: Geography) -> None:
        """Serve the documents whose address is that of a data set; area names are those of the reference seeds."""
        self._shelf, self._geography = shelf, geography
        self._documents = {
            document.addresses[0].removeprefix(PREFIX).removesuffix(".data.csv"): document
            for document in documents
            if document.addresses and document.addresses[0].startswith(PREFIX)
        }
        self._tables: dict[str, _Table] = {}
        self._found: dict[str, _Rows] = {}

    def check_rename(self, document: Document, column: str) -> None:
        """Raise FaultError when a data set has no column of this name."""
        name = next(key for key, held in self._documents.items() if held is document)
        if column not in self._table(name).cells:
            raise FaultError(f"rename_column: {name} has no column {column!r}")

    def answer(self, request: Request) -> Answer:
        """Answer a data query.

        No match gives 200 with an empty body; rows over the limit are cut without a word; bad parameters give 400.
        """
        match = _PATH.fullmatch(request.path)
        if match is None:
            return as_text("Not found", 404)
        headers = {"Content-Type": "text/csv", "Cache-Control": "no-store"}
        name, fields = match[1].upper(), request.fields(lower=True)
        document = self._documents.get(name)
        if document is None:
            return Answer(200, headers)
        edits = self._shelf.edits(document)
        if any(fault.kind == "withdraw" for fault in edits):
            return as_text("Gone", 410)
        if any(fault.kind == "bomb" for fault in edits):
            return Answer(200, {"Content-Type": "text/csv"}, self._shelf.release(document).path)
        limit = MEMBER_LIMIT if fields.get("uid") else GUEST_LIMIT
        limit = min((limit, *(fault.args["size"] for fault in edits if fault.kind == "pages")))
        table = self._table(name)
        try:
            offset = int(fields.get("recordoffset", "0"))
            limit = min(limit, int(fields.get("recordlimit", str(limit))))
            select = _selected(fields.get("select"), table.cells)
            rows = self._rows(name, table, fields, select)
        except ValueError as error:
            return as_text(f"Bad parameter: {error}", 400)
        if offset < 0 or limit < 0:
            return as_text("Bad parameter: RecordOffset and RecordLimit must not be negative", 400)
        if len(rows.starts) == 1:
            return Answer(200, headers)
        renames = {str(f.args["from"]): str(f.args["to"]) for f in edits if f.kind == "rename_column"}
        header = ",".join(f'"{renames.get(column, column)}"' for column in select)
        return Answer(200, headers, f"{header}\r\n".encode() + rows.page(offset, limit))

    def _rows(self, name: str, table: _Table, fields: dict[str, str], select: Sequence[str]) -> _Rows:
        """The rows of a query. They are written once and kept: a client asks for them page by page, and every run."""
        criteria = {k: v for k, v in fields.items() if not k.startswith("record") and k not in ("select", "uid")}
        asked = repr((select, sorted(criteria.items())))
        path = self._shelf.kept(
            table.path, "rows.csv", asked, lambda to: self._write(to, name, table, criteria, select)
        )
        held = self._found.get(name)
        if held is None or held.path != path:
            with path.open("rb") as file:
                held = _Rows(path, array("Q", accumulate(map(len, file), initial=0)))
            self._found[name] = held
        return held

    def _write(self, target: Path, name: str, table: _Table, criteria: dict[str, str], select: Sequence[str]) -> None:
        lines = self._matching(name, table, criteria)
        # Of a column that tells of the answer itself, any field gives what every row has.
        columns = [
            (cell.place, _served(cell.read, bare=column in _NUMBERS))
            if (cell := table.cells.get(column))
            else (0, cache(lambda _: str(len(lines))))
            for column in select
        ]
        numbers = [place for place, column in enumerate(select) if column == "RECORD_OFFSET"]
        with target.open("w", encoding="utf-8", newline="") as file:
            for number, row in enumerate(csv.reader(lines)):
                line = [served(row[place]) for place, served in columns]
                for place in numbers:
                    line[place] = str(number)
                file.write(",".join(line) + "\r\n")

    def _table(self, name: str) -> _Table:
        document = self._documents[name]
        path = self._shelf.text(document, "rename_column")
        held = self._tables.get(name)
        if held is None or held.path != path:
            with path.open(encoding="utf-8", errors="replace") as file:
                header = next(csv.reader([file.readline()]))
            held = _Table(path, self._ages(header) if name == POPULATION else _columns(header))
            self._tables[name] = held
        return held

    def _ages(self, header: Sequence[str]) -> dict[str, _Cell]:
        """Columns of the population by single year of age; a file without years is of mid-2011."""
        at = {column: place for place, column in enumerate(header)}
        code, sex, age, number = (at[name] for name in ("gss_code", "sex", "age", "population"))
        areas = self._geography.areas
        date = _Cell(at["year"], _as_it_is) if "year" in at else _Cell(0, lambda _: "2011")
        return {
            "DATE": date,
            "DATE_NAME": date,
            "DATE_CODE": date,
            "GEOGRAPHY_NAME": _Cell(code, lambda text: areas[text].name if text in areas else text),
            "GEOGRAPHY_CODE": _Cell(code, _as_it_is),
            "GEOGRAPHY_TYPE": _Cell(0, lambda _: "local authorities: district / unitary"),
            "GENDER": _Cell(sex, lambda text: "1" if text == "M" else "2"),
            "GENDER_NAME": _Cell(sex, lambda text: "Male" if text == "M" else "Female"),
            "C_AGE": _Cell(age, lambda text: str(int(text) + 101)),
            "C_AGE_NAME": _Cell(age, lambda text: "Aged 90+" if text == "90" else f"Age {text}"),
            "MEASURES": _Cell(0, lambda _: "20100"),
            "MEASURES_NAME": _Cell(0, lambda _: "Value"),
            "OBS_VALUE": _Cell(number, _as_it_is),
            "OBS_STATUS": _Cell(number, lambda text: "A" if text else "Q"),
            "OBS_STATUS_NAME": _Cell(number, lambda text: _STATUS["A" if text else "Q"]),
        }

    def _matching(self, name: str, table: _Table, fields: dict[str, str]) -> list[str]:
        if "geography" not in fields:
            raise ValueError("geography is missing")
        lines, date = table.lines(), table.cells["DATE"]
        tests = self._tests(name, table.cells, sorted({date(row) for row in csv.reader(lines)}), fields)
        if not tests:
            return lines
        rows = zip(csv.reader(lines), lines, strict=True)
        return [line for row, line in rows if all(test(row) for test in tests)]

    def _tests(
        self, name: str, cells: dict[str, _Cell], known: Sequence[str], fields: dict[str, str]
    ) -> list[Callable[[Sequence[str]], bool]]:
        tests: list[Callable[[Sequence[str]], bool]] = []
        places = {item.strip().upper() for item in fields["geography"].split(",")}
        if not any(_TYPE.fullmatch(place) for place in places):
            tests.append(lambda row: cells["GEOGRAPHY_CODE"](row) in places)
        dates = _dates(fields.get("date", ""), fields.get("time", ""), known)
        if dates != set(known):
            tests.append(lambda row: cells["DATE"](row) in dates)
        if name == POPULATION:
            genders, ages = _codes(fields.get("gender", "1,2")), _codes(fields.get("c_age", "101...191"))
            measures = _codes(fields.get("measures", "20100"))
            if 20100 not in measures or not genders >= {1, 2} or not ages >= set(range(101, 192)):
                tests.append(
                    lambda row: (
                        20100 in measures and int(cells["GENDER"](row)) in genders and int(cells["C_AGE"](row)) in ages
                    )
                )
        return tests


def _selected(text: str | None, cells: Iterable[str]) -> list[str]:
    """Columns of an answer: those of the comma-separated text, or without one all; raises ValueError for unknown ones."""
    default = (*cells, "RECORD_OFFSET", "RECORD_COUNT")
    select = [column.strip().upper() for column in text.split(",")] if text is not None else [*default]
    if unknown := [column for column in select if column not in default]:
        raise ValueError(f"select holds unknown columns {', '.join(unknown)}")
    return select


def _columns(header: Sequence[str]) -> dict[str, _Cell]:
    """Columns that a text holds as they are served."""
    cells = {name: _Cell(place, _as_it_is) for place, name in enumerate(header)}
    cells["OBS_STATUS_NAME"] = _Cell(header.index("OBS_STATUS"), lambda status: _STATUS.get(status, ""))
    return cells


def _as_it_is(text: str) -> str:
    return text


def _served(read: Callable[[str], str], *, bare: bool) -> Callable[[str], str]:
    """A field to the column's text in an answer: quoted unless it is a number, and remembered."""

    @cache
    def text(field: str) -> str:
        value = read(field)
        return value if bare and "," not in value else '"' + value.replace('"', '""') + '"'

    return text


def _dates(date: str, time: str, known: Sequence[str]) -> set[str]:
    """Dates that `date` (a list, with ranges and latestMINUSn) or `time` (first and last) ask for."""
    if time and not date:
        first, _, last = time.partition(",")
        date = f"{first}-{last or first}"
    found: set[str] = set()
    for item in (date or "latest").split(","):
        low, high = _ends(item.strip(), known)
        found |= {one for one in known if low <= one <= high}
    return found


def _ends(item: str, known: Sequence[str]) -> tuple[str, str]:
    if item in known:
        return item, item
    parts = re.fullmatch(
        r"(first|latest(?:MINUS\d+)?|\d{4}(?:-\d\d)?)(?:-(latest(?:MINUS\d+)?|\d{4}(?:-\d\d)?))?", item
    )
    if parts is None:
        if item in ("previous", "prevyear"):
            return _ends(f"latestMINUS{1 if item == 'previous' else 12}", known)
        raise ValueError(f"date {item!r} is not a date")
    first, last = _day(parts[1], known), _day(parts[2] or parts[1], known)
    # A bare year stands for all its months.
    return first, f"{last}-99" if len(last) == 4 else last


def _day(text: str, known: Sequence[str]) -> str:
    if text == "first":
        return known[0]
    if text.startswith("latest"):
        back = int(text.removeprefix("latest").removeprefix("MINUS") or "0")
        return known[max(0, len(known) - 1 - back)]
    return text


def _codes(text: str) -> set[int]:
    """Whole numbers in a list with ranges: `1,2` or `101...191`."""
    found: set[int] = set()
    for item in text.split(","):
        first, dots, last = item.partition("...")
        found |= set(range(int(first), int(last) + 1)) if dots else {int(first)}
    return found
