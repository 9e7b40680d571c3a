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
        self._every = [int(row["ni"]) for row in rows if int(row["ni"]) in self._levels.headlines]

    def sent(self) -> Iterator[Sent]:
        """The one return that the department sends for all agreements."""
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(HEADER)
        for target in self._targets():
            writer.writerows(self._rows(target))
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
        yield from self._refreshed(target, head, first, baseline, kind, str(int(version) + 1), reward)

    def _refreshed(
        self, target: _Target, head: list[str], first: list[str], baseline: float, kind: str, version: str, reward: str
    ) -> Iterator[list[str]]:
        """What the refresh of March 2010 changed for the last year of some targets."""
        if target.target_class != "designated":
            return
        aim = self._aim(target, baseline, 3, kind)
        if target.ni in _RELATIVE:
            reason = "target relative to the region since the recession"
            yield [*head, "relative_to", "agreed", version, _REFRESHED_AGAIN, *first, YEARS[2], aim, reward, reason]
        elif target.ni == 117:
            reason = "deferred at the refresh of 2010"
            yield [*head, kind, "deferred", version, _REFRESHED_AGAIN, *first, YEARS[2], "", reward, reason]
        elif target.ni == 112:
            reason = "no longer counts for the reward"
            yield [*head, kind, "agreed", version, _REFRESHED_AGAIN, *first, YEARS[2], aim, "no", reason]

    def _aim(self, target: _Target, baseline: float, step: int, kind: str) -> str:
        """Target of a year: a step of a few per cent in the right direction, within what the indicator can reach."""
        part = target.component
        better = -1 if part.polarity == "lower_is_better" else 1
        pace = (
            0
            if kind == "maintain"
            else 0.02 + 0.03 * unit(mixed(self._dice("pace", target.ni), word(target.area.code)))
        )
        aim = baseline + better * step * pace * (abs(baseline) or 10)
        return figure(min(part.most, max(part.least, aim)), part.decimals)
