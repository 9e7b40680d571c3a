with source as (
    {{ raw_rows('nomis_population') }}
),

renamed as materialized (
    select
        {{ provenance('nomis_population', 'nomis_population') }},
        geography_code as source_area,
        area.area_code,
        date_name,
        staging.period_of(date_name, 'mid_year') as days,
        left(gender_name, 1) as sex,
        {{ number_of("substring(c_age_name from '\d+')") }} as age_years,
        {{ number_of('obs_value') }} as residents,
        obs_value,
        case obs_status when 'A' then null when 'Q' then '[x]' else '[u]' end as marker,
        maturity
    from source
    left join {{ ref('areas') }} as area on source.geography_code = area.area_code
),

final as materialized (
    select
        *,
        case
            when days is null then 'bad_period'
            when area_code is null then {{ area_reject('source_area', 'area_code') }}
            when residents is null and marker is null then 'bad_number'
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
    sex,
    age_years,
    lower(days) as period_start,
    upper(days) - 1 as period_end,
    residents,
    marker,
    maturity,
    reject_reason,
    case reject_reason when 'bad_period' then 'date_name' when 'bad_number' then 'obs_value' else 'geography_code' end
        as reject_column,
    case reject_reason when 'bad_period' then date_name when 'bad_number' then obs_value else source_area end
        as reject_value
from final
