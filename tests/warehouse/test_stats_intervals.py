"""Limits of shares, counts, rates, means and standardised rates, against published numbers and scipy."""

from __future__ import annotations

import math

import numpy as np
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection
from scipy import stats  # type: ignore[import-untyped]

from tests.warehouse.asking import both, limits, one

pytestmark = pytest.mark.warehouse

MANY = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
LEVELS = st.sampled_from([0.5, 0.9, 0.95, 0.99, 0.998, 0.9999])
WILSON, BYAR = "stats.proportion_ci(?, ?, ?)", "stats.count_ci(?, ?)"
# Down syndrome by age of the mother, five and more births, Michigan 1950-64 (Stark & Mantel 1966; Fay & Feuer 1997).
CASES = (0, 8, 63, 112, 262, 295)
BIRTHS = (327, 30666, 123419, 149919, 104088, 34392)
ALL_BIRTHS = (319933, 931318, 786511, 488235, 237863, 61313)
DSR = "(stats.dsr(?::float8[], ?::float8[], ?::float8[], ?, ?)).*"


def tails(level: float) -> float:
    return (1 - level) / 2


@pytest.mark.parametrize(("level", "quantile"), [(0.95, 1.959964), (0.998, 3.090232)])
def test_z_is_the_published_quantile(functions: Connection, level: float, quantile: float) -> None:
    assert one(functions, "stats.z(?)", level) == pytest.approx(quantile, abs=5e-7)


@pytest.mark.parametrize("level", [1e-9, 0.01, 0.3, 0.5, 0.8, 0.9, 0.95, 0.99, 0.998, 0.9999, 1 - 1e-9, 1 - 1e-15])
def test_z_is_that_of_scipy(functions: Connection, level: float) -> None:
    for function in ("z", "solved_z"):
        # One more way: what z was made from must come back.
        z = one(functions, f"stats.{function}(?)", level)
        assert z == pytest.approx(stats.norm.isf(tails(level)), rel=1e-12, abs=1e-15)
        assert one(functions, "stats.p_value(?)", -z) == pytest.approx(1 - level, rel=1e-12)


@pytest.mark.parametrize("level", [0, 1, 1.5, -0.95, 95, math.nan])
@pytest.mark.parametrize(
    "call",
    ["z(?)", "proportion_ci(65, 100, ?)", "count_ci(65, ?)", "count_ci(5, ?)", "count_ci(0, ?)", "t(?, 9)"],
)
def test_a_level_that_is_none_is_refused(functions: Connection, call: str, level: float) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="between 0 and 1"):
        one(functions, f"stats.{call.replace('?', '?::float8')}", level)


@pytest.mark.parametrize(
    ("numerator", "denominator", "level", "expected"),
    [
        (65, 100, 0.95, (0.552544, 0.736358)),
        (65, 100, 0.998, (0.495495, 0.778354)),
        (1045, 5000, 0.95, (0.197955, 0.220491)),
    ],
)
def test_shares_have_the_published_limits(
    functions: Connection, numerator: int, denominator: int, level: float, expected: tuple[float, float]
) -> None:
    assert both(functions, WILSON, numerator, denominator, level) == pytest.approx(expected, abs=6e-7)


@MANY
@given(denominator=st.integers(1, 10**6), data=st.data(), level=LEVELS)
def test_limits_of_a_share(functions: Connection, denominator: int, data: st.DataObject, level: float) -> None:
    numerator = data.draw(st.integers(0, denominator))
    lower, upper = both(functions, WILSON, numerator, denominator, level)
    other = stats.binomtest(numerator, denominator).proportion_ci(level, method="wilson")
    assert (lower, upper) == pytest.approx((other.low, other.high), rel=1e-9, abs=1e-12)
    slack = 1e-12
    assert 0 <= lower <= numerator / denominator + slack
    assert numerator / denominator - slack <= upper <= 1
    # Those who did and those who did not are one and the same finding.
    rest = both(functions, WILSON, denominator - numerator, denominator, level)
    assert rest == pytest.approx((1 - upper, 1 - lower), abs=1e-12)
    wide = both(functions, WILSON, numerator, denominator, 0.99999)
    assert wide[0] <= lower + slack
    assert upper <= wide[1] + slack
    if numerator:
        fewer = both(functions, WILSON, numerator - 1, denominator, level)
        assert fewer[0] <= lower + slack
        assert fewer[1] <= upper + slack


