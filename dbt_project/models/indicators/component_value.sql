{{ config(materialized='incremental', incremental_strategy='remake', unique_key='indicator_id') }}
-- What the methods give, one row for each component, area and period with any figure.
{% for model in [
    'count', 'ratio', 'published', 'change', 'rolling_change', 'standardised_rate', 'life_table', 'of_components',
] %}
select * from {{ ref('indicators_' ~ model) }}
where {{ changed('indicator_id') }}
{{ 'union all' if not loop.last }}
{% endfor %}
