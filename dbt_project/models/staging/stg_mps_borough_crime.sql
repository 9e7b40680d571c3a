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
),

final as materialized (
    select
        *,
        case
            when days is null then 'bad_period'
            when area_code is null then 'unknown_area'
            when crimes is null then 'bad_number'
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
    major_category,
    minor_category,
    lower(days) as period_start,
    upper(days) - 1 as period_end,
    crimes,
    maturity,
    reject_reason,
    case reject_reason when 'bad_number' then 'cell' when 'bad_period' then 'source_column' else 'borough' end
        as reject_column,
    case reject_reason when 'bad_number' then cell when 'bad_period' then source_column else source_area end
        as reject_value
from final