@MANY
@given(denominator=st.integers(10, 10**5), data=st.data(), effect=st.floats(0.5, 5), level=LEVELS)
def test_a_design_effect_makes_the_sample_smaller(
    functions: Connection, denominator: int, data: st.DataObject, effect: float, level: float
) -> None:
    share = data.draw(st.integers(0, denominator)) / denominator
    lower, upper = both(functions, "stats.proportion_ci(?, ?, ?, ?)", share * denominator, denominator, level, effect)
    # Wilson's limits are the shares that a score test on the effective sample just does not refuse.
    z, size = stats.norm.isf(tails(level)), denominator / effect
    for limit in (lower, upper):
        assert (share - limit) ** 2 == pytest.approx(z * z * limit * (1 - limit) / size, rel=1e-6, abs=1e-12)
    assert lower <= share + 1e-12
    assert share - 1e-12 <= upper


@pytest.mark.parametrize(
    ("count", "level", "expected"),
    [
        (65, 0.95, (50.1632, 82.8491)),
        (65, 0.998, (42.8803, 94.0003)),
        (1045, 0.95, (982.593, 1110.331)),
        (1, 0.95, (0.025318, 5.571643)),
        (5, 0.95, (1.623486, 11.668332)),
    ],
)
def test_counts_have_the_published_limits(
    functions: Connection, count: int, level: float, expected: tuple[float, float]
) -> None:
    assert both(functions, BYAR, count, level) == pytest.approx(expected, rel=3e-6, abs=6e-7)
    rate = both(functions, "stats.rate_ci(?, ?, ?, ?)", count, 2000, 1000, level)
    assert rate == pytest.approx([limit / 2 for limit in expected], rel=3e-6, abs=6e-7)


@pytest.mark.parametrize("level", [0.2, 0.9, 0.95, 0.99, 0.998, 0.999999])
def test_limits_below_ten_are_exact(functions: Connection, level: float) -> None:
    for count in (*range(10), 0.01, 0.3, 1.5, 4.25, 9.9):
        lower, upper = both(functions, BYAR, count, level)
        other = stats.gamma.ppf(tails(level), count) if count else 0
        assert lower == pytest.approx(other, rel=1e-11, abs=1e-300)
        assert upper == pytest.approx(stats.gamma.isf(tails(level), count + 1), rel=1e-11)
        if count == int(count):
            # Garwood's own words: that many or more, or fewer, are as rare as the tail.
            assert stats.poisson.sf(count - 1, lower) == pytest.approx(tails(level) if count else 1, rel=1e-9)
            assert stats.poisson.cdf(count, upper) == pytest.approx(tails(level), rel=1e-9)


def test_the_table_of_small_counts_is_what_would_be_solved(functions: Connection) -> None:
    for level in (0.95, 0.998):
        for count in range(10):
            nearby = np.nextafter(level, 0)
            assert both(functions, BYAR, count, level) == pytest.approx(both(functions, BYAR, count, nearby), rel=1e-12)


@MANY
@given(count=st.integers(10, 10**7), level=st.sampled_from([0.8, 0.95, 0.998]))
def test_limits_from_ten_are_byars(functions: Connection, count: int, level: float) -> None:
    lower, upper = both(functions, BYAR, count, level)
    assert lower < count < upper
    # As the Fingertips technical guide says: within 0.2 % of the exact ones at 95 % from ten events on.
    exact = (stats.gamma.ppf(tails(level), count), stats.gamma.isf(tails(level), count + 1))
    assert (lower, upper) == pytest.approx(exact, rel=0.002 if level <= 0.95 else 0.02)
    fewer = both(functions, BYAR, count - 1, level)
    assert fewer[0] < lower
    assert fewer[1] < upper
    wide = both(functions, BYAR, count, 0.9999)
    assert wide[0] < lower
    assert upper < wide[1]


