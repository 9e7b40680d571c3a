"""The seeds as they stand in their files: rows with line numbers, and what their properties declare."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Faults = list["Fault"]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong in a file of the catalogue, and the way out."""

    file: str
    line: int
    column: str
    value: str
    told: str
    way_out: str

    def __str__(self) -> str:
        where = f"{self.column} {self.value!r}: " if self.column else ""
        return f"{self.file}:{self.line}: {where}{self.told}; {self.way_out}"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a seed; a column it lacks reads as empty, because that is told once, of the header."""

    file: str
    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    def key(self, *columns: str) -> tuple[str, ...]:
        """Cells of several columns."""
        return tuple(self[column] for column in columns)

    def fault(self, column: str, told: str, way_out: str) -> Fault:
        """A fault of a cell of this row."""
        return Fault(self.file, self.line, column, self[column], told, way_out)


@dataclass(frozen=True, slots=True)
class Table:
    """One seed: what is declared of it, and its rows."""

    name: str
    file: str
    key: tuple[str, ...]
    types: dict[str, str]
    rules: dict[str, dict[str, Any]]
    header: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class Seeds:
    """All seeds of a folder, by name."""

    folder: Path
    tables: dict[str, Table] = field(default_factory=dict)
    _found: dict[tuple[str, str], dict[str, Row]] = field(default_factory=dict)

    def rows(self, name: str) -> tuple[Row, ...]:
        """Rows of a seed; none where it is missing."""
        return self.tables[name].rows if name in self.tables else ()

    def values(self, name: str, column: str) -> set[str]:
        """What stands in a column."""
        return {row[column] for row in self.rows(name)}

    def by(self, name: str, column: str) -> dict[str, Row]:
        """Rows of a seed by the text of a column, once all are read."""
        # Each row of the components asks for the measures again.
        if (name, column) not in self._found:
            self._found[name, column] = {row[column]: row for row in self.rows(name)}
        return self._found[name, column]


def read(folder: Path) -> tuple[Seeds, Faults]:
    """Read every seed that is declared in a folder, and tell those that cannot be read."""
    faults: Faults = []
    seeds = Seeds(folder)
    declared = list(_declared(folder))
    for entry in declared:
        name = str(entry["name"])
        path = folder / f"{name}.csv"
        config = entry.get("config", {})
        header: tuple[str, ...] = ()
        rows: list[Row] = []
        if path.exists():
            header, rows, wrong = _rows(path)
            faults += wrong
        else:
            faults.append(Fault(_shown(path), 1, "", "", "the file is missing", "restore it, or take its entry out"))
        seeds.tables[name] = Table(
            name,
            _shown(path),
            tuple(config.get("meta", {}).get("key", ())),
            dict(config.get("column_types", {})),
            {column["name"]: column.get("config", {}).get("meta", {}) for column in entry.get("columns", [])},
            header,
            tuple(rows),
        )
    for path in sorted(folder.glob("*.csv")):
        if path.stem not in seeds.tables:
            way_out = f"describe it in {_shown(folder / '_catalogue.yml')}: key, types and columns"
            faults.append(Fault(_shown(path), 1, "", "", "no properties declare this file", way_out))
    return seeds, faults


def _declared(folder: Path) -> Iterable[dict[str, Any]]:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    for path in sorted(folder.glob("_*.yml")):
        yield from (yaml.load(path.read_text(encoding="utf-8"), Loader=loader) or {}).get("seeds", [])  # noqa: S506


def _rows(path: Path) -> tuple[tuple[str, ...], list[Row], Faults]:
    """Header and rows; a row's line is the one it begins on, for a quoted cell may hold line ends."""
    file = _shown(path)
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        return (), [], [Fault(file, line, "", "", "the line is not UTF-8", "save the file as UTF-8")]
    faults: Faults = []
    rows: list[Row] = []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    header: tuple[str, ...] = ()
    try:
        header = tuple(next(reader, []))
        line = reader.line_num + 1
        for cells in reader:
            if len(cells) != len(header):
                told = f"the row has {len(cells)} cells and the header {len(header)}"
                faults.append(Fault(file, line, "", "", told, "quote cells that hold a comma"))
            rows.append(Row(file, line, dict(zip(header, cells, strict=False))))
            line = reader.line_num + 1
    except csv.Error as error:
        faults.append(Fault(file, line, "", "", f"this is not CSV ({error})", 'close every quote; write " as ""'))
    return header, rows, faults


def _shown(path: Path) -> str:
    """A path as a person on this machine would write it: from here if it lies below."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative
