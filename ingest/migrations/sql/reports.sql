-- What an annual report says of an area, as views: the figure of each indicator in a year, progress by theme, the review
-- of the agreement. Each narrows to an area and a year before it reads anything else.

create view published.v_profile with (security_invoker = true) as
with last_of_year as (
    -- Of several periods that end in one year, the last; area and year stand in the list so that a filter goes inside.
    select distinct on (a.area_code, p.framework_year, v.component_key)
        v.area_key,
        v.component_key,
        v.period_key,
        v.indicator_key,
        a.area_code,
        a.area_name,
        a.area_type,
        a.region_code,
        p.framework_year,
        p.period_start,
        p.period_end,
        p.label as period_label,
        c.framework_id,
        c.indicator_id,
        c.component,
        c.title as component_title,
        c.unit,
        c.decimals,
        c.polarity,
        v.value,
        v.marker,
        v.reason,
        v.coverage,
        v.maturity,
        v.publication_id
    from published.fact_value as v
    inner join published.dim_area as a on v.area_key = a.area_key
    inner join published.dim_period as p on v.period_key = p.period_key
    inner join published.dim_component as c on v.component_key = c.component_key
    where c.headline and v.known_to > now() and lower(v.known_during) <= now()
    order by a.area_code, p.framework_year, v.component_key, p.period_end desc, p.period_start desc
),

disputed as (
    select component_key, area_key, period_key, count(*)::int as open_disputes
    from published.value_comment
    where kind = 'dispute' and resolved_at is null
    group by component_key, area_key, period_key
)

select
    y.area_key,
    y.component_key,
    y.period_key,
    y.indicator_key,
    i.theme_key,
    y.area_code,
    y.area_name,
    y.area_type,
    y.region_code,
    y.framework_id,
    y.framework_year,
    coalesce(i.theme, 'No theme') as theme,
    i.ni,
    y.indicator_id,
    y.component,
    i.title,
    y.component_title,
    y.unit,
    y.decimals,
    y.polarity,
    y.period_start,
    y.period_end,
    y.period_label,
    y.value,
    y.marker,
    y.reason,
    y.coverage,
    y.maturity,
    s.lower_95,
    s.upper_95,
    s.limit_method,
    s.england_value,
    s.vs_england,
    s.neighbours_value,
    s.vs_neighbours,
    s.quintile,
    s.previous_period_end,
    s.previous_value,
    s.change,
    s.direction,
    s.trend,
    s.trend_reason,
    q.grade,
    q.freshness_state,
    coalesce(d.open_disputes, 0) as open_disputes,
    y.publication_id
from last_of_year as y
inner join published.dim_indicator as i on y.indicator_key = i.indicator_key
left join published.fact_assessment as s
    on y.component_key = s.component_key and y.area_key = s.area_key and y.period_key = s.period_key
    and s.known_to > now() and lower(s.known_during) <= now()
left join published.fact_quality as q
    on y.component_key = q.component_key and y.framework_year = q.framework_year
    and q.known_to > now() and lower(q.known_during) <= now()
left join disputed as d
    on y.component_key = d.component_key and y.area_key = d.area_key and y.period_key = d.period_key;

create view published.v_laa_review with (security_invoker = true) as
select
    t.area_key,
    t.component_key,
    t.indicator_key,
    t.period_key,
    a.area_code,
    a.area_name,
    a.area_type,
    a.region_code,
    t.framework_id,
    t.framework_year,
    t.target_class,
    t.target_id,
    t.target_version,
    i.theme,
    i.ni,
    i.indicator_id,
    c.component,
    coalesce(i.title, regexp_replace(t.target_id, '^local/', '')) as title,
    c.component_title,
    c.unit,
    c.decimals,
    c.polarity,
    p.period_start,
    p.period_end,
    p.label as period_label,
    t.kind,
    t.status,
    t.reward_eligible,
    t.agreed_on,
    t.baseline_period,
    t.baseline_value,
    t.target_value,
    t.actual_value,
    t.actual_marker,
    s.lower_95,
    s.upper_95,
    t.achievement,
    t.achievement_capped,
    t.met,
    t.met_beyond_doubt,
    t.target_test,
    t.on_track,
    t.on_track_ratio,
    t.on_track_score,
    t.on_track_form,
    t.needed_next_year,
    t.detectable,
    t.smallest_detectable_change,
    t.target_marker,
    t.target_note,
    q.grade,
    t.publication_id
from published.fact_target as t
inner join published.dim_area as a on t.area_key = a.area_key
inner join published.dim_period as p on t.period_key = p.period_key
left join published.dim_indicator as i on t.indicator_key = i.indicator_key
left join (
    select component_key, component, title as component_title, unit, decimals, polarity from published.dim_component
) as c on t.component_key = c.component_key
left join published.fact_assessment as s
    on t.component_key = s.component_key and t.area_key = s.area_key and t.period_key = s.period_key
    and s.known_to > now() and lower(s.known_during) <= now()
left join published.fact_quality as q
    on t.component_key = q.component_key and t.framework_year = q.framework_year
    and q.known_to > now() and lower(q.known_during) <= now()
where t.is_current and t.status <> 'withdrawn' and t.known_to > now() and lower(t.known_during) <= now();

