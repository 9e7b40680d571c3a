"""What each measure should read in an area and period, by the sandbox's truth and by who delivers what.

A body delivers figures for its own areas, the bricks. An area reads what its own brick says, or the sum of the bricks
that fill it. Nothing here comes from dbt or `ingest`.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from functools import cache
from typing import NamedTuple

from sandbox.areas import ENGLAND, LOWER, SEEDS, Geography
from sandbox.made.neighbourhoods import CLAIMANTS, RESIDENTS, Neighbourhoods
from sandbox.made.places import Places
from sandbox.made.recorded_crime import RecordedCrime, partnerships, read_codes
from sandbox.truth import Period, Truth
from sandbox.truth.periods import span
from sandbox.truth.rules import Dataset

SEED = 2008
_REPORTED = {"financial_year": (4, 12), "november_to_january": (11, 3)}
"""First month and number of months of the periods that delivered ones are put together to."""
_STATES_REGIONS = {"ees_csv", "live_table", "fingertips_csv"}
_STATES_ENGLAND = {*_STATES_REGIONS, "survey_csv", "long_csv"}
"""Layouts in which regions, or England, stand beside the councils. The household surveys of Nomis have both too."""
_RESTATED = {"ons_conceptions": "2011-03-31", "hpa_chlamydia": "2009-04-01"}
"""Bodies that give earlier years too for the councils of one day."""
_TOO_FEW_ASKED = {
    "nomis_labour_market": {"E09000001", "E07000025", "E06000053"},
    "ons_earnings": {"E07000025", "E06000053"},
}
"""City of London and Isles of Scilly, of which the surveys of households give no figure."""


def seed_rows(name: str) -> list[dict[str, str]]:
    """Rows of a seed by column."""
    with (SEEDS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class Reading(NamedTuple):
    """The true value, and whether it can be known: a body may withhold it or not send it."""

    value: float | None
    is_known: bool


NOTHING = Reading(None, False)


class Readings:
    """Measures by area, period and stratum."""

    def __init__(self) -> None:
        self.geography = Geography()
        self.truth = Truth(SEED, self.geography)
        self.measures = {row["measure_id"]: row for row in seed_rows("measures.csv")}
        self._places = Places(self.geography)
        self._neighbourhoods = Neighbourhoods(self.truth, self.geography)
        self._crime = RecordedCrime(self.truth, self.geography)
        self._crimes = read_codes()
        self._of_dataset: dict[str, list[str]] = defaultdict(list)
        for measure in self.measures.values():
            self._of_dataset[measure["dataset_id"]].append(measure["measure_id"])
        self.reading = cache(self._reading)
        self._parts = cache(self._find_parts)
        self._bricks = cache(self._find_bricks)
        self._sources = cache(self._find_sources)
        self._hidden = cache(self._find_hidden)
        self._listed = cache(self._find_listed)

    def _reading(self, measure_id: str, area: str, period: Period, stratum: str = "") -> Reading:
        """Reading of a whole period, which may be made of several delivered ones."""
        over_time = self.measures[measure_id]["over_time"]
        parts = self._parts(measure_id, period)
        readings = [self._delivered(measure_id, area, part, stratum) for part in parts]
        values = [reading.value for reading in readings if reading.value is not None]
        if not readings or len(values) < len(readings):
            return NOTHING
        value = values[-1] if over_time in ("", "last") else sum(values)
        is_known = all(reading.is_known for reading in readings)
        return Reading(value / len(values) if over_time == "mean" else value, is_known)

    def _find_parts(self, measure_id: str, period: Period) -> list[Period]:
        """Delivered periods that make up a period; a stock on a day serves any period that holds the day."""
        measure = self.measures[measure_id]
        delivered = self.truth.periods(measure_id)
        if measure["over_time"]:
            if period != span(int(period.start[:4]), *_REPORTED[measure["reported_as"]]):
                return []
            found = [part for part in delivered if period.start <= part.end <= period.end]
            return found if len(found) >= int(measure["parts"] or 1) else []
        if period in delivered:
            return [period]
        return [part for part in delivered if part.start == part.end and period.start <= part.end <= period.end]

    def _delivered(self, measure_id: str, area: str, part: Period, stratum: str) -> Reading:
        if measure_id in (CLAIMANTS, RESIDENTS):
            return self._of_list(measure_id, area, part)
        own, inside = self._sources(measure_id, area, part)
        hidden = self._hidden(measure_id, part, stratum)
        if own:
            return Reading(self.truth.value(measure_id, own, part, stratum), own not in hidden)
        if not inside:
            return NOTHING
        return Reading(self._sum(measure_id, area, part, stratum, inside), hidden.isdisjoint(inside))

    def _find_sources(self, measure_id: str, area: str, part: Period) -> tuple[str, list[str]]:
        """The brick on an area's own ground, else those that fill it and may be added; neither where there are none."""
        bricks, ground = self._bricks(measure_id, part), self.geography.territory(area)
        own = area if area in bricks else next((code for code, held in bricks.items() if held == ground), "")
        if own or self.measures[measure_id]["additive"] != "yes":
            return own, []
        inside = [code for code, held in bricks.items() if held <= ground]
        return "", inside if frozenset(atom for code in inside for atom in bricks[code]) == ground else []

    def _sum(self, measure_id: str, area: str, part: Period, stratum: str, inside: list[str]) -> float | None:
        if self._dataset(measure_id).native_level == "pct":
            # Trusts cross borders: what an area has of them is what its councils have.
            return sum(self.truth.value(measure_id, code, part, stratum) or 0 for code in inside)
        value = self.truth.value(measure_id, area, part, stratum)
        if area == ENGLAND and value is not None and measure_id in self._crimes:
            value += self._crime.unassigned(measure_id, part)
        return value

    def _dataset(self, measure_id: str) -> Dataset:
        return self.truth.datasets[self.measures[measure_id]["dataset_id"]]

    def _find_bricks(self, measure_id: str, part: Period) -> dict[str, frozenset[str]]:
        """Areas that the body delivers, with their councils of March 2009."""
        dataset = self._dataset(measure_id)
        day = _RESTATED.get(dataset.dataset_id, part.end)
        at = self.geography.at
        codes: list[str]
        if dataset.layout == "ho_open_table" and dataset.native_level == "csp":
            codes = [code for _, code in partnerships(self.geography, day)]
        elif dataset.native_level == "yot":
            codes = [code for _, code in self._places.teams(day)]
        elif dataset.native_level == "force":
            codes = [area.code for area in at(day, ("police_force",))]
        elif dataset.layout in ("nomis_csv", "stat_xplore_json"):
            adds_up = self.measures[measure_id]["additive"] == "yes"
            codes = [area.code for area in at(day, LOWER if adds_up else (*LOWER, "county"))]
        elif dataset.layout in ("ees_csv", "fingertips_csv", "performance_table"):
            codes = [area.code for area in self._places.upper(day)]
        else:
            every = [self.truth.measures[name] for name in self._of_dataset[dataset.dataset_id]]
            measure = self.truth.measures[measure_id]
            areas = self._places.of_dataset(dataset, every, day)
            codes = [area.code for area in areas if self._places.states(measure, area)]
        if dataset.layout in _STATES_ENGLAND or dataset.dataset_id in _TOO_FEW_ASKED:
            codes.append(ENGLAND)
        if dataset.layout in _STATES_REGIONS or dataset.dataset_id in _TOO_FEW_ASKED:
            codes += [area.code for area in self._places.regions(day)]
        return {code: self.geography.territory(code) for code in codes}

    def _find_hidden(self, measure_id: str, part: Period, stratum: str) -> frozenset[str]:
        """Bricks of which the body gives no figure: withheld, not sent, or too few people asked."""
        dataset, truth = self._dataset(measure_id), self.truth
        few = _TOO_FEW_ASKED.get(dataset.dataset_id, set())
        hidden = set()
        for code in self._bricks(measure_id, part):
            sources = self._trusts(code, part) if dataset.native_level == "pct" else [code]
            if (
                code in few
                or truth.is_late(dataset.dataset_id, code, part)
                or any(truth.is_suppressed(measure_id, source, part, stratum) for source in sources)
            ):
                hidden.add(code)
        return frozenset(hidden)

    def _trusts(self, council: str, part: Period) -> list[str]:
        """Primary care trusts whose figures make up a council's."""
        bridges = self.truth.trusts.of_council(council, part.end)
        return [bridge.trust for bridge in bridges] or [council]

    def _of_list(self, measure_id: str, area: str, part: Period) -> Reading:
        """Claimants or residents of an area's listed neighbourhoods; a place without any has no figure."""
        listed = self._listed()
        count, some = 0, False
        for atom in self.geography.territory(area):
            people = (
                self._neighbourhoods.claimants(atom, part)
                if measure_id == CLAIMANTS
                else self._neighbourhoods.residents(atom, part.end)
            )
            some = some or any(code in listed for code in people)
            count += sum(heads for code, heads in people.items() if code in listed)
        return Reading(count, True) if some else NOTHING

    def _find_listed(self) -> frozenset[str]:
        """Neighbourhoods where a quarter or more claimed, over the mean of the four quarters to February 2007."""
        quarters = [part for part in self.truth.periods(CLAIMANTS) if "2006-06-30" <= part.end <= "2007-03-31"]
        assert len(quarters) == 4
        found = set()
        for area in self.geography.atoms:
            counts = [self._neighbourhoods.claimants(area.code, quarter) for quarter in quarters]
            for code, heads in self._neighbourhoods.residents(area.code, "2006-06-30").items():
                if sum(count[code] for count in counts) / 4 >= heads * 0.25 > 0:
                    found.add(code)
        return frozenset(found)
