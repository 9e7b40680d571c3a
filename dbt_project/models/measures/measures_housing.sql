{{ config(materialized='incremental', incremental_strategy='remake', unique_key='measure_id') }}
with of_cells as (
    {{ item_measures(staging_of_cells('housing')) }}
),

of_files as (
    select
        'households_in_temporary_accommodation' as measure_id,
        area_code,
        period_start,
        period_end,
        '' as stratum,
        households as value,
        null::numeric as lower_limit,
        null::numeric as upper_limit,
        marker,
        null as reason,
        -- England and the regions are stated, with the body's own imputation for councils that sent nothing.
        area_code !~ '^E(12|92)' as adds_up,
        maturity,
        release_id
    from {{ ref('stg_clg_homelessness__ta1') }}
    where reject_reason is null

    union all

    select
        'net_additions_per_1000_stock_published' as measure_id,
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
    from {{ ref('stg_ons_net_additions') }}
    where reject_reason is null
)

select *
from of_files
where {{ changed('measure_id') }}

union all

select *
from of_cells
