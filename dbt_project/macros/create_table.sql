{#-
    In place of dbt's own: a table with a contract is filled first and constrained afterwards. PostgreSQL then checks
    each foreign key by one join and builds the primary key by one sort; row by row, keys take longer than the query.
    All happens in the transaction that puts the new table in the old one's place.

    Every table is unlogged: it can be made again from what was landed, and to keep it twice (the first reader of a page
    writes the whole page to the log once more) takes longer than many a query. A server that ends badly empties them
    all, and `ops.at_hand` with them, so that nothing is built upon, judged or published until all is made anew.

    Nor does autovacuum read each new table once more while the build needs the processors: without dead rows there is
    nothing to gain from it, and with them (a build in part) it comes as ever.
-#}
{% macro postgres__create_table_as(temporary, relation, sql) -%}
  {%- set has_contract = config.get('contract').enforced -%}
  {%- for column in model['columns'].values() if has_contract and column['constraints'] -%}
    {{ exceptions.raise_compiler_error(column['name'] ~ ': a constraint of a contract stands at its model') }}
  {%- endfor -%}
  {{ get_assert_columns_equivalent(sql) if has_contract }}
  create {{ 'temporary' if temporary else 'unlogged' }} table {{ relation }}
  with (autovacuum_vacuum_insert_threshold = -1) as (
    {{ get_select_subquery(sql) if has_contract else sql }}
  );
  {%- if has_contract and not temporary %}
  {%- for constraint in adapter.render_raw_model_constraints(raw_constraints=model['constraints']) %}
  {{ 'alter table ' ~ relation if loop.first }}
    add {{ constraint }}{{ ';' if loop.last else ',' }}
  {%- endfor -%}
  {%- endif -%}
{%- endmacro %}
