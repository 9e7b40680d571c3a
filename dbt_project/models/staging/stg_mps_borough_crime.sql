{{ config(materialized='table') }}
with source as (
    {{ raw_rows('mps_borough_crime') }}
),

renamed as materialized (
    select
        {{ provenance('mps_borough_crime', 'mps_borough_crime', 'source.source_column') }},
        borough as source_area,
        alias.area_code,
        major_category,
        minor_category,
        staging.period_of(source.source_column, 'month') as days,
        {{ number_of('cell') }} as crimes,
        cell,
        maturity
    from source
    left join {{ ref('area_aliases') }} as alias
        on source.borough = alias.alias and alias.alias_kind = 'name' and alias.area_code like 'E09%'
)

select
    dataset_id,
    table_name,
    release_id,
    row_number,
    source_column,
    area_code,
    major_category,
    minor_category,
    lower(days) as period_start,
    upper(days) - 1 as period_end,
    crimes,
    maturity,
    {{ set_aside([
        ['days is null', 'bad_period', 'source_column'],
        ['area_code is null', 'unknown_area', 'borough', 'source_area'],
        ['crimes is null', 'bad_number', 'cell'],
    ]) }}
from renamed
