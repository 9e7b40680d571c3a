-- Which territory lies wholly inside which larger one.
with ground as (
    select distinct
        territory.territory_id,
        territory.atom_count,
        atom.atom_code
    from {{ ref('area_territory') }} as territory
    inner join {{ ref('area_atoms') }} as atom on territory.area_code = atom.area_code
    where territory.area_code = territory.territory_id
)

select
    container.territory_id as container_id,
    contained.territory_id as contained_id,
    container.atom_count as container_atoms,
    contained.atom_count as contained_atoms
from ground as contained
inner join ground as container
    on contained.atom_code = container.atom_code and contained.atom_count < container.atom_count
group by container.territory_id, contained.territory_id, container.atom_count, contained.atom_count
having count(*) = contained.atom_count
