{{ config(materialized='incremental', incremental_strategy='remake', unique_key='measure_id') }}
with of_cells as (
    {{ item_measures(staging_of_cells('education')) }}
),

of_files as (
    select
        'persistent_absence_pct_published' as measure_id,
        area_code,
        period_start,
        period_end,
        '' as stratum,
        value,
        lower_limit,
        upper_limit,
        marker,
        null as reason,
        false as adds_up,
        maturity,
        release_id
    from {{ ref('stg_ons_persistent_absence') }}
    where reject_reason is null
)

select *
from of_files
where {{ changed('measure_id') }}

union all

select *
from of_cells
