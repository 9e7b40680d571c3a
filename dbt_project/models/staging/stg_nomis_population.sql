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
    {{ set_aside([
        ['days is null', 'bad_period', 'date_name'],
        area_rule('source_area', 'area_code', 'geography_code'),
        ['residents is null and marker is null', 'bad_number', 'obs_value'],
    ]) }}
from renamed
