"""Candidate marts that keep every rule of gate 2, and one year published before, as texts of SQL."""

from __future__ import annotations

from tests.published import AFTER, BEFORE, EMPTY

# As the build leaves them, with the columns that the gate reads.
TABLES = """
drop table if exists candidate.fact_value, catalogue.indicator_components, catalogue.part_sets,
    catalogue.published_figures, indicators.indicator_index, measures.measure_by_area, measures.measure_in_period,
    measures.measure_series, measures.area_territory, indicators.component_term, measures.territory_contains,
    indicators.component_disclosure, indicators.quantity_cell, indicators.quantity_withheld;
create table measures.territory_contains (container_id text, contained_id text, container_atoms int);
create table indicators.component_disclosure (
    framework_id text, indicator_id text, component text, side text, method text, quantity text, rounded_to int
);
create table indicators.quantity_cell (
    system_id int, quantity text, period_start date, period_end date, territory_id text, area_code text,
    atom_count int, hidden_from int, hidden_to int, state text, is_leaf boolean
);
create table indicators.quantity_withheld (system_id int, territory_id text, reason text);
create table measures.area_territory (area_code text, territory_id text, atom_count int);
create table measures.measure_series (series_id int, measure_id text, period_start date, period_end date);
create table measures.measure_in_period (
    series_id int, area_code text, territory_id text, value numeric, adds_up boolean, is_ground boolean
);
create table indicators.component_term (framework_id text, indicator_id text, component text, measure_id text);
-- England is a county of two districts and one council beside it.
insert into measures.area_territory values ('E92000001', 'E', 3), ('C', 'C', 2), ('D1', 'D1', 1), ('D2', 'D2', 1), ('U', 'U', 1);
insert into measures.measure_series values (1, 'crimes', '2008-04-01', '2009-03-31');
insert into indicators.component_term values ('test', 'ni_b', 'i', 'crimes');
create table catalogue.part_sets (
    framework_id text, indicator_id text, set_id text, components text, total numeric, tolerance numeric
);
create table catalogue.published_figures (
    framework_id text, indicator_id text, component text, area_code text, period_start date, period_end date,
    value numeric, comparable text
);
create table candidate.fact_value (
    framework_id text, indicator_id text, component text, area_code text, period_start date, period_end date,
    period_type text, value numeric, marker text, reason text, numerator numeric, denominator numeric
);
create table catalogue.indicator_components (
    framework_id text, indicator_id text, component text, valid_min numeric, valid_max numeric,
    max_change numeric, reconcile_measure text, reconcile_tolerance numeric, reconcile_min_share numeric
);
create table indicators.indicator_index (
    framework_id text, indicator_id text, component text, area_code text, period_start date, period_end date
);
create table measures.measure_by_area (
    measure_id text, area_code text, period_start date, period_end date, period_type text, value numeric,
    marker text
);
-- Twenty areas, two financial years, the value 50 everywhere.
insert into indicators.indicator_index
select
    'test', indicator_id, component, 'A' || lpad(area::text, 2, '0'),
    make_date(year, 4, 1), make_date(year + 1, 3, 31)
from (values ('ni_a', 'i'), ('ni_a', 'ii'), ('ni_b', 'i')) as c (indicator_id, component)
cross join generate_series(1, 20) as area
cross join generate_series(2008, 2009) as year;
insert into candidate.fact_value
select
    framework_id, indicator_id, component, area_code, period_start, period_end, 'financial_year', 50, null
from indicators.indicator_index;
insert into catalogue.indicator_components values
    ('test', 'ni_a', 'i', 0, 100, null, null, null, null),
    ('test', 'ni_a', 'ii', 0, 100, 10, null, null, null),
    ('test', 'ni_b', 'i', 0, null, null, 'official_b', 0.05, 0.95);
-- The body's own figure, a little off, but within the tolerance.
insert into measures.measure_by_area
select 'official_b', area_code, period_start, period_end, 'financial_year', 50.04, null
from indicators.indicator_index where indicator_id = 'ni_b';
"""
PUBLISHED = f"""{EMPTY}{BEFORE}
insert into published.publication (
    published_at, publish_at, origin, fingerprint, values_opened, values_closed
) values ('2010-01-01', '2010-01-01', 'made', 'x', 20, 0);
insert into area (area_code, area_name, area_type, known_during)
select 'A' || lpad(area::text, 2, '0'), 'Area ' || area, 'laa', '[2010-01-01,)'
from generate_series(1, 20) as area;
insert into indicator (framework_id, indicator_id, ni, title, set_status, known_during)
values ('test', 'ni_a', 1, 'A', 'in_set', '[2010-01-01,)');
insert into component (
    framework_id, indicator_id, component, title, headline, method, unit, decimals, polarity, known_during
) values ('test', 'ni_a', 'ii', 'A', true, 'ratio', '%', 1, 'higher_is_better', '[2010-01-01,)');
insert into value (
    framework_id, indicator_id, component, area_code, period_start, period_end, period_type, framework_year,
    value, publication_id, publish_at, known_during
)
select 'test', 'ni_a', 'ii', area_code, '2008-04-01', '2009-03-31', 'financial_year', '2008-09', 50,
    (select max(publication_id) from published.publication), '2010-01-01', '[2010-01-01,)'
from area;
{AFTER}"""
