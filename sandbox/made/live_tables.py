"""Made live tables: a workbook with one sheet, England and regions in capitals above the councils, footnotes below."""

from __future__ import annotations

from sandbox.areas import Area
from sandbox.made.places import Places, figure
from sandbox.spreadsheets import Cell, SheetData
from sandbox.truth import Period, Truth
from sandbox.truth.chance import mixed, unit, word
from sandbox.truth.periods import label
from sandbox.truth.rules import Measure

HEAD = ("Period", "ONS code", "Authority")
HEADER_ROW = 3
MISSING, NIL = "..", "-"
_GLUED = {"clg_housing_supply": "P", "clg_planning": "R"}
"""Marks that some bodies write behind a number: provisional in the newest year, revised in the one before."""
_NOTES = ("The figures of this workbook are invented.", ".. not available", "- nil", "P provisional, R revised")


class LiveTable:
    """The rows of one table."""

    def __init__(self, truth: Truth, places: Places, dataset_id: str) -> None:
        """Prepare; figures are worked out when the sheets are asked for."""
        self._truth, self._places = truth, places
        self._dataset = truth.datasets[dataset_id]
        found = [measure for measure in truth.measures.values() if measure.dataset_id == dataset_id]
        self.measures = sorted(found, key=lambda measure: measure.item)
        self._waves = {Period(start, end): wave for wave, start, end in truth.waves.get(dataset_id, ())}
        self._delivered = {measure.measure_id: frozenset(truth.periods(measure.measure_id)) for measure in found}
        kinds = {measure.period_type for measure in found}
        self._times = sorted(
            {(period, kind) for kind in kinds for period in self._periods(kind)},
            key=lambda time: (time[0].end, time[0].start),
        )

    @property
    def titles(self) -> list[str]:
        """Titles of the figures' columns."""
        return [measure.title for measure in self.measures]

    def sheets(self, share: float = 0.0) -> list[SheetData]:
        """The workbook's sheet; `share` of the councils have revised figures."""
        rows: list[list[Cell]] = [
            [self._dataset.title],
            [f"Source: {self._dataset.body}; units as in the titles"],
            [],
            [*HEAD, *self.titles],
        ]
        for period, kind in self._times:
            rows += self._block(period, kind, share)
        rows += [[], ["Notes:"]]
        rows += [[note] for note in _NOTES]
        return [SheetData("Data", rows, header_row=HEADER_ROW)]

    def _periods(self, kind: str) -> set[Period]:
        every = (self._delivered[measure.measure_id] for measure in self.measures if measure.period_type == kind)
        return {period for periods in every for period in periods}

    def _block(self, period: Period, kind: str, share: float) -> list[list[Cell]]:
        style = "month_span" if self._dataset.period_style == "rolling_quarters" else kind
        text = self._waves.get(period) if kind == "survey_wave" else label(period, style)
        rows: list[list[Cell]] = []
        places = self._places
        for area in (places.england, *places.regions(period.end)):
            name = area.name if area.kind == "country" else area.name.upper()
            rows.append([text, "", name, *self._cells(area, period, kind, 0.0)])
        councils = places.of_dataset(self._dataset, self.measures, period.end)
        rows += [[text, area.old_ons, area.name, *self._cells(area, period, kind, share)] for area in councils]
        return rows

    def _cells(self, area: Area, period: Period, kind: str, share: float) -> list[Cell]:
        revised = unit(mixed(word(self._truth.seed, "revised", self._dataset.dataset_id), word(area.code))) < share
        return [self._cell(measure, area, period, kind, revised) for measure in self.measures]

    def _cell(self, measure: Measure, area: Area, period: Period, kind: str, revised: bool) -> Cell:
        if measure.period_type != kind or period not in self._delivered[measure.measure_id]:
            return None
        hidden = not self._places.states(measure, area) or self._truth.is_suppressed(
            measure.measure_id, area.code, period
        )
        value = None if hidden else self._truth.value(measure.measure_id, area.code, period)
        if value is None:
            return MISSING
        decimals = self._truth.rules[measure.measure_id].decimals
        value = round(value * 1.04 + (1 if not decimals else 0), decimals) if revised else value
        if value == 0:
            return NIL
        mark = _GLUED.get(self._dataset.dataset_id, "")
        if mark and area.kind not in ("country", "region") and self._marked(mark, area, period):
            return f"{figure(value, decimals)}{mark}"
        return value if decimals else round(value)

    def _marked(self, mark: str, area: Area, period: Period) -> bool:
        year = "2010-04-01" if mark == "P" else "2009-04-01"
        return year <= period.end < f"{int(year[:4]) + 1}-04-01" and unit(word(self._truth.seed, mark, area.code)) < 0.2
