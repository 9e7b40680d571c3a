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
    {{ set_aside([
        ['days is null', 'bad_period', 'part'],
        ["coalesce(btrim(source_area), '') = ''", 'no_area_code', 'la_code', 'source_area'],
        ['area_code is null', 'unknown_area', 'la_code', 'source_area'],
        ['households is null', 'bad_number', 'households', 'households_cell'],
        ['fuel_poor_households is null', 'bad_number', 'fuel_poor_households', 'fuel_poor_cell'],
    ]) }}
from renamed
