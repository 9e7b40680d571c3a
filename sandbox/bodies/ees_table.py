"""A data set of Explore Education Statistics in memory: rows, opaque ids and meta data."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LEVELS = {"National": "NAT", "Regional": "REG", "Local authority": "LA"}
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
TIME_CODES = {
    "Academic year": "AY",
    "Financial year": "FY",
    "Calendar year": "CY",
    **{name: f"M{number}" for number, name in enumerate(_MONTHS, start=1)},
}
_PLACES = {
    "NAT": ("country_code", "country_name"),
    "REG": ("region_code", "region_name"),
    "LA": ("new_la_code", "la_name"),
}
_FIXED = frozenset(
    {
        "time_period",
        "time_identifier",
        "geographic_level",
        "old_la_code",
        *(c for pair in _PLACES.values() for c in pair),
    }
)
_FILTERS = ("breakdown_topic", "breakdown")
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Time:
    """A time period as the API writes it: `2008/2009` and AY."""

    period: str
    code: str

    @property
    def family(self) -> str:
        """Periods of one family can be compared: all months, all academic years."""
        return "M" if self.code[0] == "M" else self.code

    @property
    def order(self) -> tuple[str, int]:
        """Sort key within a family."""
        return self.period, int(self.code[1:]) if self.code[0] == "M" else 0


@dataclass(frozen=True, slots=True)
class Place:
    """A location of one level."""

    level: str
    id: str
    label: str
    code: str
    old_code: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the file: ids for what is chosen from, text for what was measured."""

    time: Time
    level: str
    places: dict[str, str]
    options: tuple[str, ...]
    values: list[str]


class _Ids:
    """Opaque ids: short, the same for the same words, different for different ones."""

    def __init__(self, data_set: str) -> None:
        self._data_set = data_set
        self._known: dict[tuple[str, ...], str] = {}
        self._used: set[str] = set()

    def of(self, *words: str) -> str:
        if words not in self._known:
            turn = 0
            while (found := self._draw(words, turn)) in self._used:
                turn += 1
            self._known[words] = found
            self._used.add(found)
        return self._known[words]

    def _draw(self, words: Iterable[str], turn: int) -> str:
        digest = hashlib.sha256("\n".join((self._data_set, str(turn), *words)).encode()).digest()
        return "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in digest[:5])


