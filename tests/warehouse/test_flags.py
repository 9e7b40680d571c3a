"""Rules of candidate flags: each condition on and off, and Benjamini and Hochberg against an independent hand."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

import jinja2
import pytest
from psycopg import Connection
from scipy.stats import false_discovery_control  # type: ignore[import-untyped]

from ingest.settings import ROOT

pytestmark = pytest.mark.warehouse

PROJECT = ROOT / "dbt_project"
YEAR, NEXT, THIRD = "2008-09", "2009-10", "2010-11"
KEY = "framework_id text, indicator_id text, component text, area_code text, period_start date, period_end date"
TABLES = f"""
create temporary table frameworks (framework_id text, first_framework_year text, last_framework_year text);
create temporary table assessment_rules (rule_version text, name text, value text, valid_from date);
create temporary table safety_tags (framework_id text, indicator_id text, tag text);
create temporary table framework_area (framework_id text, area_code text, in_force_from date, in_force_to date);
create temporary table dim_area (area_code text, area_name text);
create temporary table dim_indicator (
    framework_id text, indicator_id text, ni int, title text, theme text, set_status text
);
create temporary table dim_component (
    framework_id text, indicator_id text, component text, headline boolean, unit text, decimals int, polarity text
);
create temporary table fact_value ({KEY}, value numeric, marker text, coverage numeric);
create temporary table fact_assessment (
    {KEY}, framework_year text, lower_95 numeric, upper_95 numeric, lower_998 numeric, upper_998 numeric,
    limit_method text, england_value numeric, vs_england text, neighbours_value numeric, vs_neighbours text,
    neighbours_p double precision, quintile int, quintile_of int, previous_period_end date, previous_value numeric,
    change numeric, direction text, direction_test text, direction_statistic numeric, trend text,
    trend_statistic numeric, trend_points int
);
create temporary table fact_quality (
    framework_id text, indicator_id text, component text, framework_year text, grade text
);
create temporary table fact_target (
    framework_id text, area_code text, target_class text, target_id text, framework_year text, indicator_id text,
    component text, kind text, status text, is_current boolean, baseline_value numeric, target_value numeric,
    actual_value numeric, achievement numeric, on_track text
);
insert into frameworks values ('nis_2008', '2008-09', '2010-11');
"""
MODELS = ("flags/flag_rule", "flags/flag_headline", "flags/flag_comparison", "flags/flag_target",
          "flags/flag_signal", "candidate/fact_flag", "candidate/flag_summary")  # fmt: skip
HULL = "E06000010"


class Flags:
    """The models of flags on tables made by hand, all of them temporary."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def add(self, table: str, **row: Any) -> None:
        """Add a row."""
        names = ", ".join(row)
        marks = ", ".join(f"%({name})s" for name in row)
        self.connection.execute(f"insert into {table} ({names}) values ({marks})".encode(), row)

    def indicator(self, ni: int = 20, polarity: str = "lower_is_better", theme: str = "Safer communities") -> None:
        """Add an indicator with its headline."""
        name = f"ni_{ni:03d}"
        self.add("dim_indicator", framework_id="nis_2008", indicator_id=name, ni=ni, title=f"Title {ni}", theme=theme,
                 set_status="in_set")  # fmt: skip
        self.add("dim_component", framework_id="nis_2008", indicator_id=name, component="main", headline=True,
                 unit="%", decimals=1, polarity=polarity)  # fmt: skip

    def area(self, code: str = HULL, name: str = "Hull") -> None:
        """Add an area of the framework."""
        self.add("dim_area", area_code=code, area_name=name)
        self.add("framework_area", framework_id="nis_2008", area_code=code, in_force_from="-infinity",
                 in_force_to="infinity")  # fmt: skip

    def cell(self, ni: int = 20, area: str = HULL, year: str = NEXT, grade: str | None = "A", **assessed: Any) -> None:
        """Add a value with its assessment and grade."""
        begins = int(year[:4])
        key = {
            "framework_id": "nis_2008", "indicator_id": f"ni_{ni:03d}", "component": "main", "area_code": area,
            "period_start": f"{begins}-04-01", "period_end": f"{begins + 1}-03-31",
        }  # fmt: skip
        self.add("fact_value", **key, value=12.5, coverage=1)
        self.add("fact_assessment", **key, framework_year=year, **assessed)
        if grade:
            self.add("fact_quality", framework_id="nis_2008", indicator_id=key["indicator_id"], component="main",
                     framework_year=year, grade=grade)  # fmt: skip

    def target(self, year: str = NEXT, **changes: Any) -> None:
        """Add an agreed, designated target of NI 20: baseline 20, target 16, actual 18."""
        row = {
            "framework_id": "nis_2008", "area_code": HULL, "target_class": "designated", "target_id": "ni_020/main",
            "framework_year": year, "indicator_id": "ni_020", "component": "main", "kind": "absolute",
            "status": "agreed", "is_current": True, "baseline_value": 20, "target_value": 16, "actual_value": 18,
            "achievement": 0.5, "on_track": "limited",
        }  # fmt: skip
        self.add("fact_target", **row | changes)

    def build(self) -> dict[str, Any]:
        """Run the models; flags by kind."""
        environment = jinja2.Environment(loader=jinja2.FileSystemLoader(PROJECT), autoescape=False)
        # Every build of these tables is one of everything.
        macros: dict[str, Any] = {
            "ref": lambda name: name, "config": lambda **_: "", "changed": lambda _: "true",
        }  # fmt: skip
        for file in ("macros/indicators.sql", "macros/flags.sql"):
            module = environment.get_template(file, globals=macros).module
            macros |= {name: getattr(module, name) for name in dir(module) if not name.startswith("_")}
        for model in MODELS:
            query = environment.get_template(f"models/{model}.sql", globals=macros).render()
            self.connection.execute(f"create temporary table {model.split('/')[1]} as {query}".encode())
        rows = self.connection.execute(
            "select flag_kind, score, n_indicators, indicators, sentence, rule_version, evidence from fact_flag"
        )
        return {row[0]: row[1:] for row in rows}


