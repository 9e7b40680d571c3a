{#-
    The arithmetic of the methods. One macro computes every value, and the published examples of the catalogue too.
    `numerator` and `denominator` are what the method sets against each other: sums for a ratio, rates or sums of
    two times for a change, means of two windows for a rolling change.
-#}
{% macro method_value(method, numerator, denominator, multiplier, sign) -%}
    {%- if method == 'count' -%}
        {{ sign }} * {{ multiplier }} * {{ numerator }}
    {%- elif method == 'ratio' -%}
        {{ sign }} * {{ multiplier }} * {{ numerator }} / nullif({{ denominator }}, 0)
    {%- elif method in ('change', 'rolling_change') -%}
        {{ sign }} * {{ multiplier }} * ({{ numerator }} / nullif({{ denominator }}, 0) - 1)
    {%- else -%}
        {{ exceptions.raise_compiler_error("method_value knows no method '" ~ method ~ "'") }}
    {%- endif -%}
{%- endmacro %}

{#- Computed values keep nine decimals: enough for any table, and the same on every machine. -#}
{% macro tidy(value) -%}
    trim_scale(round({{ value }}, 9))
{%- endmacro %}

{#- The financial year, written 2008-09, that holds a day. -#}
{% macro framework_year(day) -%}
    to_char({{ day }} - interval '3 months', 'YYYY') || '-' || to_char({{ day }} + interval '9 months', 'YY')
{%- endmacro %}

{#- Identity of a cell: component x area x period. -#}
{% macro cell_key(alias) -%}
    {{ alias }}.framework_id,
    {{ alias }}.indicator_id,
    {{ alias }}.component,
    {{ alias }}.area_code,
    {{ alias }}.period_start,
    {{ alias }}.period_end
{%- endmacro %}

{% macro same_cell(left, right) -%}
    {{ left }}.framework_id = {{ right }}.framework_id
    and {{ left }}.indicator_id = {{ right }}.indicator_id
    and {{ left }}.component = {{ right }}.component
    and {{ left }}.area_code = {{ right }}.area_code
{%- endmacro %}
