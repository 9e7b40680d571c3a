with source as (
    {{ raw_rows('defra_waste__table_2') }}
),

renamed as materialized (
    select
        {{ provenance('defra_waste', 'defra_waste__table_2') }},
        ons_code as source_area,
        area.area_code,
        authority_type,
        year,
        staging.period_of(year, 'financial_year') as days,
        {{ number_of('landfilled_tonnes') }} as landfilled_tonnes,
        {{ marker_of('landfilled_tonnes', 'env18') }} as landfilled_marker,
        landfilled_tonnes as landfilled_cell,
        maturity
    from source
    left join {{ ref('areas') }} as area
        on area.area_code = case when source.authority = 'Total England' then 'E92000001' else source.ons_code end
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
    landfilled_tonnes,
    landfilled_marker,
    maturity,
    {{ set_aside([
        ['source_area is null and authority_type is null', 'footnote', 'year'],
        ['days is null', 'bad_period', 'year'],
        ["area_code is null and source_area like '*%'", 'other_area_group', 'ons_code', 'source_area'],
        area_rule('source_area', 'area_code', 'ons_code'),
        [
            'landfilled_tonnes is null and landfilled_marker is null',
            'bad_number', 'landfilled_tonnes', 'landfilled_cell',
        ],
    ]) }}
from renamed
