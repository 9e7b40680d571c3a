{{ config(materialized='incremental', incremental_strategy='remake', unique_key='measure_id') }}
with of_cells as (
    {{ item_measures(staging_of_cells('health')) }}
)

select
    measure.measure_id,
    row.area_code,
    row.period_start,
    row.period_end,
    '' as stratum,
    measure.value,
    null::numeric as lower_limit,
    null::numeric as upper_limit,
    row.marker,
    null as reason,
    -- England and the regions are stated beside the councils.
    row.area_code !~ '^E(12|92)' as adds_up,
    row.maturity,
    row.release_id
from {{ ref('stg_fingertips_campylobacter') }} as row
cross join lateral (
    values ('campylobacter_cases', row.cases), ('residents_all_ages_fingertips', row.residents)
) as measure (measure_id, value)
where row.reject_reason is null and {{ changed('measure.measure_id') }}

union all

select * from of_cells
