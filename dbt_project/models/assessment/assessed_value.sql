{{ config(materialized='view') }}
-- Every value with its limits, those of gaps included, and what its component and area say.
select
    {% for column in [
        'value_number', 'moment_number', 'component_number', 'area_number', 'place_in_series', 'period_start', 'period_end',
        'is_assessed', 'has_break', 'limit_kind', 'numerator', 'denominator', 'base', 'share', 'sample', 'value_shown',
        'value_float',
    ] %}
    plain.{{ column }},
    {% endfor %}
    {% for name in levels() %}
    {% for side in ['lower', 'upper'] %}
    coalesce(plain.{{ side }}_{{ name }}, gap.{{ side }}_{{ name }}) as {{ side }}_{{ name }},
    {% endfor %}
    {% endfor %}
    coalesce(gap.limit_method, plain.limit_method) as limit_method,
    {% for column in [
        'framework_id', 'indicator_id', 'component', 'period_type', 'method', 'polarity', 'decimals', 'factor',
    ] %}
    component.{{ column }},
    {% endfor %}
    area.area_code,
    area.region_number,
    area.is_council,
    area.is_country,
    area.in_force_from
from {{ ref('plain_limits') }} as plain
inner join {{ ref('assessed_component') }} as component on plain.component_number = component.component_number
inner join {{ ref('assessed_area') }} as area on plain.area_number = area.area_number
left join {{ ref('gap_limits') }} as gap on plain.value_number = gap.value_number
