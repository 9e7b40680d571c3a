"""Made survey files: one row a wave, area and question."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sandbox.made.dice import write_csv
from sandbox.made.places import ENGLAND_ROW, Places, figure
from sandbox.truth import Period, Truth
from sandbox.truth.rules import Measure

HEADER = (
    "wave", "area_code", "area_name", "question", "numerator", "weighted_base", "unweighted_base", "score", "status",
)  # fmt: skip
COLUMNS = ("numerator", "weighted_base", "unweighted_base", "score")
SUPPRESSED, SMALL_BASE = "*", "u"
_FEW = 100


class Survey:
    """The rows of one survey."""

    def __init__(self, truth: Truth, places: Places, dataset_id: str) -> None:
        """Prepare; figures are worked out when the file is written."""
        self._truth, self._places = truth, places
        self._dataset = truth.datasets[dataset_id]
        self._measures = [measure for measure in truth.measures.values() if measure.dataset_id == dataset_id]
        self._questions: dict[str, dict[str, Measure]] = {}
        for measure in sorted(self._measures, key=lambda measure: measure.item):
            question, _, column = measure.item.partition(":")
            self._questions.setdefault(question, {})[column] = measure

    def write(self, target: Path) -> None:
        """Write the file: UTF-8 and line feeds."""
        write_csv(target, HEADER, self._rows())

    def _rows(self) -> Iterator[list[str]]:
        for wave, start, end in self._truth.waves.get(self._dataset.dataset_id, ()):
            period = Period(start, end)
            councils = self._places.of_dataset(self._dataset, self._measures, end)
            areas = [(ENGLAND_ROW, self._places.england), *((area.old_ons, area) for area in councils)]
            for question, measures in self._questions.items():
                for code, area in areas:
                    cells = [self._cell(measures.get(column), area.code, period) for column in COLUMNS]
                    if any(cells):
                        base = cells[2]
                        status = SMALL_BASE if base.isdigit() and int(base) < _FEW else ""
                        yield [wave, code, area.name, question, *cells, status]

    def _cell(self, measure: Measure | None, area: str, period: Period) -> str:
        if measure is None:
            return ""
        value = self._truth.value(measure.measure_id, area, period)
        if value is None:
            return ""
        if self._truth.is_suppressed(measure.measure_id, area, period):
            return SUPPRESSED
        return figure(value, self._truth.rules[measure.measure_id].decimals)
