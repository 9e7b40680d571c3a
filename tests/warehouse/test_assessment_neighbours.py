"""Nearest neighbours: the distances of R11, against numbers that were published and an implementation of its own."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import jinja2
import numpy as np
import pytest
from psycopg import Connection

from ingest.settings import ROOT
from tests.warehouse.engine import Engine, financial_year, mid_year, stated

pytestmark = pytest.mark.warehouse

Row = tuple[str, str, bool, float, float | None]
"""Area, variable, whether it may be a neighbour, weight, value."""


def nearest(connection: Connection, rows: Iterable[Row]) -> dict[tuple[str, str], tuple[float, int]]:
    """Rebased distance and place of each pair, by the project's own SQL."""
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(ROOT / "dbt_project" / "macros"), autoescape=False)
    query = environment.get_template("neighbours.sql").module.neighbour_distances("figures")  # type: ignore[attr-defined]
    connection.execute("drop table if exists figures")
    connection.execute(
        "create temporary table figures (neighbour_model text, area_code text, ground text[], is_candidate boolean, "
        "variable_id text, weight double precision, value double precision)"
    )
    with connection.cursor().copy("copy figures from stdin") as copy:
        for area, variable, is_candidate, weight, value in rows:
            copy.write_row(("a_list", area, [area], is_candidate, variable, weight, value))
    found = connection.execute(query.encode()).fetchall()
    return {(row[1], row[2]): (float(row[5]), int(row[6])) for row in found}


def by_numpy(values: Mapping[str, Sequence[float]], weights: Sequence[float], area: str) -> dict[str, float]:
    """Rebased distances from one area, written again: z-scores, weighted Euclidean distance, over the largest."""
    names = sorted(values)
    table = np.array([values[name] for name in names], dtype=float)
    scores = (table - table.mean(axis=0)) / table.std(axis=0)
    apart = np.sqrt((np.array(weights) * (scores - scores[names.index(area)]) ** 2).sum(axis=1))
    return {name: float(one) for name, one in zip(names, apart / apart.max(), strict=True) if name != area}


def test_the_farthest_is_at_one(functions: Connection) -> None:
    """Distances of .26, 3.847, 3.78 and 1.635 are .068, 1, .983 and .425 (rules, R11)."""
    places = {"A": 0.0, "B": 0.26, "C": 3.847, "D": -3.78, "E": 1.635}
    found = nearest(functions, [(area, "one", True, 1, at) for area, at in places.items()])
    from_a = [found["A", other] for other in "BCDE"]
    assert [round(distance, 3) for distance, _ in from_a] == [0.068, 1, 0.983, 0.425]
    assert [place for _, place in from_a] == [1, 4, 3, 2]


def test_five_areas_and_three_variables(functions: Connection) -> None:
    values = {"A": (7.1, 31, 210), "B": (7.4, 30, 205), "C": (1.9, 52, 900), "D": (12.0, 12, 20), "E": (5.5, 40, 260)}
    weights = (1, 0.5, 0)
    found = nearest(
        functions,
        [
            (area, str(number), True, weights[number], value)
            for area, row in values.items()
            for number, value in enumerate(row)
        ],
    )
    for area in values:
        expected = by_numpy(values, weights, area)
        assert {other: found[area, other][0] for other in expected} == pytest.approx(expected, abs=1e-9)


def test_ties_go_to_the_lower_code_whatever_the_order(functions: Connection) -> None:
    rows: list[Row] = [("M", "one", True, 1, 0.0), *((code, "one", True, 1, 1.0) for code in "QBZ")]
    for seed in range(3):
        random.Random(seed).shuffle(rows)
        found = nearest(functions, rows)
        assert [found["M", code][1] for code in "BQZ"] == [1, 2, 3]


def test_an_area_that_is_no_candidate_has_neighbours_and_is_none(functions: Connection) -> None:
    rows: list[Row] = [(code, "one", code != "X", 1, at) for code, at in zip("ABCX", (1.0, 2.0, 4.0, 2.1), strict=True)]
    found = nearest(functions, rows)
    assert {pair for pair in found if pair[1] == "X"} == set()
    assert found["X", "B"][1] == 1
    without = nearest(functions, [row for row in rows if row[0] != "X"])
    assert {pair: one for pair, one in found.items() if pair[0] != "X"} == without


