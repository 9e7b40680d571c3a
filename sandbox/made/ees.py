"""Made data sets of Explore Education Statistics: the CSV file standard, one row an area, time and breakdown."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from pathlib import Path

from sandbox.areas import Area
from sandbox.made.dice import write_csv
from sandbox.made.places import Places, figure
from sandbox.truth import Period, Truth
from sandbox.truth.rules import Measure

HEAD = (
    "time_period", "time_identifier", "geographic_level", "country_code", "country_name", "region_code",
    "region_name", "old_la_code", "new_la_code", "la_name", "breakdown_topic", "breakdown",
)  # fmt: skip
CONFIDENTIAL, NOT_AVAILABLE, NOT_APPLICABLE = "c", "x", "z"
_IDENTIFIERS = {
    "academic_year": "Academic year", "financial_year": "Financial year", "calendar_year": "Calendar year",
}  # fmt: skip


def time_of(period: Period, period_type: str) -> tuple[str, str]:
    """Time period and identifier of a row: 200809 and Academic year, 2008 and November."""
    year = int(period.start[:4])
    if period_type == "month":
        return str(year), calendar.month_name[int(period.start[5:7])]
    code = str(year) if period_type == "calendar_year" else f"{year}{(year + 1) % 100:02}"
    return code, _IDENTIFIERS[period_type]


class DataSet:
    """The rows of one data set."""

    def __init__(self, truth: Truth, places: Places, dataset_id: str) -> None:
        """Prepare; figures are worked out when the file is written."""
        self._truth, self._places, self._dataset_id = truth, places, dataset_id
        measures = [measure for measure in truth.measures.values() if measure.dataset_id == dataset_id]
        self.items = sorted({measure.item for measure in measures})
        self._times: dict[tuple[str, Period], dict[str, dict[str, Measure]]] = {}
        for measure in sorted(measures, key=lambda measure: (measure.breakdown, measure.item)):
            for period in truth.periods(measure.measure_id):
                time = self._times.setdefault((measure.period_type, period), {})
                time.setdefault(measure.breakdown, {})[measure.item] = measure

    def write(self, target: Path) -> None:
        """Write the file: UTF-8 and line feeds, newest period first."""
        write_csv(target, (*HEAD, *self.items), self._rows())

    def _rows(self) -> Iterator[list[str]]:
        for (period_type, period), groups in sorted(self._times.items(), key=lambda time: time[0][1].end, reverse=True):
            if self._truth.is_late(self._dataset_id, self._places.england.code, period):
                continue
            time = time_of(period, period_type)
            numbers = self._places.alias_of("dfe_la", period.end)
            for area in self._areas(period):
                head = [*time, *self._place(area, numbers)]
                for breakdown, measures in groups.items():
                    topic, _, name = breakdown.partition(": ") if breakdown else ("Total", "", "Total")
                    cells = (self._cell(measures.get(item), area, period) for item in self.items)
                    yield [*head, topic, name, *cells]

    def _areas(self, period: Period) -> list[Area]:
        day = period.end
        return [self._places.england, *self._places.regions(day), *self._places.upper(day)]

    def _place(self, area: Area, numbers: dict[str, str]) -> list[str]:
        england = self._places.england
        country = [england.code, england.name]
        if area.kind == "country":
            return ["National", *country, "", "", "", "", ""]
        if area.kind == "region":
            return ["Regional", *country, area.code, area.name, "", "", ""]
        region = [area.region, self._places.geography.region_name(area.code)]
        return ["Local authority", *country, *region, numbers.get(area.code, ""), area.code, area.name]

    def _cell(self, measure: Measure | None, area: Area, period: Period) -> str:
        if measure is None:
            return NOT_APPLICABLE
        if self._truth.is_late(self._dataset_id, area.code, period):
            return NOT_AVAILABLE
        value = self._truth.value(measure.measure_id, area.code, period)
        if value is None:
            return NOT_APPLICABLE
        if self._truth.is_suppressed(measure.measure_id, area.code, period):
            return CONFIDENTIAL
        return figure(value, self._truth.rules[measure.measure_id].decimals)
