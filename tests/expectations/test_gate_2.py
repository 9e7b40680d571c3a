"""Gate 2 holds the indicator that breaks a rule of the catalogue and passes the others."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from expectations.gate_2 import gate_2
from ingest.errors import DatabaseError, UsageError
from tests.expectations.marts import PUBLISHED, TABLES

pytestmark = pytest.mark.warehouse

if TYPE_CHECKING:
    from tests.expectations.conftest import Warehouse


@pytest.fixture
def build(warehouse: Warehouse) -> int:
    """A build whose candidate marts keep every rule, with one year of NI A ii published before."""
    warehouse.query(TABLES, role="nis_transformer")
    warehouse.query(PUBLISHED, role="nis_publisher")
    ((build_id,),) = warehouse.query("insert into ops.build (fingerprint) values ('x') returning build_id")
    return int(build_id)


def spoil(warehouse: Warehouse, statement: str) -> None:
    """Change the candidate marts, as the role that builds them."""
    warehouse.query(statement, role="nis_transformer")


def held(answer: dict[str, Any]) -> dict[str, str]:
    """Reasons by held indicator."""
    return {item["indicator_id"]: item["reason"] for item in answer["held"]}


def test_sound_build_passes(warehouse: Warehouse, build: int) -> None:
    answer = gate_2(warehouse.settings, build)
    assert (answer["passed"], answer["held"], answer["failed"], answer["warned"]) == (
        ["ni_a", "ni_b"],
        [],
        0,
        0,
    )
    # Range, filled and complete for three components; two jump rules for one; two of reconciliation for one;
    # kept for the one that has published values.
    assert answer["checks"] == 14
    ((rows, timed),) = warehouse.query(
        "select count(*), bool_and(b.gate_2_at is not null) from ops.quality_result as q "
        "inner join ops.build as b using (build_id) where b.build_id = %s and q.success",
        (build,),
    )
    assert (rows, timed) == (14, True)
    index = Path(answer["data_docs"])
    assert index.parent.name == "gate_2"
    assert "MADE DATA" in index.read_text(encoding="utf-8")


def test_out_of_range_holds_one_indicator(warehouse: Warehouse, build: int) -> None:
    spoil(
        warehouse,
        "update candidate.fact_value set value = 100.5 "
        "where indicator_id = 'ni_a' and component = 'i' and area_code = 'A07' "
        "and period_start = '2009-04-01'",
    )
    answer = gate_2(warehouse.settings, build)
    assert answer["passed"] == ["ni_b"]
    assert held(answer) == {
        "ni_a": "ni_a i: 1 of 40 values lie outside 0 to 100, e.g. A07 in 2009-04-01 to 2010-03-31: 100.5"
    }
    rows = warehouse.query(
        "select component, expectation, unexpected_count, unexpected_sample from ops.quality_result "
        "where build_id = %s and not success",
        (build,),
    )
    assert rows == [
        (
            "i",
            "range",
            1,
            [{"area_code": "A07", "period": "2009-04-01 to 2010-03-31", "value": 100.5, "other": None}],
        )
    ]


def test_limits_themselves_are_in_range_and_no_limit_is_none(warehouse: Warehouse, build: int) -> None:
    spoil(
        warehouse,
        "update candidate.fact_value set value = case area_code when 'A01' then 0 else 100 end "
        "where indicator_id = 'ni_a' and component = 'i'; "
        "update candidate.fact_value set value = 1e9 where indicator_id = 'ni_b' and area_code = 'A01'",
    )
    # The two cells of A01 no longer agree with the official figure: 38 of 40 are just the 95 % asked for.
    assert gate_2(warehouse.settings, build)["held"] == []


def test_missing_cell_and_empty_row_hold(warehouse: Warehouse, build: int) -> None:
    spoil(
        warehouse,
        "delete from candidate.fact_value where indicator_id = 'ni_b' and area_code in ('A03', 'A04') "
        "and period_start = '2008-04-01'; "
        "update candidate.fact_value set value = null where indicator_id = 'ni_a' and component = 'i' "
        "and area_code = 'A05'; "
        "update candidate.fact_value set marker = '[c]' where value is null and period_start = '2009-04-01'",
    )
    assert held(gate_2(warehouse.settings, build)) == {
        "ni_a": "ni_a i: 1 rows have neither value nor marker, e.g. A05 in 2008-04-01 to 2009-03-31",
        "ni_b": "ni_b i: 2 of 40 cells due have no row, e.g. A03 in 2008-04-01 to 2009-03-31; "
        "A04 in 2008-04-01 to 2009-03-31",
    }


def test_component_without_any_row_is_held(warehouse: Warehouse, build: int) -> None:
    spoil(warehouse, "delete from candidate.fact_value where indicator_id = 'ni_b'")
    answer = gate_2(warehouse.settings, build)
    assert held(answer)["ni_b"].startswith("ni_b i: 40 of 40 cells due have no row")


def test_indicator_that_would_lose_its_published_values_is_held(warehouse: Warehouse, build: int) -> None:
    (lost,) = warehouse.query(
        "select distinct indicator_id, component from published.value_history where value is not null and upper_inf(known_during)"
    )
    where = f"where indicator_id = '{lost[0]}' and component = '{lost[1]}'"
    spoil(warehouse, f"update candidate.fact_value set value = null, marker = '[x]' {where}")
    reason = held(gate_2(warehouse.settings, build))[lost[0]]
    assert "published values would be lost (at most 5% may)" in reason


def test_values_that_their_body_withdrew_may_go(warehouse: Warehouse, build: int) -> None:
    (lost,) = warehouse.query(
        "select distinct indicator_id, component from published.value_history where value is not null and upper_inf(known_during)"
    )
    where = f"where indicator_id = '{lost[0]}' and component = '{lost[1]}'"
    spoil(warehouse, f"update candidate.fact_value set value = null, marker = '[x]', reason = 'withdrawn' {where}")
    assert "would be lost" not in held(gate_2(warehouse.settings, build)).get(lost[0], "")


def test_one_area_that_jumps_is_a_warning(warehouse: Warehouse, build: int) -> None:
    # One of twenty areas is just the 5 % that may; a change of 10 itself is no jump.
    spoil(
        warehouse,
        "update candidate.fact_value set value = 60 where component = 'ii'; "
        "update candidate.fact_value set value = 61 where component = 'ii' and area_code = 'A09'",
    )
    answer = gate_2(warehouse.settings, build)
    assert (answer["held"], answer["warned"]) == ([], 1)


def test_two_areas_that_jump_in_a_new_period_hold(warehouse: Warehouse, build: int) -> None:
    # 2009-10 was never published: it is compared with the year before.
    spoil(
        warehouse,
        "update candidate.fact_value set value = 0.5 where component = 'ii' and area_code in ('A09', 'A10') "
        "and period_start = '2009-04-01'",
    )
    assert held(gate_2(warehouse.settings, build)) == {
        "ni_a": "ni_a ii: 2 of 20 areas changed by more than 10 since the last publication (at most 5% may), "
        "e.g. A09 in 2009-04-01 to 2010-03-31: 0.5 after 50; A10 in 2009-04-01 to 2010-03-31: 0.5 after 50"
    }


def test_values_that_disagree_with_the_official_figure_hold(warehouse: Warehouse, build: int) -> None:
    # 37 of 40 agree: 92.5 %, and 95 % must.
    spoil(
        warehouse,
        "update measures.measure_by_area set value = 49.9 where period_start = '2008-04-01' "
        "and area_code in ('A01', 'A02', 'A03')",
    )
    answer = gate_2(warehouse.settings, build)
    assert answer["passed"] == ["ni_a"]
    assert held(answer)["ni_b"].startswith(
        "ni_b i: 37 of 40 values agree with official_b within 0.05 (at least 95.0% must), "
        "e.g. A01 in 2008-04-01 to 2009-03-31: 50 against 49.9"
    )


def test_named_but_absent_official_figure_is_a_warning(warehouse: Warehouse, build: int) -> None:
    spoil(warehouse, "delete from measures.measure_by_area")
    answer = gate_2(warehouse.settings, build)
    assert (answer["held"], answer["warned"]) == ([], 1)
    ((message,),) = warehouse.query(
        "select message from ops.quality_result where build_id = %s and not success", (build,)
    )
    assert message == "ni_b i: 0 values have an official figure in official_b"


def test_unknown_build_and_empty_marts_are_refused(warehouse: Warehouse, build: int) -> None:
    with pytest.raises(UsageError, match="there is no build 987654"):
        gate_2(warehouse.settings, 987654)
    spoil(warehouse, "truncate candidate.fact_value, indicators.indicator_index")
    with pytest.raises(DatabaseError, match="hold no component"):
        gate_2(warehouse.settings, build)


FIFTY_AND_FIFTY = "insert into catalogue.part_sets values ('test', 'ni_a', 'both', 'i+ii', 100, 0.5)"


def test_parts_that_do_not_make_the_whole_hold(warehouse: Warehouse, build: int) -> None:
    spoil(warehouse, FIFTY_AND_FIFTY)
    spoil(
        warehouse,
        "update candidate.fact_value set value = 50.6 where (component, area_code) = ('ii', 'A07') and period_end < '2010-01-01'",
    )
    answer = gate_2(warehouse.settings, build)
    assert set(held(answer)) == {"ni_a"}
    assert (
        "1 of 40 wholes are not the sum of their parts, e.g. A07 in 2008-04-01 to 2009-03-31: 100.6 against 100"
        in (held(answer)["ni_a"])
    )


def test_whole_with_a_part_missing_is_not_judged(warehouse: Warehouse, build: int) -> None:
    spoil(warehouse, FIFTY_AND_FIFTY)
    spoil(
        warehouse,
        "update candidate.fact_value set value = null, marker = '[c]', reason = 'suppressed' "
        "where (component, area_code) = ('i', 'A07')",
    )
    assert held(gate_2(warehouse.settings, build)) == {}


@pytest.mark.parametrize(
    ("printed", "comparable", "holds"), [(50.1, "yes", True), (50.1, "no", False), (50, "yes", False)]
)
def test_value_that_differs_from_its_printed_figure_holds(
    warehouse: Warehouse, build: int, printed: float, comparable: str, holds: bool
) -> None:
    warehouse.query("update ops.release set origin = 'sample'")  # other tests deliver made data
    # 50 is printed for 49.5 to 50.5; 50.1 for 50.05 to 50.15.
    spoil(
        warehouse,
        "insert into catalogue.published_figures values "
        f"('test', 'ni_b', 'i', 'A03', '2009-04-01', '2010-03-31', {printed}, '{comparable}')",
    )
    answer = gate_2(warehouse.settings, build)
    assert ("ni_b" in held(answer)) is holds
    assert not holds or "1 of 1 values differ from the figure printed for them" in held(answer)["ni_b"]


@pytest.mark.parametrize(
    ("figures", "holds"),
    [
        ("('D1', 300, true), ('D2', 300, true), ('U', 390, true), ('E92000001', 1000, false)", False),
        ("('D1', 300, true), ('D2', 300, true), ('U', 370, true), ('E92000001', 1000, false)", True),
        # The county beside its districts is not added again; without a district the country is not covered.
        (
            "('C', 600, false), ('D1', 300, true), ('D2', 300, true), ('U', 400, true), ('E92000001', 1000, false)",
            False,
        ),
        ("('D1', 300, true), ('U', 400, true), ('E92000001', 1000, false)", False),
        ("('D1', 300, true), ('D2', null, true), ('U', 400, true), ('E92000001', 1000, false)", False),
    ],
)
def test_england_that_is_not_about_the_sum_of_its_areas_holds(
    warehouse: Warehouse, build: int, figures: str, holds: bool
) -> None:
    spoil(
        warehouse,
        "insert into measures.measure_in_period select 1, f.area_code, t.territory_id, f.value, f.adds_up, true "
        f"from (values {figures}) as f (area_code, value, adds_up) inner join measures.area_territory as t using (area_code)",
    )
    told = held(gate_2(warehouse.settings, build))
    assert set(told) == ({"ni_b"} if holds else set())
    assert not holds or "E92000001 in 2008-04-01 to 2009-03-31: 970 against 1000" in told["ni_b"]


# Three members of an agreement, A01 to A03, and their total, A04.
MEMBERS = """
insert into measures.area_territory values ('A01', 'A01', 1), ('A02', 'A02', 1), ('A03', 'A03', 1), ('A04', 'A04', 3);
insert into measures.territory_contains values ('A04', 'A01', 3), ('A04', 'A02', 3), ('A04', 'A03', 3);
insert into indicators.component_disclosure values ('test', 'ni_b', 'i', 'numerator', 'count', 'people', null);
insert into indicators.quantity_cell
select
    1, 'people', '2008-04-01', '2009-03-31', area_code, area_code, atom_count, 1, 7,
    case area_code when 'A02' then 'hidden_by_body' else 'shown' end, area_code <> 'A04'
