-- A district's waste is in its county's row too, so no collection authority may enter a sum over areas.
select
    staged.area_code,
    staged.period_end,
    cell.measure_id
from {{ ref('stg_defra_waste__table_1') }} as staged
inner join {{ ref('measure') }} as cell
    on staged.area_code = cell.area_code
    and staged.period_start = cell.period_start
    and staged.period_end = cell.period_end
    and staged.release_id = cell.release_id
where staged.authority_type = 'Collection' and cell.adds_up and cell.measure_id like 'household_waste_tonnes%'
