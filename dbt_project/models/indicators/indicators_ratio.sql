{{ config(materialized='incremental', incremental_strategy='remake', unique_key='indicator_id') }}
-- Methods that set one sum against another: ratio, weighted mean, mean of snapshots, rate over a frozen list of small
-- areas, actual against predicted. Each side is summed over the area first.
{% set methods = quotient_methods() + ['actual_vs_predicted'] %}
select
    {{ cell_key('input') }},
    input.numerator,
    input.denominator,
    case input.method
        {% for method in methods %}
        when '{{ method }}'
            then {{ tidy(method_value(
                method, 'input.numerator', 'input.denominator', 'input.multiplier', 'input.sign'
            )) }}
        {% endfor %}
    end as value,
    null::numeric as lower_limit,
    null::numeric as upper_limit,
    case
        when input.gap_marker is not null then input.gap_marker
        when input.denominator = 0 then '[z]'
        else input.value_marker
    end as marker,
    case when input.gap_marker is null and input.denominator = 0 then 'zero_denominator' else input.gap_reason end
        as reason,
    input.coverage,
    input.maturity
from {{ ref('component_input') }} as input
where
    input.method in ('{{ methods | join("', '") }}')
    and {{ changed('input.indicator_id') }}
