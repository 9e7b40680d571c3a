{#-
    Arithmetic of targets, as macros over SQL expressions that are numeric. The models and the tests on published
    examples call the same ones. `direction` is 1 where higher is better and -1 where lower is.
-#}

{#- 1 or -1: the polarity of the catalogue, or else the way from baseline to target. Null where neither says. -#}
{% macro target_direction(polarity, baseline, target) -%}
    case {{ polarity }}
        when 'higher_is_better' then 1
        when 'lower_is_better' then -1
        else nullif(sign({{ target }} - {{ baseline }}), 0)
    end
{%- endmacro %}

{#-
    Share of the way from baseline to target, uncapped; the sign of the way is its own polarity. Null where there is no
    way to go: the target is the baseline, or lies on its worse side and only bounds a worsening that was expected.
-#}
{% macro target_achievement(actual, baseline, target, direction) -%}
    case
        when coalesce({{ direction }}, sign({{ target }} - {{ baseline }})) * ({{ target }} - {{ baseline }}) > 0
            then ({{ actual }} - {{ baseline }}) / ({{ target }} - {{ baseline }})
    end
{%- endmacro %}

{#- Achievement as it is scored: between 0 and 1, null where it is null (`greatest` would pass over it). -#}
{% macro capped(achievement) -%}
    case when {{ achievement }} is not null then greatest(0, least(1, {{ achievement }})) end
{%- endmacro %}

{#- Met on the number: at least as good as the target. -#}
{% macro target_met(actual, target, direction) -%}
    {{ direction }} * ({{ actual }} - {{ target }}) >= 0
{%- endmacro %}

{#-
    Test of a target with 95 % limits (OHID Fingertips): better where the whole interval is as good as the target, worse
    where none of it is, else same. Null without limits.
-#}
{% macro target_test(lower, upper, target, direction) -%}
    case
        when {{ lower }} is null or {{ upper }} is null then null
        when {{ direction }} > 0 and {{ lower }} >= {{ target }} or {{ direction }} < 0 and {{ upper }} <= {{ target }}
            then 'better'
        when {{ direction }} > 0 and {{ upper }} < {{ target }} or {{ direction }} < 0 and {{ lower }} > {{ target }}
            then 'worse'
        when {{ direction }} is not null and {{ target }} is not null then 'same'
    end
{%- endmacro %}

{#- Zero as a base or target has no rate of growth: it stands as 0.001, as Statistics Canada and Open SDG have it. -#}
{% macro not_zero(value) -%}
    case when {{ value }} = 0 then 0.001 else {{ value }} end
{%- endmacro %}

{#- Compound growth a year, as a share. -#}
{% macro yearly_growth(later, earlier, years) -%}
    power({{ later }} / {{ not_zero(earlier) }}, 1.0 / {{ years }}) - 1
{%- endmacro %}

{#-
    Which form of progress fits: `exponential` compares rates of growth. It is unstable near the ends of a percentage
    and for gaps, and has no meaning below zero: `linear` compares with a straight path there. `maintain` where the
    target is the baseline, `no_target` where there is none. `near_limit` are percentage points from 0 and 100.
-#}
{% macro progress_form(actual, baseline, target, kind, unit, near_limit=5) -%}
    case
        when {{ target }} is null then 'no_target'
        when {{ target }} = {{ baseline }} then 'maintain'
        when {{ kind }} in ('gap', 'relative_to') then 'linear'
        when least({{ actual }}, {{ baseline }}, {{ target }}) < 0 then 'linear'
        when
            {{ unit }} = '%'
            and (
                least({{ actual }}, {{ baseline }}, {{ target }}) < {{ near_limit }}
                or greatest({{ actual }}, {{ baseline }}, {{ target }}) > 100 - {{ near_limit }}
            )
            then 'linear'
        else 'exponential'
    end
{%- endmacro %}

{#-
    Pace so far over the pace that the target needs, positive in the good direction. `elapsed` and `span` are the years
    from the baseline to the figure and to the target. Without a target it is the growth itself, a share a year.
-#}
{% macro progress_ratio(form, actual, baseline, target, elapsed, span, direction) -%}
    case
        when {{ elapsed }} <= 0 or {{ span }} <= 0 then null
        when {{ form }} = 'exponential'
            then
                {{ direction }} * ({{ yearly_growth(actual, baseline, elapsed) }})
                / nullif(abs({{ yearly_growth(not_zero(target), baseline, span) }}), 0)
        when {{ form }} = 'linear'
            then
                {{ direction }} * (({{ actual }} - {{ baseline }}) / {{ elapsed }}::numeric)
                / nullif(abs(({{ target }} - {{ baseline }}) / {{ span }}::numeric), 0)
        when {{ form }} = 'no_target' and {{ actual }} >= 0 and {{ baseline }} >= 0
            then {{ direction }} * ({{ yearly_growth(actual, baseline, elapsed) }})
    end
{%- endmacro %}

{#- On-track status. `reached`: the figure is at least as good as the target of the last year. -#}
{% macro on_track_status(form, ratio, reached) -%}
    case
        when {{ reached }} then 'met'
        when {{ form }} = 'maintain' then case when {{ reached }} is not null then 'deterioration' end
        when {{ ratio }} >= case {{ form }} when 'no_target' then 0.015 else 0.95 end then 'on_track'
        when {{ ratio }} >= case {{ form }} when 'no_target' then 0.005 else 0.60 end then 'acceleration_needed'
        when {{ ratio }} >= 0 then 'limited'
        when {{ ratio }} < 0 then 'deterioration'
    end
{%- endmacro %}

{#- Score of a ratio: -5 at -0.6 and below, 0 at 0.6, +5 at 1.3 and above, straight between. -#}
{% macro on_track_score(ratio) -%}
    case
        when {{ ratio }} <= 0.6 then greatest(-5, ({{ ratio }} - 0.6) * 5 / 1.2)
        when {{ ratio }} > 0.6 then least(5, ({{ ratio }} - 0.6) * 5 / 0.7)
    end
{%- endmacro %}

{#- The figure of next year that is just on track (ratio 0.95); in the target's own year the target itself. -#}
{% macro needed_next_year(form, baseline, target, elapsed, span) -%}
    case
        when {{ elapsed }} < 0 or {{ elapsed }} >= {{ span }} then null
        when {{ form }} = 'maintain' or {{ elapsed }} + 1 = {{ span }} then {{ target }}
        when {{ form }} = 'exponential'
            then
                {{ not_zero(baseline) }}
                * power(
                    1 + 0.95 * ({{ yearly_growth(not_zero(target), baseline, span) }}), {{ elapsed }} + 1
                )
        when {{ form }} = 'linear'
            then {{ baseline }} + 0.95 * ({{ target }} - {{ baseline }}) * ({{ elapsed }} + 1) / {{ span }}
    end
{%- endmacro %}

{#-
    Smallest change, in the unit of the component, that two periods of its data could show at the 95 % level. `base` is
    the number of people or answers below the line. Null where the data say nothing of it.
-#}
{% macro smallest_detectable(interval_method, method, level, multiplier, base, design_effect) -%}
    case
        when {{ interval_method }} in ('wilson', 'survey_design')
            then {{ multiplier }} * stats.smallest_detectable_change(
                (({{ level }}) / {{ multiplier }})::float8, ({{ base }})::float8, ({{ base }})::float8,
                ({{ design_effect }})::float8, 0.95
            )::numeric
        when {{ interval_method }} = 'byar' and {{ method }} = 'count' and ({{ level }}) >= 0
            then stats.z(0.95)::numeric * sqrt(2 * ({{ level }}))
        when {{ interval_method }} = 'byar' and ({{ level }}) >= 0
            then stats.z(0.95)::numeric * sqrt(2 * ({{ level }}) * {{ multiplier }} / nullif({{ base }}, 0))
    end
{%- endmacro %}
