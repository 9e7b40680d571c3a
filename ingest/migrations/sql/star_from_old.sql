-- What earlier versions published under natural keys moves to the star schema; nothing is lost.
insert into published.dim_theme (framework_id, theme)
select distinct framework_id, theme from published.indicator where theme is not null order by 1, 2;

insert into published.dim_area (area_code, area_name, area_type, region_code, valid_from, valid_to)
select distinct on (area_code) area_code, area_name, area_type, region_code, valid_from, valid_to
from published.area order by area_code, lower(known_during) desc;

insert into published.dim_indicator (
    framework_id, indicator_id, ni, title, theme_key, theme, lead_department, set_status, definition_confidence,
    formula_note, source_url
)
select distinct on (i.framework_id, i.indicator_id)
    i.framework_id, i.indicator_id, i.ni, i.title, t.theme_key, i.theme, i.lead_department, i.set_status,
    i.definition_confidence, i.formula_note, i.source_url
from published.indicator as i left join published.dim_theme as t using (framework_id, theme)
order by i.framework_id, i.indicator_id, lower(i.known_during) desc;

insert into published.dim_component (
    indicator_key, framework_id, indicator_id, component, title, headline, method, unit, decimals, polarity,
    period_type, note
)
select distinct on (c.framework_id, c.indicator_id, c.component)
    i.indicator_key, c.framework_id, c.indicator_id, c.component, c.title, c.headline, c.method, c.unit, c.decimals,
    c.polarity, coalesce(v.period_type, 'financial_year'), c.note
from published.component as c
inner join published.dim_indicator as i using (framework_id, indicator_id)
left join (
    select distinct on (framework_id, indicator_id, component) framework_id, indicator_id, component, period_type
    from published.value
) as v using (framework_id, indicator_id, component)
order by c.framework_id, c.indicator_id, c.component, lower(c.known_during) desc;

insert into published.dim_area_history (
    area_key, area_name, area_type, region_code, valid_from, valid_to, known_during
)
select k.area_key, a.area_name, a.area_type, a.region_code, a.valid_from, a.valid_to, a.known_during
from published.area as a inner join published.dim_area as k using (area_code);

insert into published.dim_indicator_history (
    indicator_key, ni, title, theme, lead_department, set_status, definition_confidence, formula_note, source_url,
    known_during
)
select
    k.indicator_key, i.ni, i.title, i.theme, i.lead_department, i.set_status, i.definition_confidence,
    i.formula_note, i.source_url, i.known_during
from published.indicator as i inner join published.dim_indicator as k using (framework_id, indicator_id);

insert into published.dim_component_history (
    component_key, title, headline, method, unit, decimals, polarity, period_type, note, known_during
)
select
    k.component_key, c.title, c.headline, c.method, c.unit, c.decimals, c.polarity, k.period_type, c.note,
    c.known_during
from published.component as c inner join published.dim_component as k using (framework_id, indicator_id, component);

insert into published.dim_period (period_start, period_end, framework_year, fiscal_year, label)
select distinct
    period_start, period_end, framework_year, left(framework_year, 4)::int,
    published.period_label(period_start, period_end)
from published.value;

insert into published.fact_value (
    component_key, area_key, period_key, indicator_key, numerator, denominator, value, lower_limit, upper_limit,
    marker, reason, coverage, maturity, on_day, publication_id, publish_at, known_during
)
select
    c.component_key, a.area_key, p.period_key, c.indicator_key, v.numerator, v.denominator, v.value, v.lower_limit,
    v.upper_limit, v.marker, v.reason, v.coverage, v.maturity, daterange(v.period_end, v.period_end, '[]'),
    v.publication_id, v.publish_at, v.known_during
from published.value as v
inner join published.dim_component as c using (framework_id, indicator_id, component)
inner join published.dim_area as a using (area_code)
inner join published.dim_period as p using (period_start, period_end)
order by c.component_key, a.area_key, p.period_key, lower(v.known_during);

drop view published.value_current, published.value_limit_current, published.value_history;
drop function published.value_as_of(timestamptz);
drop table published.value, published.component, published.indicator, published.area;
