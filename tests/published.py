"""Published rows written by hand under natural keys: texts of SQL that go before and after them."""

from __future__ import annotations

BEFORE = """
create temporary table area (
    area_code text, area_name text, area_type text, known_during tstzrange
) on commit drop;
create temporary table indicator (
    framework_id text, indicator_id text, ni int, title text, set_status text, known_during tstzrange
) on commit drop;
create temporary table component (
    framework_id text, indicator_id text, component text, title text, headline boolean, method text, unit text,
    decimals int, polarity text, known_during tstzrange
) on commit drop;
create temporary table value (
    framework_id text, indicator_id text, component text, area_code text, period_start date, period_end date,
    period_type text, framework_year text, value numeric, marker text, reason text, coverage numeric,
    publication_id bigint, publish_at timestamptz, known_during tstzrange
) on commit drop;
"""
"""Tables to fill: `area`, `indicator`, `component`, `value`."""

AFTER = """
insert into published.dim_area (area_code, area_name, area_type) select area_code, area_name, area_type from area;
insert into published.dim_indicator (framework_id, indicator_id, ni, title, set_status)
select framework_id, indicator_id, ni, title, set_status from indicator;
insert into published.dim_component (
    indicator_key, framework_id, indicator_id, component, title, headline, method, unit, decimals, polarity, period_type
)
select i.indicator_key, c.framework_id, c.indicator_id, c.component, c.title, c.headline, c.method, c.unit, c.decimals,
    c.polarity, (select min(v.period_type) from value as v where v.indicator_id = c.indicator_id)
from component as c inner join published.dim_indicator as i using (framework_id, indicator_id);
insert into published.dim_area_history (area_key, area_name, area_type, known_during)
select k.area_key, a.area_name, a.area_type, a.known_during
from area as a inner join published.dim_area as k using (area_code);
insert into published.dim_indicator_history (indicator_key, ni, title, set_status, known_during)
select k.indicator_key, i.ni, i.title, i.set_status, i.known_during
from indicator as i inner join published.dim_indicator as k using (framework_id, indicator_id);
insert into published.dim_component_history (
    component_key, title, headline, method, unit, decimals, polarity, period_type, known_during
)
select k.component_key, c.title, c.headline, c.method, c.unit, c.decimals, c.polarity, k.period_type, c.known_during
from component as c inner join published.dim_component as k using (framework_id, indicator_id, component);
insert into published.dim_period (period_start, period_end, framework_year, fiscal_year, label)
select distinct period_start, period_end, framework_year, left(framework_year, 4)::int, framework_year from value;
insert into published.fact_value (
    component_key, area_key, period_key, indicator_key, value, marker, reason, coverage, on_day, publication_id,
    publish_at, known_during
)
select c.component_key, a.area_key, p.period_key, c.indicator_key, v.value, v.marker, v.reason, v.coverage,
    daterange(v.period_end, v.period_end, '[]'), v.publication_id, v.publish_at, v.known_during
from value as v
inner join published.dim_component as c using (framework_id, indicator_id, component)
inner join published.dim_area as a using (area_code)
inner join published.dim_period as p using (period_start, period_end);
"""
"""What moves them into the star schema."""

EMPTY = """
truncate published.publication, published.dim_theme, published.dim_area, published.dim_indicator,
    published.dim_component, published.dim_period, published.dim_source, published.dim_release,
    published.fact_run, published.assessment_cycle, published.embargo_access, published.dim_inspectorate,
    published.assessment_rule, published.flag_summary restart identity cascade;
"""
"""Removes everything that is published."""
