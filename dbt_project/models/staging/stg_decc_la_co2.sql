with source as (
    {{ raw_rows('decc_la_co2') }}
),

renamed as materialized (
    select
        {{ provenance('decc_la_co2', 'decc_la_co2') }},
        local_authority_code as source_area,
        area.area_code,
        sector,
        sub_sector,
        calendar_year,
        staging.period_of(calendar_year, 'calendar_year') as days,
        {{ number_of('influence_kt') }} * 1000 as influence_tonnes,
        {{ number_of('population_thousands') }} * 1000 as residents,
        influence_kt,
        population_thousands,
        maturity
    from source
    left join {{ ref('areas') }} as area on source.local_authority_code = area.area_code
),

final as materialized (
    select
        *,
        case
            when days is null then 'bad_period'
            when area_code is null then {{ area_reject('source_area', 'area_code') }}
            when influence_tonnes is null or residents is null then 'bad_number'
        end as reject_reason
    from renamed
)

select
    dataset_id,
    table_name,
    release_id,
    row_number,
    source_column,
    area_code,
    sector,
    sub_sector,
    lower(days) as period_start,
    upper(days) - 1 as period_end,
    influence_tonnes,
    residents,
    maturity,
    reject_reason,
    case
        when reject_reason = 'bad_period' then 'calendar_year'
        when reject_reason = 'bad_number' and influence_tonnes is null then 'influence_kt'
        when reject_reason = 'bad_number' then 'population_thousands'
        else 'local_authority_code'
    end as reject_column,
    case
        when reject_reason = 'bad_period' then calendar_year
        when reject_reason = 'bad_number' and influence_tonnes is null then influence_kt
        when reject_reason = 'bad_number' then population_thousands
        else source_area
    end as reject_value
from final
