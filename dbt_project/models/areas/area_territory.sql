-- Areas that cover the same ground share a territory: a council and its later code, a county and its one successor.
with parts as (
    select
        area_code,
        string_agg(atom_code, ' ' order by atom_code) as ground,
        count(*) as atom_count
    from {{ ref('area_atoms') }}
    group by area_code
)

select
    parts.area_code,
    min(parts.area_code) over (partition by parts.ground) as territory_id,
    parts.atom_count,
    area.area_type,
    area.valid_from,
    area.valid_to
from parts
inner join {{ ref('areas') }} as area on parts.area_code = area.area_code
