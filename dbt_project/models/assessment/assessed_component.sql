-- Components by number, with what their limits and comparisons need: joins of many values run on whole numbers.
with numbered as (
    select
        component.*,
        row_number() over (order by component.framework_id, component.indicator_id, component.component)::int
            as component_number
    from {{ ref('indicator_components') }} as component
)

select
    component.component_number,
    component.framework_id,
    component.indicator_id,
    component.component,
    component.method,
    component.polarity,
    component.decimals,
    component.period_type,
    component.interval_method,
    component.due_from,
    component.due_to,
    component.not_due_reason,
    component.baseline_year,
    component.multiplier::double precision * component.sign as factor,
    minuend.component_number as minuend_number,
    subtrahend.component_number as subtrahend_number
from numbered as component
left join numbered as minuend
    on component.framework_id = minuend.framework_id
    and component.indicator_id = minuend.indicator_id
    and component.minuend_component = minuend.component
left join numbered as subtrahend
    on component.framework_id = subtrahend.framework_id
    and component.indicator_id = subtrahend.indicator_id
    and component.subtrahend_component = subtrahend.component
