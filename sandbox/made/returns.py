"""Made returns, which councils and national bodies push: one row an indicator's part, area and period."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from sandbox.areas import Area
from sandbox.made.places import Places, figure
from sandbox.truth import Period, Truth
from sandbox.truth.periods import label
from sandbox.truth.rules import Measure

HEADER = (
    "ni_code", "component", "area_code", "period", "numerator", "denominator", "value", "decimal_places",
    "return_status", "submitted_by", "submitted_at",
)  # fmt: skip
_COLUMNS = ("numerator", "denominator", "value")
COUNCILS = "councils-of-england"
_BY_COUNCILS = frozenset({
    "local_sites", "la_estate_emissions", "climate_adaptation", "regulation_returns", "defra_street_cleanliness",
    "fuel_poverty_survey",
})  # fmt: skip
_BY_OFFICES = frozenset({"hub_council_returns"})


@dataclass(frozen=True, slots=True)
class Sent:
    """One return: the dataset, its sender's slug, and the file's bytes."""

    dataset_id: str
    sender: str
    content: bytes


def slug(text: str) -> str:
    """Lower-case words joined by dashes."""
    return "-".join("".join(letter if letter.isalnum() else " " for letter in text.lower()).split())


class Returns:
    """Every return of one dataset."""

    def __init__(self, truth: Truth, places: Places, dataset_id: str) -> None:
        """Prepare; figures are worked out when the returns are asked for."""
        self._truth, self._places = truth, places
        self._dataset = truth.datasets[dataset_id]
        self._measures = [measure for measure in truth.measures.values() if measure.dataset_id == dataset_id]
        self._parts: dict[tuple[str, str], dict[str, Measure]] = {}
        for measure in sorted(self._measures, key=lambda measure: measure.item):
            ni, component, column = measure.item.split("/")
            self._parts.setdefault((ni, component), {})[column] = measure

    def sent(self) -> Iterator[Sent]:
        """The returns, one file a sender."""
        dataset = self._dataset.dataset_id
        if dataset in _BY_OFFICES:
            for region in self._places.regions("2011-03-31"):
                by = f"Government Office {region.name}"
                yield Sent(dataset, slug(by), self._file(by, region.code))
        elif dataset in _BY_COUNCILS:
            yield Sent(dataset, COUNCILS, self._file("Councils of England", ""))
        else:
            yield Sent(dataset, slug(self._dataset.body), self._file(self._dataset.body, ""))

    def _file(self, by: str, region: str) -> bytes:
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(HEADER)
        for (ni, component), measures in self._parts.items():
            first = next(iter(measures.values()))
            for period in self._truth.periods(first.measure_id):
                for code, area, whole in self._areas(period):
                    if region and (whole is None or whole.region != region):
                        continue
                    if self._truth.is_late(self._dataset.dataset_id, area, period):
                        continue
                    if whole is not None and not self._places.states(first, whole):
                        continue
                    cells = [self._cell(measures.get(column), area, period) for column in _COLUMNS]
                    decimals = max(self._truth.rules[measure.measure_id].decimals for measure in measures.values())
                    on = f"{int(period.end[:4]) + (period.end[5:] > '06-30')}-06-30T10:00:00Z"
                    words = label(period, first.period_type)
                    writer.writerow([ni, component, code, words, *cells, decimals, "final", by, on])
        return text.getvalue().encode()

    def _areas(self, period: Period) -> Iterator[tuple[str, str, Area | None]]:
        """Code to print, code of the place, and the place as a council."""
        if self._dataset.area_codes == "yot_name":
            for name, code in self._places.teams(period.end):
                yield name, code, None
            return
        for area in self._places.of_dataset(self._dataset, self._measures, period.end):
            yield area.old_ons, area.code, area

    def _cell(self, measure: Measure | None, area: str, period: Period) -> str:
        value = self._truth.value(measure.measure_id, area, period) if measure else None
        if measure is None or value is None:
            return ""
        return figure(value, self._truth.rules[measure.measure_id].decimals)
