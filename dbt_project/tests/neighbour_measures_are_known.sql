-- Every measure that a variable of the nearest neighbours names is one of the catalogue.
select
    variable.neighbour_model,
    variable.variable_id,
    term.measure_id
from {{ ref('neighbour_variables') }} as variable
cross join lateral regexp_split_to_table(
    concat_ws('+', variable.numerator_measures, nullif(variable.denominator_measures, '')), '\+'
) as term (measure_id)
left join {{ ref('measures') }} as seed on term.measure_id = seed.measure_id
where seed.measure_id is null
