-- Areas by number, with the region each is compared with.
with numbered as (
    select
        area_code,
        area_type,
        region_code,
        coalesce(valid_from, '-infinity'::date) as in_force_from,
        row_number() over (order by area_code)::int as area_number
    from {{ ref('areas') }}
)

select
    area.area_number,
    area.area_code,
    area.in_force_from,
    region.area_number as region_number,
    area.area_type in ('county', 'unitary', 'district', 'metropolitan_district', 'london_borough') as is_council,
    area.area_type = 'country' as is_country
from numbered as area
left join numbered as region on area.region_code = region.area_code
