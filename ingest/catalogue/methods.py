"""The closed set of methods, what each needs of a component, and how its expressions are read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_TERM = r"[a-z][a-z0-9_]*"
_SUM = re.compile(rf"-?{_TERM}(?:[+-]{_TERM})*")
_PARTS = re.compile(r"[a-z0-9][a-z0-9_]*(?:\+[a-z0-9][a-z0-9_]*)*")

STRATA = {
    "age_band": ("0", "1-4", *(f"{age}-{age + 4}" for age in range(5, 85, 5)), "85+"),
    "care_age_band": ("18-64", "65-74", "75-84", "85+"),
}
"""Kinds of strata, with the strata of each."""


@dataclass(frozen=True, slots=True)
class Method:
    """What a method needs of the columns that belong to methods, and what it may have besides."""

    needs: tuple[str, ...]
    may: tuple[str, ...] = ()
    expressions: int = 1
    """How many expressions stand on each side, joined by semicolons."""
    strata: bool = False


_BOTH = ("numerator_measures", "denominator_measures")
METHODS = {
    "actual_vs_predicted": Method(_BOTH),
    "change": Method(("numerator_measures", "baseline_year", "same_release"), ("denominator_measures",)),
    "count": Method(("numerator_measures",)),
    "difference": Method(("minuend_component", "subtrahend_component")),
    "frozen_list_rate": Method(_BOTH),
    "life_table": Method(_BOTH, expressions=2, strata=True),
    "mean_of_parts": Method(("part_components",)),
    "mean_of_snapshots": Method(_BOTH),
    "published": Method(("numerator_measures",)),
    "ratio": Method(_BOTH),
    "rolling_change": Method(("numerator_measures", "window_years")),
    "standardised_rate": Method((*_BOTH, "standard_population"), strata=True),
    "sum_of_parts": Method(("part_components",)),
    "weighted_mean": Method(_BOTH),
}
COLUMNS_OF_METHODS = tuple(
    dict.fromkeys(column for method in METHODS.values() for column in (*method.needs, *method.may))
)
"""Columns that only some methods use; in the row of any other they would be read by nobody."""


def terms(expression: str) -> list[str] | None:
    """Measures that `a+b-c`, or several such joined by semicolons, names; None where it is neither."""
    if not all(_SUM.fullmatch(one) for one in expression.split(";")):
        return None
    return re.findall(_TERM, expression)


def parts(expression: str) -> list[str] | None:
    """Components that `a+b` names; None where it is written in another way."""
    return expression.split("+") if _PARTS.fullmatch(expression) else None


def components_below(component: Mapping[str, str]) -> list[str]:
    """Components of the same indicator that a component is made of directly."""
    named = [
        component["minuend_component"],
        component["subtrahend_component"],
        *component["part_components"].split("+"),
    ]
    return list(dict.fromkeys(name for name in named if name))


def measures_of(component: Mapping[str, str], siblings: Iterable[Mapping[str, str]]) -> list[str]:
    """Measures that a component rests on, through the components it is made of, numerators first.

    `siblings` are the components of its indicator; those that name each other in a circle are read once.
    """
    by_name = {one["component"]: one for one in siblings}
    found: dict[str, None] = {}
    seen, waiting = set(), [component]
    while waiting:
        one = waiting.pop(0)
        if one["component"] in seen:
            continue
        seen.add(one["component"])
        for side in _BOTH:
            found.update(dict.fromkeys(re.findall(_TERM, one[side])))
        waiting += [by_name[name] for name in components_below(one) if name in by_name]
    return list(found)
