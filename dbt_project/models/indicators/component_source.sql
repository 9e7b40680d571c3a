-- The measures that each component rests on, its parts' measures included; `leads` is true of those above the line,
-- which say for which areas and periods there is a figure.
with own as (
    select
        framework_id,
        indicator_id,
        component,
        measure_id,
        side = 'numerator' as leads
    from {{ ref('component_term') }}
),

of_parts as (
    select
        part.framework_id,
        part.indicator_id,
        part.component,
        own.measure_id,
        own.leads
    from {{ ref('component_part') }} as part
    inner join own
        on part.framework_id = own.framework_id
        and part.indicator_id = own.indicator_id
        and part.part_component = own.component
),

both_ways as (
    select * from own
    union all
    select * from of_parts
)

select
    both_ways.framework_id,
    both_ways.indicator_id,
    both_ways.component,
    both_ways.measure_id,
    seed.dataset_id,
    bool_or(both_ways.leads) as leads
from both_ways
inner join {{ ref('measures') }} as seed on both_ways.measure_id = seed.measure_id
group by
    both_ways.framework_id, both_ways.indicator_id, both_ways.component, both_ways.measure_id, seed.dataset_id