@pytest.fixture
def flags(functions: Connection) -> Iterator[Flags]:
    with functions.transaction(force_rollback=True):
        functions.execute(TABLES.encode())
        made = Flags(functions)
        rules = {
            "benjamini_hochberg_q": "0.05", "comparison_level": "0.998", "red_grade_floor": "C",
            "green_grade_floor": "B", "jump_standard_deviations": "3", "priority_weight": "2", "other_weight": "1",
            "least_neighbours": "5",
        }  # fmt: skip
        for name, value in rules.items():
            made.add("assessment_rules", rule_version="2008.1", name=name, value=value, valid_from="2008-04-01")
        yield made


WORSE: dict[str, Any] = {"vs_neighbours": "worse_998", "neighbours_p": 0.0001, "neighbours_value": 9}
WORSENING: dict[str, Any] = {
    "direction": "worsening_significant",
    "previous_value": 8,
    "previous_period_end": "2009-03-31",
}
RED: dict[str, Any] = {**WORSE, **WORSENING}


@pytest.mark.parametrize(
    ("assessed", "grade", "is_red"),
    [
        (RED, "A", True),
        (RED, "C", True),
        (RED, "D", False),
        (RED, None, False),
        ({**RED, "vs_neighbours": "worse_95"}, "A", False),
        ({**RED, "neighbours_p": 0.06}, "A", False),
        ({**WORSE}, "A", False),
        ({**WORSE, "direction": "worsening"}, "A", False),
        ({**WORSE, "direction": "improving", "trend": "worsening"}, "A", True),
        ({**WORSE, "trend": "no_change"}, "A", False),
        ({"quintile": 5, "quintile_of": 150, **WORSENING}, "B", True),
        ({"quintile": 4, "quintile_of": 150, **WORSENING}, "B", False),
        ({"quintile": 5, "quintile_of": 150}, "B", False),
    ],
)
def test_red_needs_a_bad_place_and_a_bad_course_and_data_of_grade_c(
    flags: Flags, assessed: dict[str, Any], grade: str | None, is_red: bool
) -> None:
    flags.indicator()
    flags.area()
    flags.cell(grade=grade, **assessed)
    assert ("red" in flags.build()) is is_red


