{{ config(
    materialized='incremental', incremental_strategy='remake', unique_key='indicator_id',
    meta={'whole_for': ['laa_targets']}
) }}
-- What the targets of an area say of the headline of an indicator in a year: one row for each of both.
with current_target as (
    select
        target.framework_id,
        target.area_code,
        target.target_class,
        target.target_id,
        target.framework_year,
        target.indicator_id,
        target.component,
        target.kind,
        target.status,
        target.baseline_value,
        target.target_value,
        target.actual_value,
        target.achievement,
        target.on_track,
        lead(target.framework_year) over one_target as next_year,
        lead(target.target_value) over one_target as next_target,
        lead(target.kind) over one_target as next_kind,
        lead(target.status) over one_target as next_status
    from {{ ref('fact_target') }} as target
    where target.is_current and target.indicator_id is not null and {{ changed('target.indicator_id') }}
    window one_target as (
        partition by target.framework_id, target.area_code, target.target_class, target.target_id
        order by target.framework_year
    )
),

judged as (
    select
        *,
        -- Next year's target has been reached already, and asks for more than the baseline in the same direction.
        coalesce(
            left(next_year, 4)::int = left(framework_year, 4)::int + 1
            and status = 'agreed'
            and next_status = 'agreed'
            and kind = next_kind
            and kind <> 'maintain'
            and achievement >= 1
            and (next_target - baseline_value) * (target_value - baseline_value) > 0
            and (actual_value - baseline_value) / nullif(next_target - baseline_value, 0) >= 1,
            false
        ) as met_early
    from current_target
)

select
    judged.framework_id,
    judged.area_code,
    judged.indicator_id,
    judged.framework_year,
    bool_or(judged.target_class = 'designated' and judged.status not in ('withdrawn', 'deferred')) as is_priority,
    coalesce(bool_or(judged.on_track = 'deterioration') filter (where judged.component = headline.component), false)
        as is_deteriorating,
    coalesce(bool_or(judged.met_early) filter (where judged.component = headline.component), false) as is_met_early,
    jsonb_agg(
        jsonb_build_object(
            'target_class', judged.target_class,
            'target_id', judged.target_id,
            'kind', judged.kind,
            'status', judged.status,
            'baseline_value', judged.baseline_value,
            'target_value', judged.target_value,
            'actual_value', judged.actual_value,
            'achievement', judged.achievement,
            'on_track', judged.on_track,
            'next_target_value', judged.next_target,
            'met_early', judged.met_early
        )
        order by judged.target_class, judged.target_id
    ) as targets
from judged
inner join {{ ref('dim_component') }} as headline
    on judged.framework_id = headline.framework_id
    and judged.indicator_id = headline.indicator_id
    and headline.headline
group by judged.framework_id, judged.area_code, judged.indicator_id, judged.framework_year
