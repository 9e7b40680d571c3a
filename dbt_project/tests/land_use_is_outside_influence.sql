-- Emissions of land use are outside councils' influence, so they count for no sector: the file must say 0.
select
    release_id,
    row_number,
    area_code,
    sub_sector,
    influence_tonnes
from {{ ref('stg_decc_la_co2') }}
where reject_reason is null and sector like 'LULUCF%' and influence_tonnes <> 0
