{{ config(materialized='view') }}
-- Every value with its limits, those of gaps included.
select
    {{ cell_key('plain') }},
    {% for column in [
        'component_number', 'area_number', 'region_number', 'is_council', 'is_country', 'framework_year', 'is_assessed',
        'is_rebuilt', 'has_break', 'period_type', 'method', 'polarity', 'decimals', 'factor', 'limit_kind', 'numerator',
        'denominator', 'base', 'share', 'sample', 'value_shown', 'value_float',
    ] %}
    plain.{{ column }},
    {% endfor %}
    {% for name in levels() %}
    {% for side in ['lower', 'upper'] %}
    coalesce(plain.{{ side }}_{{ name }}, gap.{{ side }}_{{ name }}) as {{ side }}_{{ name }},
    {% endfor %}
    {% endfor %}
    coalesce(gap.limit_method, plain.limit_method) as limit_method
from {{ ref('plain_limits') }} as plain
left join {{ ref('gap_limits') }} as gap
    on plain.component_number = gap.component_number
    and plain.area_number = gap.area_number
    and plain.period_start = gap.period_start
    and plain.period_end = gap.period_end