@pytest.mark.parametrize(("on_track", "component", "is_red"), [
    ("deterioration", "main", True), ("limited", "main", False), ("deterioration", "other", False),
])  # fmt: skip
def test_target_that_deteriorates_is_a_bad_course(flags: Flags, on_track: str, component: str, is_red: bool) -> None:
    flags.indicator()
    flags.area()
    flags.cell(**WORSE)
    flags.target(on_track=on_track, component=component)
    assert ("red" in flags.build()) is is_red


def test_priorities_weigh_more_and_each_indicator_is_told(flags: Flags) -> None:
    for ni in (20, 28, 29):
        flags.indicator(ni)
    flags.area()
    flags.cell(20, **RED)
    flags.cell(28, **RED)
    flags.cell(29)
    flags.target()
    score, count, indicators, sentence, version, evidence = flags.build()["red"]
    assert (score, count, indicators, version) == (3, 2, "ni_020/main, ni_028/main", "2008.1")
    assert sentence == (
        "Hull, Safer communities, 2009-10: 2 indicators give concern. NI 20 Title 20: 12.5 % against 9.0 among its "
        "neighbours, worse beyond what chance explains (99.8 %, p 0.0001), significantly worse than the 8.0 of the "
        "period to 31 March 2009, a priority of its agreement; NI 28 Title 28: 12.5 % against 9.0 among its neighbours, "
        "worse beyond what chance explains (99.8 %, p 0.0001), significantly worse than the 8.0 of the period to "
        "31 March 2009."
    )
    told = evidence["indicators"][0]
    assert told["because"] == ["worse_998", "worsening_significant"]
    assert (told["value"], told["neighbours_value"], told["p"], told["grade"], told["coverage"]) == (
        12.5, 9, 0.0001, "A", 1,
    )  # fmt: skip
    assert told["targets"][0]["target_value"] == 16
    assert json.dumps(evidence)


def test_urgent_is_red_with_a_tag(flags: Flags) -> None:
    for ni in (20, 195):
        flags.indicator(ni)
        flags.cell(ni, **RED)
    flags.area()
    flags.add("safety_tags", framework_id="nis_2008", indicator_id="ni_020", tag="violent_crime")
    found = flags.build()
    assert found["red"][1] == 2
    assert found["urgent"][2] == "ni_020/main"
    assert "tagged violent crime" in found["urgent"][3]


def test_tag_alone_is_not_urgent(flags: Flags) -> None:
    flags.indicator()
    flags.area()
    flags.cell(**WORSE)
    flags.add("safety_tags", framework_id="nis_2008", indicator_id="ni_020", tag="violent_crime")
    assert flags.build() == {}


@pytest.mark.parametrize(("change", "is_urgent"), [(30, True), (-30, False), (1, False)])
def test_urgent_is_red_with_a_jump_for_the_worse(flags: Flags, change: float, is_urgent: bool) -> None:
    # Nineteen areas change by -1 or 1, Hull by 30: (30 - 1.45) over 6.79 is 4.2 standard deviations.
    flags.indicator()
    flags.area()
    flags.cell(**RED, change=change)
    for number in range(19):
        flags.area(f"E0700{number:04d}", f"Area {number}")
        flags.cell(area=f"E0700{number:04d}", grade=None, change=1 if number % 2 else -1)
    found = flags.build()
    assert "red" in found
    assert ("urgent" in found) is is_urgent


BETTER: dict[str, Any] = {"vs_neighbours": "better_998", "neighbours_p": 0.0001, "neighbours_value": 15}
BEFORE: dict[str, Any] = {"previous_period_end": "2009-03-31", "previous_value": 13}


@pytest.mark.parametrize(
    ("now", "then", "grade", "is_green"),
    [
        ({"direction": "improving"}, "same", "B", True),
        ({"direction": "improving"}, "same", "C", False),
        ({"direction": "worsening"}, "same", "A", False),
        ({"direction": "improving"}, "worsening", "A", False),
        ({"direction": "improving"}, None, "A", False),
        ({"direction": "improving", "vs_neighbours": "better_95"}, "same", "A", False),
        ({"direction": "improving", "neighbours_p": 0.06}, "same", "A", False),
    ],
)
def test_green_is_better_and_not_worsening_for_two_periods(
    flags: Flags, now: dict[str, Any], then: str | None, grade: str, is_green: bool
) -> None:
    flags.indicator()
    flags.area()
    flags.cell(year=YEAR, grade=None, direction=then)
    flags.cell(year=NEXT, grade=grade, **{**BETTER, **BEFORE, **now})
    assert ("green" in flags.build()) is is_green


