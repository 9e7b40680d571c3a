"""Change, trend, comparison and quantiles, against published examples and independent workings."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection
from scipy import stats  # type: ignore[import-untyped]

from tests.warehouse.asking import both, limits, one

pytestmark = pytest.mark.warehouse

MANY = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
TREND = "(stats.trend(?::float8[], ?::float8[], ?::float8[], ?)).*"
OF_SHARES = "(stats.trend_of_proportions(?::float8[], ?::float8[], ?)).*"
BEYOND_CHANCE = 9.54953570608324
NOTHING = (None,) * 5
# Fingertips: values with their 95 % limits, the last year last.
RISING = (24.67, 24.6, 28, 30.2, 30.6), (23.16, 23.15, 26.44, 28.63, 28.98), (26.25, 26.19, 29.64, 31.9, 32.25)
LEVEL = (
    (20.5506, 19.5952, 19.0349, 21.3966, 18.4372),
    (18.1803, 17.3444, 16.8421, 19.0918, 16.2925),
    (23.1427, 22.0602, 21.4394, 23.8975, 20.7941),
)
RISING_SHARES = (994, 1023, 1199, 1332, 1367), (40299, 41527, 42811, 44064, 44701)


def listed(*columns: Any) -> list[list[float]]:
    return [[float(value) for value in column] for column in columns]


@pytest.mark.parametrize(
    ("points", "higher_is_better", "chi_square", "verdict"),
    [
        (RISING, None, 46.77, "increasing"),
        (RISING, True, 46.77, "improving"),
        (RISING, False, 46.77, "worsening"),
        (LEVEL, None, 0.46, "no_change"),
        (LEVEL, True, 0.46, "no_change"),
    ],
)
def test_trend_is_that_of_fingertips(
    functions: Connection, points: Any, higher_is_better: bool | None, chi_square: float, verdict: str
) -> None:
    answer = one(functions, TREND, *listed(*points), higher_is_better)
    assert answer[0] == pytest.approx(chi_square, abs=0.005)
    assert answer[2:] == (verdict != "no_change", verdict, "general")


@pytest.mark.parametrize(
    ("higher_is_better", "verdict"), [(None, "increasing"), (True, "improving"), (False, "worsening")]
)
def test_trend_of_shares_is_that_of_fingertips(
    functions: Connection, higher_is_better: bool | None, verdict: str
) -> None:
    answer = one(functions, OF_SHARES, *listed(*RISING_SHARES), higher_is_better)
    assert answer[0] == pytest.approx(47.90, abs=0.005)
    assert answer[2:] == (True, verdict, "proportions")


def test_polarity_need_not_be_told(functions: Connection) -> None:
    call = "(stats.trend(?::float8[], ?::float8[], ?::float8[])).verdict"
    assert one(functions, call, *listed(*RISING)) == "increasing"
    call = "(stats.trend_of_proportions(?::float8[], ?::float8[])).verdict"
    assert one(functions, call, *listed(*RISING_SHARES)) == "increasing"


def test_falling_is_the_mirror_of_rising(functions: Connection) -> None:
    values, lowers, uppers = listed(*RISING)
    fallen = ([-x for x in values], [-x for x in uppers], [-x for x in lowers])
    up, down = one(functions, TREND, *listed(*RISING), True), one(functions, TREND, *fallen, True)
    assert down[:3] == pytest.approx((up[0], -up[1], True))
    assert down[3] == "worsening"


def regression(values: list[float], lowers: list[float], uppers: list[float]) -> tuple[float, float]:
    """Slope and chi-square by numpy's weighted fit, with the errors as given."""
    errors = (np.array(uppers) - np.array(lowers)) / 3.92
    slopes, covariance = np.polyfit(np.arange(1, 6), values, 1, w=1 / errors, cov="unscaled")
    return float(slopes[0]), float(slopes[0] ** 2 / covariance[0, 0])


