"""What stands beside flags: good practice, and value for money against an independent hand."""

from __future__ import annotations

import random

import numpy as np
import pytest

from tests.ingest.command_line import right, use
from tests.ingest.flagging import FLAG, flagged
from tests.ingest.publishing import Publishing
from tests.ingest.warehouse import Warehouse

pytestmark = pytest.mark.warehouse


@pytest.fixture
def publishing(warehouse: Warehouse) -> Publishing:
    return flagged(warehouse)


NEIGHBOURS = [f"E0800{number:04d}" for number in range(1, 9)]


def around_hull(publishing: Publishing, figures: dict[str, tuple[float, float]]) -> None:
    """Make areas the neighbours of Hull, and give each a saving and an outcome of 2009-10."""
    for rank, (code, (saving, outcome)) in enumerate(figures.items()):
        if code != FLAG[0]:
            publishing.change(
                f"insert into candidate.dim_area values ('{code}', 'Area {rank}', 'unitary', null, null, null); "
                "insert into candidate.bridge_area_group values "
                f"('nearest_neighbours', '{FLAG[0]}', '{code}', null, null, 1, {rank}, 0.{rank})"
            )
            publishing.change(
                "insert into candidate.fact_value select framework_id, indicator_id, component, "
                f"'{code}', period_start, period_end, period_type, framework_year, numerator, denominator, value, "
                "lower_limit, upper_limit, unit, marker, reason, coverage, maturity from candidate.fact_value "
                f"where area_code = '{FLAG[0]}' and framework_id = 'nis_2008'"
            )
        publishing.change(
            f"update candidate.fact_value set value = {outcome} where area_code = '{code}' and indicator_id = 'ni_192' "
            "and framework_id = 'nis_2008'; insert into candidate.fact_money (framework_id, indicator_id, component, "
            "area_code, period_start, period_end, framework_year, kind, gbp_per_head) values ('nis_2008', 'ni_193', "
            f"'all', '{code}', '2009-04-01', '2010-03-31', '2009-10', 'saving', {saving})"
        )


def test_value_for_money_is_numpys_distance_from_the_median_in_absolute_deviations(publishing: Publishing) -> None:
    chance = random.Random(20)
    figures = {
        code: (round(-9 * chance.random(), 2), round(50 * chance.random(), 1)) for code in [FLAG[0], *NEIGHBOURS]
    }
    around_hull(publishing, figures)
    publishing.publish()
    ((row),) = publishing.warehouse.query(
        "select money, kind, gbp_per_head, gbp_per_head_of_neighbours, money_distance, outcome, outcome_of_neighbours, "
        "outcome_distance, neighbours, quadrant from published.value_for_money(%s, '2009-10') "
        "where indicator_id = 'ni_192'", (FLAG[0],), "reader",
    )  # fmt: skip
    told = []
    for column in (0, 1):
        own, others = figures[FLAG[0]][column], np.array([figures[code][column] for code in NEIGHBOURS])
        deviation = np.median(np.abs(others - np.median(others)))
        told += [own, np.median(others), (own - np.median(others)) / deviation]
    assert (row[0], row[1], row[8]) == ("ni_193/all", "saving", 8)
    assert [float(one) for one in row[2:8]] == pytest.approx(told, abs=1e-6)
    assert row[9] == f"{'dearer' if told[2] > 0 else 'cheaper'}, {'better' if told[5] > 0 else 'worse'}"


def test_good_practice_is_who_was_as_weak_and_improved_beyond_chance(
    publishing: Publishing, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Hull stands at 40, limits 38 to 42; before and after of eight neighbours, limits two either side: a change of
    # 3 has z = 3 / sqrt(2 x (4 / 3.92) ** 2) = 2.08, one of 2.5 has 1.73.
    before_after = [(40, 43), (40, 42.5), (42, 47), (43, 60), (30, 50), (41, 41), (39, 30), (35, None)]
    around_hull(publishing, {FLAG[0]: (0, 40), **dict.fromkeys(NEIGHBOURS, (0, 40))})
    publishing.change(
        "insert into candidate.dim_period values ('2008-04-01', '2009-03-31', '2008-09'); "
        "insert into candidate.fact_value select framework_id, indicator_id, component, area_code, '2008-04-01', "
        "'2009-03-31', period_type, '2008-09', numerator, denominator, value, lower_limit, upper_limit, unit, marker, "
        "reason, coverage, maturity from candidate.fact_value where indicator_id = 'ni_192' and framework_id = 'nis_2008'"
    )
    for code, (before, after) in zip(NEIGHBOURS, before_after, strict=True):
        for value, year in ((before, "2008-09"), (after, "2009-10")):
            told = "null, marker = '[x]', reason = 'not_yet_published'" if value is None else value
            publishing.change(
                f"update candidate.fact_value set value = {told} where area_code = '{code}' "
                f"and framework_year = '{year}' and indicator_id = 'ni_192'"
            )
    publishing.change(
        "insert into candidate.fact_assessment (framework_id, indicator_id, component, area_code, period_start, "
        "period_end, lower_95, upper_95, quintile) select framework_id, indicator_id, component, area_code, period_start, "
        "period_end, value - 2, value + 2, case area_code when 'E06000010' then 5 else 3 end from candidate.fact_value "
        "where indicator_id = 'ni_192' and framework_id = 'nis_2008' and value is not null; "
        # The last is not on Hull's list, and Hull is on its.
        f"update candidate.bridge_area_group set group_code = '{NEIGHBOURS[4]}', area_code = 'E06000010' "
        f"where area_code = '{NEIGHBOURS[4]}'"
    )
    publishing.publish()
    rows = publishing.warehouse.query(
        "select similar_area_code, relation, then_value, now_value, improvement, z "
        "from published.good_practice('E06000010', 'ni_192')", role="reader",
    )  # fmt: skip
    assert [(row[0], row[1], float(row[4])) for row in rows] == [
        (NEIGHBOURS[4], "has it on theirs", 20), (NEIGHBOURS[2], "on its list", 5), (NEIGHBOURS[0], "on its list", 3),
    ]  # fmt: skip
    assert float(rows[-1][5]) == pytest.approx(2.08, abs=0.005)
    # Who is not weak needs no advice.
    assert not publishing.warehouse.query(
        "select from published.good_practice(%s, 'ni_192')", (NEIGHBOURS[0],), "reader"
    )
    use(publishing.warehouse.settings, monkeypatch)
    assert NEIGHBOURS[4] in right("good-practice", "--area", "E06000010", "--ni", "192").stdout
    assert "nobody" in right("good-practice", "--area", "E06000010", "--ni", "193").output
