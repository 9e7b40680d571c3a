"""Areas of England as the stand-in needs them, read from the reference seeds."""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

SEEDS = Path(__file__).resolve().parent.parent / "dbt_project" / "seeds"
LOWER = ("unitary", "district", "metropolitan_district", "london_borough")
UPPER = ("unitary", "county", "metropolitan_district", "london_borough")
ENGLAND = "E92000001"
_MADE_OF_MEMBERS = ("county", "maa", "waste_authority", "police_force", "csp", "yot")
BEFORE = "2009-03-31"
"""Last day of the councils that were merged in April 2009."""


@dataclass(frozen=True, slots=True)
class Area:
    """One code with the days on which it was in force (ISO dates, empty = open)."""

    code: str
    name: str
    kind: str
    old_ons: str
    region: str
    start: str
    end: str

    def in_force(self, day: str) -> bool:
        """Tell whether the code was in force on a day."""
        return (not self.start or self.start <= day) and (not self.end or day <= self.end)


@dataclass(frozen=True, slots=True)
class Change:
    """One code followed by another."""

    old: str
    new: str
    day: str
    kind: str


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class Geography:
    """Areas, memberships and changes; a code's territory is the set of councils of March 2009 inside it."""

    def __init__(self, seeds: Path = SEEDS) -> None:
        """Read the seeds in `seeds`; raises FileNotFoundError when one is missing."""
        self.areas = {
            row["area_code"]: Area(
                row["area_code"],
                row["area_name"],
                row["area_type"],
                row["old_ons_code"],
                row["region_code"],
                row["valid_from"],
                row["valid_to"],
            )
            for row in _rows(seeds / "areas.csv")
        }
        self.changes = [
            Change(row["from_code"], row["to_code"], row["changed_on"], row["kind"])
            for row in _rows(seeds / "area_changes.csv")
        ]
        self._members: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
        self._county: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
        for row in _rows(seeds / "area_memberships.csv"):
            self._members[row["parent_code"]].append((row["area_code"], row["valid_from"], row["valid_to"]))
            if row["parent_kind"] == "county":
                self._county[row["area_code"]].append((row["parent_code"], row["valid_from"], row["valid_to"]))
        self._territory: dict[str, frozenset[str]] = {}
        self._aliases: dict[tuple[str, str], list[tuple[str, str, str]]] = defaultdict(list)
        for row in _rows(seeds / "area_aliases.csv"):
            self._aliases[row["alias_kind"], row["area_code"]].append(
                (row["alias"], row["valid_from"], row["valid_to"])
            )

    def alias(self, kind: str, code: str, day: str) -> str:
        """The name or number of this kind that a body uses for an area on a day; empty where it has none."""
        for alias, start, end in self._aliases.get((kind, code), ()):
            if (not start or start <= day) and (not end or day <= end):
                return alias
        return ""

    def at(self, day: str, kinds: tuple[str, ...] = LOWER) -> list[Area]:
        """Areas of these kinds in force on a day, sorted by code."""
        found = (area for area in self.areas.values() if area.kind in kinds and area.in_force(day))
        return sorted(found, key=lambda area: area.code)

    def name(self, code: str) -> str:
        """Name of a code."""
        return self.areas[code].name

    def region_name(self, code: str) -> str:
        """Name of the region an area lies in; empty for England."""
        return self.areas[self.areas[code].region].name if self.areas[code].region in self.areas else ""

    def county_of(self, code: str, day: str) -> str:
        """Code of the county a district belonged to on a day; empty for single-tier councils."""
        for parent, start, end in self._county.get(code, ()):
            if (not start or start <= day) and (not end or day <= end):
                return parent
        return ""

    def districts_of(self, county: str, day: str) -> list[str]:
        """Districts of a county on a day, sorted."""
        return sorted(
            code
            for code, start, end in self._members.get(county, ())
            if (not start or start <= day) and (not end or day <= end)
        )

    def upper_of(self, code: str, day: str) -> str:
        """Code of the upper-tier authority in which a lower-tier council lies on a day."""
        return self.county_of(code, day) or code

    @cached_property
    def atoms(self) -> list[Area]:
        """The 354 lower-tier councils of March 2009: the smallest pieces everything else is added up from."""
        return self.at(BEFORE)

    @cached_property
    def _atom_codes(self) -> frozenset[str]:
        return frozenset(area.code for area in self.atoms)

    def territory(self, code: str) -> frozenset[str]:
        """Councils of March 2009 that make up a code of any vintage and level."""
        if code not in self._territory:
            self._territory[code] = self._find_territory(code)
        return self._territory[code]

    def _find_territory(self, code: str) -> frozenset[str]:
        if code in self._atom_codes:
            return frozenset({code})
        kind = self.areas[code].kind
        if kind == "country":
            return self._atom_codes
        if kind == "region":
            return frozenset(area.code for area in self.atoms if area.region == code)
        pieces: set[str] = set()
        if kind in _MADE_OF_MEMBERS:
            for member, _, _ in self._members.get(code, ()):
                pieces |= self.territory(member)
            return frozenset(pieces)
        for change in self.changes:
            if change.new == code and self.areas[change.old].kind != "county":
                pieces |= self.territory(change.old)
        return frozenset(pieces)

    def successors(self, code: str) -> list[Change]:
        """What a code was replaced by, sorted by the new code."""
        return sorted((change for change in self.changes if change.old == code), key=lambda change: change.new)

    def today(self, code: str) -> str:
        """Code of today for a code of any vintage (a split gives its first part)."""
        while not self.areas[code].in_force("9999-12-31") and (following := self.successors(code)):
            code = following[0].new
        return code
