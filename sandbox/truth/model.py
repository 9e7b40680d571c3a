"""Truth: values by measure, place, period and stratum."""

from __future__ import annotations

import math
import threading
from datetime import date
from functools import cache
from pathlib import Path

from sandbox.areas import ENGLAND, SEEDS, Geography
from sandbox.made.people import People
from sandbox.truth import rules
from sandbox.truth.chance import counted, mixed, normal, other, shared_out, unit, word
from sandbox.truth.periods import Period, delivered
from sandbox.truth.rules import Ages, Rule
from sandbox.truth.trusts import Trusts

Number = int | float
_Key = tuple[str, tuple[str, str], str]
_KEPT = 300_000
"""About so many values are remembered; a writer works on few measures at once."""
_LATE_BODIES = {"local_sites": "2010-04-01", "school_travel": "2010-04-01"}
_FORGETFUL = frozenset(
    {"hub_council_returns", "la_estate_emissions", "climate_adaptation", "regulation_returns", "dcsf_sen2"}
)
_PARENTS_SURVEY = "disabled_children_survey"
_PARENTS_ANSWERING = "survey_unweighted_base_disabled_children_services"
_FIRST_ROUND_AREAS, _FEW_ANSWERS, _SCORES_HIDDEN = 30, 110, 0.3


