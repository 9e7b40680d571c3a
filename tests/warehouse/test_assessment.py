"""Limits, comparison, direction and trend in the build, against numbers that were published or worked elsewhere."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from datetime import date
from math import sqrt
from typing import Any, cast

import pytest
from scipy import stats as scipy_stats  # type: ignore[import-untyped]

from tests.warehouse.engine import Engine, Figure, financial_year, mid_year, stated

pytestmark = pytest.mark.warehouse

ENGLAND = "E92000001"
HARTLEPOOL, MIDDLESBROUGH, REDCAR, STOCKTON, DARLINGTON = TEES = tuple(f"E0600000{n}" for n in range(1, 6))
UNITARIES = (*TEES, *(f"E0600000{n}" for n in range(6, 10)), "E06000010")
DERBY, TEES_VALLEY, DERBYSHIRE, AMBER_VALLEY = "E06000015", "MAA06", "E10000007", "E07000032"
CORNWALL, CORNWALL_BEFORE, CENTRAL_BEDFORDSHIRE = "E06000052", "E10000005", "E06000056"
WAVE_2008, WAVE_2006 = (date(2008, 9, 29), date(2008, 12, 19)), (date(2006, 9, 29), date(2006, 12, 19))
ACADEMIC = (date(2008, 9, 1), date(2009, 8, 31))
TIMELY, ASSESSED = "core_assessments_within_35_working_days", "core_assessments_completed"
ENTRANTS, YOUNG = "first_time_entrants_aged_10_17", "residents_aged_10_17"
POSITIVE, ANSWERED, ASKED = (
    f"survey_{name}_different_backgrounds_get_on" for name in ("weight", "weight_base", "unweighted_base")
)
SERIES = ((994, 40299), (1023, 41527), (1199, 42811), (1332, 44064), (1367, 44701))
"""Counts and denominators of a published trend: chi-square 47.90 (rules, R7)."""


def assessment(engine: Engine, indicator: str, component: str, area: str, end: date) -> dict[str, Any]:
    """A row of the facts as a mapping; figures are floats."""
    columns = [
        name
        for (name,) in engine.query(
            "select attname from pg_attribute where attrelid = 'candidate.fact_assessment'::regclass and attnum > 0"
        )
    ]
    (row,) = engine.query(
        "select * from candidate.fact_assessment where indicator_id = %s and component = %s and area_code = %s "
        "and period_end = %s",
        indicator, component, area, end,
    )  # fmt: skip
    numeric = ("lower_95", "upper_95", "lower_998", "upper_998", "direction_statistic", "trend_statistic")
    pairs = zip(columns, row, strict=True)
    return {name: float(value) if name in numeric and value is not None else value for name, value in pairs}


def share(counts: Mapping[str, tuple[float, float]], year: int) -> Iterator[Figure]:
    """Timely core assessments of all that were completed, by area."""
    yield from stated(TIMELY, {area: pair[0] for area, pair in counts.items()}, financial_year(year))
    yield from stated(ASSESSED, {area: pair[1] for area, pair in counts.items()}, financial_year(year))


def survey(area: str, wave: tuple[date, date], share_of: float, asked: float, people: float) -> Iterator[Figure]:
    """A round of the Place Survey in one council."""
    for measure, value in ((POSITIVE, share_of * people), (ANSWERED, people), (ASKED, asked)):
        yield from stated(measure, {area: value}, wave)


def wilson(count: float, n: float, level: float = 0.95) -> list[float]:
    """Limits in per cent, by scipy for whole numbers."""
    found = scipy_stats.binomtest(round(count), round(n)).proportion_ci(level, method="wilson")
    return [100 * cast(float, found.low), 100 * cast(float, found.high)]


class TestAssessment:
    """One build of figures made by hand."""

    YEARS = range(2006, 2011)
    SURVEY = ((0.44, 60_000), (0.48, 120_000), (0.5, 30_000), (0.6, 90_000), (0.3, 50_000))

    @pytest.fixture(scope="class", autouse=True)
    def _given(self, engine: Engine) -> None:
        engine.run(self.figures(), assessment=True)

    @classmethod
    def figures(cls, swap: Mapping[str, str] | None = None) -> list[Figure]:
        """The figures; `swap` gives areas the figures of others."""
        given: list[Figure] = []
        # Ten councils with ten values in 2009-10; the first is Wilson's 65 of 100, the second R15's smaller member.
        tens = [(65, 100), (120, 2000), (900, 20000), (200, 1000), (150, 1000), (1045, 5000), (300, 1000), (400, 1000),
                (500, 1000), (700, 1000)]  # fmt: skip
        given += share(dict(zip(UNITARIES, tens, strict=True)), 2009)
        given += share({HARTLEPOOL: (440, 1100), MIDDLESBROUGH: (440, 1100)}, 2007)
        given += share({HARTLEPOOL: (484, 1100), **dict.fromkeys(UNITARIES[3:], (7, 10))}, 2008)
        given += share({ENGLAND: (20_000, 50_000)}, 2009)
        for year, pair in zip(cls.YEARS, SERIES, strict=True):
            given += share({DERBY: pair, CORNWALL if year > 2008 else CORNWALL_BEFORE: pair}, year)
        given += share({CENTRAL_BEDFORDSHIRE: (30, 40)}, 2009)
        given += share({CENTRAL_BEDFORDSHIRE: (31, 40)}, 2010)
        given += stated(ENTRANTS, {HARTLEPOOL: 65, MIDDLESBROUGH: 9, REDCAR: 0, STOCKTON: 1045}, financial_year(2009))
        given += stated(ENTRANTS, {HARTLEPOOL: 100, MIDDLESBROUGH: 5}, financial_year(2008))
        given += stated(YOUNG, dict.fromkeys(TEES, 10_000), mid_year(2009))
        given += stated(YOUNG, dict.fromkeys(TEES, 10_000), mid_year(2008))
        given += survey(HARTLEPOOL, WAVE_2006, 0.40, 1100, 60_000)
        for area, (share_of, people) in zip(TEES, cls.SURVEY, strict=True):
            given += survey(area, WAVE_2008, share_of, 1100, people)
        # Newcombe's example: 56 of 70 against 48 of 80.
        for name, good, all_of_them in (("not_fsm", 56, 70), ("fsm", 48, 80)):
            given += stated(f"pupils_ks2_{name}_level4_english_and_maths", {HARTLEPOOL: good}, ACADEMIC)
            given += stated(f"pupils_ks2_{name}", {HARTLEPOOL: all_of_them}, ACADEMIC)
        return [one._replace(area_code=(swap or {}).get(one.area_code, one.area_code)) for one in given]

    def test_wilson(self, engine: Engine) -> None:
        row = assessment(engine, "ni_060", "main", HARTLEPOOL, date(2010, 3, 31))
        limits = [row["lower_95"], row["upper_95"], row["lower_998"], row["upper_998"]]
        assert limits == pytest.approx([55.2544, 73.6358, 49.5495, 77.8354], abs=1e-4)
        assert row["limit_method"] == "wilson"
        row = assessment(engine, "ni_060", "main", "E06000006", date(2010, 3, 31))
        assert [row["lower_95"], row["upper_95"]] == pytest.approx([19.7955, 22.0491], abs=1e-4)

    @pytest.mark.parametrize(
        ("area", "method", "limits"),
        [
            (HARTLEPOOL, "byar", (50.1632, 82.8491, 42.8803, 94.0003)),
            (STOCKTON, "byar", (982.593, 1110.331, None, None)),
            (MIDDLESBROUGH, "exact", (4.115373, 17.084803, None, None)),
            # None at all: nobody, up to the exact limit of 0, -ln(0.025).
            (REDCAR, "exact", (0, 3.688879, None, None)),
        ],
    )
    def test_counts_and_rates(self, engine: Engine, area: str, method: str, limits: tuple[float | None, ...]) -> None:
        count = assessment(engine, "ni_111", "count", area, date(2010, 3, 31))
        rate = assessment(engine, "ni_111", "rate", area, date(2010, 3, 31))
        assert count["limit_method"] == rate["limit_method"] == method
        for name, expected in zip(("lower_95", "upper_95", "lower_998", "upper_998"), limits, strict=True):
            if expected is not None:
                assert count[name] == pytest.approx(expected, rel=1e-5)
                # Per 100,000 of 10,000.
                assert rate[name] == pytest.approx(10 * expected, rel=1e-5)
        # A count grows with its area.
        assert count["england_value"] is count["quintile"] is count["vs_region"] is None

    def test_a_gap_has_newcombes_limits(self, engine: Engine) -> None:
        """Newcombe (1998), table II, example a, method 10: 56/70 - 48/80 has 0.0524 to 0.3339."""
        row = assessment(engine, "ni_102", "i", HARTLEPOOL, ACADEMIC[1])
        assert [row["lower_95"], row["upper_95"]] == pytest.approx([5.24, 33.39], abs=0.005)

    def test_a_survey_has_its_design_in_limits_and_test(self, engine: Engine) -> None:
        row = assessment(engine, "ni_001", "main", HARTLEPOOL, WAVE_2008[1])
        n = 1100 / 1.3
        centre, half = 0.44 + 1.959964**2 / 2 / n, 1.959964 * sqrt(0.44 * 0.56 / n + 1.959964**2 / 4 / n**2)
        expected = [100 * (centre + sign * half) / (1 + 1.959964**2 / n) for sign in (-1, 1)]
        assert [row["lower_95"], row["upper_95"]] == pytest.approx(expected, abs=1e-5)
        # Place Survey .40 to .44, 1,100 each: z 1.67 with a design effect of 1.3 (rules, R6).
        assert row["direction_statistic"] == pytest.approx(1.67, abs=0.005)
        assert (row["direction"], row["direction_test"], row["limit_method"]) == (
            "improving", "survey_proportions", "survey",
        )  # fmt: skip

    def test_above_its_councils_a_survey_is_stratified(self, engine: Engine) -> None:
        """R15: the share is the sum of W p, se^2 that of W^2 se^2, W the council's share of the adults."""
        row = assessment(engine, "ni_001", "main", TEES_VALLEY, WAVE_2008[1])
        adults = sum(people for _, people in self.SURVEY)
        pooled = sum(people / adults * one for one, people in self.SURVEY)
        variance = sum((people / adults) ** 2 * 1.3 * one * (1 - one) / 1100 for one, people in self.SURVEY)
        n = pooled * (1 - pooled) / variance
        assert n < 5 * 1100 / 1.3
        centre, half = pooled + 1.959964**2 / 2 / n, 1.959964 * sqrt(variance + 1.959964**2 / 4 / n**2)
        expected = [100 * (centre + sign * half) / (1 + 1.959964**2 / n) for sign in (-1, 1)]
        assert [row["lower_95"], row["upper_95"]] == pytest.approx(expected, abs=1e-5)

    def test_direction_of_a_proportion(self, engine: Engine) -> None:
        """From .40 to .44 of 1,100 each: z 1.90, not significant (rules, R6)."""
        row = assessment(engine, "ni_060", "main", HARTLEPOOL, date(2009, 3, 31))
        assert row["direction_statistic"] == pytest.approx(1.90, abs=0.005)
        assert (row["direction"], row["direction_test"], float(row["change"])) == ("improving", "proportions", 4)
        assert (row["trend"], row["trend_reason"]) == ("not_calculated", "fewer_than_five_points")
        # Two years earlier is no previous year.
        row = assessment(engine, "ni_060", "main", MIDDLESBROUGH, date(2010, 3, 31))
        assert (row["direction"], row["previous_value"]) == (None, None)

    def test_direction_of_a_count(self, engine: Engine) -> None:
        """From 100 to 65 on the same residents: ln(.65) / sqrt(1/100 + 1/65)."""
        row = assessment(engine, "ni_111", "rate", HARTLEPOOL, date(2010, 3, 31))
        assert row["direction_statistic"] == pytest.approx(-2.7034, abs=1e-3)
        assert (row["direction"], row["direction_test"]) == ("improving_significant", "rate_ratio")

    def test_trend(self, engine: Engine) -> None:
        row = assessment(engine, "ni_060", "main", DERBY, date(2011, 3, 31))
        assert row["trend_statistic"] == pytest.approx(47.90, abs=0.005)
        assert (row["trend"], row["trend_method"], row["trend_points"]) == ("improving", "proportions", 5)

    def test_trend_crosses_april_2009_where_the_past_is_rebuilt(self, engine: Engine) -> None:
        row = assessment(engine, "ni_060", "main", CORNWALL, date(2011, 3, 31))
        assert (row["trend"], row["trend_points"]) == ("improving", 5)
        row = assessment(engine, "ni_060", "main", CENTRAL_BEDFORDSHIRE, date(2011, 3, 31))
        assert (row["trend"], row["trend_reason"], row["trend_points"]) == ("not_calculated", "crosses_break", 2)

    def test_comparison_and_quintiles(self, engine: Engine) -> None:
        # Ten values in order, of thirteen ranked: 70, 65, 75 (Central Bedfordshire), 50, 40, 30 ...
        row = assessment(engine, "ni_060", "main", HARTLEPOOL, date(2010, 3, 31))
        assert (float(row["england_value"]), row["vs_england"]) == (40, "better_998")
        # 20.9 of 5,000 against 40, and 40 of 1,000 against 40.
        assert assessment(engine, "ni_060", "main", "E06000006", date(2010, 3, 31))["vs_england"] == "worse_998"
        assert assessment(engine, "ni_060", "main", "E06000008", date(2010, 3, 31))["vs_england"] == "similar"
        england = assessment(engine, "ni_060", "main", ENGLAND, date(2010, 3, 31))
        assert (england["england_value"], england["vs_england"], england["limit_method"]) == (None, None, "wilson")
        ranked = engine.query(
            "select a.quintile, a.quintile_of, f.value from candidate.fact_assessment a join candidate.fact_value f "
            "using (indicator_id, component, area_code, period_end) where indicator_id = 'ni_060' "
            "and period_end = '2010-03-31' and quintile is not null order by value desc"
        )
        n = len(ranked)
        # phe_quantile, as its R source has it, on the place from the best.
        expected = [int(6 - -(-((n + 1 - place) * 5) // n)) for place in range(1, n + 1)]
        assert [row[0] for row in ranked] == expected
        assert {row[1] for row in ranked} == {n} == {13}

    def test_an_agreement_is_pooled(self, engine: Engine) -> None:
        """R15: all sides of the five members, and Wilson's limits on the sum."""
        row = assessment(engine, "ni_060", "main", TEES_VALLEY, date(2010, 3, 31))
        count, n = 65 + 120 + 900 + 200 + 150, 100 + 2000 + 20000 + 1000 + 1000
        assert [row["lower_95"], row["upper_95"]] == pytest.approx(wilson(count, n), abs=1e-6)
        assert [row["lower_998"], row["upper_998"]] == pytest.approx(wilson(count, n, 0.998), abs=1e-6)

    def test_every_value_of_the_years_has_a_row_and_no_other(self, engine: Engine) -> None:
        (counts,) = engine.query(
            "select (select count(*) from candidate.fact_assessment), (select count(*) from candidate.fact_value "
            "where value is not null and framework_year between '2008-09' and '2010-11')"
        )
        assert counts[0] == counts[1] > 0

    def test_names_of_areas_do_not_matter_and_others_change_nothing(self, engine: Engine) -> None:
        """Two councils that swap their figures swap their rows; a district more changes none of them."""
        query = (
            "select area_code, component, period_end, lower_95, upper_998, vs_england, quintile, direction, trend "
            "from candidate.fact_assessment where indicator_id in ('ni_060', 'ni_111', 'ni_102') order by 1, 2, 3"
        )
        before = engine.query(query)
        swap = {"E06000008": "E06000009", "E06000009": "E06000008"}
        figures = self.figures(swap)
        random.Random(4).shuffle(figures)
        more = (
            stated(TIMELY, {AMBER_VALLEY: 1}, financial_year(2009)),
            stated(ASSESSED, {AMBER_VALLEY: 3}, financial_year(2009)),
        )
        engine.run([*figures, *more[0], *more[1]], assessment=True)
        after = [row for row in engine.query(query) if row[0] not in (AMBER_VALLEY, DERBYSHIRE)]
        assert sorted((swap.get(row[0], row[0]), *row[1:3]) for row in after) == sorted(row[:3] for row in before)
        assert {(swap.get(row[0], row[0]), *row[1:]) for row in after} == set(before)
