"""Published rows of one area, one year and its agreement, written by hand, for reports to tell of."""

from __future__ import annotations

from tests.published import AFTER, BEFORE

HULL = "E06000010"
HOSTILE = "E06000001"
HOSTILE_NAME = """<script>alert('x')</script> & "Sons" {{ 7 * 7 }}"""
AT = "2026-11-20 09:00+00"

# NI 117: the example of the target rules, 8.0 to 6.0 with 6.9 reached; NI 192: met; NI 5: no survey in the year.
VALUES = f"""{BEFORE}
insert into published.publication
    (published_at, publish_at, origin, fingerprint, values_opened, values_closed, reason)
values ('{AT}', '{AT}', 'made', 'a', 11, 0, 'first publication');
insert into area (area_code, area_name, area_type, known_during) values
    ('{HULL}', 'Kingston upon Hull, City of', 'unitary', '[{AT},)'),
    ('{HOSTILE}', $name${HOSTILE_NAME}$name$, 'unitary', '[{AT},)'),
    ('E06000002', 'Middlesbrough', 'unitary', '[{AT},)'),
    ('E92000001', 'England', 'country', '[{AT},)');
insert into indicator (framework_id, indicator_id, ni, title, set_status, known_during) values
    ('nis_2008', 'ni_005', 5, 'Overall satisfaction with local area', 'in_set', '[{AT},)'),
    ('nis_2008', 'ni_117', 117, '16 to 18 year olds who are NEET', 'in_set', '[{AT},)'),
    ('nis_2008', 'ni_192', 192, 'Household waste recycled', 'in_set', '[{AT},)');
insert into component
    (framework_id, indicator_id, component, title, headline, method, unit, decimals, polarity, known_during)
values
    ('nis_2008', 'ni_005', 'main', 'Satisfied', true, 'published', '%', 1, 'higher_is_better', '[{AT},)'),
    ('nis_2008', 'ni_117', 'main', 'NEET', true, 'ratio', '%', 1, 'lower_is_better', '[{AT},)'),
    ('nis_2008', 'ni_192', 'main', 'Recycled', true, 'ratio', '%', 1, 'higher_is_better', '[{AT},)');
insert into value
    (framework_id, indicator_id, component, area_code, period_start, period_end, period_type, framework_year,
     value, marker, reason, coverage, publication_id, publish_at, known_during)
select 'nis_2008', indicator_id, 'main', area_code, make_date(y, 4, 1), make_date(y + 1, 3, 31), 'financial_year',
    y || '-' || right((y + 1)::text, 2), value, marker, reason, 1, 1, '{AT}', '[{AT},)'
from (values
    ('ni_117', '{HULL}', 2007, 8.0, null, null), ('ni_117', '{HULL}', 2008, null, '[c]', 'suppressed'),
    ('ni_117', '{HULL}', 2009, 6.9, '[p]', null), ('ni_117', 'E92000001', 2007, 6.6, null, null),
    ('ni_117', 'E92000001', 2009, 6.25, null, null), ('ni_192', '{HULL}', 2008, 40, null, null),
    ('ni_192', '{HULL}', 2009, 43.25, null, null), ('ni_005', '{HULL}', 2009, null, '[z]', 'no_survey'),
    ('ni_192', '{HOSTILE}', 2009, -1.05, null, null), ('ni_192', 'E92000001', 2009, 41, null, null),
    ('ni_005', 'E92000001', 2009, null, '[z]', 'no_survey')
) as v (indicator_id, area_code, y, value, marker, reason);
{AFTER}
update published.dim_indicator set theme = case ni when 192 then 'Environmental sustainability' else 'Safer' end;
"""
_CELL = """
    inner join published.dim_component as c on c.indicator_id = v.indicator_id
    inner join published.dim_area as a on a.area_code = v.area_code
    inner join published.dim_period as p on p.framework_year = '2009-10'
"""
SAID = f"""
insert into published.fact_assessment
    (component_key, area_key, period_key, indicator_key, lower_95, upper_95, england_value, vs_england,
     neighbours_value, vs_neighbours, previous_period_end, previous_value, change, direction, trend, trend_reason,
     publication_id, publish_at, known_during)
select c.component_key, a.area_key, p.period_key, c.indicator_key, v.lower_95, v.upper_95, v.england, v.vs_england,
    7, v.vs_neighbours, null, null, null, v.direction, 'not_calculated', 'fewer_than_five_points', 1, '{AT}',
    '[{AT},)'
from (values
    ('ni_117', '{HULL}', 6.4, 7.4, 6.25, 'worse_95', 'similar', 'improving'),
    ('ni_192', '{HULL}', 43.1, 43.4, 41, 'better_998', 'better_95', 'improving_significant'),
    ('ni_192', '{HOSTILE}', -2, 0, 41, 'worse_998', 'worse_998', 'worsening_significant')
) as v (indicator_id, area_code, lower_95, upper_95, england, vs_england, vs_neighbours, direction)
{_CELL};
insert into published.fact_target
    (area_key, target_class, target_id, target_version, period_key, component_key, indicator_key, framework_id,
     framework_year, kind, status, is_current, baseline_period, baseline_value, target_value, reward_eligible,
     actual_value, actual_marker, achievement, achievement_capped, met, met_beyond_doubt, target_test, on_track,
     on_track_ratio, needed_next_year, detectable, target_marker, target_note, publication_id, publish_at, known_during)
select a.area_key, v.target_class, v.target_id, 1, p.period_key, c.component_key, c.indicator_key, 'nis_2008',
    '2009-10', 'absolute', v.status, v.is_current, '2007-08', v.base, v.target, true, v.actual, v.marker,
    v.achievement, least(greatest(v.achievement, 0), 1), v.met, v.sure, null, v.pace, null, v.needed, v.detectable,
    case when v.met is null then '[z]' end, v.note, 1, '{AT}', '[{AT},)'
from (values
    ('ni_117', 'designated', 'ni_117/main', true, 'agreed', 8.0, 6.0, 6.9, '[p]', 0.55, false, false,
     'acceleration_needed', 6.3, true, null),
    ('ni_192', 'designated', 'ni_192/main', true, 'agreed', 38, 42, 43.25, null, 1.3125, true, true,
     'met', 44, true, null),
    ('ni_005', 'designated', 'ni_005/main', true, 'agreed', 70, 73, null, '[z]', null, null, null, null, null, false,
     'no_survey'),
    ('ni_192', 'designated', 'ni_192/old', false, 'agreed', 38, 99, 43.25, null, 0.1, false, false, 'limited', 1, true,
     'target_superseded'),
    ('ni_005', 'statutory', 'ni_005/main', true, 'withdrawn', 70, 73, null, '[z]', null, null, null, null, null, null,
     'target_withdrawn')
) as v (
    indicator_id, target_class, target_id, is_current, status, base, target, actual, marker, achievement, met, sure,
    pace, needed, detectable, note
)
cross join (values ('{HULL}')) as w (area_code)
inner join published.dim_component as c on c.indicator_id = v.indicator_id
inner join published.dim_area as a on a.area_code = w.area_code
inner join published.dim_period as p on p.framework_year = '2009-10';
insert into published.fact_target
    (area_key, target_class, target_id, target_version, period_key, framework_id, framework_year, kind, status,
     is_current, target_value, target_marker, target_note, actual_marker, publication_id, publish_at, known_during)
select a.area_key, 'local', 'local/Trees & <b>hedges</b> planted', 1, p.period_key, 'nis_2008', '2009-10', 'absolute',
    'agreed', true, 1250, '[x]', 'target_not_measured', '[x]', 1, '{AT}', '[{AT},)'
from published.dim_area as a inner join published.dim_period as p on p.framework_year = '2009-10'
where a.area_code = '{HULL}';
insert into published.fact_quality
    (component_key, framework_year, indicator_key, score, critical_fails, grade, publication_id, publish_at,
     known_during)
select component_key, '2009-10', indicator_key, 0.9, 0, case indicator_id when 'ni_117' then 'D' else 'A' end, 1,
    '{AT}', '[{AT},)'
from published.dim_component;
insert into published.fact_reward
    (area_key, framework_id, scheme, rule_version, targets_counted, mean_achievement, pays, status, note,
     publication_id, publish_at, known_during)
select area_key, 'nis_2008', 'B', 1, 5, 0.64, true, 'not paid in the end', 'all of 5', 1, '{AT}', '[{AT},)'
from published.dim_area where area_code = '{HULL}';
insert into published.bridge_area_group (group_kind, group_code, area_key, rank)
select 'nearest_neighbours', '{HULL}', area_key, 1 from published.dim_area where area_code = 'E06000002';
insert into published.dim_source (dataset_id, domain, body, title)
values ('defra_waste', 'environment', 'Defra', 'Waste <i>statistics</i>'), ('dfe_neet', 'education', 'DfE', 'NEET');
insert into published.bridge_component_source (component_key, source_key)
select component_key, source_key from published.dim_component cross join published.dim_source;
insert into published.dim_release
    (release_key, source_key, part, url, sha256, publisher, licence, maturity, origin, status, published_on,
     retrieved_at, offered_at)
select row_number() over (order by dataset_id), source_key, 'all',
    case dataset_id when 'defra_waste' then 'https://www.gov.uk/waste.ods' else 'javascript:alert(1)' end,
    repeat(left(dataset_id, 2), 32), body, 'OGL-UK-3.0', 'final', 'made', 'accepted', '2010-11-04', '{AT}', '{AT}'
from published.dim_source;
insert into published.publication_release (publication_id, release_key) values (1, 1), (1, 2);
insert into published.value_comment (component_key, area_key, period_key, kind, said, said_by, organisation)
select v.component_key, v.area_key, v.period_key, 'dispute', 'May is missing', 'Jane Smith', 'Hull City Council'
from published.fact_value as v inner join published.dim_area using (area_key)
inner join published.dim_period using (period_key)
where area_code = '{HULL}' and framework_year = '2009-10' and value = 43.25;
"""
RUN = """
insert into ops.run (command, origin, status, started_at, finished_at, seconds_by_stage, counts, error)
values ('run', 'made', 'done', '2026-11-01 09:00+00', '2026-11-01 09:00:40+00', '{}', '{}', null),
    ('run', 'made', 'held', '2026-11-20 08:59+00', '2026-11-20 09:01:05+00',
     '{"land": 12.5, "gate_2": 8.25}', '{"offered": 3, "landed": 2, "accepted": 1, "rows": 1406, "held": 1}',
     'NI 117: <b>range</b>');
insert into ops.release
    (dataset_id, part, url, sha256, size_bytes, publisher, licence, published_on, maturity, status, status_reason,
     origin, row_count, supersedes, run_id)
values ('decc_la_co2', 'all', 'https://data.gov.uk/co2.csv', repeat('a', 64), 10, 'DECC', 'OGL-UK-3.0', '2013-06-01',
        'final', 'accepted', null, 'made', 1406, 'part', 2),
    ('defra_waste', 'all', 'https://www.gov.uk/waste.ods', repeat('b', 64), 10, 'Defra', 'OGL-UK-3.0', null,
     'final', 'refused', 'half the rows <i>are</i> gone', 'made', 2, 'part', 2);
insert into ops.quality_result
    (run_id, gate, release_id, framework_id, indicator_id, expectation, severity, success, message, owner)
values (2, 1, 2, null, null, 'rows', 'fail', false, '2 rows where 406 were expected', 'Jane Smith'),
    (2, 2, null, 'nis_2008', 'ni_117', 'range', 'fail', false, '3 values lie above 100', 'data engineer'),
    (2, 2, null, 'nis_2008', 'ni_192', 'jump', 'warn', false, 'only a warning', 'data engineer');
"""
