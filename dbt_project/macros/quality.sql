{#- Mean of those expressions that are not null. -#}
{% macro mean_of_known(expressions) -%}
    (
        select avg(known.score)
        from (values {% for one in expressions %}({{ one }}){{ ', ' if not loop.last }}{% endfor %}) as known (score)
    )
{%- endmacro %}
