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
)

{% for part in ['years', 'street'] %}
select
    measure_id, area_code, period_start, period_end,
    value, null::numeric as lower_limit, null::numeric as upper_limit,
    marker, reason, true as adds_up, maturity, release_id
from {{ part }}
{{ 'union all' if not loop.last }}
{% endfor %}