def test_no_lower_limit_is_below_nothing(functions: Connection) -> None:
    # Byar's could be, for few events or beyond all confidence: few have exact limits, and no level is beyond this.
    assert both(functions, BYAR, 10, float(np.nextafter(1, 0)))[0] > 0
    assert both(functions, BYAR, 0, 0.95) == pytest.approx((0, -math.log(0.025)))


@pytest.mark.parametrize("freedom", [1, 1.5, 2, 3, 4, 7.5, 9, 10, 11, 30, 99, 500, 1000, 1001, 5000, 1e6, 1e9])
@pytest.mark.parametrize("level", [0.1, 0.5, 0.9, 0.95, 0.998, 0.99999])
def test_t_is_that_of_scipy(functions: Connection, freedom: float, level: float) -> None:
    expected = stats.t.isf(tails(level), freedom)
    assert one(functions, "stats.t(?, ?)", level, freedom) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("level", "freedom", "quantile"), [(0.95, 4, 2.776), (0.95, 9, 2.262), (0.99, 1, 63.657), (0.998, 30, 3.385)]
)
def test_t_is_that_of_the_printed_tables(functions: Connection, level: float, freedom: int, quantile: float) -> None:
    assert one(functions, "stats.t(?, ?)", level, freedom) == pytest.approx(quantile, abs=5e-4)


@MANY
@given(mean=st.floats(-1e6, 1e6), deviation=st.floats(0, 1e5), n=st.integers(2, 10**5), level=LEVELS)
def test_limits_of_a_mean(functions: Connection, mean: float, deviation: float, n: int, level: float) -> None:
    call = "stats.mean_ci(?, ?, ?, ?)"
    lower, upper = both(functions, call, mean, deviation, n, level)
    half = stats.t.isf(tails(level), n - 1) * deviation / math.sqrt(n)
    assert (lower, upper) == pytest.approx((mean - half, mean + half), rel=1e-9, abs=1e-6)
    assert lower <= mean <= upper


@pytest.mark.parametrize(
    ("call", "values"),
    [
        (WILSON, (None, 100, 0.95)),
        (WILSON, (65, None, 0.95)),
        (WILSON, (65, 100, None)),
        (WILSON, (0, 0, 0.95)),
        (WILSON, (-1, 100, 0.95)),
        (WILSON, (101, 100, 0.95)),
        (WILSON, (5, -10, 0.95)),
        (WILSON, (math.nan, 10, 0.95)),
        (WILSON, (5, math.nan, 0.95)),
        (WILSON, (5, math.inf, 0.95)),
        ("stats.proportion_ci(?, ?, ?, ?)", (65, 100, 0.95, 0)),
        ("stats.proportion_ci(?, ?, ?, ?)", (65, 100, 0.95, -1)),
        ("stats.proportion_ci(?, ?, ?, ?)", (65, 100, 0.95, None)),
        (BYAR, (-1, 0.95)),
        (BYAR, (None, 0.95)),
        (BYAR, (65, None)),
        (BYAR, (5, None)),
        (BYAR, (math.nan, 0.95)),
        (BYAR, (math.inf, 0.95)),
        ("stats.rate_ci(?, ?, ?, ?)", (5, 0, 1000, 0.95)),
        ("stats.rate_ci(?, ?, ?, ?)", (5, None, 1000, 0.95)),
        ("stats.rate_ci(?, ?, ?, ?)", (5, 100, 0, 0.95)),
        ("stats.rate_ci(?, ?, ?, ?)", (5, 100, None, 0.95)),
        ("stats.mean_ci(?, ?, ?, ?)", (5, 1, 1, 0.95)),
        ("stats.mean_ci(?, ?, ?, ?)", (5, -1, 10, 0.95)),
        ("stats.mean_ci(?, ?, ?, ?)", (None, 1, 10, 0.95)),
    ],
)
def test_what_has_no_limits_has_none(functions: Connection, call: str, values: tuple[float | None, ...]) -> None:
    assert limits(functions, call, *values) == (None, None)


