{{ config(materialized='incremental', incremental_strategy='remake', unique_key='measure_id') }}
with printed as (
    select
        'employment_rate_16_to_64_published' as measure_id,
        area_code, period_start, period_end, value, lower_limit, upper_limit, marker, maturity, release_id
    from {{ ref('stg_ons_employment_rate') }}
    where reject_reason is null

    union all

    select
        'weekly_pay_median_published' as measure_id,
        area_code, period_start, period_end, value, lower_limit, upper_limit, marker, maturity, release_id
    from {{ ref('stg_ons_weekly_pay') }}
    where reject_reason is null
),

residents_of_totals as (
    select
        'residents_all_ages_ons_totals' as measure_id,
        area_code, period_start, period_end, '' as stratum,
        residents as value, null as marker, null as reason, maturity, release_id
    from {{ ref('stg_ons_population') }}
    where reject_reason is null
),

edges as (
    -- Ages at which a group begins or has ended. No group tells the ages between two of them apart, so few sums do.
    select array_agg(distinct edge.age order by edge.age)::numeric[] as ages
    from {{ ref('age_groups') }} as age_group
    cross join lateral (values (age_group.age_from), (age_group.age_to + 1)) as edge (age)
),

spans as (
    -- The ages from one edge to the next, in each group that takes them.
    select
        sexes.sex,
        spans.span,
        age_group.measure_id,
        coalesce(age_group.stratum, '') as stratum
    from edges
    cross join lateral unnest(edges.ages) with ordinality as spans (age_from, span)
    inner join {{ ref('age_groups') }} as age_group
        on spans.age_from between age_group.age_from and age_group.age_to
    inner join (values ('M'), ('F')) as sexes (sex) on age_group.sex in ('*', sexes.sex)
),

residents_by_span as (
    select
        person.area_code,
        person.period_start,
        person.period_end,
        person.sex,
        width_bucket(person.age_years, edges.ages) as span,
        sum(person.residents) as residents,
        count(*) as cells,
        count(person.residents) as numbers,
        max(person.marker) as marker,
        bool_or(person.reject_reason is not null) as has_unreadable,
        {{ maturity_of_cells() }},
        person.release_id
    from {{ ref('stg_nomis_population__residents') }} as person
    cross join edges
    where person.reject_reason is null or person.reject_reason = 'bad_number'
    group by
        person.area_code, person.period_start, person.period_end, person.sex,
        width_bucket(person.age_years, edges.ages), person.release_id
),

residents_by_age as (
    select
        spans.measure_id,
        residents.area_code,
        residents.period_start,
        residents.period_end,
        spans.stratum,
        -- One missing age makes the whole group unknown.
        case when sum(residents.cells) = sum(residents.numbers) then sum(residents.residents) end as value,
        case when sum(residents.cells) = sum(residents.numbers) then max(residents.marker) else '[x]' end as marker,
        case when bool_or(residents.has_unreadable) then 'unreadable' end as reason,
        {{ maturity_of_cells() }},
        residents.release_id
    from residents_by_span as residents
    inner join spans on residents.sex = spans.sex and residents.span = spans.span
    group by
        spans.measure_id,
        residents.area_code,
        residents.period_start,
        residents.period_end,
        spans.stratum,
        residents.release_id
),

neighbourhoods as materialized (
    {% for model in ['stg_dwp_benefits__neighbourhoods', 'stg_nomis_population__neighbourhoods'] %}
    select
        measure.measure_id,
        cell.small_area,
        cell.area_code,
        cell.period_start,
        cell.period_end,
        cell.value,
        cell.marker,
        cell.reject_reason,
        cell.maturity,
        cell.release_id
    from {{ ref(model) }} as cell
    inner join {{ ref('measures') }} as measure
        on cell.dataset_id = measure.dataset_id
        and cell.item = measure.item
        and cell.period_type = measure.period_type
    where cell.reject_reason is null or cell.reject_reason = 'bad_number'
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

listed as (
    -- The list is frozen by its rule: the mean rate over the quarters of its year.
    select claimants.small_area
    from {{ ref('frozen_lists') }} as frozen
    inner join neighbourhoods as claimants
        on
            frozen.numerator_measure = claimants.measure_id
            and claimants.period_end between frozen.first_quarter_end and frozen.last_quarter_end
    inner join neighbourhoods as residents
        on
            frozen.denominator_measure = residents.measure_id
            and claimants.small_area = residents.small_area
            and residents.period_end between frozen.first_quarter_end and frozen.last_quarter_end
    group by frozen.list_id, frozen.min_rate_pct, claimants.small_area
    having
        count(claimants.value) = 4
        and count(residents.value) = 4
        and avg(claimants.value) * 100 >= frozen.min_rate_pct * avg(residents.value)
),

gaps as (
    -- Councils, of whatever year, that hold a small area of the list which has no figure in a period.
    select distinct
        periods.measure_id,
        periods.period_end,
        periods.release_id,
        held.area_code
    from listed
    inner join (select distinct small_area, area_code from neighbourhoods) as held
        on listed.small_area = held.small_area
    cross join (select distinct measure_id, period_end, release_id from neighbourhoods) as periods
    left join neighbourhoods as cell
        on periods.measure_id = cell.measure_id
        and periods.period_end = cell.period_end
        and periods.release_id = cell.release_id
        and listed.small_area = cell.small_area
    where cell.value is null
),

worst_neighbourhoods as (
    -- Small areas outside the list add nothing, so a council that has none of the list has 0 on both sides.
    select
        cell.measure_id,
        cell.area_code,
        cell.period_start,
        cell.period_end,
        '' as stratum,
        case
            when count(gaps.area_code) = 0
                then coalesce(sum(cell.value) filter (where listed.small_area is not null), 0)
        end as value,
        case
            when count(gaps.area_code) = 0 then max(cell.marker) filter (where listed.small_area is not null)
            when bool_or(listed.small_area is not null and cell.value is null and cell.marker like '%[c]%') then '[c]'
            else '[x]'
        end as marker,
        case
            when bool_or(cell.reject_reason is not null and listed.small_area is not null) then 'unreadable'
        end as reason,
        {{ maturity_of_cells() }},
        cell.release_id
    from neighbourhoods as cell
    left join listed on cell.small_area = listed.small_area
    left join gaps
        on cell.measure_id = gaps.measure_id
        and cell.period_end = gaps.period_end
        and cell.release_id = gaps.release_id
        and cell.area_code = gaps.area_code
    group by cell.measure_id, cell.area_code, cell.period_start, cell.period_end, cell.release_id
),

of_cells as (
    {{ item_measures(staging_of_cells('economy')) }}
)

select
    measure_id, area_code, period_start, period_end, '' as stratum, value, lower_limit, upper_limit, marker,
    null as reason, false as adds_up, maturity, release_id
from printed
where {{ changed('measure_id') }}

{% for part in ['residents_of_totals', 'residents_by_age', 'worst_neighbourhoods'] %}
union all

select
    measure_id, area_code, period_start, period_end, stratum,
    value, null::numeric as lower_limit, null::numeric as upper_limit,
    marker, reason, area_code !~ '^E(12|92)' as adds_up, maturity, release_id
from {{ part }}
where {{ changed('measure_id') }}
{% endfor %}

union all

select * from of_cells
