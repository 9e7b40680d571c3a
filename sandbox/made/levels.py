"""What an indicator was in a place and year, worked out from the truth for the baselines of targets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from sandbox.truth import Truth
from sandbox.truth.rules import table

_TERM = re.compile(r"([+-]?)([a-z0-9_]+)")
_RATIOS = frozenset({"ratio", "weighted_mean", "mean_of_snapshots"})
_PLAIN = frozenset({"count", "published"})


@dataclass(frozen=True, slots=True)
class Component:
    """The figure that stands for an indicator, as far as targets need it."""

    ni: int
    name: str
    method: str
    parts: tuple[str, str]
    """Of a difference the components that are set against each other."""
    numerator: str
    denominator: str
    multiplier: float
    decimals: int
    polarity: str
    least: float
    most: float


class Levels:
    """Simple indicators of a year, and gaps between two; changes and standardised rates have no level here."""

    def __init__(self, truth: Truth, seeds: Path) -> None:
        """Read the headline components of the catalogue."""
        self._truth = truth
        rows = list(table(seeds / "indicator_components.csv"))
        headlines = {(row["indicator_id"], row["component"]) for row in rows if row["headline"] == "yes"}
        self._components = {
            (int(row["indicator_id"].removeprefix("ni_")), row["component"]): Component(
                int(row["indicator_id"].removeprefix("ni_")),
                row["component"],
                row["method"],
                (row["minuend_component"], row["subtrahend_component"]),
                row["numerator_measures"],
                row["denominator_measures"],
                float(row["multiplier"] or 1),
                int(row["decimals"] or 0),
                row["polarity"],
                float(row["valid_min"] or "-inf"),
                float(row["valid_max"] or "inf"),
            )
            for row in rows
        }
        self.headlines = {
            ni: part for (ni, name), part in self._components.items() if (f"ni_{ni:03}", name) in headlines
        }

    def level(self, component: Component, area: str, year: int) -> float | None:
        """Value in the financial year that begins in `year`; None where there is none or the method is not simple."""
        if component.method == "difference":
            more, less = (self.level(self._components[component.ni, part], area, year) for part in component.parts)
            return None if more is None or less is None else more - less
        if component.method not in _RATIOS | _PLAIN:
            return None
        above = self._sum(component.numerator, area, year)
        if component.method in _PLAIN or above is None:
            return above
        below = self._sum(component.denominator, area, year)
        return component.multiplier * above / below if below else None

    def _sum(self, expression: str, area: str, year: int) -> float | None:
        total = 0.0
        for sign, name in _TERM.findall(expression):
            value = self._value(name, area, (f"{year}-04-01", f"{year + 1}-03-31"))
            if value is None:
                return None
            total += -value if sign == "-" else value
        return total

    def _value(self, name: str, area: str, year: tuple[str, str]) -> float | None:
        if not self._truth.knows(name):
            return None
        if self._truth.measures[name].over_time:
            return self._truth.rolled(name, area, year)
        within = [period for period in self._truth.periods(name) if year[0] <= period.end <= year[1]]
        return self._truth.value(name, area, within[-1]) if within else None
