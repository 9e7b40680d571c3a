"""What each component should be: the formulas of the catalogue, written out again over true readings."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from sandbox.areas import Geography
from sandbox.truth import Period
from tests.end_to_end.truth_readings import NOTHING, Reading, Readings, seed_rows

_TERM = re.compile(r"([+-]?)\s*([a-z0-9_]+)")
_FIRST_DAYS = {"financial_year": "04-01", "calendar_year": "01-01", "academic_year": "09-01"}
Component = dict[str, str]


class Figures:
    """Components by area and period."""

    def __init__(self) -> None:
        self.readings = Readings()
        self.components = {
            (row["indicator_id"], row["component"]): row for row in seed_rows("indicator_components.csv")
        }
        self._standards: dict[str, dict[str, float]] = {}
        for row in seed_rows("standard_populations.csv"):
            self._standards.setdefault(row["standard_population"], {})[row["stratum"]] = float(row["weight"])
        self.figure = cache(self._figure)

    @property
    def geography(self) -> Geography:
        """Areas of the sandbox."""
        return self.readings.geography

    def parts(self, component: Component) -> list[Component]:
        """Components that a component is made of."""
        names = [component["minuend_component"], component["subtrahend_component"]]
        names += component["part_components"].split("+")
        return [self.components[component["indicator_id"], name.strip()] for name in names if name]

    def measures(self, component: Component) -> set[str]:
        """Measures that a component rests on, its parts' included."""
        text = f"{component['numerator_measures']} {component['denominator_measures']}"
        return {name for _, name in _TERM.findall(text)}.union(*map(self.measures, self.parts(component)))

    def is_known(self, component: Component) -> bool:
        """Tell whether the sandbox's truth knows every measure of a component."""
        return all(map(self.readings.truth.knows, self.measures(component)))

    def is_due(self, component: Component, period: Period) -> bool:
        """Tell whether the catalogue expects a figure of the period (sources that stand beside are not judged)."""
        if component["not_due_reason"] == "other_source":
            return True
        year = component["baseline_year"]
        return (
            (component["due_from"] or "0") <= period.end <= (component["due_to"] or "9")
            and not (year and int(period.end[:4]) <= int(year))
        )  # fmt: skip

    def _figure(self, indicator_id: str, name: str, area: str, period: Period) -> Reading:
        component = self.components[indicator_id, name]
        if not self.is_due(component, period):
            return NOTHING
        method = component["method"]
        if method in ("difference", "sum_of_parts", "mean_of_parts"):
            return self._of_parts(component, area, period)
        if method == "standardised_rate":
            return self._standardised(component, area, period)
        if method == "life_table":
            return self._healthy_years(component, area, period)
        if method == "change":
            baseline = _period_ending_in(int(component["baseline_year"]), component["period_type"])
            return self._compared(
                component, self._level(component, area, period), self._level(component, area, baseline)
            )
        if method == "rolling_change":
            return self._rolling(component, area, period)
        above = self._side(component["numerator_measures"], area, period)
        if method in ("count", "published"):
            return _scaled(component, above.value, above)
        below = self._side(component["denominator_measures"], area, period)
        if method == "actual_vs_predicted":
            return self._compared(component, above, below)
        assert method in ("ratio", "weighted_mean", "mean_of_snapshots", "frozen_list_rate"), method
        if above.value is None or below.value is None or not below.value:
            return NOTHING
        return _scaled(component, above.value / below.value, above, below)

    def _side(self, expression: str, area: str, period: Period, stratum: str = "") -> Reading:
        """Sum of the measures of `a+b-c`."""
        terms = [
            (-1 if sign == "-" else 1, self.readings.reading(name, area, period, stratum))
            for sign, name in _TERM.findall(expression)
        ]
        if any(reading.value is None for _, reading in terms):
            return NOTHING
        value = sum(sign * (reading.value or 0) for sign, reading in terms)
        return Reading(value, _known(reading for _, reading in terms))

    def _level(self, component: Component, area: str, period: Period) -> Reading:
        above = self._side(component["numerator_measures"], area, period)
        if not component["denominator_measures"]:
            return above
        below = self._side(component["denominator_measures"], area, period)
        if above.value is None or not below.value:
            return NOTHING
        return Reading(above.value / below.value, _known((above, below)))

    def _compared(self, component: Component, now: Reading, then: Reading) -> Reading:
        """Growth from one figure to another, which has no meaning from zero."""
        if now.value is None or not then.value:
            return NOTHING
        return _scaled(component, (now.value - then.value) / then.value, now, then)

    def _rolling(self, component: Component, area: str, period: Period) -> Reading:
        width = int(component["window_years"])
        years = [
            self._side(component["numerator_measures"], area, _years_before(period, back)) for back in range(width + 1)
        ]
        if any(year.value is None for year in years):
            return NOTHING
        newest = sum(year.value or 0 for year in years[:-1]) / width
        before = sum(year.value or 0 for year in years[1:]) / width
        is_known = _known(years)
        return self._compared(component, Reading(newest, is_known), Reading(before, is_known))

    def _of_parts(self, component: Component, area: str, period: Period) -> Reading:
        figures = [self.figure(part["indicator_id"], part["component"], area, period) for part in self.parts(component)]
        if any(figure.value is None for figure in figures):
            return NOTHING
        values = [figure.value or 0 for figure in figures]
        if component["method"] == "difference":
            return _scaled(component, values[0] - values[1], *figures)
        total = sum(values)
        return _scaled(component, total / len(values) if component["method"] == "mean_of_parts" else total, *figures)

    def _standardised(self, component: Component, area: str, period: Period) -> Reading:
        """Directly standardised rate; an age at which nobody lives is left out of the standard population too."""
        events = people = 0.0
        sides = []
        for stratum, weight in self._standards[component["standard_population"]].items():
            above = self._side(component["numerator_measures"], area, period, stratum)
            below = self._side(component["denominator_measures"], area, period, stratum)
            if above.value is None or below.value is None or (above.value and not below.value):
                return NOTHING
            sides += [above, below]
            if below.value:
                events += weight * above.value / below.value
                people += weight
        return _scaled(component, events / people, *sides) if people else NOTHING

    def _healthy_years(self, component: Component, area: str, period: Period) -> Reading:
        """Sullivan's years in good health at 65, from person-years of an abridged life table."""
        deaths, healthy = component["numerator_measures"].split(";")
        people, asked = component["denominator_measures"].split(";")
        alive, years, sides = 1.0, 0.0, []
        for first in (65, 70, 75, 80, 85):
            band = "85+" if first == 85 else f"{first}-{first + 4}"
            four = [self._side(side, area, period, band) for side in (deaths, people, healthy, asked)]
            sides += four
            dead, living, well, answered = (side.value for side in four)
            if dead is None or well is None or not living or not answered:
                return NOTHING
            rate = dead / living
            if first == 85:
                if not rate:
                    return NOTHING
                years += alive / rate * well / answered
            else:
                left = alive * max(0.0, (2 - 5 * rate) / (2 + 5 * rate))
                years += 5 * (alive + left) / 2 * well / answered
                alive = left
        return _scaled(component, years, *sides)


def _known(readings: Iterable[Reading]) -> bool:
    return all(reading.is_known for reading in readings)


def _scaled(component: Component, value: float | None, *sides: Reading) -> Reading:
    if value is None:
        return NOTHING
    factor = 1.0 if component["method"] == "published" else float(component["multiplier"]) * float(component["sign"])
    return Reading(factor * value, _known(sides))


def _years_before(period: Period, years: int) -> Period:
    # The last days of the periods are not leap days.
    return Period(*(f"{int(day[:4]) - years}{day[4:]}" for day in period))


def _period_ending_in(year: int, period_type: str) -> Period:
    first = _FIRST_DAYS[period_type]
    if first == "01-01":
        return Period(f"{year}-01-01", f"{year}-12-31")
    assert first == "04-01", period_type
    return Period(f"{year - 1}-04-01", f"{year}-03-31")
