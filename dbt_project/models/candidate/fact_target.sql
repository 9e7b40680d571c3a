{{ config(
    materialized='incremental', incremental_strategy='remake', unique_key='indicator_id',
    meta={'whole_for': ['laa_targets']}
) }}
-- One row for each version of each target and year, with how it stands where it is the version that counts.
with judged as (
    select
        figure.*,
        progress.direction,
        progress.achievement,
        progress.achievement_capped,
        progress.met,
        progress.target_test,
        progress.on_track,
        progress.on_track_ratio,
        progress.on_track_score,
        progress.on_track_form,
        progress.needed_next_year,
        -- A share of 0 or 100 % has no spread to work with.
        nullif({{ tidy(smallest_detectable(
            'data.interval_method', 'data.method', 'near.level', 'data.multiplier', 'data.base', 'data.design_effect'
        )) }}, 0) as smallest_detectable_change,
        abs(figure.target_value - figure.baseline_value) as asked_change
    from {{ ref('target_figure') }} as figure
    inner join {{ ref('target_progress') }} as progress
        on figure.framework_id = progress.framework_id
        and figure.area_code = progress.area_code
        and figure.target_class = progress.target_class
        and figure.target_id = progress.target_id
        and figure.framework_year = progress.framework_year
        and figure.target_version = progress.target_version
    left join {{ ref('target_detectability') }} as data on {{ same_cell('figure', 'data') }}
    cross join lateral (
        -- The level near which the change is to be shown; the baseline of a difference is none.
        select
            case
                when figure.is_compared then data.value
                else coalesce(figure.baseline_value, data.value)
            end as level
    ) as near
    where {{ changed('figure.indicator_id') }}
)

select
    framework_id,
    area_code,
    target_class,
    target_id,
    framework_year,
    target_version,
    indicator_id,
    component,
    period_start,
    period_end,
    kind,
    status,
    is_current,
    baseline_period,
    baseline_value,
    target_value,
    reward_eligible,
    agreed_on,
    reason,
    actual_value,
    case when actual_value is null then coalesce(actual_marker, '[x]') else actual_marker end as actual_marker,
    achievement,
    achievement_capped,
    met,
    target_test = 'better' as met_beyond_doubt,
    target_test,
    on_track,
    on_track_ratio,
    on_track_score,
    on_track_form,
    needed_next_year,
    case when asked_change > 0 then asked_change >= smallest_detectable_change end as detectable,
    smallest_detectable_change,
    case
        when met is not null then null
        when not is_current or status <> 'agreed' then '[z]'
        when actual_value is not null then '[z]'
        else coalesce(actual_marker, '[x]')
    end as target_marker,
    case
        when not is_current then not_current_reason
        when status <> 'agreed' then 'target_' || status
        when component is null then 'target_not_measured'
        when not has_cell then 'no_figure_for_area'
        when own_value is null then own_reason
        when actual_value is null then 'no_comparator'
        when direction is null then 'no_direction'
        when baseline_value is null then 'target_without_baseline'
        when target_value = baseline_value then 'target_maintains'
        when achievement is null then 'target_worsens'
    end as target_note
from judged