class Table:
    """A parsed data set; ids of filters, options, indicators and locations are opaque."""

    def __init__(self, data_set: str, header: Sequence[str], lines: Iterable[Sequence[str]]) -> None:
        """Read rows in the body's file standard; unknown levels or time identifiers raise KeyError."""
        self._ids = _Ids(data_set)
        at = {name: place for place, name in enumerate(header)}
        self._filters = [name for name in _FILTERS if name in at]
        self.columns = [name for name in header if name not in _FIXED and name not in _FILTERS]
        self.indicators = {self._ids.of("indicator", name): name for name in self.columns}
        self.filters = {self._ids.of("filter", name): name for name in self._filters}
        self.options: dict[str, tuple[str, str]] = {}
        self.places: dict[str, Place] = {}
        self.rows: list[Row] = []
        first = at[self.columns[0]]
        straight = [at[name] for name in self.columns] == list(range(first, first + len(self.columns)))
        for line in lines:
            places = {}
            for level, (code, name) in _PLACES.items():
                if code in at and line[at[code]]:
                    old = line[at["old_la_code"]] if level == "LA" else ""
                    places[level] = self._place(level, line[at[name]], line[at[code]], old)
            options = tuple(self._option(name, line[at[name]]) for name in self._filters)
            values = list(line[first:]) if straight else [line[at[name]] for name in self.columns]
            time = _time(line[at["time_period"]], line[at["time_identifier"]])
            self.rows.append(Row(time, LEVELS[line[at["geographic_level"]]], places, options, values))
        self.times = sorted({row.time for row in self.rows}, key=lambda time: (time.family, time.order))

    def _place(self, level: str, label: str, code: str, old: str) -> str:
        found = self._ids.of("place", level, code, old)
        if found not in self.places:
            self.places[found] = Place(level, found, label, code, old)
        return found

    def _option(self, column: str, label: str) -> str:
        found = self._ids.of("option", column, label)
        self.options.setdefault(found, (column, label))
        return found

    def levels(self) -> list[str]:
        """Codes of the levels that occur, from the largest areas to the smallest."""
        present = {row.level for row in self.rows}
        return [code for code in LEVELS.values() if code in present]

    def outline(self) -> dict[str, Any]:
        """What a version says of its content, by labels."""
        labels = {code: label for label, code in LEVELS.items()}
        return {
            "timePeriods": {"start": self.times[0].period, "end": self.times[-1].period} if self.times else {},
            "geographicLevels": [labels[code] for code in self.levels()],
            "filters": [_label(name) for name in self._filters],
            "indicators": [_label(name) for name in self.columns],
        }

    def meta(self, types: str = "") -> dict[str, Any]:
        """The meta data, or those of its types that a comma-separated list names."""
        labels = {code: label for label, code in LEVELS.items()}
        names = {code: name for name, code in TIME_CODES.items()}
        whole: dict[str, Any] = {
            "filters": [
                {
                    "id": key,
                    "column": column,
                    "label": _label(column),
                    "hint": "",
                    "options": [
                        {"id": option, "label": label} for option, (of, label) in self.options.items() if of == column
                    ],
                }
                for key, column in self.filters.items()
            ],
            "indicators": [
                {
                    "id": key,
                    "column": column,
                    "label": _label(column),
                    "unit": "",
                    "decimalPlaces": self._decimals(place),
                }
                for place, (key, column) in enumerate(self.indicators.items())
            ],
            "geographicLevels": [{"code": code, "label": labels[code]} for code in self.levels()],
            "locations": [
                {
                    "level": {"code": code, "label": labels[code]},
                    "options": [_place_option(place) for place in self.places.values() if place.level == code],
                }
                for code in self.levels()
            ],
            "timePeriods": [
                {"code": time.code, "period": time.period, "label": _time_label(time, names[time.code])}
                for time in self.times
            ],
        }
        wanted = {name.strip().lower() for name in types.split(",") if name.strip()}
        return {name: value for name, value in whole.items() if not wanted or name.lower() in wanted}

    def _decimals(self, place: int) -> int:
        cells = (row.values[place] for row in self.rows[:500])
        return max((len(cell.partition(".")[2]) for cell in cells if cell[:1].isdigit()), default=0)

    def result(self, row: Row, indicators: Sequence[str], debug: bool) -> dict[str, Any]:
        """A row as a result of a query; with `debug`, labels stand beside ids."""
        values = dict(zip(self.indicators, row.values, strict=True))

        def name(key: str, label: str) -> str:
            return f"{key} :: {label}" if debug else key

        return {
            "timePeriod": {"code": row.time.code, "period": row.time.period},
            "geographicLevel": row.level,
            "locations": {level: name(key, self.places[key].label) for level, key in row.places.items()},
            "filters": {
                name(key, column): name(option, self.options[option][1])
                for (key, column), option in zip(self.filters.items(), row.options, strict=True)
            },
            "values": {name(key, self.indicators[key]): values[key] for key in indicators},
        }


def read_table(path: Path, data_set: str) -> Table:
    """Read a data set from a CSV file; a byte that is not UTF-8 is shown as a replacement character."""
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        reader = csv.reader(file)
        return Table(data_set, next(reader), reader)


def _time(period: str, identifier: str) -> Time:
    code = TIME_CODES[identifier]
    if len(period) == 6:
        period = f"{period[:4]}/{period[:2]}{period[4:]}"
    return Time(period, code)


def _time_label(time: Time, identifier: str) -> str:
    if "/" in time.period:
        return f"{time.period[:5]}{time.period[-2:]}"
    return time.period if time.code == "CY" else f"{time.period} {identifier}"


def _place_option(place: Place) -> dict[str, str]:
    option = {"id": place.id, "label": place.label, "code": place.code}
    return {**option, "oldCode": place.old_code} if place.level == "LA" else option


def _label(column: str) -> str:
    return column.replace("_", " ").capitalize()