@MANY
@given(
    points=st.lists(st.tuples(st.integers(0, 1000), st.floats(1, 100), st.floats(1, 100)), min_size=5, max_size=8),
    step=st.sampled_from([0, 0, 20, -20, 100]),
)
def test_trend_is_a_weighted_regression(
    functions: Connection, points: list[tuple[int, float, float]], step: int
) -> None:
    values = [float(value + step * year) for year, (value, _, _) in enumerate(points)]
    lowers = [value - below for value, (_, below, _) in zip(values, points, strict=True)]
    uppers = [value + above for value, (_, _, above) in zip(values, points, strict=True)]
    chi_square, slope, significant, verdict, method = one(functions, TREND, values, lowers, uppers, True)
    # Only the last five count.
    last = [column[-5:] for column in (values, lowers, uppers)]
    fitted, expected = regression(*last)
    assert (slope, chi_square) == pytest.approx((fitted, expected), rel=1e-6, abs=1e-6)
    assert method == "general"
    times, errors = np.arange(1, 6), (np.array(last[2]) - np.array(last[1])) / 3.92
    others = [
        float(np.polyfit(np.delete(times, i), np.delete(last[0], i), 1, w=1 / np.delete(errors, i))[0])
        for i in range(5)
    ]
    if min(abs(other) for other in (fitted, *others)) > 1e-6:
        steady = len({math.copysign(1, other) for other in others}) == 1
        assert significant == (expected > BEYOND_CHANCE and steady)
    assert verdict == ("no_change" if not significant else "improving" if slope > 0 else "worsening")


def test_one_year_cannot_make_a_trend(functions: Connection) -> None:
    # Falling without the last year: far beyond chance, and yet no trend.
    values = [10.0, 9.0, 8.0, 7.0, 30.0]
    chi_square, slope, significant, verdict, _ = one(
        functions, TREND, values, [v - 1 for v in values], [v + 1 for v in values], None
    )
    assert chi_square > BEYOND_CHANCE
    assert slope > 0
    assert (significant, verdict) == (False, "no_change")
    counts = [100, 90, 80, 70, 300]
    chi_square, slope, significant, verdict, _ = one(functions, OF_SHARES, counts, [1000] * 5, None)
    assert chi_square > BEYOND_CHANCE
    assert slope > 0
    assert (significant, verdict) == (False, "no_change")


@MANY
@given(
    years=st.lists(
        st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=5, max_size=7
    ).filter(lambda years: 0 < sum(r for r, _ in years[-5:]) < sum(n for _, n in years[-5:]))
)
def test_trend_of_shares_is_the_correlation_of_persons(functions: Connection, years: list[tuple[int, int]]) -> None:
    numerators, denominators = (list(column) for column in zip(*years, strict=True))
    chi_square, slope, significant, _, method = one(functions, OF_SHARES, numerators, denominators, None)
    # Person by person: chi-square for trend is N r^2 (Armitage 1955).
    times = np.repeat(np.arange(1, 6), denominators[-5:])
    hit = np.concatenate([[1] * r + [0] * (n - r) for r, n in years[-5:]])
    assert chi_square == pytest.approx(len(hit) * np.corrcoef(times, hit)[0, 1] ** 2, rel=1e-9, abs=1e-9)
    assert slope == pytest.approx(float(np.polyfit(times, hit, 1)[0]), rel=1e-9, abs=1e-9)
    without = [np.polyfit(times[times != year], hit[times != year], 1)[0] for year in range(1, 6)]
    if min(map(abs, without)) > 1e-9:
        steady = len({math.copysign(1, other) for other in without}) == 1
        assert significant == (chi_square > BEYOND_CHANCE and steady)
    assert method == "proportions"


@pytest.mark.parametrize(
    "points",
    [
        listed(*(column[:4] for column in RISING)),
        [[], [], []],
        [None, None, None],
        [[1, 2, 3, 4, 5], [0, 1, 2, 3], [2, 3, 4, 5, 6]],
        [[1, None, 3, 4, 5], [0, 1, 2, 3, 4], [2, 3, 4, 5, 6]],
        [[1, 2, 3, 4, 5], [0, 1, 2, None, 4], [2, 3, 4, 5, 6]],
        [[1, 2, 3, 4, 5], [0, 1, 2, 3, 4], [2, 3, 4, 5, 4]],
        [[1, 2, 3, 4, 5], [2, 3, 4, 5, 6], [0, 1, 2, 3, 4]],
        [[1.0, 2.0, math.nan, 4.0, 5.0], [0, 1, 2, 3, 4], [2, 3, 4, 5, 6]],
    ],
)
def test_no_trend_without_five_points_with_limits(functions: Connection, points: Any) -> None:
    assert one(functions, TREND, *points, True) == NOTHING


@pytest.mark.parametrize(
    "years",
    [
        [[1, 2, 3, 4], [9, 9, 9, 9]],
        [None, None],
        [[1, 2, 3, 4, 5], [9, 9, 9, 9]],
        [[1, 2, 3, 4, 5], [9, 9, 0, 9, 9]],
        [[1, 2, 3, 4, 10], [9, 9, 9, 9, 9]],
        [[1, -2, 3, 4, 5], [9, 9, 9, 9, 9]],
        [[1, None, 3, 4, 5], [9, 9, 9, 9, 9]],
        [[0, 0, 0, 0, 0], [9, 9, 9, 9, 9]],
        [[9, 9, 9, 9, 9], [9, 9, 9, 9, 9]],
    ],
)
def test_no_trend_without_five_shares(functions: Connection, years: Any) -> None:
    assert one(functions, OF_SHARES, *years, True) == NOTHING


