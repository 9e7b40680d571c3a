-- The strata behind each standardised rate: events, people and the standard's weight. Where nobody lives there is none.
select
    {{ cell_key('input') }},
    input.stratum,
    input.multiplier::double precision * input.sign as multiplier,
    input.numerator::double precision as events,
    input.denominator::double precision as people,
    weight.weight::double precision as weight
from {{ ref('component_input') }} as input
inner join {{ ref('indicator_components') }} as component on {{ same_component('input', 'component') }}
inner join {{ ref('standard_populations') }} as weight
    on component.standard_population = weight.standard_population and input.stratum = weight.stratum
inner join {{ ref('component_value') }} as cell
    on {{ same_cell('input', 'cell') }}
    and input.period_start = cell.period_start
    and input.period_end = cell.period_end
where input.method = 'standardised_rate' and input.denominator > 0 and cell.value is not null
