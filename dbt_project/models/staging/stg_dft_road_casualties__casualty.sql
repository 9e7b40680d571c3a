{{ config(materialized='table') }}
with source as (
    {{ raw_rows('dft_road_casualties__casualty') }}
),

collisions as (
    select
        collision_index,
        area_code,
        period_start,
        period_end,
        reject_reason as collision_reject
    from {{ ref('stg_dft_road_casualties__collision') }}
),

renamed as materialized (
    select
        {{ provenance('dft_road_casualties', 'dft_road_casualties__casualty') }},
        source.collision_index,
        collisions.collision_index as found_collision,
        collisions.collision_reject,
        collisions.area_code,
        collisions.period_start,
        collisions.period_end,
        -- -1 stands for unknown.
        nullif({{ number_of('source.age_of_casualty') }}, -1) as age_years,
        source.casualty_severity,
        maturity
    from source
    left join collisions on source.collision_index = collisions.collision_index
)

select
    dataset_id,
    table_name,
    release_id,
    row_number,
    source_column,
    collision_index,
    area_code,
    period_start,
    period_end,
    age_years,
    casualty_severity in ('1', '2') as killed_or_seriously_injured,
    maturity,
    {{ set_aside([
        ['found_collision is null', 'no_collision', 'collision_index'],
        ['collision_reject is not null', '(collision_reject)', 'collision_index'],
        ["casualty_severity not in ('1', '2', '3')", 'bad_number', 'casualty_severity'],
    ]) }}
from renamed