CHANGE = "stats.proportion_change_z(?, ?, ?, ?, ?)"
DETECTABLE = "stats.smallest_detectable_change(?, ?, ?, ?, ?)"


def test_place_survey_from_40_to_44_is_not_significant(functions: Connection) -> None:
    z = one(functions, CHANGE, 0.40, 1100, 0.44, 1100, 1)
    assert z == pytest.approx(1.90, abs=0.005)
    assert one(functions, "stats.p_value(?)", z) > 0.05
    assert one(functions, CHANGE, 0.40, 1100, 0.44, 1100, 1.3) == pytest.approx(1.67, abs=0.005)
    assert one(functions, CHANGE, 0.44, 1100, 0.40, 1100, 1.3) == pytest.approx(-1.67, abs=0.005)


def test_no_survey_shows_less_than_four_points(functions: Connection) -> None:
    assert 100 * one(functions, DETECTABLE, 0.5, 1100, 1100, 1, 0.95) == pytest.approx(4.2, abs=0.05)


@MANY
@given(p=st.floats(0.01, 0.99), n1=st.integers(1, 10**5), n2=st.integers(1, 10**5), effect=st.floats(0.5, 5))
def test_detectable_is_what_the_test_calls_significant(
    functions: Connection, p: float, n1: int, n2: int, effect: float
) -> None:
    smallest = one(functions, DETECTABLE, p, n1, n2, effect, 0.95)
    error = math.sqrt(effect * p * (1 - p) * (1 / n1 + 1 / n2))
    assert stats.norm.sf(smallest / error) == pytest.approx(0.025, rel=1e-9)
    p2 = 1 - p
    expected = (p2 - p) / math.sqrt(effect * (p * (1 - p) / n1 + p2 * (1 - p2) / n2))
    assert one(functions, CHANGE, p, n1, p2, n2, effect) == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(
    "values",
    [
        (None, 9, 0.5, 9, 1),
        (0.5, 0, 0.5, 9, 1),
        (0.5, 9, 1.5, 9, 1),
        (-0.1, 9, 0.5, 9, 1),
        (0.5, 9, 0.5, 9, 0),
        (0.5, 9, 0.5, 9, None),
        (0, 9, 1, 9, 1),
    ],
)
def test_no_change_can_be_tested_on_shares_that_are_none(functions: Connection, values: Any) -> None:
    assert one(functions, CHANGE.replace("?", "?::float8"), *values) is None


@pytest.mark.parametrize(
    "values", [(0.5, 0, 9, 1, 0.95), (2, 9, 9, 1, 0.95), (0.5, 9, None, 1, 0.95), (0.5, 9, 9, 0, 0.95)]
)
def test_nothing_is_detectable_in_samples_that_are_none(functions: Connection, values: Any) -> None:
    assert one(functions, DETECTABLE.replace("?", "?::float8"), *values) is None


@MANY
@given(
    counts=st.tuples(st.integers(1, 10**5), st.integers(1, 10**5)),
    populations=st.tuples(st.integers(1, 10**6), st.integers(1, 10**6)),
    level=st.sampled_from([0.9, 0.95, 0.998]),
)
def test_change_of_a_rate(
    functions: Connection, counts: tuple[int, int], populations: tuple[int, int], level: float
) -> None:
    (x1, x2), (n1, n2) = counts, populations
    lower, upper = both(functions, "stats.rate_ratio_ci(?, ?, ?, ?, ?)", x1, n1, x2, n2, level)
    log_ratio, error = math.log(x2 / n2) - math.log(x1 / n1), math.hypot(x1**-0.5, x2**-0.5)
    expected = np.exp(stats.norm.interval(level, log_ratio, error))
    assert (lower, upper) == pytest.approx(tuple(expected), rel=1e-9)
    z = one(functions, "stats.rate_change_z(?, ?, ?, ?)", x1, n1, x2, n2)
    assert z == pytest.approx(log_ratio / error, rel=1e-9, abs=1e-9)
    if abs(abs(z) - stats.norm.isf((1 - level) / 2)) > 1e-9:
        assert (abs(z) > one(functions, "stats.z(?)", level)) == (not lower <= 1 <= upper)


