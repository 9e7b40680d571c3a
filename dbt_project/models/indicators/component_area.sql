-- Areas that a component is reported for: those of its level, the framework's own, and any that a body states.
with by_level as (
    select
        component.framework_id,
        component.indicator_id,
        component.component,
        area.area_code
    from {{ ref('indicator_components') }} as component
    inner join {{ ref('indicators') }} as indicator
        on component.framework_id = indicator.framework_id and component.indicator_id = indicator.indicator_id
    inner join {{ ref('area_levels') }} as level on indicator.area_level = level.area_level
    inner join {{ ref('areas') }} as area on level.area_type = area.area_type
),

by_framework as (
    select
        component.framework_id,
        component.indicator_id,
        component.component,
        member.area_code
    from {{ ref('indicator_components') }} as component
    inner join {{ ref('frameworks') }} as framework on component.framework_id = framework.framework_id
    inner join {{ ref('area_sets') }} as member on framework.area_set = member.area_set
),

stated as (
    select distinct
        term.framework_id,
        term.indicator_id,
        term.component,
        measure.area_code
    from {{ ref('component_term') }} as term
    inner join {{ ref('measure') }} as measure on term.measure_id = measure.measure_id
    where term.side = 'numerator'
),

every_area as (
    select * from by_level
    union
    select * from by_framework
    union
    select * from stated
)

select
    every_area.framework_id,
    every_area.indicator_id,
    every_area.component,
    every_area.area_code,
    coalesce(area.valid_from, '-infinity'::date) as in_force_from,
    coalesce(area.valid_to, 'infinity'::date) as in_force_to
from every_area
inner join {{ ref('areas') }} as area on every_area.area_code = area.area_code
