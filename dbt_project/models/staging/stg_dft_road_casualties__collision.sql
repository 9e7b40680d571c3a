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
),

final as materialized (
    select
        *,
        case
            when days is null then 'bad_period'
            when source_area in ('-1', 'EHEATHROW') then 'no_area_code'
            when area_code is null then {{ area_reject('source_area', 'area_code') }}
        end as reject_reason
    from renamed
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
    reject_reason,
    case reject_reason when 'bad_period' then 'collision_year' else 'local_authority_highway' end as reject_column,
    case reject_reason when 'bad_period' then collision_year else source_area end as reject_value
from final