def test_a_missing_variable_is_left_out_of_the_pair(functions: Connection) -> None:
    """Gower: what is shared counts for the whole. Two variables with the same values tell no more than one."""
    both: list[Row] = [
        (code, variable, True, 1, at)
        for code, at in zip("ABCD", (0.0, 1.0, 3.0, 7.0), strict=True)
        for variable in "xy"
    ]
    found = nearest(functions, both)
    # B lacks y: over x alone its distances stay as they are, apart from the scale that A, C and D have in y.
    lacking = nearest(functions, [row if row[:2] != ("B", "y") else (*row[:4], None) for row in both])
    assert lacking["A", "B"][1] == found["A", "B"][1] == 1


class TestListsOfTheFramework:
    """Lists of the 150 areas, from measures made by hand."""

    @pytest.fixture(scope="class", autouse=True)
    def _given(self, engine: Engine) -> None:
        areas = [
            code
            for (code,) in engine.query(
                "select area_code from catalogue.area_sets where area_set = 'laa_2008' order by 1"
            )
        ]
        shares = {
            "residents_aged_0_17": 0.2, "residents_aged_15_24": 0.12, "residents_working_age": 0.6,
            "residents_aged_16_and_over": 0.8,
        }  # fmt: skip
        draw = random.Random(8)
        people = {area: draw.randint(50_000, 900_000) for area in areas}
        figures = [*stated("residents_all_ages", people, mid_year(2007))]
        for measure, share in shares.items():
            part = {area: round(count * share * draw.uniform(0.7, 1.2)) for area, count in people.items()}
            figures += stated(measure, part, mid_year(2007))
        land = {area: draw.randint(500, 20_000) for area in areas}
        figures += stated("land_ha_developed", land, financial_year(2007))
        # An area to come has a past once its measure has figures of its own days.
        figures += [
            one._replace(period_start=day, period_end=day)
            for one in figures
            if one.area_code == areas[0]
            for day in (date(2010, 6, 30),)
            if one.period_start == one.period_end
        ]
        figures += stated("land_ha_developed", {areas[0]: 900}, financial_year(2010))
        engine.run(figures, assessment=True)

    def lists(self, engine: Engine, day: str) -> dict[str, list[str]]:
        rows = engine.query(
            "select group_code, area_code from candidate.bridge_area_group where group_kind = 'nearest_neighbours' "
            "and %s::date between coalesce(valid_from, '-infinity') and coalesce(valid_to, 'infinity') "
            "order by group_code, rank", day,
        )  # fmt: skip
        found: dict[str, list[str]] = {}
        for area, neighbour in rows:
            found.setdefault(area, []).append(neighbour)
        return found

    def test_each_area_has_fifteen_but_the_two_that_stand_alone(self, engine: Engine) -> None:
        found = self.lists(engine, "2009-04-01")
        # Nothing is known of the four councils that two counties were split into, so they have no list here.
        assert len(found) == 152 - 2 - 4
        assert {len(neighbours) for neighbours in found.values()} == {15}
        alone = {"E09000001", "E06000053", "E07000025"}
        assert not alone & (found.keys() | {code for neighbours in found.values() for code in neighbours})

    def test_nobody_is_a_neighbour_of_itself_or_of_its_predecessor(self, engine: Engine) -> None:
        for day in ("2008-12-31", "2009-04-01"):
            for area, neighbours in self.lists(engine, day).items():
                assert area not in neighbours
                assert len(neighbours) == len(set(neighbours))

    def test_a_county_that_became_one_council_hands_on_its_list(self, engine: Engine) -> None:
        county, council = self.lists(engine, "2008-12-31")["E10000010"], self.lists(engine, "2009-04-01")["E06000047"]
        # Of the same ground, by another code: County Durham, Northumberland, Shropshire, Wiltshire, Cornwall.
        later = {"E10000022": "E06000048", "E10000026": "E06000051", "E10000033": "E06000054", "E10000005": "E06000052"}
        assert [later.get(code, code) for code in county] == council

    def test_groups_hold_whom_they_should(self, engine: Engine) -> None:
        counted = dict(
            engine.query(
                "select group_code, count(*) from candidate.bridge_area_group where group_kind = 'laa_type' "
                "and date '2009-03-31' between coalesce(valid_from, '-infinity') and coalesce(valid_to, 'infinity') "
                "group by 1"
            )
        )
        # The one district of the set is the Council of the Isles of Scilly.
        assert counted == {"county": 34, "unitary": 47, "metropolitan_district": 36, "london_borough": 33}


def test_too_few_variables_make_no_list(engine: Engine) -> None:
    engine.run(
        [*stated("residents_all_ages", {"E06000001": 90_000, "E06000002": 140_000}, mid_year(2007))], assessment=True
    )
    assert engine.query("select 1 from candidate.bridge_area_group where group_kind = 'nearest_neighbours'") == []
