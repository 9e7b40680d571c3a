-- A correction whose `expect` is no longer what the body delivers is out of date: the body has mended its figure, or
-- it delivers the cell no more. Either way a person must look, so the build stops.
with in_use as (
    select distinct dataset_id from {{ source('ops', 'release_in_use') }}
)

select
    correction.correction_id,
    correction.measure_id,
    correction.area_code,
    correction.period_start,
    correction.period_end,
    correction.stratum,
    correction.expect,
    cell.delivered_value,
    case when cell.measure_id is null then 'cell_not_delivered' else 'delivered_value_differs' end as fault
from {{ ref('corrections') }} as correction
inner join in_use on correction.dataset_id = in_use.dataset_id
left join {{ ref('measure') }} as cell
    on correction.measure_id = cell.measure_id
    and correction.area_code = cell.area_code
    and correction.period_start = cell.period_start
    and correction.period_end = cell.period_end
    and coalesce(correction.stratum, '') = cell.stratum
where cell.measure_id is null or cell.delivered_value is distinct from correction.expect
