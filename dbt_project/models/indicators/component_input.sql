-- What the methods compute from: both sides of each formula, without the counts that are withheld. A view, so that the
-- few hidden cells cost no second copy of all the others.
{{ config(materialized='view') }}
select
    {{ cell_key('summed') }},
    summed.stratum,
    summed.pair,
    summed.method,
    summed.multiplier,
    summed.sign,
    {% for side in ['numerator', 'denominator'] %}
    case
        when withheld.component is null
            then {{ rounded_count('summed.' ~ side, side ~ '_rule.rounded_to') }}
    end as {{ side }},
    {% endfor %}
    summed.has_denominator,
    case when withheld.component is null then summed.lower_limit end as lower_limit,
    case when withheld.component is null then summed.upper_limit end as upper_limit,
    summed.value_marker,
    case when withheld.component is null then summed.gap_marker else '[c]' end as gap_marker,
    case
        when withheld.component is null or summed.gap_marker = '[c]' then summed.gap_reason
        else withheld.reason
    end as gap_reason,
    summed.coverage,
    summed.maturity,
    summed.first_release_id,
    summed.last_release_id
from {{ ref('component_sum') }} as summed
left join {{ ref('component_withheld') }} as withheld
    on
        {{ same_cell('summed', 'withheld') }}
        and summed.period_start = withheld.period_start
        and summed.period_end = withheld.period_end
{% for side in ['numerator', 'denominator'] %}
left join {{ ref('component_disclosure') }} as {{ side }}_rule
    on
        {{ same_component('summed', side ~ '_rule') }}
        and {{ side }}_rule.side = '{{ side }}'
        and {{ side }}_rule.is_own
        and {{ side }}_rule.rounded_to is not null
        and not ({{ side }}_rule.is_national_exempt and summed.area_code in (
            select area_code from {{ ref('areas') }}
            where area_type = 'country'
        ))
{% endfor %}
