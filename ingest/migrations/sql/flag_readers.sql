-- What readers see of flags: those that stand, the evidence behind one, good practice and value for money.

create view published.v_flag with (security_invoker = true) as
select
    f.theme_key, f.area_key, t.framework_id, t.theme, a.area_code, a.area_name, a.area_type, a.region_code,
    f.framework_year, f.flag_kind,
    case
        when d.state is not null then d.state
        when p.decision_id is not null then 'known_and_being_acted_on'
        else 'candidate'
    end as state,
    case when d.state is not null then d.decided_at else p.decided_at end as state_since,
    d.decided_by, d.organisation, d.reason as decision_reason,
    coalesce(d.action_plan_on_course, p.decision_id is not null) as has_live_plan,
    p.framework_year as plan_of_year,
    w.inspectorates, w.inspectorate_ids,
    f.score, f.n_indicators, f.indicators, f.sentence, f.rule_version, f.publication_id,
    lower(f.known_during) as known_from, f.evidence
from published.fact_flag as f
inner join published.dim_theme as t on f.theme_key = t.theme_key
inner join published.dim_area as a on f.area_key = a.area_key
left join lateral (
    select d.* from published.flag_decision as d
    where d.framework_id = t.framework_id and d.area_code = a.area_code and d.theme = t.theme
        and d.framework_year = f.framework_year and d.flag_kind = f.flag_kind
    order by d.decision_id desc
    limit 1
) as d on true
left join lateral (
    select case
        when d.decision_id is null
            then published.flag_live_plan(t.framework_id, a.area_code, t.theme, f.framework_year, f.flag_kind)
    end as decision_id
    -- Asked once a flag, not once for each decision that it is looked up among.
    offset 0
) as plan on true
left join published.flag_decision as p on plan.decision_id = p.decision_id
left join lateral (
    select
        string_agg(i.inspectorate, ', ' order by b.part desc, i.inspectorate) as inspectorates,
        array_agg(i.inspectorate_id order by b.part desc, i.inspectorate) as inspectorate_ids
    from published.bridge_inspectorate_theme as b
    inner join published.dim_inspectorate as i on b.inspectorate_key = i.inspectorate_key
    where b.theme_key = f.theme_key
        -- Who answers is settled on the last day of the year.
        and make_date(left(f.framework_year, 4)::int + 1, 3, 31)
            between b.valid_from and coalesce(b.valid_to, 'infinity')
) as w on true
where f.known_to > now() and lower(f.known_during) <= now();

create function published.flag_evidence(area_code text, theme text, framework_year text, flag_kind text)
returns jsonb
language sql stable
begin atomic
with flag as (
    select v.*
    from published.v_flag as v
    where v.area_code = flag_evidence.area_code and v.theme = flag_evidence.theme
        and v.framework_year = flag_evidence.framework_year and v.flag_kind = flag_evidence.flag_kind
    order by v.framework_id
    limit 1
),
used as (
    select distinct c.component_key, c.indicator_id, c.component
    from flag
    cross join lateral jsonb_array_elements(flag.evidence -> 'indicators') as e (item)
    inner join published.dim_component as c
        on c.framework_id = flag.framework_id and c.indicator_id = e.item ->> 'indicator_id'
        and c.component = e.item ->> 'component'
)
select jsonb_build_object(
    'flag', to_jsonb(flag) - array['evidence', 'theme_key', 'area_key'],
    'data_as_of', flag.known_from,
    'indicators', flag.evidence -> 'indicators',
    'rules', (
        select jsonb_build_object('rule_version', flag.rule_version, 'values', jsonb_object_agg(r.name, r.value))
        from published.assessment_rule as r where r.rule_version = flag.rule_version
    ),
    'multiplicity', (
        select to_jsonb(s) - array['publication_id', 'publish_at', 'known_during', 'known_to']
        from published.flag_summary as s
        where s.framework_id = flag.framework_id and s.framework_year = flag.framework_year
            and s.known_to > now() and lower(s.known_during) <= now()
    ),
    'releases', coalesce((
        select jsonb_agg(
            jsonb_build_object(
                'dataset_id', k.dataset_id, 'title', k.title, 'body', k.body, 'part', r.part, 'url', r.url,
                'sha256', r.sha256, 'licence', r.licence, 'origin', r.origin, 'published_on', r.published_on,
                'retrieved_at', r.retrieved_at
            ) order by k.dataset_id, r.part, r.release_key
        )
        from published.publication_release as pr
        inner join published.dim_release as r on pr.release_key = r.release_key
        inner join published.dim_source as k on r.source_key = k.source_key
        where pr.publication_id = flag.publication_id and r.source_key in (
            select b.source_key
            from published.bridge_component_source as b inner join used on b.component_key = used.component_key
        )
    ), '[]'),
    'quality', coalesce((
        select jsonb_agg(
            jsonb_build_object(
                'indicator_id', used.indicator_id, 'component', used.component, 'grade', q.grade, 'score', q.score,
                'accuracy', q.accuracy, 'validity', q.validity, 'reliability', q.reliability,
                'timeliness', q.timeliness, 'relevance', q.relevance, 'completeness', q.completeness,
                'uniqueness', q.uniqueness, 'critical_fails', q.critical_fails, 'note', q.note,
                'freshness_state', q.freshness_state
            ) order by used.indicator_id
        )
        from used
        inner join published.fact_quality as q
            on q.component_key = used.component_key and q.framework_year = flag.framework_year
        where q.known_to > now() and lower(q.known_during) <= now()
    ), '[]'),
    'revisions', coalesce((
        select jsonb_agg(
            jsonb_build_object(
                'indicator_id', x.indicator_id, 'component', x.component, 'period_start', x.period_start,
                'period_end', x.period_end, 'old_value', x.old_value, 'old_marker', x.old_marker,
                'new_value', x.new_value, 'new_marker', x.new_marker, 'size', x.revision_size,
                'in_standard_errors', x.revision_in_standard_errors, 'revised_at', x.revised_at, 'reason', x.reason
            ) order by x.indicator_id, x.period_end, x.revised_at
        )
        from published.v_revision as x
        inner join used on x.indicator_id = used.indicator_id and x.component = used.component
        where x.area_code = flag.area_code and x.framework_id = flag.framework_id
    ), '[]'),
    'decisions', coalesce((
        select jsonb_agg(to_jsonb(d) - array['framework_id', 'area_code', 'theme', 'recorded_by']
            order by d.decision_id)
        from published.flag_decision as d
        where d.framework_id = flag.framework_id and d.area_code = flag.area_code and d.theme = flag.theme
            and d.framework_year = flag.framework_year and d.flag_kind = flag.flag_kind
    ), '[]'),
    'disputes', coalesce((
        select jsonb_agg(
            jsonb_build_object(
                'indicator_id', used.indicator_id, 'component', used.component, 'period_end', p.period_end,
                'kind', m.kind, 'said', m.said, 'said_by', m.said_by, 'organisation', m.organisation,
                'said_at', m.said_at, 'resolved_at', m.resolved_at, 'resolved_by', m.resolved_by,
                'resolution', m.resolution
            ) order by m.comment_id
        )
        from published.value_comment as m
        inner join used on m.component_key = used.component_key
        inner join published.dim_period as p on m.period_key = p.period_key
        where m.area_key = flag.area_key
    ), '[]')
)
from flag;
end;

