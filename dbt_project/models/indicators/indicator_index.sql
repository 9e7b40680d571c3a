{{ config(materialized='incremental', incremental_strategy='remake', unique_key='indicator_id') }}
-- Every cell of the framework: component x area in force at the end of the period x period. A value or a marker with a
-- reason stands in each; a row is never missing. Beyond the framework's years stand the periods that bodies have
-- stated: before them (trends and baselines need them) the cells with a value or one withheld, after them every area.
with expected as (
    select
        {{ cell_key('cell') }},
        true as is_expected,
        case
            when cell.period_end < component.due_from or cell.period_end > component.due_to
                then component.not_due_reason
            when cell.is_without_survey then 'no_survey'
            when extract(year from cell.period_end) <= component.baseline_year then 'baseline_year'
        end as not_due_reason
    from (
        select
            period.framework_id,
            period.indicator_id,
            period.component,
            area.area_code,
            period.period_start,
            period.period_end,
            period.is_without_survey
        from {{ ref('component_period') }} as period
        inner join {{ ref('component_area') }} as area
            on {{ same_component('period', 'area') }}
            and period.period_end between area.in_force_from and area.in_force_to
        where period.is_expected and {{ changed('period.indicator_id') }}
    ) as cell
    inner join {{ ref('indicator_components') }} as component on {{ same_component('cell', 'component') }}
),

first_days as (
    select
        framework_id,
        make_date(left(first_framework_year, 4)::int, 4, 1) as first_day
    from {{ ref('frameworks') }}
),

earlier as (
    select {{ cell_key('cell') }}
    from {{ ref('component_value') }} as cell
    inner join first_days on cell.framework_id = first_days.framework_id
    inner join {{ ref('component_area') }} as area
        on {{ same_cell('cell', 'area') }}
        and cell.period_end between area.in_force_from and area.in_force_to
    where
        {{ changed('cell.indicator_id') }}
        and cell.period_end < first_days.first_day
        and (cell.value is not null or cell.reason in (
            'suppressed', 'part_suppressed', 'secondary_suppression', 'unreliable'
        ))
),

later as (
    select
        period.framework_id,
        period.indicator_id,
        period.component,
        area.area_code,
        period.period_start,
        period.period_end
    from {{ ref('component_period') }} as period
    inner join first_days on period.framework_id = first_days.framework_id
    inner join {{ ref('component_area') }} as area
        on {{ same_component('period', 'area') }}
        and period.period_end between area.in_force_from and area.in_force_to
    where
        {{ changed('period.indicator_id') }}
        and not period.is_expected
        and period.period_end >= first_days.first_day
),

stated as (
    select {{ cell_key('cell') }}
    from (
        select * from earlier
        union all
        select * from later
    ) as cell
    inner join {{ ref('indicator_components') }} as component on {{ same_component('cell', 'component') }}
    -- A change from a baseline begins after it.
    where component.baseline_year is null or extract(year from cell.period_end) > component.baseline_year
),

cells as (
    select * from expected
    union all
    select
        stated.*,
        false as is_expected,
        null as not_due_reason
    from stated
)

select
    cells.*,
    {{ framework_year('cells.period_end') }} as framework_year
from cells