@pytest.mark.parametrize(
    ("now", "then", "is_green"),
    [
        ({}, {}, True),  # actual 12 of a baseline of 20; targets 16 and then 12
        ({"actual_value": 13, "achievement": 1.75}, {}, False),
        ({}, {"status": "withdrawn"}, False),
        ({"status": "placeholder"}, {}, False),
        ({}, {"framework_year": "2011-12"}, False),
        ({}, {"kind": "gap"}, False),
        ({"kind": "maintain"}, {"kind": "maintain"}, False),
        ({"achievement": None}, {}, False),
    ],
)
def test_green_is_a_target_met_a_year_early(
    flags: Flags, now: dict[str, Any], then: dict[str, Any], is_green: bool
) -> None:
    flags.indicator()
    flags.area()
    flags.cell(vs_neighbours="similar", neighbours_p=0.5)
    flags.target(**{"actual_value": 12, "achievement": 2, **now})
    flags.target(**{"framework_year": THIRD, "target_value": 12, "actual_value": None, "achievement": None, **then})
    assert ("green" in flags.build()) is is_green


def test_benjamini_and_hochberg_are_those_of_scipy_with_ties_and_gaps(flags: Flags) -> None:
    chance = random.Random(12)
    flags.indicator()
    expected: dict[str, float] = {}
    for number in range(120):
        code = f"E07{number:06d}"
        flags.area(code, code)
        p = None if number % 10 == 9 else round(chance.random() ** 4, 3 if number % 3 else 8)
        flags.cell(area=code, grade=None, vs_neighbours="similar", neighbours_p=p)
        if p is not None:
            expected[code] = p
    # Another year is another family.
    flags.cell(area="E07000000", year=YEAR, grade=None, neighbours_p=0.04)
    flags.build()
    adjusted = dict(zip(expected, false_discovery_control(list(expected.values())), strict=True))
    rows: dict[str, float | None] = dict(
        flags.connection.execute(
            "select area_code, neighbours_p_adjusted from flag_comparison where framework_year = '2009-10'"
        ).fetchall()
    )
    assert {code: value for code, value in rows.items() if value is not None} == pytest.approx(adjusted, rel=1e-12)
    assert flags.connection.execute(
        "select neighbours_p_adjusted from flag_comparison where framework_year = '2008-09'"
    ).fetchall() == [(0.04,)]
    summary = flags.connection.execute(
        "select comparisons_possible, comparisons_made, expected_by_chance, expected_worse_by_chance, significant, "
        "significant_adjusted from flag_summary where framework_year = '2009-10'"
    ).fetchone()
    assert summary is not None
    # 108 comparisons at two in a thousand.
    assert [float(one) for one in summary] == [
        120, 108, 0.216, 0.108, sum(p <= 0.002 for p in expected.values()), sum(p <= 0.05 for p in adjusted.values()),
    ]  # fmt: skip


def test_full_cycle_of_150_areas_and_196_indicators_is_29400_comparisons(flags: Flags) -> None:
    flags.connection.execute(
        "insert into framework_area select 'nis_2008', n::text, '-infinity', 'infinity' from generate_series(1, 150) n;"
        "insert into dim_indicator select 'nis_2008', n::text, n, 'T', 'A theme', 'in_set' from generate_series(1, 196) n"
    )
    flags.build()
    rows = flags.connection.execute("select comparisons_possible, comparisons_made from flag_summary").fetchall()
    assert rows == [(29_400, 0)] * 3


def test_rules_of_a_year_are_the_newest_version_that_had_begun(flags: Flags) -> None:
    flags.connection.execute(
        "insert into assessment_rules select '2009.1', name, case name when 'red_grade_floor' then 'B' else value end, "
        "'2009-04-01' from assessment_rules"
    )
    flags.indicator()
    flags.area()
    flags.cell(year=YEAR, grade="C", **RED)
    flags.cell(year=NEXT, grade="C", **RED)
    flags.build()
    assert flags.connection.execute("select framework_year, rule_version from fact_flag").fetchall() == [
        (YEAR, "2008.1")
    ]
