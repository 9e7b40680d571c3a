{{ config(materialized='table') }}
with source as (
    {{ raw_rows('dft_road_casualties__collision') }}
),

renamed as materialized (
    select
        {{ provenance('dft_road_casualties', 'dft_road_casualties__collision') }},
        collision_index,
        local_authority_highway as source_area,
        area.area_code,
        collision_year,
        staging.period_of(collision_year, 'calendar_year') as days,
        maturity
    from source
    left join {{ ref('areas') }} as area on source.local_authority_highway = area.area_code
)

select
    dataset_id,
    table_name,
    release_id,
    row_number,
    source_column,
    collision_index,
    area_code,
    lower(days) as period_start,
    upper(days) - 1 as period_end,
    maturity,
    {{ set_aside([
        ['days is null', 'bad_period', 'collision_year'],
        ["source_area in ('-1', 'EHEATHROW')", 'no_area_code', 'local_authority_highway', 'source_area'],
        area_rule('source_area', 'area_code', 'local_authority_highway'),
    ]) }}
from renamed
