-- A figure that a body states is never derived too: measure_by_area has one figure for each area.
select
    derived.measure_id,
    derived.area_code,
    derived.period_end,
    derived.stratum
from {{ ref('measure_derived') }} as derived
inner join {{ ref('measure_in_period') }} as stated
    on derived.measure_id = stated.measure_id
    and derived.area_code = stated.area_code
    and derived.period_start = stated.period_start
    and derived.period_end = stated.period_end
    and derived.stratum = stated.stratum
where {{ changed('derived.measure_id') }} and {{ changed('stated.measure_id') }}
