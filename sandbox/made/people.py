"""Made residents, households and ground: the one set of denominators that every made file agrees on."""

from __future__ import annotations

from array import array
from itertools import accumulate

from sandbox.areas import Geography
from sandbox.made.dice import clamp, dice

CITY_OF_LONDON = "E09000001"
SCILLY = "E07000025"
_MEDIAN = {
    "district": 99_000,
    "unitary": 178_000,
    "metropolitan_district": 285_000,
    "london_borough": 236_000,
}
_SPREAD = {"district": 0.28, "unitary": 0.36, "metropolitan_district": 0.36, "london_borough": 0.2}
_SMALL = {CITY_OF_LONDON: 7_400, SCILLY: 2_200}
_PER_HOUSEHOLD = 2.36
OLDEST = 90
"""Single years of age end here: the last one is this age and over."""


class People:
    """Residents by area and year; any area is the sum of the councils of March 2009 inside it."""

    def __init__(self, seed: int, geography: Geography) -> None:
        """Draw a size and a growth rate for each council of March 2009."""
        self._geography = geography
        self._base: dict[str, tuple[float, float, float]] = {}
        for area in geography.atoms:
            rng = dice(seed, "people", area.code)
            size = rng.lognormvariate(0, _SPREAD[area.kind]) * _MEDIAN[area.kind]
            size = _SMALL.get(area.code, clamp(size, 32_000, 1_010_000))
            density = rng.lognormvariate(0, 0.6) * {"district": 3.2, "unitary": 9.0}.get(area.kind, 26.0)
            self._base[area.code] = (size, rng.uniform(-0.002, 0.013), size / density / 100)
        self._seed = seed
        self._residents: dict[tuple[str, int], int] = {}
        self._weights: dict[str, list[float]] = {}
        self._upto: dict[tuple[str, int], array[int]] = {}

    def residents(self, code: str, year: int) -> int:
        """Residents at mid-year."""
        key = (code, year)
        if key not in self._residents:
            total = 0
            for atom in sorted(self._geography.territory(code)):
                size, growth, _ = self._base[atom]
                total += round(size * (1 + growth) ** (year - 2008))
            self._residents[key] = total
        return self._residents[key]

    def households(self, code: str, year: int) -> int:
        """Households at mid-year."""
        return round(self.residents(code, year) / _PER_HOUSEHOLD)

    def square_km(self, code: str) -> float:
        """Ground in square kilometres, four decimals."""
        return round(sum(self._base[atom][2] for atom in sorted(self._geography.territory(code))), 4)

    def by_age(self, code: str, year: int) -> list[tuple[str, int, int]]:
        """Residents at mid-year as (sex M or F, age 0 to 90, number); they add up to the total of that year."""
        return [
            (sex, age, sum(self.aged(atom, year, sex, age, age) for atom in self._geography.territory(code)))
            for sex in ("M", "F")
            for age in range(OLDEST + 1)
        ]

    def aged(self, atom: str, year: int, sex: str, first: int, last: int) -> int:
        """Residents of a council of March 2009 at mid-year, of sex M, F or * and age first to last."""
        upto = self._upto.get((atom, year)) or self._counted(atom, year)
        last = min(last, OLDEST)
        men, women = upto[last + 1] - upto[first], upto[OLDEST + 2 + last] - upto[OLDEST + 1 + first]
        return men + women if sex == "*" else (men if sex == "M" else women)

    def _counted(self, atom: str, year: int) -> array[int]:
        """Running totals over men by age, then women by age, beginning with 0."""
        if atom not in self._weights:
            rng = dice(self._seed, "ages", atom)
            older = rng.uniform(0.75, 1.3)
            drawn = [
                _weight(sex, age, older) * rng.uniform(0.94, 1.06) for sex in ("M", "F") for age in range(OLDEST + 1)
            ]
            self._weights[atom] = [weight / sum(drawn) for weight in drawn]
        total = self.residents(atom, year)
        counts = [int(weight * total) for weight in self._weights[atom]]
        # What rounding down has left over goes one each to the youngest.
        left = total - sum(counts)
        upto = array("l", accumulate((count + (i < left) for i, count in enumerate(counts)), initial=0))
        self._upto[(atom, year)] = upto
        return upto


def _weight(sex: str, age: int, older: float) -> float:
    if age < 20:
        weight = 1.18
    elif age < 50:
        weight = 1.36
    elif age < 65:
        weight = 1.18 * older
    else:
        weight = max(0.06, 1.05 - (age - 65) * 0.039) * older
    if age == OLDEST:
        weight = 0.75 * older
    if sex == "F" and age > 70:
        weight *= 1 + (age - 70) * 0.03
    return weight
