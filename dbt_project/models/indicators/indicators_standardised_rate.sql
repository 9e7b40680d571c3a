{{ config(materialized='incremental', incremental_strategy='remake', unique_key='indicator_id') }}
-- Method standardised_rate: events expected if the standard population had the area's rates, over the weights in use. A
-- stratum in which nobody lives has no rate: its weight is left out above and below the line. Events without residents
-- have no rate either, and the whole has none then.
with standard as (
    select
        standard_population,
        count(*) as strata
    from {{ ref('standard_populations') }}
    group by standard_population
),

pooled as (
    select
        {{ cell_key('input') }},
        min(input.multiplier) as multiplier,
        min(input.sign) as sign,
        min(standard.strata) as strata_wanted,
        count(*) as strata,
        count(input.gap_marker) as gaps,
        sum(weight.weight * input.numerator / nullif(input.denominator, 0)) as expected_events,
        coalesce(sum(weight.weight) filter (where input.denominator > 0), 0) as weights,
        bool_or(input.denominator = 0 and input.numerator <> 0) as has_events_without_residents,
        max(input.value_marker) as value_marker,
        {{ gap_marker('input.gap_marker is not null', 'input.gap_marker') }} as gap_marker,
        {{ gap_reason('input.gap_marker is not null', 'input.gap_marker', 'input.gap_reason') }} as gap_reason,
        min(input.coverage) as coverage,
        {{ maturity_of('input.maturity') }} as maturity
    from {{ ref('component_input') }} as input
    inner join {{ ref('indicator_components') }} as component on {{ same_component('input', 'component') }}
    inner join {{ ref('standard_populations') }} as weight
        on component.standard_population = weight.standard_population and input.stratum = weight.stratum
    inner join standard on component.standard_population = standard.standard_population
    where input.method = 'standardised_rate' and {{ changed('input.indicator_id') }}
    group by {{ cell_key('input') }}
),

explained as (
    select
        pooled.*,
        case
            when gap_marker = '[c]' then '[c]'
            when gaps = strata then gap_marker
            when gaps > 0 or strata < strata_wanted then '[x]'
            when weights = 0 or has_events_without_residents then '[z]'
        end as no_value_marker,
        case
            when gap_marker = '[c]' then 'suppressed'
            when gaps = strata then gap_reason
            when gaps > 0 or strata < strata_wanted then 'incomplete_strata'
            when weights = 0 or has_events_without_residents then 'zero_denominator'
        end as no_value_reason
    from pooled
)

select
    {{ cell_key('explained') }},
    case when explained.no_value_marker is null then {{ tidy('coalesce(explained.expected_events, 0)') }} end
        as numerator,
    case when explained.no_value_marker is null then explained.weights end as denominator,
    case
        when explained.no_value_marker is null
            then {{ tidy(method_value(
                'standardised_rate',
                'explained.expected_events',
                'explained.weights',
                'explained.multiplier',
                'explained.sign'
            )) }}
    end as value,
    null::numeric as lower_limit,
    null::numeric as upper_limit,
    coalesce(explained.no_value_marker, explained.value_marker) as marker,
    explained.no_value_reason as reason,
    explained.coverage,
    explained.maturity
from explained
