with source as (
    {{ raw_rows('clg_homelessness__ta1') }}
),

renamed as materialized (
    select
        {{ provenance('clg_homelessness', 'clg_homelessness__ta1') }},
        source.area_code as source_area,
        source.area_name as source_name,
        area.area_code,
        part,
        staging.period_of(part, 'quarter_ending') as days,
        {{ number_of('households') }} as households,
        {{ marker_of('households', 'homelessness') }} as marker,
        households as households_cell,
        -- London stands in two lists: as a part of England and as a region.
        row_number() over (partition by release_id, source.area_code order by row_number) as occurrence,
        maturity
    from source
    left join {{ ref('areas') }} as area on source.area_code = area.area_code
),

final as materialized (
    select
        *,
        case
            when source_area is null then 'footnote'
            when source_area = '-' then 'other_area_group'
            when days is null then 'bad_period'
            when area_code is null then {{ area_reject('source_area', 'area_code') }}
            when occurrence > 1 then 'other_series'
            when households is null and marker is null then 'bad_number'
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
    lower(days) as period_start,
    upper(days) - 1 as period_end,
    households,
    marker,
    maturity,
    reject_reason,
    case reject_reason
        when 'bad_period' then 'part' when 'bad_number' then 'households' when 'footnote' then 'area_name'
        else 'area_code'
    end as reject_column,
    case reject_reason
        when 'bad_period' then part when 'bad_number' then households_cell when 'footnote' then source_name
        else source_area
    end as reject_value
from final
