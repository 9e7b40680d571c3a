{{ config(materialized='incremental', incremental_strategy='remake', unique_key='measure_id') }}
with months as (
    select
        category.measure_id,
        crime.area_code,
        crime.period_start as month,
        make_date(
            (extract(year from crime.period_start - interval '3 months'))::int, 4, 1
        ) as year_start,
        crime.crimes,
        crime.maturity,
        crime.release_id
    from {{ ref('stg_mps_borough_crime') }} as crime
    inner join {{ ref('offence_categories') }} as category
        on crime.dataset_id = category.dataset_id
        and crime.major_category = category.major_category
        and crime.minor_category = category.minor_category
    -- A cell that cannot be read makes its year unknown, not smaller.
    where crime.reject_reason is null or crime.reject_reason = 'bad_number'
),

years as (
    select
        measure_id,
        area_code,
        year_start as period_start,
        (year_start + interval '1 year')::date - 1 as period_end,
        case when count(distinct month) = 12 and bool_and(crimes is not null) then sum(crimes) end as value,
        case when count(distinct month) < 12 or not bool_and(crimes is not null) then '[x]' end as marker,
        case
            when count(distinct month) < 12 then 'incomplete_year'
            when not bool_and(crimes is not null) then 'unreadable'
        end as reason,
        min(maturity) as maturity,
        release_id
    from months
    group by measure_id, area_code, year_start, release_id
),

street as (
    select
        'street_crimes_recorded' as measure_id,
        area_code,
        period_start,
        period_end,
        count(*)::numeric as value,
        null as marker,
        null as reason,
        min(maturity) as maturity,
        release_id
    from {{ ref('stg_police_street_archive') }}
    where reject_reason is null
    group by area_code, period_start, period_end, release_id
),

crimes as materialized (
    select
        item as measure_id,
        area_code,
        period_start,
        period_end,
        {{ sum_of_cells() }},
        {{ maturity_of_cells() }},
        release_id
    from {{ ref('stg_ho_recorded_crime_csp') }}
    where reject_reason is null or reject_reason = 'bad_number'
    group by item, area_code, period_start, period_end, release_id
),

partnership_quarters as (
    select
        area_code,
        period_start,
        period_end,
        {{ maturity_of_cells() }},
        release_id
    from {{ ref('stg_ho_recorded_crime_csp') }}
    where
        (reject_reason is null or reject_reason in ('bad_number', 'other_series'))
        and area_code <> 'E92000001'
    group by area_code, period_start, period_end, release_id
),

recorded as materialized (
    -- A partnership that is in the file has a true count of zero where no crime of a kind stands there.
    select
        kind.measure_id,
        quarter.area_code,
        quarter.period_start,
        quarter.period_end,
        case when crimes.measure_id is null then 0 else crimes.value end as value,
        crimes.marker,
        crimes.reason,
        quarter.maturity,
        quarter.release_id
    from partnership_quarters as quarter
    cross join (
        select distinct measure_id
        from {{ ref('offence_codes') }}
        where dataset_id = 'ho_recorded_crime_csp'
    ) as kind
    left join crimes
        on kind.measure_id = crimes.measure_id
        and quarter.area_code = crimes.area_code
        and quarter.period_end = crimes.period_end
        and quarter.release_id = crimes.release_id
),

recorded_in_england as (
    -- With the crimes of no partnership; stated only where the partnerships of the file cover all of England.
    select
        part.measure_id,
        'E92000001' as area_code,
        part.period_start,
        part.period_end,
        case when bool_and(part.value is not null) then sum(part.value) end as value,
        case when not bool_and(part.value is not null) then '[x]' end as marker,
        max(part.reason) as reason,
        {{ maturity_of_cells() }},
        part.release_id
    from (
        select * from recorded
        union all
        select * from crimes
        where area_code = 'E92000001'
    ) as part
    left join (
        select
            area_code,
            count(*) as atoms
        from {{ ref('area_atoms') }}
        where area_code <> 'E92000001'
        group by area_code
    ) as ground on part.area_code = ground.area_code
    group by part.measure_id, part.period_start, part.period_end, part.release_id
    having
        sum(ground.atoms) = (
            select count(*)
            from {{ ref('area_atoms') }}
            where area_code = 'E92000001'
        )
),

of_cells as (
    {{ item_measures(staging_of_cells('police')) }}
)

{% for part in ['years', 'street', 'recorded', 'recorded_in_england'] %}
select
    measure_id, area_code, period_start, period_end, '' as stratum,
    value, null::numeric as lower_limit, null::numeric as upper_limit,
    marker, reason, {{ 'false' if part == 'recorded_in_england' else 'true' }} as adds_up, maturity, release_id
from {{ part }}
where {{ changed('measure_id') }}
union all
{% endfor %}
select * from of_cells
