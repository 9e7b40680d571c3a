{#-
    The arithmetic of the methods. One macro computes every value, and the published examples of the catalogue too.
    `numerator` and `denominator` are what the method sets against each other: sums for a ratio, rates or sums of two
    times for a change, means of two windows for a rolling change, the two components of a difference, the sum of parts
    and their number for a mean, events expected in the standard population and its weights, healthy years and the
    people who begin a life table.
-#}
{% macro method_value(method, numerator, denominator, multiplier, sign) -%}
    {%- if method in ('count', 'sum_of_parts') -%}
        {{ sign }} * {{ multiplier }} * {{ numerator }}
    {%- elif method in quotient_methods() or method in ('mean_of_parts', 'standardised_rate', 'life_table') -%}
        {{ sign }} * {{ multiplier }} * {{ numerator }} / nullif({{ denominator }}, 0)
    {%- elif method in ('change', 'rolling_change', 'actual_vs_predicted') -%}
        {{ sign }} * {{ multiplier }} * ({{ numerator }} / nullif({{ denominator }}, 0) - 1)
    {%- elif method == 'difference' -%}
        {{ sign }} * {{ multiplier }} * ({{ numerator }} - {{ denominator }})
    {%- else -%}
        {{ exceptions.raise_compiler_error("method_value knows no method '" ~ method ~ "'") }}
    {%- endif -%}
{%- endmacro %}

{#- Methods that differ in what their measures are, and not in what is done with the sums. -#}
{% macro quotient_methods() -%}
    {{ return(['ratio', 'weighted_mean', 'mean_of_snapshots', 'frozen_list_rate']) }}
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

{% macro same_component(left, right) -%}
    {{ left }}.framework_id = {{ right }}.framework_id
    and {{ left }}.indicator_id = {{ right }}.indicator_id
    and {{ left }}.component = {{ right }}.component
{%- endmacro %}

{% macro same_cell(left, right) -%}
    {{ same_component(left, right) }}
    and {{ left }}.area_code = {{ right }}.area_code
{%- endmacro %}

{#-
    Marker of a whole with a missing part, over the rows where `is_missing` holds: a suppressed part comes first, so that
    nobody can work it out from the others; then what does not apply, then what is unreliable, then what is not there.
-#}
{% macro gap_marker(is_missing, marker) -%}
    case
        when bool_or({{ is_missing }} and {{ marker }} like '%[c]%') then '[c]'
        when bool_or({{ is_missing }} and {{ marker }} like '%[z]%') then '[z]'
        when bool_or({{ is_missing }} and {{ marker }} like '%[u]%') then '[u]'
        when bool_or({{ is_missing }}) then '[x]'
    end
{%- endmacro %}

{#- The reason that belongs to that marker. -#}
{% macro gap_reason(is_missing, marker, reason) -%}
    coalesce(
        {% for letter in ['c', 'z', 'u'] -%}
        min({{ reason }}) filter (where {{ is_missing }} and {{ marker }} like '%[{{ letter }}]%'),
        {% endfor -%}
        min({{ reason }}) filter (where {{ is_missing }})
    )
{%- endmacro %}

{#- Any provisional part makes the whole provisional. -#}
{% macro maturity_of(maturity) -%}
    case when bool_or({{ maturity }} = 'provisional') then 'provisional' else max({{ maturity }}) end
{%- endmacro %}
