"""What can be told of hidden counts, against every way to fill them in and against linear programming."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog  # type: ignore[import-untyped]

from expectations.disclosure import Range, Total, feasible

RULE = (1.0, 7.0)
"""The rule of NHS England hides 1 to 7."""


def exactly(parts: str, value: float, *, complete: bool = True) -> Total:
    """A total of parts named by one letter each."""
    return Total(frozenset(parts), value, value, complete)


def test_one_hidden_member_of_an_exact_total_is_given_away() -> None:
    # Members 40, [c] and 55, and their total 98: the hidden one is 3.
    assert feasible({"a": RULE}, [exactly("a", 98 - 40 - 55)], "a") == {"a": (3, 3)}


def test_two_hidden_members_of_a_rounded_total_stay_hidden() -> None:
    # 40, [c], [c] and 55 of about 105: every part and the total to the nearest 5, half of that to either side.
    rest = Total(frozenset("ab"), 105 - 95 - 7.5, 105 - 95 + 7.5)
    assert feasible({"a": RULE, "b": RULE}, [rest], "ab") == {"a": RULE, "b": RULE}


def test_two_hidden_members_of_an_exact_total_can_be_told_closely() -> None:
    assert feasible({"a": RULE, "b": RULE}, [exactly("ab", 3)], "ab") == {"a": (1, 2), "b": (1, 2)}


def test_region_and_country_are_subtracted_from_each_other() -> None:
    # Of the country's three hidden counts two lie in one region: what is left is the third.
    totals = [exactly("abc", 12), exactly("ab", 7)]
    assert feasible(dict.fromkeys("abc", RULE), totals, "c") == {"c": (5, 5)}


def test_agreement_across_a_county_border_gives_a_member_away() -> None:
    # County ab = 7, agreement bc = 9 and both together with c = 12: b is 4.
    totals = [exactly("ab", 7), exactly("bc", 9), exactly("abc", 12)]
    assert feasible(dict.fromkeys("abc", RULE), totals, "b") == {"b": (4, 4)}


def test_successor_and_predecessors() -> None:
    # The council that took the place of two districts is printed; so is one of them.
    assert feasible({"a": RULE}, [exactly("a", 23 - 18)], "a") == {"a": (5, 5)}


def test_large_part_beside_a_hidden_one_takes_up_any_rest() -> None:
    # 3 + 14: the guard is known to be 8 or more, and the hidden one can still be all of 1 to 7.
    assert feasible({"a": RULE, "b": (8, math.inf)}, [exactly("ab", 17)], "a") == {"a": RULE}
    # Of 3 + 11 a reader can tell that the hidden one is not 7.
    assert feasible({"a": RULE, "b": (8, math.inf)}, [exactly("ab", 14)], "a") == {"a": (1, 6)}


def test_totals_that_contradict_each_other_tell_nothing() -> None:
    assert feasible({"a": RULE}, [exactly("a", 9)], "a") is None
    assert feasible({"a": RULE}, [exactly("a", 3), exactly("a", 4)], "a") is None


def test_total_with_a_part_of_which_nothing_is_known_bounds_from_above_only() -> None:
    assert feasible({"a": RULE, "b": RULE}, [exactly("ab", 5, complete=False)], "a") == {"a": (1, 4)}


NAMES = "abcde"


@st.composite
def systems(draw: st.DrawFn, *, nested: bool) -> tuple[dict[str, Range], list[Total], dict[str, int]]:
    """Counts, what is known of them and true totals over them; `nested` ones lie in each other or apart."""
    largest = draw(st.integers(2, 7))
    truth = {name: draw(st.integers(1, largest)) for name in NAMES}
    if nested:
        cuts = [NAMES, NAMES[:3], NAMES[:2], NAMES[3:]]
        groups = draw(st.lists(st.sampled_from(cuts), min_size=1, max_size=3, unique=True))
    else:
        groups = draw(
            st.lists(
                st.lists(st.sampled_from(NAMES), min_size=1, unique=True).map(lambda one: "".join(sorted(one))),
                min_size=1,
                max_size=3,
                unique=True,
            )
        )
    totals = [exactly(group, sum(truth[name] for name in group)) for group in groups]
    return dict.fromkeys(NAMES, (1.0, float(largest))), totals, truth


def every_way(known: dict[str, Range], totals: list[Total]) -> list[dict[str, int]]:
    """All ways to fill in the counts that give the totals."""
    ranges = [range(int(low), int(high) + 1) for low, high in known.values()]
    ways = (dict(zip(known, values, strict=True)) for values in itertools.product(*ranges))
    return [way for way in ways if all(sum(way[part] for part in total.parts) == total.low for total in totals)]


@settings(deadline=None, max_examples=60)
@given(systems(nested=True))
def test_nested_totals_against_every_way_to_fill_them_in(
    system: tuple[dict[str, Range], list[Total], dict[str, int]],
) -> None:
    known, totals, _ = system
    ways = every_way(known, totals)
    found = feasible(known, totals, NAMES)
    assert found == {name: (min(way[name] for way in ways), max(way[name] for way in ways)) for name in NAMES}


@settings(deadline=None, max_examples=40)
@given(systems(nested=False))
def test_any_totals_against_linear_programming(
    system: tuple[dict[str, Range], list[Total], dict[str, int]],
) -> None:
    known, totals, truth = system
    found = feasible(known, totals, NAMES)
    assert found is not None
    matrix = [[float(name in total.parts) for name in NAMES] for total in totals]
    for number, name in enumerate(NAMES):
        goal = [float(place == number) for place in range(len(NAMES))]
        limits = [known[one] for one in NAMES]
        right = [total.low for total in totals]
        least = linprog(goal, A_eq=matrix, b_eq=right, bounds=limits).fun
        most = -linprog([-one for one in goal], A_eq=matrix, b_eq=right, bounds=limits).fun
        assert list(found[name]) == [
            pytest.approx(math.ceil(least - 1e-6), abs=1e-6),
            pytest.approx(math.floor(most + 1e-6), abs=1e-6),
        ]
        assert found[name][0] <= truth[name] <= found[name][1]
