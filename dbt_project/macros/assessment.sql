{#- Levels of the two pairs of limits, and what turns one pair into the other where a body publishes only the first. -#}
{% macro levels() -%}
    {{ return({'95': '0.95', '998': '0.998'}) }}
{%- endmacro %}

{#-
    A limit of a value by the kind of its formula, as SQL. The functions of `stats` are put in place of their calls, and
    the field is taken inside each branch: a composite taken apart later would be computed once for each field.
    `side` is lower or upper. Of a reduction (sign -1) the limits change places.
-#}
{% macro limit_of(side, level, row) -%}
    {%- set other = 'upper' if side == 'lower' else 'lower' -%}
    case {{ row }}.limit_kind
        when 'published'
            then {{ row }}.value_float + ({{ row }}.published_{{ side }} - {{ row }}.value_float)
                * stats.z({{ level }}) / stats.z(0.95)
        when 'proportion'
            then {{ row }}.factor * case
                when {{ row }}.factor > 0
                    then (stats.proportion_ci({{ row }}.hits, {{ row }}.sample, {{ level }})).{{ side }}
                else (stats.proportion_ci({{ row }}.hits, {{ row }}.sample, {{ level }})).{{ other }}
            end
        when 'predicted'
            then {{ row }}.factor * (
                (stats.proportion_ci({{ row }}.hits, {{ row }}.sample, {{ level }})).{{ side }}
                * {{ row }}.sample / {{ row }}.denominator - 1
            )
        when 'poisson'
            then (stats.rate_ci({{ row }}.numerator, {{ row }}.base, {{ row }}.factor, {{ level }})).{{ side }}
    end
{%- endmacro %}

{#-
    How far a value is from a benchmark that is taken as known, as a normal deviate: the score test where the limits
    are Wilson's, Byar's approximation where they are Poisson's, and the half-width towards the benchmark otherwise.
    So it is beyond 1.96 just where the 95 % limits leave the benchmark out (save for counts below ten, whose limits
    are exact). Source: Wilson (1927); Breslow & Day (1987), volume II, page 69.
-#}
{% macro deviate_from(benchmark, row) -%}
    case
        when {{ row }}.limit_kind = 'proportion' and {{ benchmark }} / {{ row }}.factor between 1e-12 and 1 - 1e-12
            then
                ({{ row }}.share - {{ benchmark }} / {{ row }}.factor) * sqrt({{ row }}.sample)
                / sqrt({{ benchmark }} / {{ row }}.factor * (1 - {{ benchmark }} / {{ row }}.factor))
        when {{ row }}.limit_kind = 'poisson' and {{ benchmark }} > 0
            then {{ byar_deviate(row ~ '.numerator', benchmark ~ ' * ' ~ row ~ '.base / ' ~ row ~ '.factor') }}
        when {{ benchmark }} < {{ row }}.value_float
            then ({{ row }}.value_float - {{ benchmark }}) * stats.z(0.95)
                / nullif({{ row }}.value_float - {{ row }}.lower_95, 0)
        else ({{ row }}.value_float - {{ benchmark }}) * stats.z(0.95)
            / nullif({{ row }}.upper_95 - {{ row }}.value_float, 0)
    end
{%- endmacro %}

{#- Byar's normal deviate of a count against the number expected: what its limits are the inverse of. -#}
{% macro byar_deviate(events, expected) -%}
    case
        when {{ events }} > {{ expected }}
            then 3 * sqrt({{ events }}) * (1 - 1 / (9 * {{ events }}) - cbrt({{ expected }} / {{ events }}))
        else 3 * sqrt({{ events }} + 1) * (
            1 - 1 / (9 * ({{ events }} + 1)) - cbrt({{ expected }} / ({{ events }} + 1))
        )
    end
{%- endmacro %}

{#- Both directions of a judgement: good and bad words where up or down is better, plain ones where neither is. -#}
{% macro judged(rises, polarity, good, bad, up, down) -%}
    case
        when {{ polarity }} not in ('higher_is_better', 'lower_is_better')
            then case when {{ rises }} then '{{ up }}' else '{{ down }}' end
        when ({{ rises }}) = ({{ polarity }} = 'higher_is_better') then '{{ good }}'
        else '{{ bad }}'
    end
{%- endmacro %}
