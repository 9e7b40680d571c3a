-- Periods of each component: those the framework expects and those a body has stated. A survey is expected for the
-- waves that ended in a framework year; a year without one is a period too, which says that there was no survey.
with framework_years as (
    select
        framework.framework_id,
        year.year,
        make_date(year.year, 4, 1) as first_day,
        make_date(year.year + 1, 3, 31) as last_day
    from {{ ref('frameworks') }} as framework
    cross join lateral generate_series(
        left(framework.first_framework_year, 4)::int, left(framework.last_framework_year, 4)::int
    ) as year (year)
),

by_calendar as (
    -- A period belongs to the framework year that its last day lies in. Of periods shorter than a year the one is due
    -- that the seed names.
    select
        component.framework_id,
        component.indicator_id,
        component.component,
        (days.period_end - make_interval(months => kind.months))::date + 1 as period_start,
        days.period_end,
        false as is_without_survey
    from {{ ref('indicator_components') }} as component
    inner join {{ ref('period_types') }} as kind on component.period_type = kind.period_type
    inner join framework_years as year on component.framework_id = year.framework_id
    cross join lateral (select (kind.start_month + kind.months - 2) % 12 + 1 as month) as last
    cross join lateral (
        select
            (
                make_date(year.year + case when last.month <= 3 then 1 else 0 end, last.month, 1) + interval '1 month'
            )::date - 1 as period_end
    ) as days
),

waves as (
    select distinct
        source.framework_id,
        source.indicator_id,
        source.component,
        wave.period_start,
        wave.period_end
    from {{ ref('component_source') }} as source
    inner join {{ ref('survey_waves') }} as wave on source.dataset_id = wave.dataset_id
    where source.leads
),

by_survey as (
    select
        component.framework_id,
        component.indicator_id,
        component.component,
        coalesce(wave.period_start, year.first_day) as period_start,
        coalesce(wave.period_end, year.last_day) as period_end,
        wave.period_end is null as is_without_survey
    from {{ ref('indicator_components') }} as component
    inner join framework_years as year on component.framework_id = year.framework_id
    left join waves as wave
        on {{ same_component('component', 'wave') }}
        and wave.period_end between year.first_day and year.last_day
    where component.period_type = 'survey_wave'
),

measured as (
    select distinct
        measure_id,
        period_type,
        period_start,
        period_end
    from {{ ref('measure_series') }}
),

stated as (
    select distinct
        source.framework_id,
        source.indicator_id,
        source.component,
        measured.period_start,
        measured.period_end
    from {{ ref('component_source') }} as source
    inner join {{ ref('indicator_components') }} as component on {{ same_component('source', 'component') }}
    inner join measured on source.measure_id = measured.measure_id and component.period_type = measured.period_type
    where source.leads
)

select
    framework_id,
    indicator_id,
    component,
    period_start,
    period_end,
    bool_or(is_expected) as is_expected,
    bool_or(is_without_survey) as is_without_survey
from (
    select *, true as is_expected from by_calendar
    union all
    select *, true as is_expected from by_survey
    union all
    select *, false as is_without_survey, false as is_expected from stated
) as every_period
group by framework_id, indicator_id, component, period_start, period_end
