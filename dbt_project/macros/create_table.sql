{#-
    In place of dbt's own: a table with a contract is filled first and constrained afterwards. PostgreSQL then checks
    each foreign key by one join and builds the primary key by one sort; row by row, keys take longer than the query.
    All happens in the transaction that puts the new table in the old one's place.

    Nor does autovacuum read each new table once more while the build needs the processors: without dead rows there is
    nothing to gain from it, and with them (a build in part) it comes as ever.
-#}
{% macro postgres__create_table_as(temporary, relation, sql) -%}
  {%- if not config.get('contract').enforced -%}
    create {{ 'temporary ' if temporary }}table {{ relation }} with (autovacuum_vacuum_insert_threshold = -1) as (
      {{ sql }}
    );
  {%- else -%}
    {{ get_assert_columns_equivalent(sql) }}
    create {{ 'temporary ' if temporary }}table {{ relation }} with (autovacuum_vacuum_insert_threshold = -1) as (
      {{ get_select_subquery(sql) }}
    );
    {%- set constraints = adapter.render_raw_model_constraints(raw_constraints=model['constraints']) -%}
    {%- if constraints and not temporary %}
    alter table {{ relation }}
      add {{ constraints | join(',\n      add ') }};
    {%- endif -%}
  {%- endif -%}
{%- endmacro %}
