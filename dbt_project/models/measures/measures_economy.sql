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

residents as (
    select
        'residents_all_ages' as measure_id,
        area_code, period_start, period_end, residents as value, null as marker, null as reason, maturity, release_id
    from {{ ref('stg_ons_population') }}
    where reject_reason is null
),

residents_by_age as (
    select
        band.measure_id,
        person.area_code,
        person.period_start,
        person.period_end,
        -- One missing age makes the whole band unknown.
        case when bool_and(person.residents is not null) then sum(person.residents) end as value,
        case when not bool_and(person.residents is not null) then '[x]' end as marker,
        case when bool_or(person.reject_reason is not null) then 'unreadable' end as reason,
        min(person.maturity) as maturity,
        person.release_id
    from {{ ref('stg_nomis_population') }} as person
    inner join (
        values
        ('residents_aged_0_17', 'M', 0, 17),
        ('residents_aged_0_17', 'F', 0, 17),
        ('residents_aged_16_and_over', 'M', 16, 200),
        ('residents_aged_16_and_over', 'F', 16, 200),
        ('residents_working_age', 'M', 16, 64),
        ('residents_working_age', 'F', 16, 59)
    ) as band (measure_id, sex, first_age, last_age)
        on person.sex = band.sex and person.age_years between band.first_age and band.last_age
    where person.reject_reason is null or person.reject_reason = 'bad_number'
    group by band.measure_id, person.area_code, person.period_start, person.period_end, person.release_id
)

select
    measure_id, area_code, period_start, period_end, value, lower_limit, upper_limit, marker,
    null as reason, false as adds_up, maturity, release_id
from printed

{% for part in ['residents', 'residents_by_age'] %}
union all

select
    measure_id, area_code, period_start, period_end,
    value, null::numeric as lower_limit, null::numeric as upper_limit,
    marker, reason, true as adds_up, maturity, release_id
from {{ part }}
{% endfor %}
