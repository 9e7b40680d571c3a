{{ config(materialized='incremental', incremental_strategy='remake', unique_key='indicator_id') }}
-- The headline of each indicator in each area of the framework, one row for each year of it, with how far its change
-- lies from those of the other areas.
with assessed as (
    select
        {{ cell_key('assessment') }},
        assessment.framework_year,
        indicator.ni,
        indicator.title as indicator_title,
        indicator.theme,
        component.unit,
        component.decimals,
        component.polarity,
        assessment.lower_95,
        assessment.upper_95,
        assessment.lower_998,
        assessment.upper_998,
        assessment.limit_method,
        assessment.england_value,
        assessment.vs_england,
        assessment.neighbours_value,
        assessment.vs_neighbours,
        assessment.neighbours_p::double precision as neighbours_p,
        assessment.quintile,
        assessment.quintile_of,
        assessment.previous_period_end,
        assessment.previous_value,
        assessment.change,
        assessment.direction,
        assessment.direction_test,
        assessment.direction_statistic,
        assessment.trend,
        assessment.trend_statistic,
        assessment.trend_points,
        case when lag(assessment.period_end) over one_area = assessment.previous_period_end
            then lag(assessment.direction) over one_area
        end as previous_direction,
        row_number() over (
            partition by
                assessment.framework_id, assessment.indicator_id, assessment.area_code, assessment.framework_year
            order by assessment.period_end desc, assessment.period_start desc
        ) as from_last
    from {{ ref('fact_assessment') }} as assessment
    inner join {{ ref('dim_component') }} as component
        on {{ same_component('assessment', 'component') }} and component.headline
    inner join {{ ref('dim_indicator') }} as indicator
        on assessment.framework_id = indicator.framework_id
        and assessment.indicator_id = indicator.indicator_id
        and indicator.set_status = 'in_set'
    inner join {{ ref('framework_area') }} as area
        on assessment.framework_id = area.framework_id
        and assessment.area_code = area.area_code
        and assessment.period_end between area.in_force_from and area.in_force_to
    where {{ changed('assessment.indicator_id') }}
    window one_area as (
        partition by
            assessment.framework_id, assessment.indicator_id, assessment.component, assessment.area_code
        order by assessment.period_end, assessment.period_start
    )
)

select
    assessed.*,
    value.value,
    value.marker,
    value.coverage,
    -- In their standard deviations; above 0 for the worse.
    case assessed.polarity when 'higher_is_better' then -1 when 'lower_is_better' then 1 end
    * (assessed.change - avg(assessed.change) over same_period)::double precision
    / nullif(stddev_samp(assessed.change) over same_period, 0)::double precision as jump,
    -- Of the fifths the first is the best; without polarity there are none.
    assessed.quintile = 5 as in_worst_quintile
from assessed
inner join {{ ref('fact_value') }} as value
    on {{ same_cell('assessed', 'value') }}
    and assessed.period_start = value.period_start
    and assessed.period_end = value.period_end
where assessed.from_last = 1
window
    same_period as (
        partition by assessed.framework_id, assessed.indicator_id, assessed.period_start, assessed.period_end
    )
