{#- A count to the nearest multiple, halves up; without a multiple the count itself. -#}
{% macro rounded_count(count, multiple) -%}
    case
        when {{ multiple }} is null then {{ count }}
        else {{ multiple }} * floor({{ count }} / {{ multiple }} + 0.5)
    end
{%- endmacro %}

{#- A count of people as a rule shows it: null where it is hidden, which is marked `[c]`. -#}
{% macro shown_count(count, hidden_from, hidden_to, multiple) -%}
    case
        when {{ count }} between {{ hidden_from }} and {{ hidden_to }} then null
        else {{ rounded_count(count, multiple) }}
    end
{%- endmacro %}

{#-
    True where hidden counts that add up to a known remainder may each be any number that the rule hides: there is room
    for the largest beside the smallest of all others, and for the smallest beside the largest. Other counts beside
    them, which no rule bounds, take up any rest.
-#}
{% macro leaves_all_open(remainder, hidden_count, beside_count, hidden_from, hidden_to) -%}
    (
        {{ remainder }} >= {{ hidden_to }} + ({{ hidden_count }} - 1) * {{ hidden_from }}
        and (
            {{ beside_count }} > 0
            or {{ remainder }} <= {{ hidden_from }} + ({{ hidden_count }} - 1) * {{ hidden_to }}
        )
    )
{%- endmacro %}
