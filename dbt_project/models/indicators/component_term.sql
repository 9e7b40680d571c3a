-- The measures of each component, one row a term: `a+b-c` is three.
select
    component.framework_id,
    component.indicator_id,
    component.component,
    side.side,
    term.hit[2] as measure_id,
    case term.hit[1] when '-' then -1 else 1 end as sign
from {{ ref('indicator_components') }} as component
cross join lateral (
    values ('numerator', component.numerator_measures), ('denominator', component.denominator_measures)
) as side (side, expression)
cross join lateral regexp_matches(side.expression, '([-+]?)\s*([a-z0-9_]+)', 'g') as term (hit)