class Truth:
    """What is so, for a seed; cheap to make, each value is worked out when asked for."""

    def __init__(self, seed: int, geography: Geography, seeds: Path = SEEDS, people: People | None = None) -> None:
        """Read the measures' rules; raises ValueError naming the row when a rule cannot be read."""
        self.seed, self.geography = seed, geography
        self.people = people or People(seed, geography)
        self.measures = rules.read_measures(seeds)
        self.datasets = rules.read_datasets(seeds)
        self.waves = rules.read_waves(seeds)
        self.trusts = Trusts(seeds)
        self._ages: dict[str, dict[str, list[Ages]]] = {}
        for row in rules.table(seeds / "age_groups.csv"):
            ages = Ages(row["sex"], int(row["age_from"]), int(row["age_to"]))
            self._ages.setdefault(row["measure_id"], {}).setdefault(row["stratum"], []).append(ages)
        self.rules = rules.read_rules(frozenset(self._ages))
        self._families: dict[str, list[str]] = {}
        for rule in self.rules.values():
            if rule.kind == "split":
                self._families.setdefault(rule.family, []).append(rule.measure_id)
        self._strata = {name: self._listed_strata(name) for name in (*self.rules, *self._ages)}
        self._of_trusts = {
            name for name, of in self.measures.items() if self.datasets[of.dataset_id].native_level == "pct"
        }
        self._of_parents = {name for name, of in self.measures.items() if of.dataset_id == _PARENTS_SURVEY}
        self._words = {name: word(seed, name) for name in (*self.rules, *self._families)}
        self._place = {area.code: (word(seed, area.code), _hardship(seed, area.code)) for area in geography.atoms}
        self._values: dict[str, dict[_Key, Number]] = {}
        self._traits: dict[tuple[str, str], float] = {}
        self._sorted: dict[str, tuple[str, ...]] = {}
        self._lock = threading.Lock()

    def knows(self, measure_id: str) -> bool:
        """Tell whether the measure has a rule here (a few old made files have truths of their own)."""
        return measure_id in self.rules or measure_id in self._ages

    def periods(self, measure_id: str) -> tuple[Period, ...]:
        """Periods that the body delivers, in order: those that end from April 2004 to March 2011."""
        measure = self.measures[measure_id]
        waves = tuple(Period(start, end) for _, start, end in self.waves.get(measure.dataset_id, ()))
        found = delivered(measure.period_type, waves)
        if measure.dataset_id == "ons_conceptions":
            found = (Period("1998-01-01", "1998-12-31"), *found)
        rule = self.rules.get(measure_id)
        return found if rule is None else tuple(period for period in found if _exists(rule, period))

    def strata(self, measure_id: str) -> tuple[str, ...]:
        """Strata of a measure in order: age bands, care bands, or ('',)."""
        return self._strata[measure_id]

    def _listed_strata(self, measure_id: str) -> tuple[str, ...]:
        if measure_id in self._ages:
            found = self._ages[measure_id]
            return tuple(stratum for stratum in (*rules.AGE_BANDS, *rules.CARE_BANDS) if stratum in found) or ("",)
        return tuple(self.rules[measure_id].profile) or ("",)

    def value(self, measure_id: str, area: str, period: tuple[str, str], stratum: str = "") -> Number | None:
        """Exact value of a measure; None where nothing exists (Key Stage 3 after 2008, a survey not held there).

        `area` is a code of any vintage and level, `period` (first day, last day). With stratum '' a stratified
        measure gives the sum of its strata. Raises KeyError for an unknown measure or area.
        """
        rule = self.rules.get(measure_id)
        if rule is not None and not _exists(rule, period):
            return None
        if measure_id in self._of_parents and not self._held(area, period):
            return None
        trusts = measure_id in self._of_trusts
        if rule is not None and rule.kind == "score":
            return self._score_of_trusts(rule, area, period) if trusts else self._score(rule, area, period)
        strata = self.strata(measure_id)
        wanted = strata if stratum == "" else (stratum,) if stratum in strata else ()
        if trusts:
            return self._through_trusts(measure_id, area, period, wanted)
        return self._sum(measure_id, area, period, wanted)

    def _sum(self, measure_id: str, area: str, period: tuple[str, str], strata: tuple[str, ...]) -> Number:
        """Sum over the councils of March 2009 in a place."""
        total = sum(self._value(measure_id, atom, period, stratum) for atom in self._atoms(area) for stratum in strata)
        decimals = self.rules[measure_id].decimals if measure_id in self.rules else 0
        return round(total, decimals) if decimals else round(total)

    def _atoms(self, area: str) -> tuple[str, ...]:
        """Councils of March 2009 in a place, in one order: sums of decimals depend on it."""
        if area not in self._sorted:
            self._sorted[area] = tuple(sorted(self.geography.territory(area)))
        return self._sorted[area]

    def _through_trusts(self, measure_id: str, area: str, period: tuple[str, str], strata: tuple[str, ...]) -> Number:
        """Of a trust: its parts of the councils it covers. Of a council: its trusts' numbers by their weights."""
        day = period[1]
        if parts := self.trusts.of_trust(area, day):
            wholes = [round(self._sum(measure_id, part.council, period, strata)) for part in parts]
            return sum(self.trusts.part(part, whole, day) for part, whole in zip(parts, wholes, strict=True))
        if parts := self.trusts.of_council(area, day):
            return sum(
                part.share_of_trust * self._through_trusts(measure_id, part.trust, period, strata) for part in parts
            )
        return self._sum(measure_id, self.trusts.ground(area, day) or area, period, strata)

    def _score_of_trusts(self, rule: Rule, area: str, period: tuple[str, str]) -> Number:
        """Score of a trust; of a council that has no trust of its own the mean of its trusts, by its parts."""
        if parts := self.trusts.of_council(area, period[1]):
            return sum(part.share_of_council * self._score(rule, part.trust, period) for part in parts)
        return self._score(rule, self.trusts.ground(area, period[1]) or area, period)

    def _stated_sum(self, area: str) -> bool:
        return area == ENGLAND or area.startswith("E12")

    def rolled(self, measure_id: str, area: str, period: tuple[str, str], stratum: str = "") -> Number | None:
        """The value of a longer period: delivered ones within it put together by `over_time` (sum, mean or last)."""
        measure = self.measures[measure_id]
        within = [part for part in self.periods(measure_id) if period[0] <= part.end <= period[1]]
        values = [self.value(measure_id, area, part, stratum) for part in within]
        found = [value for value in values if value is not None]
        if not found or len(found) < len(values):
            return None
        if measure.over_time == "mean":
            return sum(found) / len(found)
        return sum(found) if measure.over_time == "sum" else found[-1]

    def is_suppressed(self, measure_id: str, area: str, period: tuple[str, str], stratum: str = "") -> bool:
        """Tell whether the body hides this number: people counted, above 0 and below the measure's threshold.

        Of the parents of disabled children some scores are hidden where few of them answered. England, regions and
        other sums that a body states are never hidden.
        """
        rule = self.rules.get(measure_id)
        if rule is None or self._stated_sum(area):
            return False
        if rule.kind == "score" and self._few_answered(measure_id, area, period):
            return unit(mixed(self._words[measure_id], word(area), _when(period))) < _SCORES_HIDDEN
        if not rule.suppress_below:
            return False
        value = self.value(measure_id, area, period, stratum)
        return value is not None and 0 < value < rule.suppress_below

    def is_late(self, dataset_id: str, area: str, period: tuple[str, str]) -> bool:
        """Tell whether the body never delivered this area's figures of this period.

        `local_sites` and `school_travel` lack all that ends after March 2010; of the councils' own returns about one
        council in a hundred and fifty is missing in a year.
        """
        if dataset_id in _LATE_BODIES:
            return period[1] >= _LATE_BODIES[dataset_id]
        if dataset_id not in _FORGETFUL or self._stated_sum(area):
            return False
        return unit(mixed(word(self.seed, "late", dataset_id), word(area), _when(period))) < 1 / 150

    def _few_answered(self, measure_id: str, area: str, period: tuple[str, str]) -> bool:
        if measure_id not in self._of_parents:
            return False
        answers = self.value(_PARENTS_ANSWERING, area, period)
        return answers is not None and answers < _FEW_ANSWERS

    def _held(self, area: str, period: tuple[str, str]) -> bool:
        """Tell whether parents of disabled children were asked in this place: the survey began with thirty areas."""
        if period[1] > "2009-12-31" or self._stated_sum(area):
            return True
        upper = self.geography.at(period[1], ("unitary", "county", "metropolitan_district", "london_borough"))
        order = sorted(upper, key=lambda place: word(self.seed, "first round", place.code))
        return area in {place.code for place in order[:_FIRST_ROUND_AREAS]}

    def _value(self, measure_id: str, atom: str, period: tuple[str, str], stratum: str) -> Number:
        """Value of one council of March 2009, remembered."""
        store = self._store(measure_id)
        key = (atom, period, stratum)
        found = store.get(key)
        if found is None:
            found = store[key] = self._made(measure_id, atom, period, stratum)
        return found

    def _store(self, measure_id: str) -> dict[_Key, Number]:
        """Remembered values of a measure; those of the measure that came first are let go when there are many."""
        store = self._values.get(measure_id)
        if store is None:
            with self._lock:
                store = self._values.setdefault(measure_id, {})
                while len(self._values) > 1 and sum(map(len, self._values.values())) > _KEPT:
                    del self._values[next(iter(self._values))]
        return store

    def _made(self, measure_id: str, atom: str, period: tuple[str, str], stratum: str) -> Number:
        if measure_id in self._ages:
            return sum(self._aged(atom, period, ages) for ages in self._ages[measure_id].get(stratum, ()))
        rule = self.rules[measure_id]
        if rule.ages is not None:
            return round(self._aged(atom, period, rule.ages) * (rule.level or 100) / 100)
        if rule.kind == "split":
            return self._split(rule, atom, period)
        if rule.kind == "number":
            return self._drawn(rule, atom, period, 1000, stratum)
        base = sum(sign * self._base(name, atom, period, stratum) for sign, name in rule.base)
        if rule.kind == "sum":
            return base
        if rule.kind == "rate":
            return self._drawn(rule, atom, period, base, stratum)
        seed, traits, time = self._chances(rule, atom, period, stratum)
        level = rule.level * (rule.profile[stratum] if rule.profile else 1) + rule.trend * time
        level += rule.spread * (traits + 0.25 * normal(seed))
        if rule.kind == "total":
            return round(base * min(rule.high, max(rule.low, level)), rule.decimals)
        level = min(rule.high, max(rule.low, 0.0, level), 100.0)
        if base > 0:
            # As many as chance makes of a share: few pupils scatter more than many.
            level += 100 * math.sqrt(level / 100 * (1 - level / 100) / base) * other(seed) * 0.5
        level = min(rule.high, max(rule.low, 0.0, level), 100.0)
        found = base * level / 100
        return round(found, rule.decimals) if rule.decimals else min(round(base), max(0, round(found)))

    def _base(self, measure_id: str, atom: str, period: tuple[str, str], stratum: str) -> Number:
        """A measure as another's base: its own stratum, or all of them together where the other has none."""
        strata = self._strata[measure_id]
        if strata == ("",):
            return self._value(measure_id, atom, period, "")
        return sum(self._value(measure_id, atom, period, part) for part in ((stratum,) if stratum else strata))

    def _aged(self, atom: str, period: tuple[str, str], ages: Ages) -> int:
        return self.people.aged(atom, _middle_year(period), ages.sex, ages.first, ages.last)

    def _chances(self, rule: Rule, atom: str, period: tuple[str, str], stratum: str) -> tuple[int, float, float]:
        """Number to draw from, standing trait of the place in this measure, and years from March 2009."""
        seed = self._words[rule.measure_id]
        place, hardship = self._place[atom]
        traits = self._traits.get((rule.measure_id, atom))
        if traits is None:
            own = normal(mixed(seed, place))
            traits = rule.tie * hardship + math.sqrt(1 - rule.tie**2) * own if rule.tie else own
            self._traits[rule.measure_id, atom] = traits
        when = _when(period) + (_band(stratum) << 40 if stratum else 0)
        return mixed(seed, place, when), traits, _years(period)

    def _drawn(self, rule: Rule, atom: str, period: tuple[str, str], base: Number, stratum: str) -> Number:
        """A count or quantity in proportion to its base: level per 1,000, lognormal between places."""
        seed, traits, time = self._chances(rule, atom, period, stratum)
        level = rule.level * (rule.profile[stratum] if rule.profile else 1)
        mean: float = base / 1000 * level * (1 + rule.trend / 100) ** time
        mean *= math.exp(rule.spread * traits - rule.spread**2 / 2) * (1 + 0.02 * other(seed))
        if rule.decimals:
            return round(max(0.0, mean * (1 + 0.03 * normal(seed))), rule.decimals)
        return max(int(max(rule.low, 0)), int(min(rule.high, counted(seed, mean))))

    def _split(self, rule: Rule, atom: str, period: tuple[str, str]) -> int:
        """This measure's part of what its family shares out; the whole family is worked out at once."""
        members = [self.rules[name] for name in self._families[rule.family]]
        amount = sum(sign * self._value(name, atom, period, "") for sign, name in rule.base)
        limits = [round(self._value(member.room, atom, period, "")) for member in members] if rule.room else None
        weights = []
        for i, member in enumerate(members):
            seed, traits, time = self._chances(member, atom, period, "")
            weight = max(0.0, member.level * (1 + member.trend / 100) ** time)
            weight *= math.exp(member.spread * (traits + 0.15 * normal(seed)))
            weights.append(weight * limits[i] if limits else weight)
        parts = shared_out(round(amount), weights, limits)
        for member, part in zip(members, parts, strict=True):
            self._store(member.measure_id)[(atom, period, "")] = part
        return parts[members.index(rule)]

    def _score(self, rule: Rule, area: str, period: tuple[str, str]) -> Number:
        """A score, grade, mean or rate of a place of any level; England and regions lie near the level."""
        seed, place = self._words[rule.measure_id], word(self.seed, area)
        atoms = () if area in self.trusts.codes else self._atoms(area)
        spread = rule.spread * (0 if area == ENGLAND else 1 / math.sqrt(len(atoms) or 1))
        hardship = sum(self._place[atom][1] for atom in atoms) / math.sqrt(len(atoms) or 1)
        traits = rule.tie * hardship + math.sqrt(1 - rule.tie**2) * normal(mixed(seed, place))
        drawn = mixed(seed, place, _when(period))
        level = rule.level + rule.trend * _years(period) + spread * (traits + 0.25 * normal(drawn))
        level = round(min(rule.high, max(rule.low, level)), rule.decimals)
        return level if rule.decimals else round(level)


def _hardship(seed: int, code: str) -> float:
    """How poor a place is, as a normal draw: what ties its measures together."""
    return normal(word(seed, "hardship", code))


@cache
def _days(day: str) -> int:
    return date.fromisoformat(day).toordinal()


@cache
def _when(period: tuple[str, str]) -> int:
    return _days(period[1]) * 512 + _days(period[1]) - _days(period[0])


@cache
def _years(period: tuple[str, str]) -> float:
    return (_days(period[1]) - _days("2009-03-31")) / 365.25


@cache
def _middle_year(period: tuple[str, str]) -> int:
    return date.fromordinal((_days(period[0]) + _days(period[1]) + 1) // 2).year


@cache
def _band(stratum: str) -> int:
    return word(stratum) & 0xFFFF


def _exists(rule: Rule, period: tuple[str, str]) -> bool:
    return (not rule.first or rule.first <= period[1]) and (not rule.last or period[1] <= rule.last)
