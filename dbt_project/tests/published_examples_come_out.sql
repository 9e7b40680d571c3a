-- The arithmetic that computes the values gives the published result of each published example, as exactly as the
-- example is printed: half a unit of its last digit.
{% set methods = [
    'actual_vs_predicted',
    'change',
    'count',
    'difference',
    'frozen_list_rate',
    'life_table',
    'mean_of_parts',
    'mean_of_snapshots',
    'ratio',
    'rolling_change',
    'standardised_rate',
    'sum_of_parts',
    'weighted_mean',
] %}
with computed as (
    {% for method in methods %}
    select
        framework_id,
        indicator_id,
        component,
        example_value,
        {{ method_value(method, 'example_numerator', 'example_denominator', 'multiplier', 'sign') }} as computed_value
    from {{ ref('indicator_components') }}
    where method = '{{ method }}' and example_value is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    framework_id,
    indicator_id,
    component,
    example_value,
    computed_value
from computed
where (abs(computed_value - example_value) <= 0.5 * 10 ^ (-scale(trim_scale(example_value)))) is not true
