{{ config(materialized='incremental', incremental_strategy='remake', unique_key='indicator_id') }}
-- Method published: the body's own figure and limits, unchanged.
select
    {{ cell_key('input') }},
    null::numeric as numerator,
    null::numeric as denominator,
    input.numerator as value,
    input.lower_limit,
    input.upper_limit,
    coalesce(input.gap_marker, input.value_marker) as marker,
    coalesce(input.gap_reason, case when input.value_marker = '[u]' then 'unreliable' end) as reason,
    input.coverage,
    input.maturity
from {{ ref('component_input') }} as input
where input.method = 'published' and {{ changed('input.indicator_id') }}
