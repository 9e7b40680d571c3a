"""Warnings of targets that a survey could not show to be met: the change they ask for is within chance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from statistics import NormalDist

from ingest.returns import cells
from ingest.returns.faults import Fault
from ingest.returns.hub import Row
from ingest.returns.reference import Survey, TargetsKnown

LEVEL = 0.95


def smallest_change(share: float, survey: Survey) -> float:
    """Smallest change of a share near `share`, between two rounds of a survey, that is significant at 95 %.

    The test of two independent proportions with a design effect: what `stats.smallest_detectable_change` answers in
    the warehouse, which a check of a return does without.
    """
    deviate = NormalDist().inv_cdf(0.5 + LEVEL / 2)
    return deviate * math.sqrt(survey.design_effect * share * (1 - share) * 2 / survey.answers)


def warnings(rows: Sequence[Row], known: TargetsKnown) -> list[Fault]:
    """One warning for each target of a survey that asks for too small a change in the end.

    Of each target the newest version of the last year is looked at: the years before are on the way.
    """
    last: dict[tuple[str, str, str, str], tuple[tuple[str, int], int, dict[str, str]]] = {}
    for number, row in rows:
        if not row["version"].isdecimal():
            continue
        component = row["component"] or known.headlines.get(row["ni_code"], "")
        if (row["ni_code"], component) not in known.surveys:
            continue
        key = (row["area_code"], row["target_class"], row["ni_code"], component)
        place = (row["year"], int(row["version"]))
        if key not in last or place > last[key][0]:
            last[key] = (place, number, row)
    found = (
        _warning(number, row, known.surveys[ni_code, component])
        for (_, _, ni_code, component), (_, number, row) in last.items()
    )
    return [warning for warning in found if warning is not None]


def _warning(number: int, row: dict[str, str], survey: Survey) -> Fault | None:
    if row["status"] != "agreed":
        return None
    baseline = cells.number(number, "baseline_value", row["baseline_value"], symbols=False)
    target = cells.number(number, "target_value", row["target_value"], symbols=False)
    if not isinstance(baseline, Decimal) or not isinstance(target, Decimal) or target == baseline:
        return None
    # A target in the terms of a difference says nothing of the level; a half is where chance is widest.
    level = 0.5 if row["kind"] in {"gap", "relative_to"} else float(baseline) / survey.multiplier
    if not 0 <= level <= 1:
        return None
    least = survey.multiplier * smallest_change(level, survey)
    asked = abs(target - baseline)
    if float(asked) >= least:
        return None
    way_out = (
        f"a change of {asked} from {baseline} cannot be shown to be more than chance: with about {survey.answers:,} "
        f"answers in each round and a design effect of {survey.design_effect:g} only {least:.1f} or more can; "
        "aim further, or ask more people"
    )
    return Fault(number, "target_value", row["target_value"], "undetectable_change", way_out)
