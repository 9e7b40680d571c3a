"""Made series of ONS Explore Local Statistics: four indicators, mixed levels and code vintages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sandbox.areas import ENGLAND, UPPER, Area, Geography
from sandbox.made.dice import clamp, dice, write_csv

HEADER = (
    "areacd", "areanm", "geography", "indicator", "period", "observation", "measure", "unit", "lci_95", "uci_95",
    "status", "notes",
)  # fmt: skip
EVERY = ("unitary", "district", "metropolitan_district", "london_borough", "county")
_UNRELIABLE = "Estimate and confidence interval unreliable since the group sample size is small (3-9)"
_TINY = ("E09000001", "E06000053")
_OLDEST_KEPT = "2018-01-01"
"""Codes that ended before this day had left the publisher's files; later ones stay with a note."""
_ABROAD = (
    ("K02000001", "United Kingdom", "Country"), ("W92000004", "Wales", "Nation"), ("S92000003", "Scotland", "Nation"),
    ("W06000015", "Cardiff", "Local Authority District"), ("W06000011", "Swansea", "Local Authority District"),
    ("S12000036", "City of Edinburgh", "Local Authority District"),
    ("S12000033", "Aberdeen City", "Local Authority District"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """An area as these files name it."""

    code: str
    name: str
    level: str
    notes: str = ""
    new: bool = False
    """The code is younger than the figures."""


def _level(area: Area) -> str:
    if area.kind in ("country", "region"):
        return "Nation" if area.code == ENGLAND else "Region"
    return "County or Unitary Authority" if area.kind in ("unitary", "county") else "Local Authority District"


def _places(geography: Geography, kinds: tuple[str, ...], *, abroad: bool) -> list[Place]:
    found = [Place(ENGLAND, geography.name(ENGLAND), "Nation")]
    if abroad:
        found = [Place(*item) for item in _ABROAD] + found
    for area in sorted(geography.areas.values(), key=lambda area: (area.kind != "region", area.code)):
        if area.kind not in ("region", *kinds) or (area.end and area.end < _OLDEST_KEPT):
            continue
        found.append(Place(area.code, area.name, _level(area), _note(area, geography), area.start > "2012-12-31"))
    return found


def _note(area: Area, geography: Geography) -> str:
    following = [change.new for change in geography.successors(area.code)]
    if not area.end or not following:
        return ""
    named = " and ".join(f"{code} {geography.name(code)}" for code in following)
    year = int(area.end[:4]) + (1 if area.end.endswith("12-31") else 0)
    return f"Obsolete code since {year} (replaced by {named})"


def _trait(seed: int, series: str, place: Place, geography: Geography, spread: float) -> float:
    """How far an area stands from England; a merged council stands where its parts stand on average."""
    atoms = sorted(geography.territory(place.code)) if place.code in geography.areas else [place.code]
    drawn = [dice(seed, "els", series, atom).gauss(0, spread) for atom in atoms or [place.code]]
    return 0.0 if place.level in ("Nation", "Country") else sum(drawn) / len(drawn)


def write_employment(target: Path, seed: int, geography: Geography) -> None:
    """Employment rate and economic inactivity, 2004 to 2011, with limits; CRLF."""
    england = {2004: 72.7, 2005: 72.8, 2006: 72.6, 2007: 72.5, 2008: 72.3, 2009: 70.6, 2010: 70.2, 2011: 69.9}

    def rows() -> Iterator[tuple[object, ...]]:
        for indicator, sign in (("Employment rate", 1), ("Economically inactive", -1)):
            for place in _places(geography, EVERY, abroad=True):
                trait = _trait(seed, "employment", place, geography, 4.2)
                for year, rate in england.items():
                    rng = dice(seed, "employment", place.code, year)
                    level = clamp(rate + trait + rng.gauss(0, 1.0), 50, 88)
                    level = level if sign > 0 else 96.2 - level
                    half = round(
                        {"Nation": 0.3, "Country": 0.2, "Region": 0.8}.get(place.level, rng.uniform(2.2, 4.4)),
                        1,
                    )
                    value = round(level, 1)
                    row = (repr(value), repr(value - half), repr(value + half), "", place.notes)
                    if place.code in _TINY:
                        row = ("", "", "", "x", "") if year % 3 else (repr(value), "", "", "", _UNRELIABLE)
                    period = f"{year}-01-01/P1Y"
                    yield (
                        place.code,
                        place.name,
                        place.level,
                        indicator,
                        period,
                        row[0],
                        "Percentage",
                        "%",
                        *row[1:],
                    )

    write_csv(target, HEADER, rows(), newline="\r\n")


def write_pay(target: Path, seed: int, geography: Geography) -> None:
    """Gross median weekly pay, April of 2008 to 2011; CRLF and byte order mark."""
    days = {"2008-04-16": 390.0, "2009-04-22": 397.6, "2010-04-21": 404.5, "2011-04-13": 405.4}

    def rows() -> Iterator[tuple[object, ...]]:
        for place in _places(geography, EVERY, abroad=True):
            trait = _trait(seed, "pay", place, geography, 0.14)
            for day, median in days.items():
                rng = dice(seed, "pay", place.code, day)
                value = round(median * (1 + trait) * rng.uniform(0.97, 1.03), 1)
                share = 0.002 if place.level in ("Nation", "Country") else rng.uniform(0.03, 0.09)
                status = "x" if place.new or place.code in _TINY else ("u" if rng.random() < 0.01 else "")
                cells = ("", "", "") if status else (repr(value), repr(value * (1 - share)), repr(value * (1 + share)))
                yield (
                    place.code, place.name, place.level, "Gross median weekly pay", day, cells[0], "Pounds", "£",
                    cells[1], cells[2], status, place.notes,
                )  # fmt: skip

    write_csv(target, HEADER, rows(), bom=True, newline="\r\n")


def write_net_additions(target: Path, seed: int, geography: Geography) -> None:
    """Net additions to the housing stock per 1,000 dwellings, 2004-05 to 2011-12, whole numbers; byte order mark."""
    england = {2004: 8, 2005: 9, 2006: 9, 2007: 10, 2008: 8, 2009: 6, 2010: 6, 2011: 6}
    unit = "Net additional dwellings per 1,000 stock"

    def rows() -> Iterator[tuple[object, ...]]:
        for place in _places(geography, EVERY, abroad=False):
            trait = _trait(seed, "dwellings", place, geography, 0.35)
            for year, level in england.items():
                if place.new and place.level == "Region":
                    continue
                value = max(0, round(level * (1 + trait) + dice(seed, "dwellings", place.code, year).gauss(0, 1.2)))
                yield (
                    place.code, place.name, place.level, "Net additions to the housing stock (England)",
                    f"{year}-04-01/P1Y", value, unit, unit, "", "", "", place.notes,
                )  # fmt: skip

    write_csv(target, HEADER, rows(), bom=True)


def write_absence(target: Path, seed: int, geography: Geography) -> None:
    """Persistent absence, school years from 2006, upper-tier areas; CRLF and byte order mark."""
    england = {2006: 24.3, 2007: 22.2, 2008: 20.8, 2009: 18.6, 2010: 16.3, 2011: 13.6}

    def rows() -> Iterator[tuple[object, ...]]:
        for place in _places(geography, UPPER, abroad=False):
            trait = _trait(seed, "absence", place, geography, 0.11)
            for year, level in england.items():
                value = round(level * (1 + trait) * dice(seed, "absence", place.code, year).uniform(0.97, 1.03), 5)
                yield (
                    place.code, place.name, place.level, "Persistent absences for all pupils", f"{year}-08-01/P1Y",
                    repr(value), "Percentage", "%", "", "", "", place.notes,
                )  # fmt: skip

    write_csv(target, HEADER, rows(), bom=True, newline="\r\n")
