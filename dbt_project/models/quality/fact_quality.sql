-- Quality of each component in each framework year: seven scores, their weighted mean and the grade. A view, because
-- gate 2 judges after the build: the grade that goes out knows what it found.
{{ config(materialized='view', schema='candidate', contract={'enforced': true}) }}
with newest_build as (
    select max(build_id) as build_id
    from {{ source('ops', 'build') }}
    where gate_2_at is not null
),

-- A gate that is repeated writes all its results again, under one time.
gate_2 as (
    select
        result.framework_id,
        result.indicator_id,
        result.component,
        avg(result.success::int) filter (where result.expectation in ('parts', 'printed', 'country', 'reconciliation'))
            as agreeing,
        avg(result.success::int) filter (where result.expectation in ('range', 'filled')) as sound,
        count(*) filter (where result.severity = 'fail' and not result.success) as critical_fails
    from {{ source('ops', 'quality_result') }} as result
    inner join newest_build on result.build_id = newest_build.build_id
    where
        result.gate = 2
        and result.checked_at = (
            select max(latest.checked_at)
            from {{ source('ops', 'quality_result') }} as latest
            where latest.gate = 2 and latest.build_id = (select newest.build_id from newest_build as newest)
        )
    group by result.framework_id, result.indicator_id, result.component
),

gate_1 as (
    select
        in_use.dataset_id,
        avg(result.success::int) as sound
    from {{ source('ops', 'release_in_use') }} as in_use
    inner join {{ source('ops', 'quality_result') }} as result on in_use.release_id = result.release_id
    where result.gate = 1
    group by in_use.dataset_id
),

delivered as (
    select
        quality.framework_id,
        quality.indicator_id,
        quality.component,
        quality.framework_year,
        avg(gate_1.sound) as sound
    from {{ ref('component_quality') }} as quality
    cross join lateral unnest(quality.dataset_ids) as part (dataset_id)
    inner join gate_1 on part.dataset_id = gate_1.dataset_id
    group by quality.framework_id, quality.indicator_id, quality.component, quality.framework_year
),

scored as (
    select
        quality.*,
        coalesce(gate_2.critical_fails, 0) as critical_fails,
        gate_2.agreeing as accuracy,
        {{ mean_of_known([
            '1 - quality.unreadable_rows::numeric / nullif(quality.delivered_rows, 0)',
            'delivered.sound',
            'gate_2.sound',
        ]) }} as validity,
        1 - quality.doubtful::numeric / nullif(quality.valued, 0) as reliability,
        case quality.freshness_state
            when 'early' then 1 when 'on_time' then 1 when 'late' then 0.5 when 'overdue' then 0
        end::numeric as timeliness,
        quality.is_in_force::int::numeric as relevance,
        quality.present::numeric / nullif(quality.applying, 0) as completeness,
        1 - quality.repeated_rows::numeric / nullif(quality.delivered_rows, 0) as uniqueness
    from {{ ref('component_quality') }} as quality
    left join gate_2 on {{ same_component('quality', 'gate_2') }}
    left join delivered
        on {{ same_component('quality', 'delivered') }} and quality.framework_year = delivered.framework_year
    -- A year in which nothing applies has no quality.
    where quality.applying > 0
),

weighted as (
    select
        scored.framework_id,
        scored.indicator_id,
        scored.component,
        scored.framework_year,
        sum(rule.weight * one.score) / sum(rule.weight) as score,
        string_agg(rule.item, ', ' order by rule.item) filter (where one.score < 0.9) as weak,
        max(rule.rule_version) as rule_version
    from scored
    cross join lateral (
        values
        ('accuracy', scored.accuracy),
        ('validity', scored.validity),
        ('reliability', scored.reliability),
        ('timeliness', scored.timeliness),
        ('relevance', scored.relevance),
        ('completeness', scored.completeness),
        ('uniqueness', scored.uniqueness)
    ) as one (item, score)
    inner join {{ ref('quality_rules') }} as rule
        on one.item = rule.item and rule.kind = 'score' and rule.in_force = 'yes'
    where one.score is not null
    group by scored.framework_id, scored.indicator_id, scored.component, scored.framework_year
)

select
    scored.framework_id,
    scored.indicator_id,
    scored.component,
    scored.framework_year,
    {% for score in [
        'accuracy', 'validity', 'reliability', 'timeliness', 'relevance', 'completeness', 'uniqueness',
    ] %}
    {{ tidy('scored.' ~ score) }} as {{ score }},
    {% endfor %}
    {{ tidy('weighted.score') }} as score,
    scored.critical_fails,
    case
        when scored.critical_fails > 0 then 'D'
        else (
            select min(rule.item)
            from {{ ref('quality_rules') }} as rule
            where rule.kind = 'grade' and rule.in_force = 'yes' and weighted.score >= rule.least_score
        )
    end as grade,
    concat_ws(
        '; ',
        case when scored.critical_fails > 0 then 'a check of gate 2 fails' end,
        'below 0.9: ' || weighted.weak
    ) as note,
    scored.freshness_state,
    scored.expected_on as expected_at,
    weighted.rule_version
from scored
inner join weighted
    on {{ same_component('scored', 'weighted') }} and scored.framework_year = weighted.framework_year
