{#-
    In place of dbt's own `table`, `incremental` and `view`. Those give each relation three names in turn, with a macro
    and a question to the server for every step, and with some two hundred models that takes longer than most queries.

    A table is made beside the old one, with its index, statistics and comments, and takes its place at the end of the
    same transaction: until then everybody reads the old one, and a failure leaves it as it was. What rests on the old
    one by a view or a foreign key goes with it, as it does with dbt's own, and is made anew further down the graph.

    They know no grants (the schemas have default privileges) and no `indexes` of dbt's (`index_and_statistics`).
-#}
{% materialization table, adapter='postgres' %}
    {{ return({'relations': [make_table(sql)]}) }}
{% endmaterialization %}

{% materialization incremental, adapter='postgres' %}
    {{ return({'relations': [change_rows(sql) if is_incremental() else make_table(sql)]}) }}
{% endmaterialization %}

{% materialization view, adapter='postgres' %}
    {%- set target = this.incorporate(type='view') -%}
    {{ run_hooks(pre_hooks) }}
    {% call statement('main') -%}
        {{ drop_old() }}
        {{ get_create_view_as_sql(target, sql) }}
        {{ comments_on(target) }}
    {%- endcall %}
    {{ run_hooks(post_hooks) }}
    {{ adapter.commit() }}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}

{#- Make the model's table from its query; returns the relation. -#}
{% macro make_table(sql) -%}
    {%- set target = this.incorporate(type='table') -%}
    {%- set made = make_intermediate_relation(target) -%}
    {{ run_hooks(pre_hooks) }}
    {% call statement('main') -%}
        {{ get_create_table_as_sql(False, made, sql) }}
    {%- endcall %}
    {% call statement('in_place') -%}
        {{ index_and_statistics(made) }}
        {{ comments_on(made) }}
        {{ drop_old() }}
        alter table {{ made }} rename to {{ adapter.quote(target.identifier) }};
    {%- endcall %}
    {{ run_hooks(post_hooks) }}
    {{ adapter.commit() }}
    {{ return(target) }}
{%- endmacro %}

{#-
    Add the rows of the model's query to its table (strategy `append`), or put them in the place of all rows with the
    keys that are remade (`remake`); returns the relation.
-#}
{% macro change_rows(sql) -%}
    {%- set target = this.incorporate(type='table') -%}
    {%- set rows = make_temp_relation(target) -%}
    {%- set strategy = config.require('incremental_strategy') -%}
    {%- if strategy not in ('append', 'remake') -%}
        {{ exceptions.raise_compiler_error("incremental_strategy is '" ~ strategy ~ "'; ours are append and remake") }}
    {%- endif -%}
    {%- set condition = changed(config.require('unique_key')) if strategy == 'remake' else 'true' -%}
    {{ run_hooks(pre_hooks) }}
    {% call statement('made') -%}
        {{ get_create_table_as_sql(True, rows, sql) }}
    {%- endcall %}
    {% call statement('main') -%}
        {%- if strategy == 'remake' %}
        delete from {{ target }} where {{ condition }};
        {%- endif %}
        {#- Only a build of the same project is built upon: the columns are the same, in the same order. #}
        insert into {{ target }} select * from {{ rows }} where {{ condition }};
    {%- endcall %}
    {{ run_hooks(post_hooks) }}
    {{ adapter.commit() }}
    {{ return(target) }}
{%- endmacro %}

{#- Statement that drops what bears the model's name, if there is anything. -#}
{% macro drop_old() -%}
    {%- set old = load_cached_relation(this) -%}
    {{ get_drop_sql(old) ~ ';' if old }}
{%- endmacro %}

{#-
    Statistics of a table, without which joins over it would be planned blindly. One that later builds remake in part
    also gets an index over its key: rows of a key lie together, so it is a small one of block ranges.
-#}
{% macro index_and_statistics(relation) -%}
    {%- if model.config.incremental_strategy == 'remake' -%}
        create index on {{ relation }}
        using brin ({{ model.config.unique_key }} text_bloom_ops) with (pages_per_range = 32);
    {%- endif %}
    analyze {{ relation }};
{%- endmacro %}

{#- Statements that keep the descriptions of a model and its columns, where `persist_docs` asks for them. -#}
{% macro comments_on(relation) -%}
    {%- if config.persist_relation_docs() and model.description -%}
        {{ postgres__alter_relation_comment(relation, model.description) }}
    {%- endif -%}
    {%- for column in model.columns.values() if config.persist_column_docs() %}
        comment on column {{ relation }}.{{ adapter.quote(column.name) }}
        is {{ postgres_escape_comment(column.description) }};
    {%- endfor -%}
{%- endmacro %}
