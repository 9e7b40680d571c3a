"""Made long CSV files: one row a figure, with the measure, the sex and the age band in columns."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from sandbox.made.places import ENGLAND_ROW, Places, figure
from sandbox.truth import Period, Truth
from sandbox.truth.periods import label
from sandbox.truth.rules import Measure

HEADER = ("period", "area_code", "area_name", "measure", "sex", "age_band", "value")
OLD_FILES = frozenset({"ascof_social_care", "mhmds"})
"""Datasets whose files are in CP1252 with CRLF."""
SUPPRESSED, NOT_AVAILABLE = "*", ".."


class LongFile:
    """The rows of one file."""

    def __init__(self, truth: Truth, places: Places, dataset_id: str) -> None:
        """Prepare; figures are worked out when the file is written."""
        self._truth, self._places = truth, places
        self._dataset = truth.datasets[dataset_id]
        self._measures = [measure for measure in truth.measures.values() if measure.dataset_id == dataset_id]

    @property
    def encoding(self) -> str:
        """Encoding of the file."""
        return "cp1252" if self._dataset.dataset_id in OLD_FILES else "utf-8"

    def write(self, target: Path) -> None:
        """Write the file."""
        ending = "\r\n" if self._dataset.dataset_id in OLD_FILES else "\n"
        with target.open("w", encoding=self.encoding, newline="") as file:
            writer = csv.writer(file, lineterminator=ending)
            writer.writerow(HEADER)
            for measure in self._measures:
                writer.writerows(self._rows(measure))

    def _sources(self, measure: Measure) -> list[tuple[str, str]]:
        """Sex and measure to print: a sum over both sexes is printed for each, unless these stand there already."""
        if measure.breakdown != "*":
            return [(measure.breakdown, measure.measure_id)]
        if any(other.item == measure.item and other.breakdown in ("M", "F") for other in self._measures):
            return []
        # The rule of such a sum names the men's measure first.
        men, women = (name for _, name in self._truth.rules[measure.measure_id].base)
        return [("M", men), ("F", women)]

    def _rows(self, measure: Measure) -> Iterator[tuple[str, ...]]:
        for sex, name in self._sources(measure):
            decimals = self._truth.rules[name].decimals
            for period in self._truth.periods(measure.measure_id):
                text = label(period, measure.period_type)
                for code, title, area in self._areas(period):
                    for stratum in self._truth.strata(name):
                        value = self._truth.value(name, area, period, stratum)
                        if value is None:
                            continue
                        hidden = self._truth.is_suppressed(name, area, period, stratum)
                        cell = SUPPRESSED if hidden else figure(value, decimals)
                        if self._truth.is_late(self._dataset.dataset_id, area, period):
                            cell = NOT_AVAILABLE
                        yield text, code, title, measure.item, sex, stratum, cell

    def _areas(self, period: Period) -> Iterator[tuple[str, str, str]]:
        england = self._places.england
        yield ENGLAND_ROW, england.name, england.code
        for area in self._places.of_dataset(self._dataset, self._measures, period.end):
            yield area.old_ons, area.name, area.code
