-- Components that are made of others, one row for each part: the two sides of a difference, the parts of a sum or mean.
select
    component.framework_id,
    component.indicator_id,
    component.component,
    part.component as part_component,
    part.sign
from {{ ref('indicator_components') }} as component
cross join lateral (
    select
        component.minuend_component as component,
        1 as sign
    where component.minuend_component is not null
    union all
    select
        component.subtrahend_component as component,
        -1 as sign
    where component.subtrahend_component is not null
    union all
    select
        named.component,
        1 as sign
    from regexp_split_to_table(component.part_components, '\s*\+\s*') as named (component)
) as part
