-- Every cell that is due: component x area in force at the end of the period x period. A value or a marker with a
-- reason stands in each; a row is never missing.
select
    {{ cell_key('period_area') }},
    period_area.is_expected,
    {{ framework_year('period_area.period_end') }} as framework_year
from (
    select
        period.framework_id,
        period.indicator_id,
        period.component,
        area.area_code,
        period.period_start,
        period.period_end,
        period.is_expected
    from {{ ref('component_period') }} as period
    inner join {{ ref('component_area') }} as area
        on period.framework_id = area.framework_id
        and period.indicator_id = area.indicator_id
        and period.component = area.component
    inner join {{ ref('indicator_components') }} as component
        on period.framework_id = component.framework_id
        and period.indicator_id = component.indicator_id
        and period.component = component.component
    where
        period.period_end between area.in_force_from and area.in_force_to
        -- A change from a baseline begins after it.
        and (component.baseline_year is null or extract(year from period.period_end) > component.baseline_year)
) as period_area
