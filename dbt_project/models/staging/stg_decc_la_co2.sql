{{ config(materialized='table') }}
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
    {{ set_aside([
        ['days is null', 'bad_period', 'calendar_year'],
        area_rule('source_area', 'area_code', 'local_authority_code'),
        ['influence_tonnes is null', 'bad_number', 'influence_kt'],
        ['residents is null', 'bad_number', 'population_thousands'],
    ]) }}
from renamed
