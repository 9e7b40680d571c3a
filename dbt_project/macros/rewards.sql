{#- Arithmetic of performance reward, in numeric: at the edge of 0.60 a float pays or does not by chance. -#}

{#- Pot of an agreement of the first kind (scheme A): a share of the net budget requirement. -#}
{% macro reward_pot(net_budget, pot_share) -%}
    {{ net_budget }}::numeric * {{ pot_share }}
{%- endmacro %}

{#- Share of one sub-target: the pot in equal parts by targets, each in equal parts by its sub-targets. -#}
{% macro reward_share(pot, targets, sub_targets=1) -%}
    {{ pot }}::numeric / {{ targets }} / {{ sub_targets }}
{%- endmacro %}

{#- Performance between what was expected without the agreement and what was promised with it. -#}
{% macro stretch_performance(actual, without, stretched) -%}
    ({{ actual }}::numeric - {{ without }}) / nullif({{ stretched }}::numeric - {{ without }}, 0)
{%- endmacro %}

{#- What a performance or mean achievement pays, as a share: nothing below the threshold, never more than the cap. -#}
{% macro reward_paid(performance, threshold, cap=1) -%}
    case
        when {{ performance }} >= {{ threshold }} then least({{ performance }}, {{ cap }})
        when {{ performance }} is not null then 0
    end
{%- endmacro %}