create view published.v_progress with (security_invoker = true) as
with told as (
    select
        area_code, area_name, framework_id, framework_year, theme,
        count(*)::int as indicators,
        count(value)::int as with_value,
        (count(*) filter (where direction is not null))::int as with_direction,
        (count(*) filter (where direction = 'improving_significant'))::int as improving_significant,
        (count(*) filter (where direction = 'improving'))::int as improving,
        (count(*) filter (where direction = 'same'))::int as unchanged,
        (count(*) filter (where direction = 'worsening'))::int as worsening,
        (count(*) filter (where direction = 'worsening_significant'))::int as worsening_significant,
        (count(*) filter (where vs_neighbours is not null))::int as against_neighbours,
        (count(*) filter (where vs_neighbours in ('better_95', 'better_998')))::int as better_than_neighbours,
        (count(*) filter (where vs_neighbours in ('worse_95', 'worse_998')))::int as worse_than_neighbours,
        (count(*) filter (where vs_england is not null))::int as against_england,
        (count(*) filter (where vs_england in ('better_95', 'better_998')))::int as better_than_england,
        (count(*) filter (where vs_england in ('worse_95', 'worse_998')))::int as worse_than_england,
        (count(*) filter (where quintile = 1))::int as in_best_fifth,
        (count(*) filter (where quintile = 5))::int as in_worst_fifth,
        (count(*) filter (where trend = 'improving'))::int as trend_improving,
        (count(*) filter (where trend = 'worsening'))::int as trend_worsening,
        count(grade)::int as graded,
        (count(*) filter (where grade = 'D'))::int as grade_d,
        sum(open_disputes)::int as open_disputes
    from published.v_profile
    group by area_code, area_name, framework_id, framework_year, theme
),

aimed as (
    select
        area_code, area_name, framework_id, framework_year, coalesce(theme, 'Local targets') as theme,
        count(*)::int as targets,
        (count(*) filter (where target_class = 'designated'))::int as designated_targets,
        (count(*) filter (where met))::int as targets_met,
        (count(*) filter (where not met))::int as targets_not_met,
        (count(*) filter (where met is null))::int as targets_not_judged,
        (count(*) filter (where met_beyond_doubt))::int as targets_met_beyond_doubt,
        (count(*) filter (where on_track in ('met', 'on_track')))::int as targets_on_track,
        (count(*) filter (where on_track = 'acceleration_needed'))::int as targets_to_speed_up,
        (count(*) filter (where on_track = 'limited'))::int as targets_with_limited_progress,
        (count(*) filter (where on_track = 'deterioration'))::int as targets_deteriorating,
        round(avg(achievement_capped), 6) as mean_achievement
    from published.v_laa_review
    group by area_code, area_name, framework_id, framework_year, coalesce(theme, 'Local targets')
)

select
    coalesce(t.area_code, g.area_code) as area_code,
    coalesce(t.area_name, g.area_name) as area_name,
    coalesce(t.framework_id, g.framework_id) as framework_id,
    coalesce(t.framework_year, g.framework_year) as framework_year,
    coalesce(t.theme, g.theme) as theme,
    coalesce(t.indicators, 0) as indicators,
    coalesce(t.with_value, 0) as with_value,
    coalesce(t.with_direction, 0) as with_direction,
    coalesce(t.improving_significant, 0) as improving_significant,
    coalesce(t.improving, 0) as improving,
    coalesce(t.unchanged, 0) as unchanged,
    coalesce(t.worsening, 0) as worsening,
    coalesce(t.worsening_significant, 0) as worsening_significant,
    coalesce(t.against_neighbours, 0) as against_neighbours,
    coalesce(t.better_than_neighbours, 0) as better_than_neighbours,
    coalesce(t.worse_than_neighbours, 0) as worse_than_neighbours,
    coalesce(t.against_england, 0) as against_england,
    coalesce(t.better_than_england, 0) as better_than_england,
    coalesce(t.worse_than_england, 0) as worse_than_england,
    coalesce(t.in_best_fifth, 0) as in_best_fifth,
    coalesce(t.in_worst_fifth, 0) as in_worst_fifth,
    coalesce(t.trend_improving, 0) as trend_improving,
    coalesce(t.trend_worsening, 0) as trend_worsening,
    coalesce(t.graded, 0) as graded,
    coalesce(t.grade_d, 0) as grade_d,
    coalesce(t.open_disputes, 0) as open_disputes,
    coalesce(g.targets, 0) as targets,
    coalesce(g.designated_targets, 0) as designated_targets,
    coalesce(g.targets_met, 0) as targets_met,
    coalesce(g.targets_not_met, 0) as targets_not_met,
    coalesce(g.targets_not_judged, 0) as targets_not_judged,
    coalesce(g.targets_met_beyond_doubt, 0) as targets_met_beyond_doubt,
    coalesce(g.targets_on_track, 0) as targets_on_track,
    coalesce(g.targets_to_speed_up, 0) as targets_to_speed_up,
    coalesce(g.targets_with_limited_progress, 0) as targets_with_limited_progress,
    coalesce(g.targets_deteriorating, 0) as targets_deteriorating,
    g.mean_achievement
from told as t
full join aimed as g
    on t.area_code = g.area_code and t.framework_id = g.framework_id and t.framework_year = g.framework_year
    and t.theme = g.theme;
