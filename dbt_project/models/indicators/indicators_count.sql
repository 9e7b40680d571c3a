{{ config(materialized='incremental', incremental_strategy='remake', unique_key='indicator_id') }}
-- Method count: the sum of the measures.
select
    {{ cell_key('input') }},
    input.numerator,
    null::numeric as denominator,
    {{ tidy(method_value('count', 'input.numerator', none, 'input.multiplier', 'input.sign')) }} as value,
    null::numeric as lower_limit,
    null::numeric as upper_limit,
    coalesce(input.gap_marker, input.value_marker) as marker,
    input.gap_reason as reason,
    input.coverage,
    input.maturity
from {{ ref('component_input') }} as input
where input.method = 'count' and {{ changed('input.indicator_id') }}
