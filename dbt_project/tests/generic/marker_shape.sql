{#- Markers are one or more known shorthands in brackets, as [x] or [p][r]. -#}
{% test marker_shape(model, column_name) %}
select {{ column_name }}
from {{ model }}
where {{ column_name }} !~ '^(\[(c|x|z|low|u|e|f|p|r|b|w)\])+$'
{% endtest %}
