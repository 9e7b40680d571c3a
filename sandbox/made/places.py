"""Which areas a body names in its files, and by which codes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from sandbox.areas import ENGLAND, LOWER, SEEDS, UPPER, Area, Geography
from sandbox.truth.rules import Dataset, Measure, table

ENGLAND_ROW = "921"
_BY_DISTRICT = frozenset({"district_and_upper", "single_tier_and_district", "csp"})


class Alias(NamedTuple):
    """A body's own name or number of an area, with the days on which it holds."""

    alias: str
    area_code: str
    start: str
    end: str

    def holds(self, day: str) -> bool:
        """Tell whether the alias holds on a day."""
        return (not self.start or self.start <= day) and (not self.end or day <= self.end)


class Places:
    """Areas for the rows of made files; codes are those in force on the day that is asked for."""

    def __init__(self, geography: Geography, seeds: Path = SEEDS) -> None:
        """Read aliases and the levels at which indicators are reported."""
        self.geography = geography
        self._aliases: dict[str, list[Alias]] = defaultdict(list)
        for row in table(seeds / "area_aliases.csv"):
            alias = Alias(row["alias"], row["area_code"], row["valid_from"], row["valid_to"])
            self._aliases[row["alias_kind"]].append(alias)
        levels = {row["indicator_id"]: row["area_level"] for row in table(seeds / "indicators.csv")}
        self._levels: dict[str, set[str]] = defaultdict(set)
        for row in table(seeds / "indicator_components.csv"):
            for side in ("numerator_measures", "denominator_measures"):
                for name in row[side].replace("+", " ").replace("-", " ").replace(";", " ").split():
                    self._levels[name].add(levels[row["indicator_id"]])

    def of_dataset(self, dataset: Dataset, measures: list[Measure], day: str) -> list[Area]:
        """Councils for a dataset's rows: districts where it or its indicators go down to them, else upper tiers.

        Counties stand beside their districts where something cannot be added up.
        """
        by_district = dataset.native_level in ("district", "csp") or any(
            self._levels[measure.measure_id] & _BY_DISTRICT for measure in measures
        )
        if not by_district:
            return self.upper(day)
        counties = any(
            not measure.additive and self._levels[measure.measure_id] & {"upper", "district_and_upper"}
            for measure in measures
        )
        return self.geography.at(day, (*LOWER, "county") if counties else LOWER)

    def upper(self, day: str) -> list[Area]:
        """Upper-tier areas on a day; the Isles of Scilly were a district of no county until 2009."""
        alone = [area for area in self.geography.at(day, ("district",)) if not self.geography.county_of(area.code, day)]
        return sorted((*self.geography.at(day, UPPER), *alone), key=lambda area: area.code)

    def states(self, measure: Measure, area: Area) -> bool:
        """Tell whether a row of this area has a figure of this measure: what cannot be added stands at its level."""
        if measure.additive or area.kind in ("country", "region"):
            return True
        levels = self._levels[measure.measure_id]
        if area.kind == "county":
            return bool(levels & {"upper", "district_and_upper"})
        return area.kind != "district" or bool(levels & _BY_DISTRICT)

    def regions(self, day: str) -> list[Area]:
        """The nine regions on a day."""
        return self.geography.at(day, ("region",))

    @property
    def england(self) -> Area:
        """England as an area."""
        return self.geography.areas[ENGLAND]

    def aliases(self, kind: str, day: str) -> Iterator[Alias]:
        """Aliases of a kind for areas in force on a day, sorted by alias."""
        for alias in sorted(self._aliases[kind]):
            if alias.holds(day) and self.geography.areas[alias.area_code].in_force(day):
                yield alias

    def teams(self, day: str) -> Iterator[tuple[str, str]]:
        """Youth offending teams on a day as (name, area code): those of one council, then those of several."""
        for code, name in self.alias_of("yot_name", day).items():
            yield name, code
        for area in self.geography.at(day, ("yot",)):
            yield area.name, area.code

    def alias_of(self, kind: str, day: str) -> dict[str, str]:
        """Alias of a kind by area code on a day; of two spellings the last."""
        return {alias.area_code: alias.alias for alias in self.aliases(kind, day)}


def figure(value: float, decimals: int) -> str:
    """A number as text with so many decimals, no sign on zero."""
    return f"{value:.{decimals}f}" if decimals else str(round(value))