create function published.good_practice(area_code text, indicator_id text)
returns table (
    similar_area_code text, similar_area_name text, relation text, rank int, distance numeric,
    own_period_end date, own_value numeric, then_period_end date, then_value numeric,
    now_period_end date, now_value numeric, improvement numeric, z numeric
)
language sql stable
begin atomic
with standing as (
    select
        v.component_key, v.area_key, p.period_start, p.period_end, v.value, s.lower_95, s.upper_95, s.quintile,
        s.vs_neighbours,
        case c.polarity when 'higher_is_better' then 1 when 'lower_is_better' then -1 end as good,
        (s.upper_95 - s.lower_95) / 3.92 as se
    from published.dim_component as c
    inner join published.fact_value as v on c.component_key = v.component_key
    inner join published.dim_period as p on v.period_key = p.period_key
    inner join published.fact_assessment as s
        on v.component_key = s.component_key and v.area_key = s.area_key and v.period_key = s.period_key
        and s.known_to > now() and lower(s.known_during) <= now()
    where c.indicator_id = good_practice.indicator_id and c.headline
        and v.known_to > now() and lower(v.known_during) <= now() and v.value is not null
),
own as (
    select w.*
    from (
        select s.*
        from standing as s inner join published.dim_area as a on s.area_key = a.area_key
        where a.area_code = good_practice.area_code
        order by s.period_end desc, s.period_start desc
        limit 1
    ) as w
    where w.vs_neighbours in ('worse_95', 'worse_998') or w.quintile = 5
),
relations as (
    -- Nearness is not mutual: an area may be on another's list and not have it on its own.
    select
        n.other_key,
        string_agg(n.told, ', ' order by n.told) as relation,
        min(n.rank) as rank,
        min(n.distance) as distance
    from own
    cross join lateral (
        select b.area_key as other_key, 'on its list' as told, b.rank, b.distance
        from published.bridge_area_group as b
        where b.group_kind = 'nearest_neighbours' and b.group_area_key = own.area_key
        union
        select b.group_area_key, 'has it on theirs', b.rank, b.distance
        from published.bridge_area_group as b
        where b.group_kind = 'nearest_neighbours' and b.area_key = own.area_key
    ) as n
    group by n.other_key
),
improved as (
    select distinct on (r.other_key)
        r.*, own.period_end as own_period_end, own.value as own_value,
        bad.period_end as then_period_end, bad.value as then_value,
        latest.period_end as now_period_end, latest.value as now_value,
        own.good * (latest.value - bad.value) as improvement,
        own.good * (latest.value - bad.value) / nullif(sqrt(latest.se ^ 2 + bad.se ^ 2), 0) as z
    from own
    cross join relations as r
    inner join standing as bad
        on bad.area_key = r.other_key and bad.component_key = own.component_key and bad.period_end < own.period_end
    cross join lateral (
        select s.* from standing as s
        where s.area_key = r.other_key and s.component_key = own.component_key and s.period_end > bad.period_end
        order by s.period_end desc, s.period_start desc
        limit 1
    ) as latest
    -- As weak as this area is now, as far as its limits tell, or weaker.
    where case own.good
        when 1 then bad.value <= coalesce(own.upper_95, own.value)
        else bad.value >= coalesce(own.lower_95, own.value)
    end
    order by r.other_key, own.good * (latest.value - bad.value) desc
)
select
    a.area_code, a.area_name, i.relation, i.rank, i.distance, i.own_period_end, i.own_value, i.then_period_end,
    i.then_value, i.now_period_end, i.now_value, i.improvement, round(i.z, 2)
