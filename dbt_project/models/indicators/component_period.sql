-- Periods of each component: those the framework expects and those a body has stated.
with framework_years as (
    select
        framework.framework_id,
        year.year
    from {{ ref('frameworks') }} as framework
    cross join lateral generate_series(
        left(framework.first_framework_year, 4)::int, left(framework.last_framework_year, 4)::int
    ) as year (year)
),

expected as (
    -- A period belongs to the framework year that its last day lies in.
    select
        component.framework_id,
        component.indicator_id,
        component.component,
        (days.period_end - make_interval(months => kind.months))::date + 1 as period_start,
        days.period_end
    from {{ ref('indicator_components') }} as component
    inner join {{ ref('period_types') }} as kind on component.period_type = kind.period_type
    inner join framework_years as year on component.framework_id = year.framework_id
    cross join lateral (
        select
            (
                make_date(year.year, kind.start_month, 1)
                + make_interval(
                    months => kind.months
                        -- A quarter is due once a year, at the end of March.
                        + case when kind.start_month + kind.months - 1 <= 3 then 12 else 0 end,
                    years => case when kind.start_month between 5 and 11 then -1 else 0 end
                )
            )::date - 1 as period_end
    ) as days
),

stated as (
    select distinct
        term.framework_id,
        term.indicator_id,
        term.component,
        measure.period_start,
        measure.period_end
    from {{ ref('component_term') }} as term
    inner join {{ ref('indicator_components') }} as component
        on term.framework_id = component.framework_id
        and term.indicator_id = component.indicator_id
        and term.component = component.component
    inner join {{ ref('measure') }} as measure
        on term.measure_id = measure.measure_id and component.period_type = measure.period_type
    where term.side = 'numerator'
)

select
    framework_id,
    indicator_id,
    component,
    period_start,
    period_end,
    bool_or(is_expected) as is_expected
from (
    select framework_id, indicator_id, component, period_start, period_end, true as is_expected from expected
    union all
    select framework_id, indicator_id, component, period_start, period_end, false as is_expected from stated
) as every_period
group by framework_id, indicator_id, component, period_start, period_end
