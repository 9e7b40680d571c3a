with source as (
    {{ raw_rows('decc_fuel_poverty') }}
),

renamed as materialized (
    select
        {{ provenance('decc_fuel_poverty', 'decc_fuel_poverty') }},
        la_code as source_area,
        alias.area_code,
        staging.period_of(part, 'calendar_year') as days,
        {{ number_of('source.households') }} as households,
        {{ number_of('source.fuel_poor_households') }} as fuel_poor_households,
        source.households as households_cell,
        source.fuel_poor_households as fuel_poor_cell,
        part,
        maturity
    from source
    left join {{ ref('area_aliases') }} as alias
        on source.la_code = alias.alias
        and alias.alias_kind = 'old_ons'
        and make_date(part::int, 12, 31) between coalesce(alias.valid_from, '-infinity')
        and coalesce(alias.valid_to, 'infinity')
),

final as materialized (
    select
        *,
        case
            when days is null then 'bad_period'
            when coalesce(btrim(source_area), '') = '' then 'no_area_code'
            when area_code is null then 'unknown_area'
            when households is null or fuel_poor_households is null then 'bad_number'
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
    fuel_poor_households,
    maturity,
    reject_reason,
    case
        when reject_reason = 'bad_number' and households is null then 'households'
        when reject_reason = 'bad_number' then 'fuel_poor_households'
        else 'la_code'
    end as reject_column,
    case
        when reject_reason = 'bad_number' and households is null then households_cell
        when reject_reason = 'bad_number' then fuel_poor_cell
        else source_area
    end as reject_value
from final
