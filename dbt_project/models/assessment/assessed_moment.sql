-- Each component in each of its periods, by number: what is compared is of one moment.
select
    row_number() over (order by component.component_number, period.period_start, period.period_end)::int
        as moment_number,
    component.component_number,
    component.framework_id,
    component.indicator_id,
    component.component,
    period.period_start,
    period.period_end,
    {{ framework_year('period.period_end') }} as framework_year,
    {{ framework_year('period.period_end') }}
    between framework.first_framework_year and framework.last_framework_year as is_assessed
from {{ ref('component_period') }} as period
inner join {{ ref('assessed_component') }} as component on {{ same_component('period', 'component') }}
inner join {{ ref('frameworks') }} as framework on period.framework_id = framework.framework_id
where {{ changed('component.indicator_id', is_working=true) }}
