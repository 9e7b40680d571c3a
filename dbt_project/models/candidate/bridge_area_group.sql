-- Groups that areas are compared with or summed to, as dated memberships.
with places as (
    select
        area_code,
        area_type,
        coalesce(valid_from, '-infinity'::date) as in_force_from,
        coalesce(valid_to, 'infinity'::date) as in_force_to
    from {{ ref('areas') }}
),

by_type as (
    select distinct
        'laa_type' as group_kind,
        laa_type as group_code,
        area_code,
        in_force_from as valid_from,
        in_force_to as valid_to,
        1::numeric as weight
    from {{ ref('framework_area') }}
),

england as (
    select distinct
        'england' as group_kind,
        country.area_code as group_code,
        area.area_code,
        area.in_force_from as valid_from,
        area.in_force_to as valid_to,
        1::numeric as weight
    from {{ ref('framework_area') }} as area
    cross join places as country
    where country.area_type = 'country'
),

memberships as (
    select
        membership.parent_kind as group_kind,
        membership.parent_code as group_code,
        membership.area_code,
        greatest(membership.valid_from, place.in_force_from) as valid_from,
        least(membership.valid_to, place.in_force_to) as valid_to,
        membership.weight
    from {{ ref('area_memberships') }} as membership
    inner join places as place on membership.area_code = place.area_code
    where membership.parent_kind in ('region', 'county', 'maa')
),

same_ground as (
    -- A neighbour stands for its ground: before its own first day the council of the same bounds does.
    select
        area.framework_id,
        area.area_code,
        former.area_code as stands_as,
        former.in_force_from,
        former.in_force_to
    from {{ ref('framework_area') }} as area
    inner join {{ ref('area_territory') }} as territory on area.area_code = territory.area_code
    inner join {{ ref('area_territory') }} as same on territory.territory_id = same.territory_id
    inner join {{ ref('framework_area') }} as former
        on area.framework_id = former.framework_id and same.area_code = former.area_code
),

neighbours as (
    select
        'nearest_neighbours' as group_kind,
        neighbour.area_code as group_code,
        same_ground.stands_as as area_code,
        greatest(place.in_force_from, same_ground.in_force_from) as valid_from,
        least(place.in_force_to, same_ground.in_force_to) as valid_to,
        1::numeric as weight,
        neighbour.rank,
        neighbour.distance,
        neighbour.neighbour_model || ': ' || neighbour.variables || ' variables of ' || model.data_year as basis
    from {{ ref('nearest_neighbour') }} as neighbour
    inner join {{ ref('neighbour_models') }} as model on neighbour.neighbour_model = model.neighbour_model
    inner join same_ground
        on model.framework_id = same_ground.framework_id and neighbour.neighbour_code = same_ground.area_code
    inner join places as place on neighbour.area_code = place.area_code
),

every_row as (
    select *, null::bigint as rank, null::numeric as distance, null as basis from by_type
    union all
    select *, null::bigint as rank, null::numeric as distance, null as basis from england
    union all
    select *, null::bigint as rank, null::numeric as distance, null as basis from memberships
    union all
    select * from neighbours
)

select
    group_kind,
    group_code,
    area_code,
    nullif(valid_from, '-infinity') as valid_from,
    nullif(valid_to, 'infinity') as valid_to,
    weight,
    rank::integer as rank,
    distance,
    basis
from every_row
where valid_from <= valid_to
