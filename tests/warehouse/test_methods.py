"""The methods without strata, against figures worked by hand and published examples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.warehouse.engine import Engine, Figure, calendar_year, figure, financial_year, mid_year, shown, stated

pytestmark = pytest.mark.warehouse

ENGLAND, NORTH_EAST = "E92000001", "E12000001"
HARTLEPOOL, MIDDLESBROUGH, REDCAR, STOCKTON, DARLINGTON = (f"E0600000{n}" for n in range(1, 6))
HOUNSLOW, DERBYSHIRE, KENT = "E09000018", "E10000007", "E10000016"
YEAR = financial_year(2009)
END = YEAR[1]
ACADEMIC = (date(2008, 9, 1), date(2009, 8, 31))
SUPPRESSED = "[c]"


def quarters(measure: str, area: str, values: Sequence[float | str]) -> Iterator[Figure]:
    """Figures of the quarters from April 2009."""
    starts = (date(2009, 4, 1), date(2009, 7, 1), date(2009, 10, 1), date(2010, 1, 1), date(2010, 4, 1))
    for number, value in enumerate(values):
        yield from stated(measure, {area: value}, (starts[number], starts[number + 1] - timedelta(days=1)))


class TestPartsOfAPeriod:
    """Quarters, months and weeks become the period that is reported, whole or not at all."""

    RETURNED = "patients_transfer_delayed"

    @pytest.fixture(scope="class", autouse=True)
    def _given(self, engine: Engine) -> None:
        neet, known = "young_people_aged_16_18_neet_adjusted", "young_people_aged_16_18_activity_known_adjusted"
        months = [(date(2008, 11, 1), date(2008, 11, 30)), (date(2008, 12, 1), date(2008, 12, 31))]
        months += [(date(2009, 1, 1), date(2009, 1, 31)), (date(2009, 2, 1), date(2009, 2, 28))]
        figures = [
            *quarters("recorded_crimes_assault_with_injury", HARTLEPOOL, [10, 20, 30, 40]),
            *quarters("recorded_crimes_assault_with_injury", MIDDLESBROUGH, [10, 20, 30]),
            *quarters("recorded_crimes_assault_with_injury", REDCAR, [10, 20, SUPPRESSED, 40]),
            *quarters("recorded_crimes_assault_with_injury", STOCKTON, [10, "[x]", 30, 40]),
            *quarters("recorded_crimes_assault_with_injury", DARLINGTON, [10, "[x]", SUPPRESSED]),
            *quarters("benefit_claimants_jobseeker", HARTLEPOOL, [10, 20, 30, 41]),
        ]
        for period, out_of_work, all_known in zip(months, (50, 60, 70, 900), (1000, 1100, 900, 1), strict=True):
            figures += stated(neet, {HARTLEPOOL: out_of_work}, period)
            figures += stated(known, {HARTLEPOOL: all_known}, period)
        # Three Sundays, the first of them with six days of the year before.
        for sunday, patients in ((date(2009, 4, 5), 6), (date(2009, 4, 12), 9), (date(2009, 4, 19), 12)):
            figures += stated(self.RETURNED, {HARTLEPOOL: patients}, (sunday - timedelta(days=6), sunday))
        figures += stated("residents_aged_18_and_over", {HARTLEPOOL: 60_000}, mid_year(2009))
        engine.run(figures)

    @pytest.mark.parametrize(
        ("measure", "area", "end", "expected"),
        [
            ("recorded_crimes_assault_with_injury", HARTLEPOOL, END, (100, None, None)),
            ("recorded_crimes_assault_with_injury", MIDDLESBROUGH, END, (None, "[x]", "incomplete_period")),
            ("recorded_crimes_assault_with_injury", REDCAR, END, (None, "[c]", "suppressed")),
            ("recorded_crimes_assault_with_injury", STOCKTON, END, (None, "[x]", "incomplete_period")),
            ("recorded_crimes_assault_with_injury", DARLINGTON, END, (None, "[c]", "suppressed")),
            # A stock: the mean of four quarters, 101 / 4.
            ("benefit_claimants_jobseeker", HARTLEPOOL, END, (25.25, None, None)),
            ("young_people_aged_16_18_neet_adjusted", HARTLEPOOL, date(2009, 1, 31), (60, None, None)),
            (RETURNED, HARTLEPOOL, END, (9, None, None)),
        ],
    )
    def test_measure(
        self, engine: Engine, measure: str, area: str, end: date, expected: tuple[float | None, str | None, str | None]
    ) -> None:
        value, _, marker, reason, _ = engine.measured(measure, area, end)
        assert (None if value is None else float(value), marker, reason) == expected

    def test_mean_of_snapshots(self, engine: Engine) -> None:
        """60 of 1,000 on average; February is no part of it."""
        cell = engine.answer("ni_117", "main", HARTLEPOOL, date(2009, 1, 31))
        assert shown(cell) == (6, None, None)

    def test_weeks_stand_over_residents_on_a_day_of_the_year(self, engine: Engine) -> None:
        cell = engine.answer("ni_131", "main", HARTLEPOOL, END)
        assert shown(cell) == (15, None, None)  # 9 in 60,000 are 15 in 100,000


class TestRollUp:
    """Sums over areas come first, the formula second (rules R13 and R15)."""

    MID, SOUTH, CENTRAL_BEDFORDSHIRE = "E07000001", "E07000003", "E06000056"

    @pytest.fixture(scope="class", autouse=True)
    def _given(self, engine: Engine) -> None:
        engine.run(
            [
                *self._pair(self.MID, 120, 2_000),
                *self._pair(self.SOUTH, 900, 20_000),
                # Cheshire West and Chester is three districts: one is suppressed. Cheshire East: one is missing.
                *self._pair("E07000013", 1, 10),
                *self._pair("E07000016", SUPPRESSED, 10),
                *self._pair("E07000018", 3, 10),
                *self._pair("E07000014", 1, 10),
                *self._pair("E07000015", 3, 10),
                *stated("score_fly_tipping_grade", {HARTLEPOOL: 1, MIDDLESBROUGH: 2}, YEAR),
            ]
        )

    def _pair(self, area: str, above: float | str, below: float) -> Iterator[Figure]:
        yield from stated("household_waste_tonnes_recycled", {area: above}, YEAR)
        yield from stated("household_waste_tonnes_collected", {area: below}, YEAR)

    def test_pooled_and_not_the_mean_of_rates(self, engine: Engine) -> None:
        """R15: 120 of 2,000 and 900 of 20,000 are 4.64 % together; the mean of the rates is 5.25 %."""
        value, above, below = figure(engine.answer("ni_192", "main", self.CENTRAL_BEDFORDSHIRE, END))
        assert (round(value, 2), above, below) == (4.64, 1_020, 22_000)

    def test_a_suppressed_member_suppresses_the_sum(self, engine: Engine) -> None:
        cell = engine.answer("ni_192", "main", "E06000050", END)
        assert shown(cell) == (None, "[c]", "suppressed")
        assert cell is not None
        assert round(cell.coverage, 4) == Decimal("0.6667")

    def test_a_missing_member_makes_the_sum_unknown(self, engine: Engine) -> None:
        cell = engine.answer("ni_192", "main", "E06000049", END)
        assert shown(cell) == (None, "[x]", "incomplete_members")

    def test_scores_are_not_added(self, engine: Engine) -> None:
        assert shown(engine.answer("ni_196", "main", NORTH_EAST, END)) == (None, "[z]", "not_aggregable")
        assert shown(engine.answer("ni_196", "main", HARTLEPOOL, END)) == (1, None, None)


class TestSums:
    """Methods that set one sum against another."""

    @pytest.fixture(scope="class", autouse=True)
    def _given(self, engine: Engine) -> None:
        engine.run(
            [
                *stated("looked_after_children_sdq_score_total", {HARTLEPOOL: 1_420, STOCKTON: 3}, YEAR),
                *stated("looked_after_children_with_sdq_score", {HARTLEPOOL: 100, STOCKTON: 0}, YEAR),
                *stated("probation_caseload_reoffended", {HARTLEPOOL: 90}, YEAR),
                *stated("probation_caseload_predicted_to_reoffend", {HARTLEPOOL: 100}, YEAR),
                *quarters("benefit_claimants_out_of_work_by_lsoa", HARTLEPOOL, [300, 310, 320, 310]),
                *stated("residents_working_age_by_lsoa", {HARTLEPOOL: 1_000}, mid_year(2009)),
                # NI 59, England 2006/07 and NI 60, England 2007/08 as published, rounded to hundreds.
                *stated("initial_assessments_within_7_working_days", {ENGLAND: 208_700}, financial_year(2006)),
                *stated("initial_assessments_completed", {ENGLAND: 305_000}, financial_year(2006)),
                *stated("core_assessments_within_35_working_days", {ENGLAND: 83_700}, financial_year(2007)),
                *stated("core_assessments_completed", {ENGLAND: 105_100}, financial_year(2007)),
            ]
        )

    @pytest.mark.parametrize(
        ("indicator", "component", "area", "end", "expected"),
        [
            ("ni_058", "main", HARTLEPOOL, END, (14.2, None, None)),
            ("ni_058", "main", STOCKTON, END, (None, "[z]", "zero_denominator")),
            ("ni_058", "main", DARLINGTON, END, (None, "[x]", "not_yet_published")),
            ("ni_018", "difference", HARTLEPOOL, END, (-10, None, None)),
            ("ni_153", "main", HARTLEPOOL, END, (31, None, None)),
        ],
    )
    def test_value(
        self,
        engine: Engine,
        indicator: str,
        component: str,
        area: str,
        end: date,
        expected: tuple[float | None, str | None, str | None],
    ) -> None:
        assert shown(engine.answer(indicator, component, area, end)) == expected

    @pytest.mark.parametrize(("indicator", "year", "printed"), [("ni_059", 2006, 68), ("ni_060", 2007, 80)])
    def test_published_england(self, engine: Engine, indicator: str, year: int, printed: int) -> None:
        assert round(figure(engine.answer(indicator, "main", ENGLAND, financial_year(year)[1]))[0]) == printed


class TestComponentsOfComponents:
    """Gaps, means and sums of other components: all parts or none."""

    WAVE = (date(2009, 12, 1), date(2010, 3, 31))
    TOPICS = ("information", "transparency", "assessment", "participation", "feedback")
    SERVICES = ("health", "education", "care")
    DERBYSHIRE_SCORES = (69, 70, 65, 96, 92, 89, 76, 77, 78, 60, 48, 53, 12, 20, 25)

    @pytest.fixture(scope="class", autouse=True)
    def _given(self, engine: Engine) -> None:
        # Hounslow as printed (autumn 2009): eight sub-scores stand there, seven are withheld, and a total of 61 besides.
        hounslow = {
            ("information", "education"): 78, ("information", "care"): 65, ("assessment", "education"): 78,
            ("transparency", "health"): 91, ("transparency", "education"): 92, ("participation", "health"): 60,
            ("feedback", "education"): 25, ("feedback", "care"): 5,
        }  # fmt: skip
        figures: list[Figure] = []
        for number, (topic, service) in enumerate((t, s) for t in self.TOPICS for s in self.SERVICES):
            measure = f"score_disabled_children_{topic}_{service}"
            figures += stated(measure, {HOUNSLOW: hounslow.get((topic, service), SUPPRESSED)}, self.WAVE)
            figures += stated(measure, {DERBYSHIRE: self.DERBYSHIRE_SCORES[number]}, self.WAVE)
            if number:
                figures += stated(measure, {KENT: 50}, self.WAVE)
        for number, topic in enumerate(("learning_disabilities", "ages_16_17", "urgent_24_hour", "early_intervention")):
            camhs = f"self_assessment_camhs_{topic}"
            figures += stated(camhs, {HARTLEPOOL: (3, 4, 2, 4)[number], STOCKTON: 3 if number else "[x]"}, YEAR)
        for name, passed, all_pupils in (("sen", 10, 40), ("not_sen", 45, 60)):
            figures += stated(f"pupils_ks2_{name}_level4_english_and_maths", {HARTLEPOOL: passed}, ACADEMIC)
            figures += stated(f"pupils_ks2_{name}", {HARTLEPOOL: all_pupils, MIDDLESBROUGH: all_pupils}, ACADEMIC)
        figures += stated("pupils_ks2_sen_level4_english_and_maths", {MIDDLESBROUGH: SUPPRESSED}, ACADEMIC)
        figures += stated("pupils_ks2_not_sen_level4_english_and_maths", {MIDDLESBROUGH: 50}, ACADEMIC)
        engine.run(figures)

    def test_a_difference(self, engine: Engine) -> None:
        """45 of 60 less 10 of 40: 75 % less 25 %."""
        assert figure(engine.answer("ni_104", "main", HARTLEPOOL, ACADEMIC[1])) == (50, 75, 25)

    def test_a_suppressed_side(self, engine: Engine) -> None:
        cell = engine.answer("ni_104", "main", MIDDLESBROUGH, ACADEMIC[1])
        assert shown(cell) == (None, "[c]", "part_suppressed")
        assert cell is not None
        assert cell.numerator is None

    def test_the_gap_of_a_region_needs_both_sides_of_every_council(self, engine: Engine) -> None:
        cell = engine.answer("ni_104", "main", NORTH_EAST, ACADEMIC[1])
        assert shown(cell) == (None, "[c]", "part_suppressed")

    def test_hounslow_has_no_mean(self, engine: Engine) -> None:
        """The mean of the eight printed sub-scores would be 61.75, near the printed total of 61: it must not be given."""
        cell = engine.answer("ni_054", "main", HOUNSLOW, self.WAVE[1])
        assert shown(cell) == (None, "[c]", "part_suppressed")
        assert cell is not None
        assert (cell.numerator, cell.denominator) == (None, None)
        assert shown(engine.answer("ni_054", "information_care", HOUNSLOW, self.WAVE[1])) == (65, None, None)

    def test_a_mean_of_all_parts(self, engine: Engine) -> None:
        """930 points over 15 parts."""
        assert sum(self.DERBYSHIRE_SCORES) == 930
        cell = engine.answer("ni_054", "main", DERBYSHIRE, self.WAVE[1])
        assert shown(cell) == (62, None, None)

    def test_a_missing_part_makes_the_mean_unknown(self, engine: Engine) -> None:
        assert shown(engine.answer("ni_054", "main", KENT, self.WAVE[1])) == (None, "[x]", "incomplete_parts")

    def test_sums_of_parts(self, engine: Engine) -> None:
        assert shown(engine.answer("ni_051", "main", HARTLEPOOL, END)) == (13, None, None)
        assert shown(engine.answer("ni_051", "main", STOCKTON, END)) == (None, "[x]", "incomplete_parts")

    def test_means_of_scores_are_not_rolled_up(self, engine: Engine) -> None:
        assert shown(engine.answer("ni_054", "main", ENGLAND, self.WAVE[1])) == (None, "[z]", "not_aggregable")


class TestChanges:
    """Changes from a baseline and of rolling means."""

    @pytest.fixture(scope="class", autouse=True)
    def _given(self, engine: Engine) -> None:
        figures: list[Figure] = []
        for area, years in {
            # Area: year and its release.
            HARTLEPOOL: {2009: 1, 2010: 1},
            MIDDLESBROUGH: {2009: 1, 2010: 2},
            REDCAR: {2009: 1, 2010: 1},
        }.items():
            for year, release in years.items():
                tonnes = {2009: 200, 2010: 250 if area == HARTLEPOOL else 180}[year]
                figures += stated("co2_tonnes_council_operations", {area: tonnes}, financial_year(year - 1), release)
        figures += stated("drug_users_in_effective_treatment", {HARTLEPOOL: 400}, financial_year(2007), 1)
        figures += stated("drug_users_in_effective_treatment", {HARTLEPOOL: 500}, financial_year(2009), 2)
        for year, count in zip(range(2005, 2009), (100, 90, 80, 70), strict=True):
            figures += stated("road_casualties_ksi", {HARTLEPOOL: count}, calendar_year(year))
        for year, count in ((2008, 200), (2009, 150)):
            figures += stated("fly_tipping_incidents", {HARTLEPOOL: count}, financial_year(year))
        engine.run(figures, releases=(1, 2))

    def test_a_fall_is_positive_where_the_sign_says_so(self, engine: Engine) -> None:
        assert shown(engine.answer("ni_185", "main", REDCAR, END)) == (10, None, None)
        assert shown(engine.answer("ni_185", "main", HARTLEPOOL, END)) == (-25, None, None)
        # 80 in 2006-2008 against 90 in 2005-2007.
        assert shown(engine.answer("ni_047", "main", HARTLEPOOL, date(2008, 12, 31))) == (11.111111111, None, None)
        # A window of one year; a fall stays a fall here.
        assert shown(engine.answer("ni_196", "incidents", HARTLEPOOL, END)) == (-25, None, None)

    def test_releases_are_mixed_only_where_they_may_be(self, engine: Engine) -> None:
        assert shown(engine.answer("ni_185", "main", MIDDLESBROUGH, END)) == (None, "[x]", "mixed_releases")
        assert shown(engine.answer("ni_040", "change", HARTLEPOOL, END)) == (25, None, None)

    def test_the_baseline_year_is_not_due(self, engine: Engine) -> None:
        cell = engine.answer("ni_185", "main", HARTLEPOOL, date(2009, 3, 31))
        assert shown(cell) == (None, "[z]", "baseline_year")
