"""Made targets of the 150 local area agreements: designated, statutory and local, with their later versions."""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sandbox.areas import SEEDS, Area
from sandbox.made.levels import Component, Levels
from sandbox.made.places import Places, figure
from sandbox.made.returns import Sent
from sandbox.truth import Truth
from sandbox.truth.chance import mixed, normal, unit, word
from sandbox.truth.rules import table

HEADER = (
    "area_code", "ni_code", "component", "target_class", "kind", "status", "version", "agreed_on", "baseline_period",
    "baseline_value", "year", "target_value", "reward_eligible", "reason",
)  # fmt: skip
DATASET, SENDER = "laa_targets", "communities-and-local-government"
YEARS = ("2008/09", "2009/10", "2010/11")
MOST = 35
# How many of the 150 chose an indicator, where that is known; nobody chose custody (NI 43).
CHOSEN = {
    117: 115, 130: 80, 135: 80, 111: 74, 18: 49, 51: 43, 145: 39, 146: 39, 54: 23, 147: 1, 43: 0,
}  # fmt: skip
_SHARE_AT_MOST = 0.37
_FEWEST = 24
_OFTENEST = 110
"""No other indicator was chosen as often as the best known one (NI 117)."""
_RELATIVE = frozenset({151, 152, 153, 163, 164, 165, 166, 171, 172})
"""Indicators of the economy: from the refresh of 2010 their targets were relative to the region."""
_OWN = (
    "Visits to the town museum", "Volunteers in parks", "Allotments let", "Empty shops in the high street",
    "Young people at the summer playschemes", "Walking buses to school", "Homes with a smoke alarm fitted",
)  # fmt: skip
"""Local targets of an area's own, which no indicator measures."""
_SMALL_REGION = "E12000001"
"""The trends are the country's: the North East, of few councils, shows them soonest."""
_WITHDRAWN = 0.01
"""Share of the designated targets that were withdrawn at the refresh of March 2009."""
_AGREED, _REFRESHED, _REFRESHED_AGAIN = "2008-06-30", "2009-03-31", "2010-03-31"


@dataclass(frozen=True, slots=True)
class _Target:
    """A target of an area before its versions are written."""

    area: Area
    ni: int
    component: Component
    target_class: str


