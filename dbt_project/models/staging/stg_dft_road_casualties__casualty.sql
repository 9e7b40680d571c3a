with source as (
    {{ raw_rows('dft_road_casualties__casualty') }}
),

collisions as (
    select
        collision_index,
        area_code,
        period_start,
        period_end,
        release_id as collision_release_id,
        reject_reason as collision_reject
    from {{ ref('stg_dft_road_casualties__collision') }}
),

final as materialized (
    select
        {{ provenance('dft_road_casualties', 'dft_road_casualties__casualty') }},
        source.collision_index,
        collisions.area_code,
        collisions.period_start,
        collisions.period_end,
        -- -1 stands for unknown.
        nullif({{ number_of('source.age_of_casualty') }}, -1) as age_years,
        source.casualty_severity,
        maturity,
        case
            when collisions.collision_index is null then 'no_collision'
            when collisions.collision_reject is not null then collisions.collision_reject
            when source.casualty_severity not in ('1', '2', '3') then 'bad_number'
        end as reject_reason
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
    reject_reason,
    case reject_reason when 'bad_number' then 'casualty_severity' else 'collision_index' end as reject_column,
    case reject_reason when 'bad_number' then casualty_severity else collision_index end as reject_value
from final
