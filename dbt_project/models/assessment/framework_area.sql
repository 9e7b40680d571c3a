-- The areas of each framework, and those that took their place since. The one "district" of the set is the Council of
-- the Isles of Scilly, which has the tasks of a unitary.
with members as (
    select
        framework.framework_id,
        member.area_code
    from {{ ref('frameworks') }} as framework
    inner join {{ ref('area_sets') }} as member on framework.area_set = member.area_set
),

every_area as (
    select * from members
    union
    select
        members.framework_id,
        change.to_code
    from members
    inner join {{ ref('area_changes') }} as change on members.area_code = change.from_code
)

select
    every_area.framework_id,
    every_area.area_code,
    case area.area_type when 'district' then 'unitary' else area.area_type end as laa_type,
    coalesce(area.valid_from, '-infinity'::date) as in_force_from,
    coalesce(area.valid_to, 'infinity'::date) as in_force_to
from every_area
inner join {{ ref('areas') }} as area on every_area.area_code = area.area_code
