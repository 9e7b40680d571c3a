"""Nomis: the `.data.csv` query of residents by age and sex, with its silent row limit."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sandbox.areas import Geography
from sandbox.bodies.answers import Answer, Request, as_text
from sandbox.documents import Document, Shelf

DATASET = "NM_2002_1"
GUEST_LIMIT = 25_000
MEMBER_LIMIT = 100_000
COUNCILS = "TYPE464"
_PATH = re.compile(r"/api/v01/dataset/(NM_\d+_\d+)\.data\.csv", re.IGNORECASE)
_DEFAULT = (
    "DATE", "DATE_NAME", "DATE_CODE", "GEOGRAPHY_NAME", "GEOGRAPHY_CODE", "GEOGRAPHY_TYPE", "GENDER",
    "GENDER_NAME", "C_AGE", "C_AGE_NAME", "MEASURES", "MEASURES_NAME", "OBS_VALUE", "OBS_STATUS",
    "RECORD_OFFSET", "RECORD_COUNT",
)  # fmt: skip
_NUMBERS = frozenset({"OBS_VALUE", "RECORD_OFFSET", "RECORD_COUNT", "DATE", "GENDER", "C_AGE", "MEASURES"})


@dataclass(frozen=True, slots=True)
class _Row:
    code: str
    gender: int
    age: int
    value: str


COLUMNS: dict[str, Callable[[_Row, str], str]] = {
    "DATE": lambda row, name: "2011",
    "DATE_NAME": lambda row, name: "2011",
    "DATE_CODE": lambda row, name: "2011",
    "GEOGRAPHY_NAME": lambda row, name: name,
    "GEOGRAPHY_CODE": lambda row, name: row.code,
    "GEOGRAPHY_TYPE": lambda row, name: "local authorities: district / unitary",
    "GENDER": lambda row, name: str(row.gender),
    "GENDER_NAME": lambda row, name: "Male" if row.gender == 1 else "Female",
    "C_AGE": lambda row, name: str(row.age + 101),
    "C_AGE_NAME": lambda row, name: "Aged 90+" if row.age == 90 else f"Age {row.age}",
    "MEASURES": lambda row, name: "20100",
    "MEASURES_NAME": lambda row, name: "Value",
    "OBS_VALUE": lambda row, name: row.value,
    "OBS_STATUS": lambda row, name: "A" if row.value else "Q",
    "OBS_STATUS_NAME": lambda row, name: "Normal Value" if row.value else "These figures are missing.",
}


class Nomis:
    """Answers queries of one data set from a CSV file of gss_code, sex, age and population."""

    def __init__(self, document: Document, shelf: Shelf, geography: Geography) -> None:
        """Serve `document`; area names are those of mid-2011."""
        self._document, self._shelf, self._geography = document, shelf, geography
        self._loaded: tuple[Path, list[_Row]] | None = None

    def _rows(self) -> list[_Row]:
        path = self._shelf.text(self._document, "rename_column")
        if self._loaded is None or self._loaded[0] != path:
            with path.open(encoding="utf-8", errors="replace", newline="") as file:
                reader = csv.reader(file)
                next(reader)
                rows = [_Row(code, 1 if sex == "M" else 2, int(age), value) for code, sex, age, value in reader]
            self._loaded = (path, rows)
        return self._loaded[1]

    def answer(self, request: Request) -> Answer:
        """Answer a data query.

        No match gives 200 with an empty body; rows over the limit are cut without a word; bad parameters give 400.
        """
        match = _PATH.fullmatch(request.path)
        if match is None:
            return as_text("Not found", 404)
        fields = request.fields(lower=True)
        edits = self._shelf.edits(self._document)
        if any(fault.kind == "withdraw" for fault in edits):
            return as_text("Gone", 410)
        if any(fault.kind == "bomb" for fault in edits):
            return Answer(200, {"Content-Type": "text/csv"}, self._shelf.release(self._document).path)
        limit = MEMBER_LIMIT if fields.get("uid") else GUEST_LIMIT
        try:
            offset = int(fields.get("recordoffset", "0"))
            limit = min(limit, int(fields.get("recordlimit", str(limit))))
            rows = self._matching(match[1].upper(), fields)
        except ValueError as error:
            return as_text(f"Bad parameter: {error}", 400)
        if offset < 0 or limit < 0:
            return as_text("Bad parameter: RecordOffset and RecordLimit must not be negative", 400)
        headers = {"Content-Type": "text/csv", "Cache-Control": "no-store"}
        if not rows:
            return Answer(200, headers)
        select = [name.strip().upper() for name in fields.get("select", ",".join(_DEFAULT)).split(",")]
        if unknown := [name for name in select if name not in COLUMNS and not name.startswith("RECORD_")]:
            return as_text(f"Bad parameter: select holds unknown columns {', '.join(unknown)}", 400)
        renames = {str(f.args["from"]): str(f.args["to"]) for f in edits if f.kind == "rename_column"}
        lines = [",".join(f'"{renames.get(name, name)}"' for name in select)]
        lines += [self._line(row, select, offset + i, len(rows)) for i, row in enumerate(rows[offset : offset + limit])]
        return Answer(200, headers, ("\r\n".join(lines) + "\r\n").encode())

    def _line(self, row: _Row, select: list[str], number: int, total: int) -> str:
        area = self._geography.areas.get(row.code)
        name, cells = (area.name if area else row.code), []
        for column in select:
            if column == "RECORD_OFFSET":
                cells.append(str(number))
            elif column == "RECORD_COUNT":
                cells.append(str(total))
            else:
                value = COLUMNS[column](row, name)
                bare = column in _NUMBERS and "," not in value
                cells.append(value if bare else '"' + value.replace('"', '""') + '"')
        return ",".join(cells)

    def _matching(self, dataset: str, fields: dict[str, str]) -> list[_Row]:
        if "geography" not in fields:
            raise ValueError("geography is missing")
        genders, ages = _codes(fields.get("gender", "1,2")), _codes(fields.get("c_age", "101...191"))
        measures = _codes(fields.get("measures", "20100"))
        dates = fields.get("date", fields.get("time", "latest")).split(",")
        if dataset != DATASET or 20100 not in measures or not {"2011", "latest"} & set(dates):
            return []
        places = {item.strip().upper() for item in fields["geography"].split(",")}
        everywhere = COUNCILS in places
        return [
            row
            for row in self._rows()
            if row.gender in genders and row.age + 101 in ages and (everywhere or row.code in places)
        ]


def _codes(text: str) -> set[int]:
    """Whole numbers in a list with ranges: `1,2` or `101...191`."""
    found: set[int] = set()
    for item in text.split(","):
        first, dots, last = item.partition("...")
        found |= set(range(int(first), int(last) + 1)) if dots else {int(first)}
    return found