def test_a_rate_of_nothing_has_no_ratio(functions: Connection) -> None:
    for values in ((0, 9, 5, 9), (5, 9, 0, 9), (5, 0, 5, 9), (5, 9, 5, None)):
        assert one(functions, "stats.rate_change_z(?, ?, ?, ?)".replace("?", "?::float8"), *values) is None
        assert limits(functions, "stats.rate_ratio_ci(?, ?, ?, ?, 0.95)", *values) == (None, None)


def test_change_by_limits(functions: Connection) -> None:
    call = "stats.change_z(?, ?, ?, ?, ?, ?)"
    # Standard errors of 3 and 4 make one of 5.
    assert one(functions, call, 100, 100 - 5.88, 100 + 5.88, 110, 110 - 7.84, 110 + 7.84) == pytest.approx(2)
    assert one(functions, call, 110, 110 - 7.84, 110 + 7.84, 100, 100 - 5.88, 100 + 5.88) == pytest.approx(-2)
    assert one(functions, call, 1, 1, 1, 2, 2, 2) is None
    assert one(functions, call, 1, 2, 0, 2, 1, 3) is None
    assert one(functions, call.replace("?", "?::float8"), 1, None, 2, 2, 1, 3) is None


QUANTILE = "stats.quantile(?, ?, ?)"


@pytest.mark.parametrize(("n", "expected"), [(10, [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]), (7, [1, 1, 2, 3, 3, 4, 5])])
def test_quintiles_are_those_published(functions: Connection, n: int, expected: list[int]) -> None:
    assert [one(functions, QUANTILE, rank, n, 5) for rank in range(1, n + 1)] == expected


@MANY
@given(k=st.integers(1, 20), more=st.integers(0, 300), data=st.data())
def test_quantile_is_the_published_rule(functions: Connection, k: int, more: int, data: st.DataObject) -> None:
    n = k + more
    rank = data.draw(st.integers(1, n))
    assert one(functions, QUANTILE, rank, n, k) == math.floor((k + 1) - math.ceil((n + 1 - rank) / Fraction(n, k)))


@MANY
@given(values=st.lists(st.integers(0, 30), min_size=1, max_size=160), k=st.integers(2, 10))
def test_quantiles_of_values(functions: Connection, values: list[int], k: int) -> None:
    rows = functions.execute(
        "select v, stats.quantile(rank() over (order by v), count(*) over (), %s) from unnest(%s::int[]) as v order by v",
        (k, values),
    ).fetchall()
    if len(values) < k:
        assert {quantile for _, quantile in rows} == {None}
        return
    # Ties share a quantile, and a greater value is never in a lesser one.
    assert len(set(rows)) == len(set(values))
    assert [quantile for _, quantile in rows] == sorted(quantile for _, quantile in rows)
    assert all(1 <= quantile <= k for _, quantile in rows)
    if len(set(values)) == len(values):
        sizes = [sum(quantile == q for _, quantile in rows) for q in range(1, k + 1)]
        assert max(sizes) - min(sizes) <= 1
        assert (rows[0][1], rows[-1][1]) == (1, k)


@pytest.mark.parametrize(
    "values", [(1, 4, 5), (0, 10, 5), (11, 10, 5), (1, 10, 0), (None, 10, 5), (1, None, 5), (1, 10, None)]
)
def test_no_quantile_without_enough_values(functions: Connection, values: Any) -> None:
    assert one(functions, "stats.quantile(?::bigint, ?::bigint, ?::int)", *values) is None


COMPARE = "stats.compare(?::float8, ?::float8, ?::float8, ?::float8, ?::float8, ?)"
PLACES = {9: "above_998", 19: "above_95", 30: "within", 41: "below_95", 51: "below_998", 20: "within", 10: "above_95"}
WORDS = {
    "higher_is_better": ("better", "worse"),
    "lower_is_better": ("worse", "better"),
    "none": ("higher", "lower"),
    None: ("higher", "lower"),
}


@pytest.mark.parametrize(("benchmark", "polarity"), itertools.product(PLACES, WORDS))
def test_comparison_has_five_classes(functions: Connection, benchmark: int, polarity: str | None) -> None:
    side, _, level = PLACES[benchmark].partition("_")
    above, below = WORDS[polarity]
    expected = "similar" if side == "within" else f"{above if side == 'above' else below}_{level}"
    assert one(functions, COMPARE, 20, 40, 10, 50, benchmark, polarity) == expected


@pytest.mark.parametrize("missing", range(5))
def test_nothing_is_compared_with_what_is_missing(functions: Connection, missing: int) -> None:
    values: list[float | None] = [20, 40, 10, 50, 30]
    values[missing] = None
    assert one(functions, COMPARE, *values, "higher_is_better") is None
