{#-
    P-values after Benjamini and Hochberg (1995): what the share of false ones among those as small or smaller could be.
    `family` are the columns that make one family of comparisons, `rank` the rank of the p-value in it, without ties.
-#}
{% macro benjamini_hochberg(p, rank, compared, family) -%}
    case
        when {{ p }} is not null
            then least(1, min({{ p }} * {{ compared }} / {{ rank }}) over (
                partition by {{ family }} order by {{ rank }} desc rows unbounded preceding
            ))
    end
{%- endmacro %}

{#- Whether a grade is at least as good as the floor: A is best. False without a grade. -#}
{% macro reaches_grade(grade, floor) -%}
    coalesce(ascii({{ grade }}) <= ascii({{ floor }}), false)
{%- endmacro %}
