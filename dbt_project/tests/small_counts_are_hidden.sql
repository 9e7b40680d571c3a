-- No count of people that our own rule hides stands in a cell.
select
    fact.indicator_id,
    fact.component,
    fact.area_code,
    fact.period_end,
    rule.side
from {{ ref('fact_value') }} as fact
inner join {{ ref('component_disclosure') }} as rule on {{ same_component('fact', 'rule') }}
inner join {{ ref('areas') }} as area on fact.area_code = area.area_code
where
    rule.is_own
    and rule.method not in ('change', 'rolling_change')
    and not (rule.is_national_exempt and area.area_type = 'country')
    and case rule.side when 'numerator' then fact.numerator else fact.denominator end
    between rule.hidden_from and rule.hidden_to
