"""The arithmetic of targets and rewards on published and worked numbers; expected values are none of our own code's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import jinja2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from ingest.settings import ROOT

pytestmark = pytest.mark.warehouse

TERMS = ("actual", "baseline", "target", "direction", "elapsed", "span", "lower_limit", "upper_limit")


class Macros:
    """Macros of dbt over the columns of a table of numbers, run in PostgreSQL."""

    def __init__(self, connection: Connection) -> None:
        loader = jinja2.FileSystemLoader(ROOT / "dbt_project" / "macros")
        environment = jinja2.Environment(loader=loader, autoescape=False)
        for file in ("targets.sql", "rewards.sql"):
            # Macros of one file are known in the others, as they are to dbt.
            environment.globals |= {
                name: macro
                for name, macro in vars(environment.get_template(file).module).items()
                if not name.startswith("_")
            }
        self.macros: dict[str, Any] = environment.globals
        self.connection = connection
        # A table, not a list of values: the planner would work out constants in branches that are never taken.
        columns = ", ".join(f"{name} numeric" for name in TERMS)
        connection.execute(f"create temporary table term ({columns}, kind text, unit text, polarity text)".encode())

    def __call__(self, macro: str, *arguments: str, **terms: object) -> Any:
        """What a macro over these terms gives; other arguments stand as SQL."""
        self.connection.execute("truncate term")
        names = ", ".join(terms)
        marks = ", ".join(["%s"] * len(terms))
        self.connection.execute(f"insert into term ({names}) values ({marks})".encode(), list(terms.values()))
        row = self.connection.execute(f"select {self.macros[macro](*arguments)} from term".encode()).fetchone()
        assert row is not None
        return row[0]


@pytest.fixture(scope="module")
def macro(functions: Connection) -> Iterator[Macros]:
    yield Macros(functions)
    functions.execute("drop table term")


def close(value: object, expected: float, places: int) -> bool:
    return isinstance(value, Decimal) and abs(float(value) - expected) <= 0.5 * 10**-places


NEET = {"baseline": Decimal("8.0"), "target": Decimal("6.0")}
WAY = ("actual", "baseline", "target", "direction")


class TestAchievement:
    """R2."""

    def test_young_people_out_of_work(self, macro: Macros) -> None:
        assert close(macro("target_achievement", *WAY, actual=Decimal("6.9"), direction=-1, **NEET), 0.55, 9)

    @pytest.mark.parametrize(
        ("actual", "capped"), [("5.6", 1), ("6.0", 1), ("6.9", 0.55), ("8.0", 0), ("8.6", 0), (None, None)]
    )
    def test_it_is_capped_where_it_is_scored(self, macro: Macros, actual: str | None, capped: float | None) -> None:
        given_terms = {"actual": actual and Decimal(actual), "direction": -1, **NEET}
        found = macro("capped", macro.macros["target_achievement"](*WAY), **given_terms)
        assert found is None if capped is None else close(found, capped, 9)

    def test_without_a_way_to_go_there_is_no_ratio(self, macro: Macros) -> None:
        assert macro("target_achievement", *WAY, actual=5, baseline=6, target=6, direction=-1) is None
        assert macro("target_achievement", *WAY, actual=5, baseline=None, target=6, direction=-1) is None
        # Unemployment may rise to 7 and no further: half of that is not half a success.
        assert macro("target_achievement", *WAY, actual=Decimal("5.5"), baseline=4, target=7, direction=-1) is None

    @pytest.mark.parametrize(
        ("actual", "target", "direction", "met"),
        [
            ("6.0", "6.0", -1, True), ("5.9", "6.0", -1, True), ("6.1", "6.0", -1, False),
            ("6.0", "6.0", 1, True), ("5.9", "6.0", 1, False), ("6.1", "6.0", 1, True),
            ("6.0", "6.0", None, None), (None, "6.0", 1, None),
        ],
    )  # fmt: skip
    def test_met_is_at_least_as_good(
        self, macro: Macros, actual: str | None, target: str, direction: int | None, met: bool | None
    ) -> None:
        terms = {"actual": actual and Decimal(actual), "target": Decimal(target), "direction": direction}
        assert macro("target_met", "actual", "target", "direction", **terms) is met

    @pytest.mark.parametrize(
        ("polarity", "baseline", "target", "direction"),
        [
            ("higher_is_better", 8, 6, 1), ("lower_is_better", 6, 8, -1), ("neutral", 6, 8, 1),
            ("neutral", 8, 6, -1), ("neutral", 6, 6, None), ("neutral", None, 6, None), (None, 8, 6, -1),
        ],
    )  # fmt: skip
    def test_the_way_is_the_polarity_where_the_catalogue_has_none(
        self, macro: Macros, polarity: str | None, baseline: int | None, target: int, direction: int | None
    ) -> None:
        found = macro(
            "target_direction", "polarity", "baseline", "target", polarity=polarity, baseline=baseline, target=target
        )
        assert found == direction

    figures = st.decimals(min_value=-1000, max_value=1000, places=2)

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(actual=figures, baseline=figures, target=figures, better=st.sampled_from([1, -1]))
    def test_turning_the_sign_of_everything_turns_nothing(
        self, macro: Macros, actual: Decimal, baseline: Decimal, target: Decimal, better: int
    ) -> None:
        one = {"actual": actual, "baseline": baseline, "target": target, "direction": better}
        other = {"actual": -actual, "baseline": -baseline, "target": -target, "direction": -better}
        ratio = macro("target_achievement", *WAY, **one)
        assert macro("target_achievement", *WAY, **other) == ratio
        met = macro("target_met", "actual", "target", "direction", **one)
        assert macro("target_met", "actual", "target", "direction", **other) is met
        assert ratio is None or (ratio >= 1) is met
        capped = macro("capped", macro.macros["target_achievement"](*WAY), **one)
        assert capped == (None if ratio is None else min(max(ratio, 0), 1))


class TestReward:
    """R3."""

    STRETCH = ("actual", "baseline", "target")

    @pytest.mark.parametrize(
        ("actual", "paid"),
        [("58", 60_000), ("59", 80_000), ("61", 100_000), ("57.9", 0), ("60", 100_000), ("54", 0), ("58.0", 60_000)],
    )
    def test_stretch_targets_pay_in_proportion_from_sixty_per_cent(self, macro: Macros, actual: str, paid: int) -> None:
        performance = macro.macros["stretch_performance"](*self.STRETCH)
        expression = f"100000 * ({macro.macros['reward_paid'](performance, '0.60')})"
        terms = {"actual": Decimal(actual), "baseline": 55, "target": 60}
        macro.macros["as_it_is"] = lambda text: text
        assert macro("as_it_is", expression, **terms) == paid

    def test_the_edge_is_exact_where_a_float_would_not_pay(self, macro: Macros) -> None:
        """From 0.1 to 0.6 the figure 0.4 is 60 % of the way: 0.6000000000000001 or less in floats, by chance."""
        for without, stretched, actual in (("0.1", "0.6", "0.4"), ("0.7", "1.2", "1.0"), ("10.1", "10.6", "10.4")):
            terms = {"actual": Decimal(actual), "baseline": Decimal(without), "target": Decimal(stretched)}
            performance = macro.macros["stretch_performance"](*self.STRETCH)
            assert macro("reward_paid", performance, "0.60", **terms) == Decimal("0.6")
        below = (10.4 - 10.1) / (10.6 - 10.1)
        assert below != 0.6  # what a float makes of it

    def test_pots_that_were_agreed(self, macro: Macros) -> None:
        """The Isle of Wight rounded its pot to thousands; Bath and North East Somerset had 3.577 million for 12."""
        assert macro("reward_pot", "132993000", "0.025", actual=0) == Decimal("3324825")
        assert round(macro("reward_pot", "132993000", "0.025", actual=0), -3) == 3_325_000
        assert close(macro("reward_share", "3577000", "12", actual=0), 298083.33, 2)
        assert close(macro("reward_share", "3577000", "12", "2", actual=0), 149041.67, 2)

    def test_one_result_over_all_targets(self, macro: Macros) -> None:
        achieved = ("1.2", ".95", ".55", ".70", "-.30")
        rows = ", ".join(f"({value})" for value in achieved)
        mean = f"(select avg({macro.macros['capped']('a')}) from (values {rows}) as of_target (a))"
        macro.macros["as_it_is"] = lambda text: text
        assert macro("as_it_is", mean, actual=0) == Decimal("0.64")
        assert macro("reward_paid", mean, "0.60", actual=0) == Decimal("0.64")
        assert macro("reward_paid", mean, "0.65", actual=0) == 0


class TestOnTrack:
    """R4: NEET 8.0 in 2007/08, 7.1 in 2009/10, target 6.0 in 2010/11; worked with Python's floats beside."""

    def ratio(self, macro: Macros, form: str, **terms: object) -> Any:
        return macro(
            "progress_ratio", f"'{form}'", "actual", "baseline", "target", "elapsed", "span", "direction", **terms
        )

    @pytest.fixture
    def neet(self) -> dict[str, object]:
        return {"actual": Decimal("7.1"), "elapsed": 2, "span": 3, "direction": -1, **NEET}

    def test_growth_so_far_and_growth_needed(self, macro: Macros, neet: dict[str, object]) -> None:
        assert close(100 * macro("yearly_growth", "actual", "baseline", "elapsed::int", **neet), -5.79, 2)
        assert close(100 * macro("yearly_growth", "target", "baseline", "span::int", **neet), -9.14, 2)

    def test_ratio_status_and_score(self, macro: Macros, neet: dict[str, object]) -> None:
        ratio = self.ratio(macro, "exponential", **neet)
        assert close(ratio, 0.634, 3)
        assert close(macro("on_track_score", f"{ratio}", **neet), 0.24, 2)
        assert macro("on_track_status", "'exponential'", f"{ratio}", "false", **neet) == "acceleration_needed"

    @pytest.mark.parametrize(
        ("ratio", "reached", "status"),
        [
            ("0.2", "true", "met"), ("0.95", "false", "on_track"), ("0.949", "false", "acceleration_needed"),
            ("0.60", "false", "acceleration_needed"), ("0.599", "false", "limited"), ("0", "false", "limited"),
            ("-0.001", "false", "deterioration"), ("null::numeric", "false", None), ("null::numeric", "true", "met"),
        ],
    )  # fmt: skip
    def test_status_of_a_ratio(self, macro: Macros, ratio: str, reached: str, status: str | None) -> None:
        assert macro("on_track_status", "'linear'", ratio, reached, actual=0) == status

    @pytest.mark.parametrize(
        ("growth", "status"),
        [
            ("0.015", "on_track"), ("0.0149", "acceleration_needed"), ("0.005", "acceleration_needed"),
            ("0.0049", "limited"), ("0", "limited"), ("-0.0001", "deterioration"),
        ],
    )  # fmt: skip
    def test_status_of_growth_without_a_target(self, macro: Macros, growth: str, status: str) -> None:
        assert macro("on_track_status", "'no_target'", growth, "null::boolean", actual=0) == status

    @pytest.mark.parametrize(
        ("ratio", "score"),
        [("-0.6", -5), ("-2", -5), ("0.6", 0), ("0", -2.5), ("1.3", 5), ("9", 5), ("0.95", 2.5)],
    )
    def test_score_is_straight_between_its_corners(self, macro: Macros, ratio: str, score: float) -> None:
        assert close(macro("on_track_score", ratio, actual=0), score, 9)

    @pytest.mark.parametrize(
        ("terms", "form"),
        [
            ({"actual": "7.1", "baseline": "8.0", "target": "6.0"}, "exponential"),
            ({"actual": "3", "baseline": "8.0", "target": "6.0"}, "linear"),
            ({"actual": "96", "baseline": "90", "target": "94"}, "linear"),
            ({"actual": "3", "baseline": "8.0", "target": "6.0", "unit": "per 1,000"}, "exponential"),
            ({"actual": "20", "baseline": "30", "target": "25", "kind": "gap"}, "linear"),
            ({"actual": "20", "baseline": "30", "target": "25", "kind": "relative_to"}, "linear"),
            ({"actual": "-2", "baseline": "30", "target": "25", "unit": "points"}, "linear"),
            ({"actual": "20", "baseline": "30", "target": "30"}, "maintain"),
            ({"actual": "20", "baseline": "30", "target": None}, "no_target"),
        ],
    )
    def test_form_that_fits(self, macro: Macros, terms: dict[str, Any], form: str) -> None:
        numbers = {
            name: value if name in {"kind", "unit"} or value is None else Decimal(value)
            for name, value in terms.items()
        }
        given_terms = {"unit": "%", "kind": "absolute"} | numbers
        assert macro("progress_form", "actual", "baseline", "target", "kind", "unit", **given_terms) == form

    def test_straight_path_of_a_gap_and_over_zero(self, macro: Macros) -> None:
        """A gap of 20 to be 14 in three years is 17 after two: half the way, three quarters of the pace."""
        gap = {"actual": 17, "baseline": 20, "target": 14, "elapsed": 2, "span": 3, "direction": -1}
        assert close(self.ratio(macro, "linear", **gap), 0.75, 9)
        over_zero = {"actual": 1, "baseline": -2, "target": 2, "elapsed": 1, "span": 2, "direction": 1}
        assert close(self.ratio(macro, "linear", **over_zero), 1.5, 9)
        worse = gap | {"actual": 23}
        assert close(self.ratio(macro, "linear", **worse), -0.75, 9)

    def test_zero_stands_as_a_thousandth(self, macro: Macros) -> None:
        terms = {"actual": 4, "baseline": 8, "target": 0, "elapsed": 1, "span": 3, "direction": -1}
        assert close(self.ratio(macro, "exponential", **terms), 0.5 / (1 - (0.001 / 8) ** (1 / 3)), 6)
        from_zero = {
            "actual": Decimal("0.002"),
            "baseline": 0,
            "target": Decimal("0.004"),
            "elapsed": 1,
            "span": 2,
            "direction": 1,
        }
        assert close(self.ratio(macro, "exponential", **from_zero), 1.0, 6)

    def test_two_points_at_least(self, macro: Macros) -> None:
        terms = {"actual": 7, "baseline": 8, "target": 6, "span": 3, "direction": -1}
        assert self.ratio(macro, "exponential", elapsed=0, **terms) is None
        assert self.ratio(macro, "linear", elapsed=-1, **terms) is None

    @pytest.mark.parametrize(
        ("form", "elapsed", "needed"),
        [
            ("exponential", 1, 8 * (1 + 0.95 * ((6 / 8) ** (1 / 3) - 1)) ** 2),
            ("linear", 1, 8 - 0.95 * 2 * 2 / 3),
            ("exponential", 2, 6.0), ("linear", 2, 6.0), ("maintain", 0, 6.0), ("linear", 3, None),
        ],
    )  # fmt: skip
    def test_what_is_needed_next_year(self, macro: Macros, form: str, elapsed: int, needed: float | None) -> None:
        found = macro(
            "needed_next_year", f"'{form}'", "baseline", "target", "elapsed", "span", elapsed=elapsed, span=3, **NEET
        )
        assert found is None if needed is None else close(found, needed, 6)

    def test_who_has_what_is_needed_is_on_track(self, macro: Macros) -> None:
        for form in ("exponential", "linear"):
            names = ("baseline", "target", "elapsed", "span")
            needed = macro("needed_next_year", f"'{form}'", *names, elapsed=1, span=4, **NEET)
            assert close(self.ratio(macro, form, actual=needed, elapsed=2, span=4, direction=-1, **NEET), 0.95, 6)


