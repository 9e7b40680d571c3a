{{ config(materialized='incremental', incremental_strategy='remake', unique_key='measure_id') }}
-- An authority with a collision in the year and no such casualty has a true count of zero: its records are there.
with casualties as (
    select
        area_code,
        period_start,
        period_end,
        count(*) filter (where killed_or_seriously_injured)::numeric as ksi,
        count(*) filter (where killed_or_seriously_injured and age_years < 16)::numeric as ksi_aged_0_15,
        min(maturity) as maturity,
        release_id
    from {{ ref('stg_dft_road_casualties__casualty') }}
    where reject_reason is null
    group by area_code, period_start, period_end, release_id
),

of_cells as (
    {{ item_measures(staging_of_cells('transport')) }}
)

select
    measure.measure_id,
    casualties.area_code,
    casualties.period_start,
    casualties.period_end,
    '' as stratum,
    measure.value,
    null::numeric as lower_limit,
    null::numeric as upper_limit,
    null as marker,
    null as reason,
    true as adds_up,
    casualties.maturity,
    casualties.release_id
from casualties
cross join lateral (
    values ('road_casualties_ksi', casualties.ksi), ('road_casualties_ksi_aged_0_15', casualties.ksi_aged_0_15)
) as measure (measure_id, value)
where {{ changed('measure.measure_id') }}

union all

select * from of_cells
