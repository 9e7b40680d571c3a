"""Bodies' own areas become councils, and the index has every cell that the framework expects."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from datetime import date

import pytest

from ingest.settings import ROOT
from tests.warehouse.engine import Engine, Figure, calendar_year, financial_year, mid_year, shown

pytestmark = pytest.mark.warehouse

SEEDS = ROOT / "dbt_project" / "seeds"
MIDDLESBROUGH, REDCAR, HARTLEPOOL = "E06000002", "E06000003", "E06000001"
SOUTH_TEES = "YOT07"
CLEVELAND_POLICE = "E23000013"
BIRMINGHAM, BIRMINGHAM_TRUSTS = "E08000025", ("E16000064", "E16000073", "E16000117")
MERTON, SUTTON, SUTTON_AND_MERTON = "E09000024", "E09000029", "E16000068"
YEAR = financial_year(2009)
END = YEAR[1]
FRAMEWORK = [financial_year(year) for year in (2008, 2009, 2010)]
TRUST_SCORES = ("learning_disabilities", "ages_16_17", "urgent_24_hour", "early_intervention")


def rows(name: str) -> list[dict[str, str]]:
    """Rows of a seed."""
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def quarters(measure: str, area: str, value: float | None, marker: str | None = None) -> Iterator[Figure]:
    """The same figure for each quarter of 2009/10."""
    for start, end in (("2009-04-01", "2009-06-30"), ("2009-07-01", "2009-09-30"), ("2009-10-01", "2009-12-31")):
        yield Figure(measure, area, date.fromisoformat(start), date.fromisoformat(end), value, marker)
    yield Figure(measure, area, date(2010, 1, 1), END, value, marker)


@pytest.fixture(scope="module", autouse=True)
def _given(engine: Engine) -> None:
    figures = [
        Figure("young_offenders_in_suitable_education_or_work", SOUTH_TEES, *YEAR, 30),
        Figure("young_offenders_programme_ended", SOUTH_TEES, *YEAR, 40),
        Figure("recorded_crimes_serious_with_knife", CLEVELAND_POLICE, *YEAR, 50),
        # Old definition, delivered beyond its last year.
        *(Figure("reoffences_by_youth_cohort", HARTLEPOOL, *year, 5) for year in FRAMEWORK),
        *(Figure("young_offenders_in_reoffending_cohort", HARTLEPOOL, *year, 4) for year in FRAMEWORK),
        # Before the framework's years: a value, one withheld, and none.
        Figure("drug_users_in_effective_treatment", HARTLEPOOL, *financial_year(2006), 7),
        Figure("drug_users_in_effective_treatment", MIDDLESBROUGH, *financial_year(2006), None, "[c]"),
        Figure("drug_users_in_effective_treatment", REDCAR, *financial_year(2006), None, "[x]"),
        Figure("employment_rate_16_to_64_published", HARTLEPOOL, *calendar_year(2009), 64.5),
    ]
    for trust, infants in zip(BIRMINGHAM_TRUSTS, (100, 200, 300), strict=True):
        figures += quarters("infants_due_6_8_week_check", trust, infants)
        gap = trust == BIRMINGHAM_TRUSTS[2]
        figures += quarters(
            "infants_totally_breastfed_at_6_8_weeks", trust, None if gap else 10, "[c]" if gap else None
        )
    figures += quarters("infants_due_6_8_week_check", SUTTON_AND_MERTON, 1_000)
    for topic in TRUST_SCORES:
        for trust, score in zip((*BIRMINGHAM_TRUSTS, SUTTON_AND_MERTON), (4, 3, 2, 4), strict=True):
            figures.append(Figure(f"self_assessment_camhs_{topic}", trust, *YEAR, score))
    for band in rows("standard_populations"):
        if band["standard_population"] == "england_18_and_over":
            for year in FRAMEWORK:
                users, people = "adults_self_directed_support", "residents_aged_18_and_over"
                figures.append(Figure(f"{users}_by_care_age_band", HARTLEPOOL, *year, 3, stratum=band["stratum"]))
                day = mid_year(year[0].year)
                figures.append(Figure(f"{people}_by_care_age_band", HARTLEPOOL, *day, 1_500, stratum=band["stratum"]))
    engine.run(figures)


def cell(engine: Engine, indicator: str, component: str, area: str, end: date = END) -> tuple[object, ...] | None:
    """Value, marker and reason of a cell of the facts."""
    found = engine.answer(indicator, component, area, end)
    return None if found is None else (None if found.value is None else float(found.value), found.marker, found.reason)


class TestAreasOfBodies:
    """Many bodies to one council, one body to many councils."""

    def test_councils_that_a_team_reports_together(self, engine: Engine) -> None:
        for area in (MIDDLESBROUGH, REDCAR):
            assert cell(engine, "ni_045", "main", area) == (None, "[x]", "reported_jointly")
        assert cell(engine, "ni_045", "main", HARTLEPOOL) == (None, "[x]", "not_yet_published")

    def test_the_team_itself_is_not_reported_on_but_counts(self, engine: Engine) -> None:
        assert cell(engine, "ni_045", "main", SOUTH_TEES) is None
        _, origin, _, _, coverage = engine.measured("young_offenders_programme_ended", "E12000001", END)
        # Two of the 23 councils of the North East.
        assert origin == "summed"
        assert round(float(coverage), 6) == round(2 / 23, 6)

    def test_councils_of_a_police_force(self, engine: Engine) -> None:
        assert engine.measured("recorded_crimes_serious_with_knife", HARTLEPOOL, END)[1:4] == (
            "joint", "[x]", "reported_jointly",
        )  # fmt: skip

    def test_trusts_that_make_a_council(self, engine: Engine) -> None:
        """4 x (100 + 200 + 300) infants, and no estimate in it."""
        value, origin, marker, _, _ = engine.measured("infants_due_6_8_week_check", BIRMINGHAM, END)
        assert (float(value), origin, marker) == (2_400, "stated", None)

    def test_a_suppressed_trust_suppresses_the_council(self, engine: Engine) -> None:
        value, _, marker, reason, _ = engine.measured("infants_totally_breastfed_at_6_8_weeks", BIRMINGHAM, END)
        assert (value, marker, reason) == (None, "[c]", "suppressed")

    def test_a_trust_of_two_councils_is_shared_and_estimated(self, engine: Engine) -> None:
        shares = {
            row["area_code"]: float(row["weight"]) for row in rows("area_bridges") if row["body_area"] == "E16000068"
        }
        assert shares.keys() == {MERTON, SUTTON}
        for area, share in shares.items():
            value, _, marker, _, _ = engine.measured("infants_due_6_8_week_check", area, END)
            assert float(value) == pytest.approx(4_000 * share)
            assert marker == "[e]"

    def test_scores_of_trusts_are_weighted_by_where_people_live(self, engine: Engine) -> None:
        shares = {r["body_area"]: float(r["mean_weight"]) for r in rows("area_bridges") if r["area_code"] == BIRMINGHAM}
        mean = sum(shares[trust] * score for trust, score in zip(BIRMINGHAM_TRUSTS, (4, 3, 2), strict=True))
        value, marker, _ = shown(engine.answer("ni_051", "main", BIRMINGHAM, END))
        assert value == pytest.approx(4 * mean)
        assert marker == "[e]"


class TestIndex:
    """Every cell is a value or a marker with a reason."""

    def test_all_areas_components_and_years_are_there(self, engine: Engine) -> None:
        in_force = {row["area_code"]: row for row in rows("areas")}
        agreement = [row["area_code"] for row in rows("area_sets") if row["area_set"] == "laa_2008"]
        # A survey date is no period that falls due by a rule: its component stands beside the headline.
        components = {
            (row["indicator_id"], row["component"])
            for row in rows("indicator_components")
            if row["period_type"] != "survey_date"
        }
        found = Counter(
            engine.query(
                "select distinct indicator_id, component, area_code, framework_year from candidate.fact_value "
                "where value is not null or (marker is not null and reason is not null)"
            )
        )
        for _, last in FRAMEWORK:
            year = f"{last.year - 1}-{last.year % 100:02}"
            for area in agreement:
                ends = in_force[area]["valid_to"]
                if ends and ends < last.isoformat():
                    continue
                missing = {key for key in components if (*key, area, year) not in found}
                assert not missing, (area, year, sorted(missing)[:5])

    def test_a_year_without_a_survey(self, engine: Engine) -> None:
        assert cell(engine, "ni_005", "main", HARTLEPOOL, date(2008, 12, 19)) == (None, "[x]", "not_yet_published")
        assert cell(engine, "ni_005", "main", HARTLEPOOL) == (None, "[z]", "no_survey")
        assert cell(engine, "ni_054", "main", HARTLEPOOL, date(2011, 3, 31)) == (None, "[z]", "no_survey")

    @pytest.mark.parametrize(
        ("indicator", "component", "end", "reason"),
        [
            ("ni_012", "main", date(2009, 3, 31), "deferred"),
            ("ni_024", "main", END, "withdrawn"),
            ("ni_074", "main", date(2009, 8, 31), "series_ended"),
            ("ni_050", "main", date(2011, 3, 31), "series_ended"),
            ("ni_130", "main", END, "definition_changed"),
            ("ni_199", "main", date(2008, 6, 13), "no_survey"),
            ("ni_015", "met_police", END, "other_source"),
        ],
    )
    def test_what_is_not_due_says_why(
        self, engine: Engine, indicator: str, component: str, end: date, reason: str
    ) -> None:
        assert cell(engine, indicator, component, HARTLEPOOL, end) == (None, "[z]", reason)

    def test_the_year_before_the_definition_changed(self, engine: Engine) -> None:
        """3 of 1,500 in each band are 200 in 100,000, whatever the weights."""
        assert cell(engine, "ni_130", "main", HARTLEPOOL, date(2009, 3, 31)) == (200, None, None)
        assert cell(engine, "ni_130", "share", HARTLEPOOL, date(2009, 3, 31)) == (None, "[z]", "definition_changed")

    def test_a_stand_in_is_shown_where_it_has_a_figure(self, engine: Engine) -> None:
        assert cell(engine, "ni_151", "ages_16_to_64", HARTLEPOOL, date(2009, 12, 31)) == (64.5, None, None)

    def test_earlier_years_hold_what_was_stated_and_no_more(self, engine: Engine) -> None:
        end = date(2007, 3, 31)
        assert cell(engine, "ni_040", "main", HARTLEPOOL, end) == (7, None, None)
        assert cell(engine, "ni_040", "main", MIDDLESBROUGH, end) == (None, "[c]", "suppressed")
        assert cell(engine, "ni_040", "main", REDCAR, end) is None
        # A region with a withheld member is withheld; one without any figure has no cell.
        assert cell(engine, "ni_040", "main", "E12000001", end) == (None, "[c]", "suppressed")
        assert cell(engine, "ni_040", "main", "E12000002", end) is None

    def test_november_to_january_lies_in_the_year_that_began_before_it(self, engine: Engine) -> None:
        years = engine.query(
            "select distinct period_end, framework_year from candidate.fact_value "
            "where indicator_id = 'ni_117' and component = 'main' order by 1"
        )
        assert years == [
            (date(2009, 1, 31), "2008-09"), (date(2010, 1, 31), "2009-10"), (date(2011, 1, 31), "2010-11"),
        ]  # fmt: skip
