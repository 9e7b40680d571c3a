"""Made neighbourhoods (LSOAs): claimants of out-of-work benefits and residents of working age, as Nomis gives them."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Sequence
from functools import cached_property, partial
from pathlib import Path

from sandbox.areas import SEEDS, Geography
from sandbox.bodies.nomis import TABLE_COLUMNS, address
from sandbox.documents import Document
from sandbox.edits import Columns
from sandbox.made.dice import write_csv
from sandbox.truth import Period, Truth
from sandbox.truth.chance import mixed, normal, shared_out, word

CLAIMANTS, RESIDENTS = "benefit_claimants_out_of_work_by_lsoa", "residents_working_age_by_lsoa"
GROUPS = (
    "benefit_claimants_jobseeker",
    "benefit_claimants_incapacity",
    "benefit_claimants_lone_parent",
    "benefit_claimants_other_income_related",
)
"""The groups whose sum is split over a council's neighbourhoods."""
_WORKING_AGE = "residents_working_age"
_FIRST_YEAR = "2004"
_LEVEL = "2001 super output areas - lower layer"
_MONTHS = ("", "", "February", "", "", "May", "", "", "August", "", "", "November")


def quarter_date(period: Period) -> tuple[str, str]:
    """The day's month on which benefits are counted in a financial quarter, as code and name: 2008-05, May 2008."""
    month = int(period[0][5:7]) + 1
    return f"{period[0][:4]}-{month:02}", f"{_MONTHS[month]} {period[0][:4]}"


class Neighbourhoods:
    """Four or five neighbourhoods in each council of March 2009, with codes that never change.

    Their codes begin with X01, which no real place has. A name is that of the council of March 2009, whatever became
    of it, with a number and a letter: `Hartlepool 001A`. Claimants add up to the four groups of the council, residents
    of working age to the council's.
    """

    def __init__(self, truth: Truth, geography: Geography) -> None:
        """Give codes to the neighbourhoods; nothing is counted yet."""
        self._truth, self._geography = truth, geography
        self.codes: dict[str, list[str]] = {}
        """Codes of the neighbourhoods of each council of March 2009."""
        self.names: dict[str, str] = {}
        """Name of each neighbourhood by its code."""
        for number, atom in enumerate(geography.atoms):
            count = 4 + word(truth.seed, "neighbourhoods", atom.code) % 2
            self.codes[atom.code] = [f"X01{number * 5 + i + 1:06}" for i in range(count)]
            self.names |= {code: f"{atom.name} {i + 1:03}A" for i, code in enumerate(self.codes[atom.code])}

    def residents(self, atom: str, day: str) -> dict[str, int]:
        """Residents of working age of each neighbourhood of a council of March 2009, at a mid-year."""
        whole = self._truth.value(_WORKING_AGE, atom, (day, day))
        codes = self.codes[atom]
        weights = [1 + 0.12 * normal(word(self._truth.seed, "people of", code)) for code in codes]
        return dict(zip(codes, shared_out(round(whole or 0), weights), strict=True))

    def claimants(self, atom: str, quarter: tuple[str, str]) -> dict[str, int]:
        """Claimants of out-of-work benefits of each neighbourhood of a council of March 2009, on a quarter's day."""
        whole = round(sum(self._truth.value(group, atom, quarter) or 0 for group in GROUPS))
        people = self.residents(atom, f"{quarter[1][:4]}-06-30")
        weights = []
        for code, heads in people.items():
            key = word(self._truth.seed, "claimants of", code)
            moves = 0.04 * normal(mixed(key, word(*quarter)))
            weights.append(heads * math.exp(0.75 * normal(key) + moves))
        # Hardly any place has more than two in three of working age out of work; a poor council spreads what is over.
        limits = [
            max(heads * 2 // 3, math.ceil(heads * whole / max(1, sum(people.values())))) for heads in people.values()
        ]
        return dict(zip(people, shared_out(whole, weights, limits), strict=True))

    @cached_property
    def listed(self) -> frozenset[str]:
        """The worst neighbourhoods by the rule of the frozen list: mean claimants of its quarters over residents."""
        with (SEEDS / "frozen_lists.csv").open(encoding="utf-8", newline="") as file:
            rule = next(row for row in csv.DictReader(file) if row["numerator_measure"] == CLAIMANTS)
        quarters = [
            period
            for period in self._truth.periods(GROUPS[0])
            if rule["first_quarter_end"] <= period[1] <= rule["last_quarter_end"]
        ]
        middle = f"{rule['first_quarter_end'][:4]}-06-30"
        found = set()
        for atom in self.codes:
            counts = [self.claimants(atom, quarter) for quarter in quarters]
            for code, heads in self.residents(atom, middle).items():
                mean = sum(count[code] for count in counts) / len(counts)
                if heads and mean * 100 >= float(rule["min_rate_pct"]) * heads:
                    found.add(code)
        return frozenset(found)

    def value(self, measure_id: str, area: str, period: tuple[str, str]) -> int:
        """Claimants or residents of the listed neighbourhoods of an area: what the indicator counts."""
        total = 0
        for atom in self._geography.territory(area):
            counts = self.claimants(atom, period) if measure_id == CLAIMANTS else self.residents(atom, period[1])
            total += sum(count for code, count in counts.items() if code in self.listed)
        return total


def _rows(
    measure_id: str, truth: Truth, neighbourhoods: Neighbourhoods, periods: Sequence[Period]
) -> Iterator[Sequence[object]]:
    label = truth.measures[measure_id].item
    for period in periods:
        claimants = measure_id == CLAIMANTS
        date, name = quarter_date(period) if claimants else (period[1][:4], period[1][:4])
        for atom in neighbourhoods.codes:
            counts = neighbourhoods.claimants(atom, period) if claimants else neighbourhoods.residents(atom, period[1])
            for code, count in counts.items():
                yield date, name, code, neighbourhoods.names[code], _LEVEL, 1, label, 20100, "Value", count, "A"


def _write(target: Path, rows: partial[Iterator[Sequence[object]]]) -> None:
    write_csv(target, TABLE_COLUMNS, rows())


def documents(truth: Truth, geography: Geography) -> list[Document]:
    """The Nomis data sets of neighbourhoods: claimants (NM_102_1) and residents of working age (NM_2010_1)."""
    neighbourhoods = Neighbourhoods(truth, geography)
    every = {
        "NM_102_1": (CLAIMANTS, truth.periods(CLAIMANTS)),
        "NM_2010_1": (RESIDENTS, [period for period in truth.periods(RESIDENTS) if period[1] >= _FIRST_YEAR]),
    }
    return [
        Document(
            f"nomis_{data_set.lower()}",
            f"{data_set}.data.csv",
            "text/csv",
            (address(data_set),),
            write=partial(_write, rows=partial(_rows, measure_id, truth, neighbourhoods, periods)),
            columns=Columns({"obs_value": ""}, "geography_code", "geography_name"),
        )
        for data_set, (measure_id, periods) in every.items()
    ]
