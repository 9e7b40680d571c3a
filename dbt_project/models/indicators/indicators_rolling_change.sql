{{ config(materialized='incremental', incremental_strategy='remake', unique_key='indicator_id') }}
-- Method rolling_change: the mean of this window of years against the mean of the window one year earlier.
with inputs as materialized (
    -- Both sides of the join are of this method alone.
    select *
    from {{ ref('component_input') }}
    where method = 'rolling_change' and {{ changed('indicator_id') }}
),

windows as (
    select
        {{ cell_key('input') }},
        input.multiplier,
        input.sign,
        input.gap_marker,
        input.gap_reason,
        input.value_marker,
        input.maturity,
        input.coverage,
        component.window_years,
        count(earlier.numerator) as years,
        avg(earlier.numerator) filter (
            where extract(year from age(input.period_end + 1, earlier.period_end + 1)) < component.window_years
        ) as this_mean,
        avg(earlier.numerator) filter (
            where extract(year from age(input.period_end + 1, earlier.period_end + 1)) >= 1
        ) as previous_mean,
        min(earlier.coverage) as least_coverage,
        bool_or(earlier.gap_marker = '[c]') as any_suppressed
    from inputs as input
    inner join {{ ref('indicator_components') }} as component on {{ same_component('input', 'component') }}
    left join inputs as earlier
        on {{ same_cell('input', 'earlier') }}
        and input.period_end >= earlier.period_end
        and input.period_end + 1 <= earlier.period_end + 1 + make_interval(years => component.window_years)
    group by
        {{ cell_key('input') }},
        input.multiplier, input.sign, input.gap_marker, input.gap_reason, input.value_marker, input.maturity,
        input.coverage, component.window_years
),

explained as (
    select
        windows.*,
        case
            when gap_marker is not null then gap_marker
            when any_suppressed then '[c]'
            when years < window_years + 1 then '[x]'
            when previous_mean = 0 then '[z]'
        end as no_value_marker,
        case
            when gap_marker is not null then gap_reason
            when any_suppressed then 'suppressed'
            when years < window_years + 1 then 'too_few_years'
            when previous_mean = 0 then 'change_from_zero'
        end as no_value_reason
    from windows
)

select
    {{ cell_key('explained') }},
    case when explained.years = explained.window_years + 1 then {{ tidy('explained.this_mean') }} end as numerator,
    case when explained.years = explained.window_years + 1 then {{ tidy('explained.previous_mean') }} end
        as denominator,
    case
        when explained.no_value_marker is null
            then {{ tidy(method_value(
                'rolling_change',
                'explained.this_mean',
                'explained.previous_mean',
                'explained.multiplier',
                'explained.sign'
            )) }}
    end as value,
    null::numeric as lower_limit,
    null::numeric as upper_limit,
    coalesce(explained.no_value_marker, explained.value_marker) as marker,
    explained.no_value_reason as reason,
    least(explained.coverage, explained.least_coverage) as coverage,
    explained.maturity
from explained