def dobson(
    counts: list[float], populations: list[float], weights: list[float], multiplier: float, level: float
) -> tuple[float, float, float]:
    """The published formulae, in numpy, with exact limits of the total below ten and Byar's from there on."""
    x, n, w = (np.array(values, dtype=float) for values in (counts, populations, weights))
    w /= w.sum()
    total, z = x.sum(), stats.norm.isf(tails(level))
    if total < 10:
        span = (stats.chi2.ppf(tails(level), 2 * total) / 2, stats.chi2.isf(tails(level), 2 * total + 2) / 2)
    else:
        span = (
            total * (1 - 1 / (9 * total) - z / (3 * total**0.5)) ** 3,
            (total + 1) * (1 - 1 / (9 * (total + 1)) + z / (3 * (total + 1) ** 0.5)) ** 3,
        )
    rate, spread = (w * x / n).sum(), math.sqrt((w * w * x / n**2).sum() / total)
    lower, upper = (multiplier * (rate + spread * (limit - total)) for limit in span)
    return float(multiplier * rate), float(lower), float(upper)


def test_standardised_rate_is_that_of_fay_and_feuer(functions: Connection) -> None:
    value, lower, upper = one(functions, DSR, list(CASES), list(BIRTHS), list(ALL_BIRTHS), 100000, 0.95)
    assert value == pytest.approx(75.52901, abs=5e-6)
    assert (value, lower, upper) == pytest.approx(
        dobson(list(CASES), list(BIRTHS), list(ALL_BIRTHS), 100000, 0.95), rel=1e-12
    )


@MANY
@given(
    strata=st.lists(
        st.tuples(st.integers(0, 500), st.integers(1, 10**6), st.floats(0.01, 1e5)), min_size=1, max_size=19
    ).filter(lambda strata: sum(count for count, _, _ in strata) > 0),
    level=LEVELS,
)
def test_limits_of_a_standardised_rate(
    functions: Connection, strata: list[tuple[int, int, float]], level: float
) -> None:
    counts, populations, weights = (list(column) for column in zip(*strata, strict=True))
    value, lower, upper = one(functions, DSR, counts, populations, weights, 1000, level)
    assert (value, lower, upper) == pytest.approx(dobson(counts, populations, weights, 1000, level), rel=1e-9)
    assert lower <= value <= upper
    wide = one(functions, DSR, counts, populations, weights, 1000, 0.99999)
    assert wide[1] <= lower
    assert upper <= wide[2]


def test_one_stratum_is_a_crude_rate(functions: Connection) -> None:
    for count in (3, 65):
        value, *around = one(functions, DSR, [count], [2000], [7], 1000, 0.95)
        assert value == pytest.approx(count / 2)
        assert around == pytest.approx(both(functions, "stats.rate_ci(?, ?, ?, ?)", count, 2000, 1000, 0.95))


@pytest.mark.parametrize(
    "strata",
    [
        ([], [], []),
        ([1], [10, 20], [1, 1]),
        ([1, 2], [10, 20], [1]),
        ([1, None], [10, 20], [1, 1]),
        ([1, 2], [10, None], [1, 1]),
        ([1, 2], [10, 20], [1, None]),
        ([1, -2], [10, 20], [1, 1]),
        ([1, 2], [10, 0], [1, 1]),
        ([1, 2], [10, 20], [0, 0]),
        (None, [10], [1]),
    ],
)
def test_strata_that_are_not_whole_have_no_rate(functions: Connection, strata: tuple[list[int], ...]) -> None:
    assert one(functions, DSR, *strata, 1000, 0.95) == (None, None, None)


def test_no_events_have_a_rate_without_limits(functions: Connection) -> None:
    assert one(functions, DSR, [0, 0], [10, 20], [1, 1], 1000, 0.95) == (0, None, None)
