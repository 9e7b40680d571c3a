{{ config(materialized='incremental', incremental_strategy='remake', unique_key='measure_id') }}
with waste_collected as (
    select
        measure.measure_id,
        row.area_code,
        row.period_start,
        row.period_end,
        measure.value,
        measure.marker,
        -- Only unitary and disposal authorities add up: a district's waste is in its county's row too.
        row.authority_type in ('Unitary', 'Disposal') as adds_up,
        row.maturity,
        row.release_id
    from {{ ref('stg_defra_waste__table_1') }} as row
    cross join lateral (
        values
        ('household_waste_tonnes_collected', row.household_tonnes, row.household_marker),
        ('household_waste_tonnes_recycled', row.household_recycled_tonnes, row.household_recycled_marker),
        ('municipal_waste_tonnes_collected', row.total_tonnes, row.total_marker)
    ) as measure (measure_id, value, marker)
    where row.reject_reason is null
),

waste_landfilled as (
    select
        'municipal_waste_tonnes_landfilled' as measure_id,
        area_code,
        period_start,
        period_end,
        landfilled_tonnes as value,
        landfilled_marker as marker,
        authority_type in ('Unitary', 'Disposal') as adds_up,
        maturity,
        release_id
    from {{ ref('stg_defra_waste__table_2') }}
    where reject_reason is null
),

waste_printed as (
    select
        measure.measure_id,
        row.area_code,
        row.period_start,
        row.period_end,
        measure.value,
        measure.marker,
        false as adds_up,
        row.maturity,
        row.release_id
    from {{ ref('stg_defra_waste__table_3') }} as row
    cross join lateral (
        values
        ('residual_household_waste_kg_published', row.residual_kg_per_household, row.residual_marker),
        ('household_waste_recycled_pct_published', row.household_recycled_pct, row.household_recycled_marker),
        ('municipal_waste_landfilled_pct_published', row.municipal_landfilled_pct, row.municipal_landfilled_marker)
    ) as measure (measure_id, value, marker)
    where
        row.reject_reason is null
        -- The recycling rates of regions repeat 2014-15 for 2015-16, and the file's Table 3a has others: they are
        -- nothing to reconcile ours with.
        and not (measure.measure_id = 'household_waste_recycled_pct_published' and row.area_code like 'E12%')
),

not_disposed as (
    -- A collection authority has no row in the table of disposal: the body prints `-` for its landfilled share.
    select
        'municipal_waste_tonnes_landfilled' as measure_id,
        area_code,
        period_start,
        period_end,
        null::numeric as value,
        '[z]' as marker,
        false as adds_up,
        maturity,
        release_id
    from {{ ref('stg_defra_waste__table_3') }}
    where reject_reason is null and municipal_landfilled_marker = '[z]'
),

co2 as (
    select
        case sector
            when 'Domestic' then 'co2_tonnes_domestic'
            when 'Transport' then 'co2_tonnes_road_transport'
            -- Land use has no emissions within councils' influence: a test holds the file to that.
            else 'co2_tonnes_industry_and_commercial'
        end as measure_id,
        area_code,
        period_start,
        period_end,
        -- A cell that cannot be read makes its sum unknown, not smaller.
        case when bool_and(influence_tonnes is not null) then sum(influence_tonnes) end as value,
        case when not bool_and(influence_tonnes is not null) then '[x]' end as marker,
        case when not bool_and(influence_tonnes is not null) then 'unreadable' end as reason,
        true as adds_up,
        min(maturity) as maturity,
        release_id
    from {{ ref('stg_decc_la_co2') }}
    where reject_reason is null or reject_reason = 'bad_number'
    group by measure_id, area_code, period_start, period_end, release_id
),

co2_residents as (
    select
        'residents_all_ages_co2_release' as measure_id,
        area_code,
        period_start,
        period_end,
        max(residents) as value,
        null as marker,
        true as adds_up,
        min(maturity) as maturity,
        release_id
    from {{ ref('stg_decc_la_co2') }}
    where reject_reason is null
    group by area_code, period_start, period_end, release_id
),

fuel_poverty as (
    select
        measure.measure_id,
        row.area_code,
        row.period_start,
        row.period_end,
        measure.value,
        null as marker,
        true as adds_up,
        row.maturity,
        row.release_id
    from {{ ref('stg_decc_fuel_poverty') }} as row
    cross join lateral (
        values ('fuel_poverty_households', row.households), ('fuel_poor_households', row.fuel_poor_households)
    ) as measure (measure_id, value)
    where row.reject_reason is null
),

of_cells as (
    {{ item_measures(staging_of_cells('environment')) }}
)

{% for part in [
    'waste_collected',
    'waste_landfilled',
    'waste_printed',
    'not_disposed',
    'co2',
    'co2_residents',
    'fuel_poverty',
] %}
select
    measure_id, area_code, period_start, period_end, '' as stratum,
    value, null::numeric as lower_limit, null::numeric as upper_limit,
    marker, {{ 'reason' if part == 'co2' else 'null as reason' }}, adds_up, maturity, release_id
from {{ part }}
where {{ changed('measure_id') }}
union all
{% endfor %}
select * from of_cells
