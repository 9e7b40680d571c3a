{#-
    In place of dbt's own, which calls two macros for each cell to learn that a value is bound by `%s`: that takes longer
    than all else it does for a seed.
-#}
{% macro postgres__load_csv_rows(model, agate_table) -%}
    {%- set columns = agate_table.column_names -%}
    {%- set row = '(' ~ (['%s'] * columns | length) | join(', ') ~ ')' -%}
    {%- set statements = [] -%}
    {%- for chunk in agate_table.rows | batch(get_batch_size()) -%}
        {%- set values = [] -%}
        {%- for one in chunk -%}
            {%- do values.extend(one) -%}
        {%- endfor -%}
        {%- set statement -%}
            insert into {{ this }} ({{ get_seed_column_quoted_csv(model, columns) }})
            values {{ ([row] * chunk | length) | join(', ') }}
        {%- endset -%}
        {%- do statements.append(statement) -%}
        {%- do adapter.add_query(statement, bindings=values, abridge_sql_log=true) -%}
    {%- endfor -%}
    {{ return(statements | first) }}
{%- endmacro %}

{#- In place of dbt's own, which makes a namespace of all macros anew for each truncation. -#}
{% macro postgres__reset_csv_table(model, full_refresh, old_relation, agate_table) -%}
    {%- if full_refresh -%}
        {{ return(default__reset_csv_table(model, full_refresh, old_relation, agate_table)) }}
    {%- endif -%}
    {%- set truncation = 'truncate table ' ~ old_relation -%}
    {#- A statement begins the transaction that the new rows belong to; a query would not. -#}
    {%- call statement('truncated') -%}
        {{ truncation }}
    {%- endcall -%}
    {{ return(truncation) }}
{%- endmacro %}

{#-
    In place of dbt's own, which asks the server twice for the columns before it describes them. It is the last that is
    done for a seed, so the planner's statistics come with it: a hook would be rendered once more whenever dbt parses.
-#}
{% macro postgres__persist_docs(relation, model, for_relation, for_columns) -%}
    {%- call statement('described') -%}
        {{ comments_on(relation) }}
        analyze {{ relation }};
    {%- endcall -%}
{%- endmacro %}
