-- Crimes inside a polygon: their points are snapped, so they place a crime in no area. Kept at record level only.
with source as (
    {{ raw_rows('police_street_api') }}
),

renamed as materialized (
    select
        {{ provenance('police_street_api', 'police_street_api') }},
        api_id,
        category,
        month,
        staging.period_of(month, 'month') as days,
        {{ number_of('latitude') }} as latitude,
        {{ number_of('longitude') }} as longitude,
        maturity
    from source
)

select
    dataset_id,
    table_name,
    release_id,
    row_number,
    source_column,
    api_id,
    category,
    lower(days) as period_start,
    upper(days) - 1 as period_end,
    latitude,
    longitude,
    maturity,
    {{ set_aside([['days is null', 'bad_period', 'month']]) }}
from renamed
