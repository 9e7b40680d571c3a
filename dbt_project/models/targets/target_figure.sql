{{ config(
    materialized='incremental', incremental_strategy='remake', unique_key='indicator_id',
    meta={'whole_for': ['laa_targets']}
) }}
-- The figure that each target is held against, in the terms of the target: rounded as the indicator is published, and
-- of a target relative to the region, or of a gap to England, the difference from it.
with described as (
    select
        target.*,
        part.polarity,
        part.unit,
        case
            when target.kind = 'relative_to' then area.region_code
            -- An indicator that is a gap is held against as it is.
            when target.kind = 'gap' and part.method <> 'difference' then england.area_code
        end as comparator_code,
        target.kind = 'relative_to' or (target.kind = 'gap' and part.method <> 'difference') as is_compared,
        greatest(part.decimals, scale(trim_scale(target.target_value)), scale(trim_scale(target.baseline_value)))
            as decimals
    from {{ ref('target_version') }} as target
    left join {{ ref('indicator_components') }} as part on {{ same_component('target', 'part') }}
    left join {{ ref('areas') }} as area on target.area_code = area.area_code
    left join {{ ref('areas') }} as england on england.area_type = 'country'
    where {{ changed('target.indicator_id') }}
),

held_against as (
    select
        target.*,
        own.value as own_value,
        own.marker as own_marker,
        own.reason as own_reason,
        own.area_code is not null as has_cell,
        case when target.is_compared then comparator.value else 0 end as taken_away,
        assessment.lower_95,
        assessment.upper_95
    from described as target
    left join {{ ref('fact_value') }} as own
        on {{ same_cell('target', 'own') }}
        and target.framework_year = own.framework_year
    left join {{ ref('fact_value') }} as comparator
        on {{ same_component('target', 'comparator') }}
        and target.comparator_code = comparator.area_code
        and own.period_start = comparator.period_start
        and own.period_end = comparator.period_end
    left join {{ ref('fact_assessment') }} as assessment
        on {{ same_cell('own', 'assessment') }}
        and own.period_start = assessment.period_start
        and own.period_end = assessment.period_end
)

select
    held_against.*,
    round(own_value - taken_away, decimals) as actual_value,
    case
        when own_value is not null and taken_away is null then '[x]'
        else own_marker
    end as actual_marker,
    -- The comparator is taken as known: its own sample is many times larger.
    lower_95::numeric - taken_away as lower_limit,
    upper_95::numeric - taken_away as upper_limit
from held_against
