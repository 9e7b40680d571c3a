{#-
    Conditions, by name, that are each true of every row; null counts as false. One test reads the table once for all of
    them; `broken` names those that a row breaks.
-#}
{% test holds(model, conditions) %}
select
    array_to_string(array[
        {%- for name, condition in conditions.items() %}
        case when ({{ condition }}) is not true then '{{ name }}' end{{ ',' if not loop.last }}
        {%- endfor %}
    ], ', ') as broken,
    *
from {{ model }}
where {% for condition in conditions.values() %}({{ condition }}) is not true{{ ' or ' if not loop.last }}{% endfor %}
{% endtest %}