from improved as i
inner join published.dim_area as a on i.other_key = a.area_key
where i.z > 1.959964
order by i.improvement desc, a.area_code;
end;

create function published.value_for_money(area_code text, framework_year text)
returns table (
    indicator_id text, component text, title text, money text, kind text, gbp_per_head numeric,
    gbp_per_head_of_neighbours numeric, money_distance numeric, outcome numeric, outcome_of_neighbours numeric,
    outcome_distance numeric, neighbours int, quadrant text
)
language sql stable
begin atomic
with me as (
    select a.area_key from published.dim_area as a where a.area_code = value_for_money.area_code
),
around as materialized (
    select me.area_key, true as is_own from me
    union all
    select b.area_key, false
    from me inner join published.bridge_area_group as b
        on b.group_kind = 'nearest_neighbours' and b.group_area_key = me.area_key
    where make_date(left(value_for_money.framework_year, 4)::int + 1, 3, 31)
        between coalesce(b.valid_from, '-infinity') and coalesce(b.valid_to, 'infinity')
),
figures as (
    -- Of several periods of one year, the last.
    select distinct on (v.component_key, v.area_key)
        v.component_key, null::text as kind, around.is_own, v.value::float8 as figure
    from around
    inner join published.fact_value as v on around.area_key = v.area_key
    inner join published.dim_period as p
        on v.period_key = p.period_key and p.framework_year = value_for_money.framework_year
    where v.known_to > now() and lower(v.known_during) <= now() and v.value is not null
    order by v.component_key, v.area_key, p.period_end desc, p.period_start desc
),
money as (
    select f.component_key, f.kind, around.is_own, f.gbp_per_head::float8 as figure
    from around
    inner join published.fact_money as f on around.area_key = f.area_key
    where f.known_to > now() and lower(f.known_during) <= now()
        and f.framework_year = value_for_money.framework_year
),
medians as (
    select
        e.component_key, e.kind,
        max(e.figure) filter (where e.is_own) as own,
        array_agg(e.figure) filter (where not e.is_own) as others,
        percentile_cont(0.5) within group (order by e.figure) filter (where not e.is_own) as median
    from (select * from figures union all select * from money) as e
    group by e.component_key, e.kind
),
placed as materialized (
    select
        m.component_key, m.kind, m.own, m.median, cardinality(m.others) as neighbours,
        (m.own - m.median) / nullif(spread.deviation, 0) as distance
    from medians as m
    cross join lateral (
        select percentile_cont(0.5) within group (order by abs(o.figure - m.median)) as deviation
        from unnest(m.others) as o (figure)
    ) as spread
    where m.own is not null and cardinality(m.others) >= coalesce((
        select r.value::int from published.assessment_rule as r
        where r.name = 'least_neighbours'
            and r.valid_from <= make_date(left(value_for_money.framework_year, 4)::int + 1, 3, 31)
        order by r.valid_from desc limit 1
    ), 1)
)
select
    c.indicator_id, c.component, i.title, x.indicator_id || '/' || x.component, m.kind,
    m.own::numeric, m.median::numeric, round(m.distance::numeric, 6),
    o.own::numeric, o.median::numeric, round(b.better::numeric, 6),
    least(o.neighbours, m.neighbours),
    case when m.distance > 0 then 'dearer' when m.distance < 0 then 'cheaper' else 'at the median' end || ', '
    || case when b.better > 0 then 'better' when b.better < 0 then 'worse' else 'at the median' end
from placed as o
inner join published.dim_component as c
    on o.component_key = c.component_key and c.headline and c.polarity in ('higher_is_better', 'lower_is_better')
inner join published.dim_indicator as i on c.indicator_key = i.indicator_key
cross join lateral (
    select case c.polarity when 'lower_is_better' then -1 else 1 end * o.distance as better
) as b
inner join placed as m on m.kind is not null and m.component_key <> o.component_key
inner join published.dim_component as x on m.component_key = x.component_key
where o.kind is null and b.better is not null and m.distance is not null
order by i.ni, c.component;
end;
