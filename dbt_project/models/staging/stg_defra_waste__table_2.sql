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
),

final as materialized (
    select
        *,
        case
            when source_area is null and authority_type is null then 'footnote'
            when days is null then 'bad_period'
            when area_code is null and source_area like '*%' then 'other_area_group'
            when area_code is null then {{ area_reject('source_area', 'area_code') }}
            when landfilled_tonnes is null and landfilled_marker is null then 'bad_number'
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
    authority_type,
    lower(days) as period_start,
    upper(days) - 1 as period_end,
    landfilled_tonnes,
    landfilled_marker,
    maturity,
    reject_reason,
    case
        when reject_reason in ('footnote', 'bad_period') then 'year'
        when reject_reason = 'bad_number' then 'landfilled_tonnes'
        else 'ons_code'
    end as reject_column,
    case
        when reject_reason in ('footnote', 'bad_period') then year
        when reject_reason = 'bad_number' then landfilled_cell
        else source_area
    end as reject_value
from final
