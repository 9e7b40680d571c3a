with source as (
    {{ raw_rows('ons_population') }}
),

renamed as materialized (
    select
        {{ provenance('ons_population', 'ons_population') }},
        la_code as source_area,
        area.area_code,
        year,
        staging.period_of(year, 'mid_year') as days,
        -- The file counts in thousands.
        {{ number_of('la_population') }} * 1000 as residents,
        la_population,
        maturity
    from source
    left join {{ ref('areas') }} as area on source.la_code = area.area_code
),

final as materialized (
    select
        *,
        case
            when days is null then 'bad_period'
            when area_code is null then {{ area_reject('source_area', 'area_code') }}
            when residents is null then 'bad_number'
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
    lower(days) as period_start,
    upper(days) - 1 as period_end,
    residents,
    maturity,
    reject_reason,
    case reject_reason when 'bad_period' then 'year' when 'bad_number' then 'la_population' else 'la_code' end
        as reject_column,
    case reject_reason when 'bad_period' then year when 'bad_number' then la_population else source_area end
        as reject_value
from final
