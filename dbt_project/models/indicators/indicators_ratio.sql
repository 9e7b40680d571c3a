-- Method ratio: numerator over denominator, each summed over the area first.
select
    {{ cell_key('input') }},
    input.numerator,
    input.denominator,
    {{ tidy(method_value(
        'ratio', 'input.numerator', 'input.denominator', 'input.multiplier', 'input.sign'
    )) }} as value,
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
where input.method = 'ratio'
