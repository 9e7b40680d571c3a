with source as (
    {{ raw_rows('police_street_archive') }}
),

districts as (
    -- The file places a crime by the name of its small area: the district's name and a number such as ` 005A`.
    select distinct on (alias.alias) alias.alias, alias.area_code
    from {{ ref('area_aliases') }} as alias
    inner join {{ ref('areas') }} as area on alias.area_code = area.area_code
    where
        alias.alias_kind = 'name'
        and area.area_type in ('district', 'unitary', 'metropolitan_district', 'london_borough')
    order by alias.alias asc, area.valid_to desc nulls first
),

renamed as materialized (
    select
        {{ provenance('police_street_archive', 'police_street_archive') }},
        crime_id,
        month,
        falls_within,
        lsoa_code,
        lsoa_name,
        crime_type,
        districts.area_code,
        staging.period_of(month, 'month') as days,
        maturity
    from source
    left join districts on regexp_replace(source.lsoa_name, ' \d{3}[A-Z]$', '') = districts.alias
)

select
    dataset_id,
    table_name,
    release_id,
    row_number,
    source_column,
    area_code,
    crime_type,
    lower(days) as period_start,
    upper(days) - 1 as period_end,
    maturity,
    {{ set_aside([
        ['days is null', 'bad_period', 'month'],
        ["coalesce(lsoa_code, '') = ''", 'no_area_code', 'lsoa_code'],
        ["lsoa_code ~ '^W'", 'area_outside_england', 'lsoa_code'],
        ['area_code is null', 'unknown_area', 'lsoa_name'],
    ]) }}
from renamed
