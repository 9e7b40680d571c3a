{{ config(materialized='incremental', incremental_strategy='remake', unique_key='indicator_id') }}
-- Areas that a component is reported for: those of its level, the framework's own, and any council, county or waste
-- authority that a body states. The bodies' own areas (trusts, partnerships, youth offending teams) are not.
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

framework_areas as (
    -- The areas that agreed on targets, and those that took their place since.
    select
        framework.framework_id,
        member.area_code
    from {{ ref('frameworks') }} as framework
    inner join {{ ref('area_sets') }} as member on framework.area_set = member.area_set

    union

    select
        framework.framework_id,
        change.to_code
    from {{ ref('frameworks') }} as framework
    inner join {{ ref('area_sets') }} as member on framework.area_set = member.area_set
    inner join {{ ref('area_changes') }} as change on member.area_code = change.from_code
),

by_framework as (
    select
        component.framework_id,
        component.indicator_id,
        component.component,
        area.area_code
    from {{ ref('indicator_components') }} as component
    inner join framework_areas as area on component.framework_id = area.framework_id
),

above_line as (
    select
        framework_id,
        indicator_id,
        component,
        measure_id
    from {{ ref('component_source') }}
    where leads and {{ changed('indicator_id') }}
),

measured as (
    select distinct
        measure_id,
        area_code
    from {{ ref('measure_in_period') }}
    where measure_id in (select measure_id from above_line)
),

stated as (
    select
        above_line.framework_id,
        above_line.indicator_id,
        above_line.component,
        measured.area_code
    from above_line
    inner join measured on above_line.measure_id = measured.measure_id
    inner join {{ ref('areas') }} as area on measured.area_code = area.area_code
    where area.area_type not in ('csp', 'yot', 'pct')
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
where {{ changed('every_area.indicator_id') }}
