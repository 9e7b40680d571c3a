with source as (
    {{ raw_rows('defra_waste__table_3') }}
),

renamed as materialized (
    select
        {{ provenance('defra_waste', 'defra_waste__table_3') }},
        ons_code as source_area,
        area.area_code,
        source.region,
        authority_type,
        year,
        staging.period_of(year, 'financial_year') as days,
        {{ number_of('residual_kg_per_household') }} as residual_kg_per_household,
        {{ marker_of('residual_kg_per_household', 'env18') }} as residual_marker,
        -- The table gives fractions; percentages are 0-100 from here on.
        {{ number_of('household_recycled_share') }} * 100 as household_recycled_pct,
        {{ marker_of('household_recycled_share', 'env18') }} as household_recycled_marker,
        {{ number_of('municipal_landfilled_share') }} * 100 as municipal_landfilled_pct,
        {{ marker_of('municipal_landfilled_share', 'env18') }} as municipal_landfilled_marker,
        residual_kg_per_household as residual_cell,
        household_recycled_share as household_recycled_cell,
        municipal_landfilled_share as municipal_landfilled_cell,
        maturity
    from source
    -- England and the regions stand under `Total`; a region's name begins with an asterisk.
    left join {{ ref('area_aliases') }} as region
        on
            source.ons_code = 'Total'
            and region.alias_kind = 'region'
            and lower(ltrim(source.region, '*')) = lower(region.alias)
    left join {{ ref('areas') }} as area
        on area.area_code = case
            when source.region = 'Total England' then 'E92000001'
            else coalesce(region.area_code, source.ons_code)
        end
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
    residual_kg_per_household,
    residual_marker,
    household_recycled_pct,
    household_recycled_marker,
    municipal_landfilled_pct,
    municipal_landfilled_marker,
    maturity,
    {{ set_aside([
        ['source_area is null and authority_type is null', 'footnote', 'year'],
        ['days is null', 'bad_period', 'year'],
        ["area_code is null and source_area = 'Total'", 'other_area_group', 'ons_code', 'source_area'],
        area_rule('source_area', 'area_code', 'ons_code'),
        [
            'residual_kg_per_household is null and residual_marker is null',
            'bad_number', 'residual_kg_per_household', 'residual_cell',
        ],
        [
            'household_recycled_pct is null and household_recycled_marker is null',
            'bad_number', 'household_recycled_share', 'household_recycled_cell',
        ],
        [
            'municipal_landfilled_pct is null and municipal_landfilled_marker is null',
            'bad_number', 'municipal_landfilled_share', 'municipal_landfilled_cell',
        ],
    ]) }}
from renamed
