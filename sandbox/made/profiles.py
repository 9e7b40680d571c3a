"""Made Fingertips downloads: the 27 columns, England twice, then regions, then areas."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from sandbox.areas import Area
from sandbox.made.dice import write_csv
from sandbox.made.fingertips import HEADER
from sandbox.made.places import Places, figure
from sandbox.truth import Period, Truth
from sandbox.truth.periods import label
from sandbox.truth.rules import Measure

SUPPRESSED = "Value suppressed for disclosure control due to small count"
ADDED = "Aggregated from all known lower geography values"
_RESTATED = {"ons_conceptions": "2011-03-31", "hpa_chlamydia": "2009-04-01"}
"""Bodies that restate earlier years for the councils of one day; the others use the codes of each period's end."""
_RANGES = {"quarter": "3m"}


class Profile:
    """The rows of one dataset's indicators."""

    def __init__(self, truth: Truth, places: Places, dataset_id: str) -> None:
        """Prepare; figures are worked out when the file is written."""
        self._truth, self._places = truth, places
        self._dataset = truth.datasets[dataset_id]
        self._indicators: dict[int, dict[str, Measure]] = {}
        found = [measure for measure in truth.measures.values() if measure.dataset_id == dataset_id]
        for measure in sorted(found, key=lambda measure: measure.item):
            number, _, column = measure.item.partition(":")
            self._indicators.setdefault(int(number), {})[column] = measure

    def write(self, target: Path) -> None:
        """Write the file: UTF-8 and CRLF."""
        write_csv(target, HEADER, self._rows(), newline="\r\n")

    def _rows(self) -> Iterator[Sequence[object]]:
        england = self._places.england
        country = (england.code, england.name)
        for number, columns in sorted(self._indicators.items()):
            first = next(iter(columns.values()))
            periods = self._truth.periods(first.measure_id)
            for period in periods:
                newest = period == periods[-1]
                for stratum in self._truth.strata(first.measure_id):
                    for parent in (("", ""), country):
                        yield self._row(number, columns, period, stratum, parent, country, "England", newest)
                    for region in self._places.regions(period.end):
                        place = (region.code, f"{region.name} region")
                        yield self._row(
                            number, columns, period, stratum, country, place, "Regions (statistical)", newest
                        )
                    for code, name, level in self._areas(period):
                        yield self._row(number, columns, period, stratum, country, (code, name), level, newest)

    def _areas(self, period: Period) -> Iterator[tuple[str, str, str]]:
        day = _RESTATED.get(self._dataset.dataset_id, period.end)
        if self._dataset.native_level == "pct":
            for trust in self._truth.trusts.on(day):
                named: Area | None = self._places.geography.areas.get(trust)
                ground = self._truth.trusts.ground(trust, day)
                yield trust, f"{named.name if named else self._places.geography.name(ground)} PCT", "PCT"
            return
        for area in self._places.upper(day):
            yield area.code, area.name, "County & UA"

    def _row(
        self,
        number: int,
        columns: dict[str, Measure],
        period: Period,
        stratum: str,
        parent: tuple[str, str],
        place: tuple[str, str],
        level: str,
        newest: bool,
    ) -> Sequence[object]:
        truth, code = self._truth, place[0]
        cells, hidden = {"value": "", "count": "", "denominator": ""}, False
        for column, measure in columns.items():
            value = truth.value(measure.measure_id, code, period, stratum)
            if truth.is_suppressed(measure.measure_id, code, period, stratum):
                hidden = True
            elif value is not None:
                cells[column] = figure(value, truth.rules[measure.measure_id].decimals)
        if cells["count"] and cells["denominator"] and float(cells["denominator"]):
            cells["value"] = repr(100 * float(cells["count"]) / float(cells["denominator"]))
        note = SUPPRESSED if hidden else (ADDED if level.startswith("Regions") else "")
        year = int(period.start[:4])
        quarter = (int(period.start[5:7]) + 8) // 3 % 4 + 1 if "quarter" in self._type(columns) else 0
        return (
            number, self._name(columns), *parent, *place, level, "Persons", f"{stratum} yrs" if stratum else "All ages",
            "", "", label(period, self._type(columns)), cells["value"], "", "", "", "", cells["count"],
            cells["denominator"], note, "Cannot be calculated" if newest else "", "Not compared", "Not compared",
            f"{year}{quarter:02}00", "New data" if newest else "", "", _RANGES.get(self._type(columns), "1y"),
        )  # fmt: skip

    def _type(self, columns: dict[str, Measure]) -> str:
        return next(iter(columns.values())).period_type

    def _name(self, columns: dict[str, Measure]) -> str:
        return (columns.get("count") or next(iter(columns.values()))).title
