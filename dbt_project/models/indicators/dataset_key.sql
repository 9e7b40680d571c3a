-- What rests on each dataset, by the column that names it: the measures it brings and those summed over the same small
-- areas, the indicators with a component that rests on such a measure, the counts of people in their formulas. A build
-- after a change remakes these rows (macros/remake.sql), and the gate and the publication after it look at them.
with dataset_measure as (
    select
        dataset_id,
        measure_id
    from {{ ref('measures') }}

    union

    -- Both measures of a frozen list are summed over its small areas, and both decide which these are.
    select
        seed.dataset_id,
        listed.measure_id
    from {{ ref('frozen_lists') }} as frozen
    cross join lateral (values (frozen.numerator_measure), (frozen.denominator_measure)) as listed (measure_id)
    inner join {{ ref('measures') }} as seed
        on seed.measure_id in (frozen.numerator_measure, frozen.denominator_measure)
),

dataset_indicator as (
    select distinct
        dataset_measure.dataset_id,
        source.framework_id,
        source.indicator_id
    from dataset_measure
    inner join {{ ref('component_source') }} as source on dataset_measure.measure_id = source.measure_id
)

select
    dataset_id,
    'measure_id' as key_column,
    measure_id as key_value
from dataset_measure

union

select
    dataset_id,
    'indicator_id' as key_column,
    indicator_id as key_value
from dataset_indicator

union

select
    indicator.dataset_id,
    'quantity' as key_column,
    rule.quantity as key_value
from dataset_indicator as indicator
inner join {{ ref('component_disclosure') }} as rule
    on indicator.framework_id = rule.framework_id and indicator.indicator_id = rule.indicator_id
