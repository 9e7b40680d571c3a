with source as (
    {{ raw_rows('defra_waste__table_1') }}
),

renamed as materialized (
    select
        {{ provenance('defra_waste', 'defra_waste__table_1') }},
        ons_code as source_area,
        area.area_code,
        authority_type,
        financial_year,
        staging.period_of(financial_year, 'financial_year') as days,
        {{ number_of('household_tonnes') }} as household_tonnes,
        {{ marker_of('household_tonnes', 'env18') }} as household_marker,
        {{ number_of('household_recycled_tonnes') }} as household_recycled_tonnes,
        {{ marker_of('household_recycled_tonnes', 'env18') }} as household_recycled_marker,
        {{ number_of('total_tonnes') }} as total_tonnes,
        {{ marker_of('total_tonnes', 'env18') }} as total_marker,
        household_tonnes as household_cell,
        household_recycled_tonnes as household_recycled_cell,
        total_tonnes as total_cell,
        maturity
    from source
    left join {{ ref('areas') }} as area on source.ons_code = area.area_code
)

select
    dataset_id,
    table_name,
    release_id,
    row_number,
    source_column,
    area_code,
    authority_type,
    lower(days) as period_start,
    upper(days) - 1 as period_end,
    household_tonnes,
    household_marker,
    household_recycled_tonnes,
    household_recycled_marker,
    total_tonnes,
    total_marker,
    maturity,
    {{ set_aside([
        ['source_area is null and authority_type is null', 'footnote', 'financial_year'],
        ['days is null', 'bad_period', 'financial_year'],
        area_rule('source_area', 'area_code', 'ons_code'),
        ['household_tonnes is null and household_marker is null', 'bad_number', 'household_tonnes', 'household_cell'],
        [
            'household_recycled_tonnes is null and household_recycled_marker is null',
            'bad_number', 'household_recycled_tonnes', 'household_recycled_cell',
        ],
        ['total_tonnes is null and total_marker is null', 'bad_number', 'total_tonnes', 'total_cell'],
    ]) }}
from renamed