from measures.area_territory where area_code like 'A0%';
update candidate.fact_value as f set numerator = m.count, value = m.count
from (values ('A01', 40), ('A02', null), ('A03', 55), ('A04', 98)) as m (area_code, count)
where f.area_code = m.area_code and f.indicator_id = 'ni_b' and f.period_start = '2008-04-01';
update candidate.fact_value set value = null, marker = '[c]', reason = 'suppressed'
where area_code = 'A02' and indicator_id = 'ni_b' and period_start = '2008-04-01';
delete from measures.measure_by_area;
"""


def test_hidden_count_that_a_total_gives_away_holds_its_indicator(warehouse: Warehouse, build: int) -> None:
    spoil(warehouse, MEMBERS)
    answer = gate_2(warehouse.settings, build)
    # Which cell, and not that it is 3.
    assert held(answer) == {
        "ni_b": "ni_b i: 1 hidden counts can be narrowed down from printed totals, e.g. A02 in 2008-04-01 to 2009-03-31"
    }


@pytest.mark.parametrize(
    "guard",
    [
        # Another member is withheld: what it takes up cannot be known.
        "update candidate.fact_value set numerator = null where area_code = 'A01' and indicator_id = 'ni_b'; "
        "insert into indicators.quantity_withheld values (1, 'A01', 'secondary_suppression');",
        # The total is withheld.
        "update candidate.fact_value set numerator = null where area_code = 'A04' and indicator_id = 'ni_b';",
        # Two members hidden, and all that is printed to the nearest 5.
        "update indicators.component_disclosure set rounded_to = 5; "
        "update indicators.quantity_cell set state = 'hidden_by_us' where area_code = 'A01'; "
        "update candidate.fact_value set numerator = case area_code when 'A03' then 55 when 'A04' then 65 end "
        "where indicator_id = 'ni_b';",
    ],
)
def test_hidden_count_that_is_guarded_goes_out(warehouse: Warehouse, build: int, guard: str) -> None:
    spoil(warehouse, MEMBERS + guard)
    assert held(gate_2(warehouse.settings, build)) == {}


def test_hidden_count_that_stands_elsewhere_holds_its_indicator(warehouse: Warehouse, build: int) -> None:
    # The count that one component hides is the denominator of another.
    spoil(
        warehouse,
        MEMBERS + "insert into indicators.component_disclosure values "
        "('test', 'ni_a', 'i', 'denominator', 'ratio', 'people', null); "
        "update candidate.fact_value set denominator = 3 where area_code = 'A02' and component = 'i';",
    )
    assert held(gate_2(warehouse.settings, build)).keys() == {"ni_a", "ni_b"}


@pytest.mark.parametrize(("stated", "holds"), [(400, False), (410, False), (410.5, True)])
def test_rounding_of_many_areas_is_no_difference(warehouse: Warehouse, build: int, stated: float, holds: bool) -> None:
    # Twenty councils, each rounded to a whole number: half a unit each, ten in all, where a fiftieth would be less.
    spoil(
        warehouse,
        """
        delete from measures.area_territory where area_code <> 'E92000001';
        update measures.area_territory set atom_count = 20;
        insert into measures.area_territory
        select 'T' || area, 'T' || area, 1 from generate_series(1, 20) as area;
        insert into measures.measure_in_period
        select 1, 'T' || area, 'T' || area, 20, true, true from generate_series(1, 20) as area;
        """
        f"insert into measures.measure_in_period values (1, 'E92000001', 'E', {stated}, false, true)",
    )
    assert ("ni_b" in held(gate_2(warehouse.settings, build))) is holds


def in_part(warehouse: Warehouse, *remade: str) -> int:
    """A build after the one that was judged, which made some indicators anew."""
    ((build_id,),) = warehouse.query(
        "insert into ops.build (fingerprint, remade) values ('y', %s) returning build_id", (list(remade),)
    )
    return int(build_id)


def results(warehouse: Warehouse, build_id: int) -> set[tuple[object, ...]]:
    return set(
        warehouse.query(
            "select indicator_id, component, expectation, success, message from ops.quality_result where build_id = %s",
            (build_id,),
        )
    )


def test_what_a_build_did_not_make_anew_keeps_its_results(warehouse: Warehouse, build: int) -> None:
    gate_2(warehouse.settings, build)
    # Nobody says that NI A was made anew, so nobody looks at it.
    spoil(warehouse, "update candidate.fact_value set value = 900 where indicator_id = 'ni_a'")
    spoil(warehouse, "update candidate.fact_value set value = -1 where indicator_id = 'ni_b' and area_code = 'A01'")
    after = in_part(warehouse, "ni_b")
    answer = gate_2(warehouse.settings, after)
    assert (answer["passed"], list(held(answer))) == (["ni_a"], ["ni_b"])
    before = results(warehouse, build)
    of_a = {row for row in before if row[0] == "ni_a"}
    assert of_a == {row for row in results(warehouse, after) if row[0] == "ni_a"}
    assert {row[:3] for row in results(warehouse, after)} == {row[:3] for row in before}
    everything = in_part(warehouse)
    warehouse.query("update ops.build set remade = null where build_id = %s", (everything,))
    assert list(held(gate_2(warehouse.settings, everything))) == ["ni_a", "ni_b"]


def test_what_failed_before_is_judged_again(warehouse: Warehouse, build: int) -> None:
    spoil(warehouse, "update candidate.fact_value set value = -1 where indicator_id = 'ni_b' and area_code = 'A01'")
    assert list(held(gate_2(warehouse.settings, build))) == ["ni_b"]
    spoil(warehouse, "update candidate.fact_value set value = 50 where indicator_id = 'ni_b'")
    assert held(gate_2(warehouse.settings, in_part(warehouse, "ni_a"))) == {}
    # Nothing at all is made anew, and nothing had failed: there is nothing to judge.
    answer = gate_2(warehouse.settings, in_part(warehouse))
    assert (answer["passed"], answer["checks"]) == (["ni_a", "ni_b"], 0)
