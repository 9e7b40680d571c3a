"""Small counts of people are hidden by rule, and nothing that is shown gives them away (NHS England's rule, R13)."""

from __future__ import annotations

from datetime import date

import pytest

from ingest import database
from tests.warehouse.engine import Engine, calendar_year, financial_year, stated

pytestmark = pytest.mark.warehouse

ENTRANTS = "first_time_entrants_aged_10_17"
"""Of a body without a rule of its own."""

YEAR = financial_year(2009)
END = YEAR[1]
HIDDEN = (None, "[c]", "suppressed")
GUARD = (None, "[c]", "secondary_suppression")
ENGLAND, NORTH_EAST = "E92000001", "E12000001"
HARTLEPOOL, MIDDLESBROUGH, REDCAR, STOCKTON, DARLINGTON = (f"E0600000{n}" for n in range(1, 6))
COUNTS = dict(
    zip((*(f"E0600000{n}" for n in range(1, 6)), "E09000018", "E09000019"), (0, 1, 7, 8, 12, 13, 102), strict=True)
)


def entrants(engine: Engine) -> dict[str, tuple[float | None, str | None, str | None]]:
    """Value, marker and reason of the count of first-time entrants, by area."""
    cells = engine.values("ni_111", "count")
    return {
        area: (None if value is None else float(value), marker, reason)
        for (area, end), (value, marker, reason) in cells.items()
        if end == END
    }


def in_force(engine: Engine, rule_id: str) -> None:
    """Switch our own rule."""
    with database.connect(engine.settings, "nis_transformer") as connection:
        connection.execute(
            "update catalogue.disclosure_rules set in_force = case rule_id when %s then 'yes' else 'no' end "
            "where kind = 'own'",
            (rule_id,),
        )


@pytest.mark.parametrize(
    ("rule_id", "expected"),
    [
        ("exact_totals", [0, None, None, 8, 12, 13, 102]),
        # As published: 0, 1, 7, 8, 12, 13, 102 become 0, [c], [c], 10, 10, 15, 100.
        ("nhs_england", [0, None, None, 10, 10, 15, 100]),
    ],
)
def test_counts_of_one_to_seven_are_hidden(engine: Engine, rule_id: str, expected: list[float | None]) -> None:
    in_force(engine, rule_id)
    try:
        engine.run(stated(ENTRANTS, COUNTS, YEAR), marts=False)
    finally:
        in_force(engine, "exact_totals")
    found = entrants(engine)
    assert [found[area][0] for area in COUNTS] == expected
    assert [found[area][1] for area in COUNTS] == ["[c]" if value is None else None for value in expected]


class TestRegionOfCouncils:
    """Two parts of a printed total: 40, a small one, 55 and others that leave the total its sum."""

    @pytest.fixture(scope="class", autouse=True)
    def _given(self, engine: Engine) -> None:
        north_east = engine.query(
            "select distinct c.contained_id from measures.territory_contains as c "
            "inner join measures.area_territory as t on c.contained_id = t.territory_id "
            "where c.container_id = %s and t.area_type in ('unitary', 'metropolitan_district', 'county')",
            NORTH_EAST,
        )
        counts = {str(area): 100 + place for place, (area,) in enumerate(sorted(north_east))}
        counts |= {HARTLEPOOL: 40, MIDDLESBROUGH: 3, REDCAR: 55}
        engine.run(stated(ENTRANTS, counts, YEAR))

    def test_small_count_and_the_smallest_that_guards_it_are_hidden(self, engine: Engine) -> None:
        found = entrants(engine)
        assert found[MIDDLESBROUGH] == HIDDEN
        assert found[HARTLEPOOL] == GUARD
        assert found[REDCAR] == (55, None, None)

    def test_total_is_printed_exactly(self, engine: Engine) -> None:
        value, marker, _ = entrants(engine)[NORTH_EAST]
        assert (value is not None and value > 98, marker) == (True, None)

    def test_neither_side_of_a_hidden_figure_is_in_the_facts(self, engine: Engine) -> None:
        rows = engine.query(
            "select count(*), count(numerator), count(denominator), count(lower_limit) from candidate.fact_value "
            "where indicator_id = 'ni_111' and area_code in (%s, %s) and period_end = %s and marker = '[c]'",
            MIDDLESBROUGH, HARTLEPOOL, END,
        )  # fmt: skip
        assert rows == [(4, 0, 0, 0)]


def test_one_council_that_its_body_hides_is_guarded_by_another(engine: Engine) -> None:
    # The body prints the country and hides one of five councils: 200 less what is shown would tell it.
    counts: dict[str, float | str] = {
        HARTLEPOOL: 60, MIDDLESBROUGH: "[c]", REDCAR: 50, STOCKTON: 45, DARLINGTON: 8, ENGLAND: 166,
    }  # fmt: skip
    level_4: dict[str, float | str] = {
        HARTLEPOOL: 30, MIDDLESBROUGH: "[c]", REDCAR: 25, STOCKTON: 20, DARLINGTON: 6, ENGLAND: 82,
    }  # fmt: skip
    year = (date(2008, 9, 1), date(2009, 8, 31))
    pupils = "pupils_ks2_ethnic_aban"
    figures = [*stated(pupils, counts, year), *stated(f"{pupils}_level4_english_and_maths", level_4, year)]
    engine.run(figures, marts=False)
    rows = engine.query(
        "select area_code, reason from indicators.component_withheld "
        "where indicator_id = 'ni_107' and component = 'aban' order by 1"
    )
    # 8 is less than twice what the rule hides (1 to 5) and could not make up for all of it.
    assert rows == [(STOCKTON, "secondary_suppression")]


def test_printed_figures_of_bodies_that_hide_nothing_stay(engine: Engine) -> None:
    engine.run(stated("road_casualties_ksi", {HARTLEPOOL: 3}, calendar_year(2009)), marts=False)
    assert engine.query("select count(*) from indicators.component_withheld") == [(0,)]
