"""Candidate tables in a test's hands, and what readers see of what is published."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from ingest.publication import Publication, publish
from ingest.publication.tables import FACTS, NATURAL
from tests.ingest.warehouse import Warehouse

CANDIDATE = """
drop table if exists
    candidate.fact_value, candidate.dim_component, candidate.dim_indicator, candidate.dim_area, candidate.dim_period,
    candidate.bridge_area_group, catalogue.datasets, indicators.component_source,
    catalogue.inspectorates, catalogue.inspectorate_themes, catalogue.assessment_rules;
create table candidate.dim_area (
    area_code text, area_name text, area_type text, region_code text, valid_from date, valid_to date
);
create table candidate.dim_indicator (
    framework_id text, indicator_id text, ni int, title text, theme text, lead_department text,
    set_status text,    definition_confidence text, formula_note text, source_url text
);
create table candidate.dim_component (
    framework_id text, indicator_id text, component text, title text, headline boolean, method text,
    unit text,    decimals int, polarity text, period_type text, note text
);
create table candidate.dim_period (period_start date, period_end date, framework_year text);
create table candidate.bridge_area_group (
    group_kind text, group_code text, area_code text, valid_from date, valid_to date, weight numeric, rank int,
    distance numeric, basis text
);
create table catalogue.datasets (
    dataset_id text, domain text, body text, title text, interface text, native_level text
);
create table catalogue.inspectorates (
    inspectorate_id text, inspectorate text, valid_from date, valid_to date, successor_id text
);
create table catalogue.inspectorate_themes (
    framework_id text, theme text, inspectorate_id text, valid_from date, valid_to date, part text
);
create table catalogue.assessment_rules (rule_version text, name text, value text, valid_from date, source text);
create table indicators.component_source (framework_id text, indicator_id text, component text, dataset_id text);
create table candidate.fact_value (
    framework_id text, indicator_id text, component text, area_code text, period_start date, period_end date,
    period_type text, framework_year text, numerator numeric, denominator numeric, value numeric,
    lower_limit numeric,    upper_limit numeric, unit text, marker text, reason text, coverage numeric, maturity text
);
insert into candidate.dim_area values
    ('E10000029', 'Suffolk', 'county', 'E12000006', null, null),
    ('E06000010', 'Kingston upon Hull', 'unitary', 'E12000003', null, null);
insert into candidate.dim_indicator
select f, i, right(i, 3)::int, 'Title of ' || i, 'theme', 'department', 'in_set', 'high', null, null
from (values ('nis_2008', 'ni_192'), ('nis_2008', 'ni_193'), ('lof_2026', 'ni_192')) as which (f, i);
insert into candidate.dim_component
select framework_id, indicator_id, 'all', title, true, 'ratio', 'percent', 1, 'higher_is_better', 'financial_year', null
from candidate.dim_indicator;
insert into candidate.dim_period values ('2009-04-01', '2010-03-31', '2009-10');
insert into candidate.fact_value
select
    c.framework_id, c.indicator_id, 'all', a.area_code, '2009-04-01', '2010-03-31', 'financial_year',
    '2009-10',    40, 100, 40, 39, 41, 'percent', null, null, 1, 'final'
from candidate.dim_component as c cross join candidate.dim_area as a;
"""
TYPES = {"area_code": "text", "period_start": "date", "period_end": "date"}
HULL = "area_code = 'E06000010' and framework_id = 'nis_2008' and indicator_id = 'ni_192'"


def bare_candidates(warehouse: Warehouse) -> None:
    """Make the candidate tables that a test does not fill: as the build leaves them, without rows."""
    for fact in FACTS:
        if fact.is_wording or fact.candidate == "fact_value":
            continue
        natural = [column for name in fact.dimensions for column in NATURAL[name][0]]
        own = [name for name in (*fact.key, *fact.columns) if not name.endswith("_key")]
        types = dict(
            warehouse.query(
                "select attname, format_type(atttypid, atttypmod) from pg_attribute where attrelid = %s::regclass",
                (f"published.{fact.table}",),
                role="nis_publisher",
            )
        )
        columns = ", ".join(
            f"{name} {types.get(name) or TYPES.get(name, 'text')}" for name in dict.fromkeys([*natural, *own])
        )
        warehouse.query(
            f"drop table if exists candidate.{fact.candidate}; create table candidate.{fact.candidate} ({columns})",
            role="nis_transformer",
        )


@dataclass(frozen=True)
class Publishing:
    """Candidate tables in a test's hands, and what readers see of what is published."""

    warehouse: Warehouse

    def change(self, statement: str) -> None:
        """Change the candidate."""
        self.warehouse.query(statement, role="nis_transformer")

    def build(self, *, finished: bool = True, checked: bool = True, remade: list[str] | None = None) -> int:
        """Record a build, as dbt and gate 2 leave it; of everything, or of some indicators."""
        number: int = self.warehouse.one(
            "insert into ops.build (fingerprint, built_at, gate_2_at, remade) "
            "values (md5(random()::text), case when %s then now() end, case when %s then now() end, %s) "
            "returning build_id",
            (finished, checked, remade),
        )
        self.warehouse.query("delete from ops.at_hand")
        if finished:
            self.warehouse.query("insert into ops.at_hand (build_id) values (%s)", (number,))
        return number

    def hold(self, build_id: int, framework_id: str, indicator_id: str) -> None:
        """Let gate 2 fail an indicator."""
        self.warehouse.query(
            "insert into ops.quality_result (build_id, gate, framework_id, indicator_id, expectation, severity, "
            "success, message, owner) values (%s, 2, %s, %s, 'range', 'fail', false, 'out of range', 'someone')",
            (build_id, framework_id, indicator_id),
        )

    def publish(self) -> Publication:
        """Publish the candidate as it stands."""
        return publish(self.warehouse.settings, self.build())

    def moment(self, publication_id: int | None) -> dt.datetime:
        """When a publication was published."""
        moment: dt.datetime = self.warehouse.one(
            "select published_at from published.publication where publication_id = %s",
            (publication_id,),
            "inspector",
        )
        return moment

    def hull(self, at: dt.datetime | None = None) -> Any:
        """Value of NI 192 in Hull as readers see it, now or as known at a moment; None without a row."""
        source, parameters = ("published.value_current", ()) if at is None else ("published.value_as_of(%s)", (at,))
        rows = self.warehouse.query(f"select value from {source} where {HULL}", parameters, "reader")
        assert len(rows) <= 1
        return rows[0][0] if rows else None

    def count(self, where: str = "true", role: Any = "inspector") -> int:
        """Published values, closed ones too."""
        number: int = self.warehouse.one(f"select count(*) from published.value_history where {where}", (), role)
        return number
