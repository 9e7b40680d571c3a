-- The measures of each component, one row a term: `a+b-c` is three. A life table has two pairs, parted by `;`: deaths
-- over residents, healthy people over those asked.
select
    component.framework_id,
    component.indicator_id,
    component.component,
    component.method,
    side.side,
    pair.number as pair,
    term.hit[2] as measure_id,
    case term.hit[1] when '-' then -1 else 1 end as sign
from {{ ref('indicator_components') }} as component
cross join lateral (
    values ('numerator', component.numerator_measures), ('denominator', component.denominator_measures)
) as side (side, expression)
cross join lateral regexp_split_to_table(side.expression, ';') with ordinality as pair (expression, number)
cross join lateral regexp_matches(pair.expression, '([-+]?)\s*([a-z0-9_]+)', 'g') as term (hit)
