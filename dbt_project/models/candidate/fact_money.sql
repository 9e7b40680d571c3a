{{ config(
    materialized='incremental', incremental_strategy='remake', unique_key='indicator_id',
    meta={'whole_for': ['nomis_population']}
) }}
-- Pounds for each resident, of the components that are sums of money: what value for money sets beside outcomes.
select
    {{ cell_key('value') }},
    value.framework_year,
    money.kind,
    {{ tidy('case money.kind when \'saving\' then -1 else 1 end * value.value * money.gbp / residents.value') }}
        as gbp_per_head
from {{ ref('money_components') }} as money
inner join {{ ref('fact_value') }} as value on {{ same_component('money', 'value') }}
inner join {{ ref('measure_by_area') }} as residents
    on residents.measure_id = 'residents_all_ages'
    and residents.stratum = ''
    and value.area_code = residents.area_code
    -- Mid-year estimates are of 30 June.
    and residents.period_end = make_date(left(value.framework_year, 4)::int, 6, 30)
where value.value is not null and residents.value > 0 and {{ changed('value.indicator_id') }}
