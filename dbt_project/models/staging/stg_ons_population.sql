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
    {{ set_aside([
        ['days is null', 'bad_period', 'year'],
        area_rule('source_area', 'area_code', 'la_code'),
        ['residents is null', 'bad_number', 'la_population'],
    ]) }}
from renamed
