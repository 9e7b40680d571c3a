-- Standardised rates with their strata (events, people, the standard's weight; none where nobody lives) and Dobson's
-- limits.
-- All arrays of a cell are gathered in the same order, whichever it is.
with strata as materialized (
    select
        {{ cell_key('input') }},
        min(input.multiplier::double precision * input.sign) as factor,
        array_agg(input.stratum) as strata,
        array_agg(input.numerator::double precision) as events,
        array_agg(input.denominator::double precision) as people,
        array_agg(weight.weight::double precision) as weights
    from {{ ref('component_input') }} as input
    inner join {{ ref('indicator_components') }} as component on {{ same_component('input', 'component') }}
    inner join {{ ref('standard_populations') }} as weight
        on component.standard_population = weight.standard_population and input.stratum = weight.stratum
    where
        input.method = 'standardised_rate'
        and input.denominator > 0
        and component.interval_method = 'dobson'
        and {{ changed('input.indicator_id', is_working=true) }}
    group by {{ cell_key('input') }}
    having bool_and(input.numerator is not null)
),

-- Taken apart only after it is made: a composite in a subquery would be made once for each of its fields.
rates as materialized (
    select
        strata.*,
        {% for name, level in levels().items() %}
        stats.dsr(strata.events, strata.people, strata.weights, strata.factor, {{ level }})
            as rate_{{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from strata
)

select
    {{ cell_key('rates') }},
    rates.factor,
    rates.strata,
    rates.events,
    rates.people,
    rates.weights,
    {% for name in levels() %}
    {% for side in ['lower', 'upper'] %}
    (rates.rate_{{ name }}).{{ side }} as {{ side }}_{{ name }}{{ ',' if not loop.last }}
    {% endfor %}
    {{- ',' if not loop.last }}
    {% endfor %}
from rates
