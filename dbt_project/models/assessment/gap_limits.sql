-- Limits of a gap between two independent shares, from those of both sides (Newcombe 1998, method 10). A side without
-- any is taken as known (the make-up of a population); where both are, the gap has none.
select
    gap.value_number,
    {% for name in levels() %}
    gap.value_float - component.factor * sqrt(
        (larger.value_float - coalesce(larger.lower_{{ name }}, larger.value_float)) ^ 2
        + (coalesce(smaller.upper_{{ name }}, smaller.value_float) - smaller.value_float) ^ 2
    ) as lower_{{ name }},
    gap.value_float + component.factor * sqrt(
        (coalesce(larger.upper_{{ name }}, larger.value_float) - larger.value_float) ^ 2
        + (smaller.value_float - coalesce(smaller.lower_{{ name }}, smaller.value_float)) ^ 2
    ) as upper_{{ name }},
    {% endfor %}
    case when larger.limit_method = 'survey' or smaller.limit_method = 'survey' then 'survey' else 'wilson' end
        as limit_method
from {{ ref('assessed_component') }} as component
inner join {{ ref('assessed_component') }} as minuend on component.minuend_number = minuend.component_number
inner join {{ ref('assessed_component') }} as subtrahend
    on component.subtrahend_number = subtrahend.component_number
inner join {{ ref('plain_limits') }} as gap on component.component_number = gap.component_number
inner join {{ ref('plain_limits') }} as larger
    on component.minuend_number = larger.component_number
    and gap.area_number = larger.area_number
    and gap.period_start = larger.period_start
    and gap.period_end = larger.period_end
inner join {{ ref('plain_limits') }} as smaller
    on component.subtrahend_number = smaller.component_number
    and gap.area_number = smaller.area_number
    and gap.period_start = smaller.period_start
    and gap.period_end = smaller.period_end
where
    component.method = 'difference'
    and component.interval_method in ('wilson', 'survey_design')
    and gap.limit_method = 'none'
    and component.factor > 0
    and (minuend.interval_method = 'none' or larger.limit_method <> 'none')
    and (subtrahend.interval_method = 'none' or smaller.limit_method <> 'none')
    and (larger.limit_method <> 'none' or smaller.limit_method <> 'none')