class Targets:
    """The targets of every agreement."""

    def __init__(self, truth: Truth, places: Places, seeds: Path = SEEDS) -> None:
        """Read the framework's areas and indicators; targets are chosen when they are asked for."""
        self._truth, self._levels = truth, Levels(truth, seeds)
        members = [row["area_code"] for row in table(seeds / "area_sets.csv") if row["area_set"] == "laa_2008"]
        self.areas = [places.geography.areas[code] for code in sorted(members)]
        rows = [row for row in table(seeds / "indicators.csv") if row["set_status"] == "in_set"]
        self.statutory = [int(row["ni"]) for row in rows if row["statutory_education_target"] == "yes"]
        self._survey = {int(row["ni"]) for row in rows if row["place_survey"] == "yes"}
        self._national: dict[int, float | None] = {}
        self._every = [int(row["ni"]) for row in rows if int(row["ni"]) in self._levels.headlines]

    def sent(self) -> Iterator[Sent]:
        """The one return that the department sends for all agreements."""
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(HEADER)
        for target in self._targets():
            writer.writerows(self._rows(target))
        for area in self.areas:
            writer.writerows(self._own(area))
        yield Sent(DATASET, SENDER, text.getvalue().encode())

    def _dice(self, *parts: object) -> int:
        return word(self._truth.seed, "targets", *parts)

    def designated(self) -> dict[str, list[int]]:
        """Designated indicators by area: at most 35 each, the known ones as often as they were chosen."""
        chosen: dict[str, list[int]] = {area.code: [] for area in self.areas}
        for ni, count in CHOSEN.items():
            order = {code: self._dice(ni, code) for code in chosen}
            for code in sorted(order, key=order.__getitem__)[:count]:
                chosen[code].append(ni)
        others = [ni for ni in self._every if ni not in CHOSEN and ni not in self.statutory]
        weights = {ni: math.exp(0.8 * normal(self._dice("favour", ni))) for ni in others}
        counts: Counter[int] = Counter()
        for code, held in chosen.items():
            most = unit(self._dice("most", code))
            wanted = MOST if most < _SHARE_AT_MOST else _FEWEST + int((most - _SHARE_AT_MOST) / 0.063)
            race = {
                ni: -math.log(unit(self._dice("race", code, ni)) or 1e-9) / weights[ni]
                for ni in others
                if counts[ni] < _OFTENEST
            }
            taken = sorted(race, key=race.__getitem__)[: min(wanted, MOST) - len(held)]
            counts.update(taken)
            held.extend(taken)
        return {code: sorted(held) for code, held in chosen.items()}

    def _targets(self) -> Iterator[_Target]:
        designated = self.designated()
        for area in self.areas:
            mine = designated[area.code]
            left = [ni for ni in self._every if ni not in mine and ni not in self.statutory]
            count = 4 + self._dice("local", area.code) % 18
            order = {ni: self._dice("local", area.code, ni) for ni in left}
            local = sorted(sorted(order, key=order.__getitem__)[:count])
            for target_class, indicators in (("designated", mine), ("statutory", self.statutory), ("local", local)):
                for ni in indicators:
                    yield _Target(area, ni, self._levels.headlines[ni], target_class)

    def _rows(self, target: _Target) -> Iterator[list[str]]:
        period, baseline = "2007/08", self._levels.level(target.component, target.area.code, 2007)
        late = target.ni in self._survey or baseline is None
        if late:
            # Without a baseline in June 2008 the target was a placeholder until the refresh of March 2009.
            period, baseline = "2008/09", self._levels.level(target.component, target.area.code, 2008)
        head = [target.area.old_ons, f"NI {target.ni:03}", target.component.name, target.target_class]
        kind = "gap" if target.component.method == "difference" else "absolute"
        kind = "maintain" if unit(self._dice("maintain", target.area.code, target.ni)) < 0.03 else kind
        reward = "yes" if target.target_class == "designated" else "no"
        if late:
            for year in YEARS:
                yield [*head, kind, "placeholder", "1", _AGREED, "", "", year, "", reward, "no baseline yet"]
        if baseline is None:
            return
        version, agreed = ("2", _REFRESHED) if late else ("1", _AGREED)
        first = [period, figure(baseline, target.component.decimals)]
        for step, year in enumerate(YEARS, start=1):
            if late and step == 1:
                continue
            aim = self._aim(target, baseline, step, kind)
            yield [*head, kind, "agreed", version, agreed, *first, year, aim, reward, ""]
        gone = unit(self._dice("gone", target.area.code, target.ni)) < _WITHDRAWN
        if gone and not late and target.target_class == "designated":
            yield from self._withdrawn(head, first, kind, reward)
        else:
            yield from self._refreshed(target, head, first, baseline, kind, str(int(version) + 1), reward)

    def _withdrawn(self, head: list[str], first: list[str], kind: str, reward: str) -> Iterator[list[str]]:
        """A target that was given up before it was a year old."""
        why = "withdrawn at the refresh of 2009"
        for year in YEARS:
            yield [*head, kind, "withdrawn", "2", _REFRESHED, *first, year, "", reward, why]

    def _own(self, area: Area) -> Iterator[list[str]]:
        """Local targets that an area named and counts by itself."""
        wanted = 1 + self._dice("own", area.code) % 3
        order = {name: self._dice("own", area.code, name) for name in _OWN}
        for name in sorted(order, key=order.__getitem__)[:wanted]:
            baseline = 20 + order[name] % 400
            for step, year in enumerate(YEARS, start=1):
                aim = str(round(baseline * (1 + 0.05 * step)))
                yield [
                    area.old_ons, "", name, "local", "absolute", "agreed", "1", _AGREED, "2007/08", str(baseline),
                    year, aim, "no", "",
                ]  # fmt: skip

    def _refreshed(
        self, target: _Target, head: list[str], first: list[str], baseline: float, kind: str, version: str, reward: str
    ) -> Iterator[list[str]]:
        """What the refresh of March 2010 changed for the last year of some targets."""
        if target.target_class != "designated":
            return
        aim = self._aim(target, baseline, 3, kind)
        region = self._levels.level(target.component, target.area.region, int(first[0][:4]))
        if target.ni in _RELATIVE and region is not None:
            # In the terms of such a target the baseline is the distance from the region, and half a step is asked.
            apart = baseline - region
            decimals, step = target.component.decimals, (float(aim) - baseline) / 2
            ahead = apart + math.copysign(max(abs(step), 10**-decimals), step)
            ends = [first[0], figure(apart, decimals), YEARS[2], figure(ahead, decimals)]
            reason = "target relative to the region since the recession"
            yield [*head, "relative_to", "agreed", version, _REFRESHED_AGAIN, *ends, reward, reason]
        elif target.ni == 117:
            reason = "deferred at the refresh of 2010"
            yield [*head, kind, "deferred", version, _REFRESHED_AGAIN, *first, YEARS[2], "", reward, reason]
        elif target.ni == 112:
            reason = "no longer counts for the reward"
            yield [*head, kind, "agreed", version, _REFRESHED_AGAIN, *first, YEARS[2], aim, "no", reason]

    def _aim(self, target: _Target, baseline: float, step: int, kind: str) -> str:
        """Target of a year: steps in the right direction, of a unit of the last digit at least, within what can be."""
        part = target.component
        better = -1 if part.polarity == "lower_is_better" else 1
        way = 0.0 if kind == "maintain" else max(self._pace(target) * (abs(baseline) or 10), 10**-part.decimals / 2)
        aim = baseline + better * step * way
        return figure(min(part.most, max(part.least, aim)), part.decimals)

    def _pace(self, target: _Target) -> float:
        """Improvement that is asked for in a year, as a share of the baseline.

        What the country was to manage, more or less, and a little more: about half of the targets are met. Of what
        there is one figure for, 2 to 5 %.
        """
        drawn = unit(mixed(self._dice("pace", target.ni), word(target.area.code)))
        if target.ni not in self._national:
            self._national[target.ni] = self._improvement(target.component)
        national = self._national[target.ni]
        if national is None:
            return 0.02 + 0.03 * drawn
        return max(0.0, national) * (0.4 + drawn) + 0.001 + 0.01 * drawn

    def _improvement(self, part: Component) -> float | None:
        """How much better a region got in a year between its first and last figure since 2007, as a share."""
        ends = [self._first_of(part, years) for years in ((2007, 2008, 2009), (2010, 2009, 2008))]
        if ends[0] is None or ends[1] is None or ends[0][0] == ends[1][0] or not ends[0][1]:
            return None
        (first, before), (last, after) = ends[0], ends[1]
        better = -1 if part.polarity == "lower_is_better" else 1
        return better * (after - before) / abs(before) / (last - first)

    def _first_of(self, part: Component, years: tuple[int, ...]) -> tuple[int, float] | None:
        levels = ((year, self._levels.level(part, _SMALL_REGION, year)) for year in years)
        return next(((year, level) for year, level in levels if level is not None), None)