class TestBeyondDoubt:
    """R5: lower >= target is better where high is good, upper < target is worse, else the same."""

    @pytest.mark.parametrize(
        ("limits", "direction", "found"),
        [
            ((60, 65), 1, "better"), ((59, 65), 1, "same"), ((55, 60), 1, "same"), ((55, 59), 1, "worse"),
            ((55, 60), -1, "better"), ((55, 61), -1, "same"), ((60, 65), -1, "same"), ((61, 65), -1, "worse"),
            ((None, 65), 1, None), ((55, 65), None, None),
        ],
    )  # fmt: skip
    def test_the_whole_interval_counts(
        self, macro: Macros, limits: Sequence[int | None], direction: int | None, found: str | None
    ) -> None:
        terms = {"lower_limit": limits[0], "upper_limit": limits[1], "target": 60, "direction": direction}
        assert macro("target_test", "lower_limit", "upper_limit", "target", "direction", **terms) == found


class TestDetectability:
    """R6: at p near .5 and n = 1,100 the smallest change is 4.2 points; with 200 events a rate of 20 moves by 3.9."""

    def smallest(self, macro: Macros, *arguments: str) -> Any:
        return macro("smallest_detectable", *arguments, actual=0)

    def test_a_survey(self, macro: Macros) -> None:
        assert close(self.smallest(macro, "'survey_design'", "'ratio'", "50.0", "100", "1100", "1"), 4.2, 1)
        # sqrt(1.3) times as much
        assert close(self.smallest(macro, "'survey_design'", "'ratio'", "50.0", "100", "1100", "1.3"), 4.76, 2)

    def test_counts_and_rates(self, macro: Macros) -> None:
        # 1.96 * sqrt(2 * 200) events; of 10,000 people a tenth of that in the thousand
        assert close(self.smallest(macro, "'byar'", "'count'", "200.0", "1", "null", "1"), 39.2, 1)
        assert close(self.smallest(macro, "'byar'", "'ratio'", "20.0", "1000", "10000", "1"), 3.92, 2)
        assert self.smallest(macro, "'none'", "'ratio'", "20.0", "1000", "10000", "1") is None
