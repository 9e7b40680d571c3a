{#-
    A build after a change remakes only what rests on the datasets that changed.

    `nis build` names those datasets in NIS_DBT_CHANGED, parted by spaces; empty (a first or full build, one after a
    change of the project, and dbt run by hand) means everything. It is no `--vars`, because another value of a
    variable makes dbt read the whole project anew.

    A model of many rows takes part by two lines: its materialization, with the column that says what a row rests on,

        {{ config(materialized='incremental', incremental_strategy='remake', unique_key='indicator_id') }}

    and that column held to what changed, as far in as it can stand, so that the rest is not even read:

        where {{ changed('input.indicator_id') }}

    In a build of everything the condition is `true` and the table is made anew. Otherwise the rows that come out are
    put in the place of all rows with those keys, in one transaction; a row of another key is left out, so a forgotten
    condition costs time and nothing else. Every row must come out the same whether or not the rows of other keys are
    read: no row numbers or ranks over everything. Generic tests then look at the remade rows only
    (`get_where_subquery`); a test of our own says `changed` itself.

    What rests on more than its key says is made whole for the datasets that bring the rest:

        meta={'whole_for': ['laa_targets']}

    Working tables, which only feed a model of that kind, are made whole each time and hold what changed alone:

        where {{ changed('component.indicator_id', is_working=true) }}

    Keys: dataset_id; measure_id, of the measures that those datasets bring; indicator_id, of the indicators with a
    component that rests on such a measure; quantity, of the counts of people in their formulas. The model dataset_key
    says which they are. Seeds that change, and areas, mean a build of everything.
-#}

{#- Datasets that changed; an empty list means everything. -#}
{% macro changed_datasets() -%}
    {#- What is asked for while dbt parses becomes part of what it has parsed. -#}
    {{ return(env_var('NIS_DBT_CHANGED', '').split() if execute else []) }}
{%- endmacro %}

{#- Condition that holds a column, named as its key, to what the build remakes. -#}
{% macro changed(column, is_working=false) -%}
    {%- if not changed_datasets() or (model.resource_type == 'model' and not is_working and not is_incremental()) -%}
        true
    {%- else -%}
        {%- set keys = changed_keys(column.split('.') | last) -%}
        {{ column ~ " in ('" ~ keys | join("', '") ~ "')" if keys else 'false' }}
    {%- endif -%}
{%- endmacro %}

{#-
    Values of a key that rest on the datasets that changed. The table it asks comes from seeds alone: a build in part
    finds it up to date, and a `ref` would only give every model and test of a model another parent.
-#}
{% macro changed_keys(key) -%}
    {%- if key == 'dataset_id' -%}
        {{ return(changed_datasets()) }}
    {%- elif key not in ('measure_id', 'indicator_id', 'quantity') -%}
        {{ exceptions.raise_compiler_error("changed: there is no key '" ~ key ~ "'; macros/remake.sql names them") }}
    {%- endif -%}
    {%- set values -%}
        select distinct key_value
        from {{ graph.nodes['model.national_indicators.dataset_key'].relation_name }}
        where key_column = '{{ key }}' and dataset_id in ('{{ changed_datasets() | join("', '") }}')
    {%- endset -%}
    {{ return(run_query(values).columns[0].values() | sort) }}
{%- endmacro %}

{#- Of a list of staging models those of the datasets that changed, or some one where there is none. -#}
{% macro changed_models(models) -%}
    {%- set found = [] -%}
    {%- for model in models -%}
        {%- if not changed_datasets() or model.removeprefix('stg_').split('__')[0] in changed_datasets() -%}
            {%- do found.append(model) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found or models[:1]) }}
{%- endmacro %}

{#- Whether a build remakes a model whole: all datasets count as changed, or one that the model is made whole for. -#}
{% macro is_made_whole(node) -%}
    {%- set whole_for = node.config.get('meta', {}).get('whole_for', []) -%}
    {{ return(not changed_datasets() or whole_for | select('in', changed_datasets()) | list | length > 0) }}
{%- endmacro %}

{#- In place of dbt's own: a model is made whole unless datasets are named that changed. -#}
{% macro should_full_refresh() -%}
    {{ return(flags.FULL_REFRESH or (model.resource_type == 'model' and is_made_whole(model))) }}
{%- endmacro %}

{#- In place of dbt's own: what a generic test reads. Of a model that was remade in part, the remade rows. -#}
{% macro get_where_subquery(relation) -%}
    {%- set tested = graph.nodes.get(model.attached_node) if execute -%}
    {%- if tested and tested.config.incremental_strategy == 'remake' and not is_made_whole(tested) -%}
        {{ return('(select * from ' ~ relation ~ ' where ' ~ changed(tested.config.unique_key) ~ ') as remade') }}
    {%- endif -%}
    {{ return(default__get_where_subquery(relation)) }}
{%- endmacro %}

{#- Take away the periods that no cell has any more; in a build of everything there are none. -#}
{% macro drop_unused_periods() -%}
    {%- if changed_datasets() -%}
        {%- set project = 'model.national_indicators.' -%}
        delete from {{ graph.nodes[project ~ 'dim_period'].relation_name }} as period
        where not exists (
            select 1
            from {{ graph.nodes[project ~ 'indicator_index'].relation_name }} as cell
            where cell.period_start = period.period_start and cell.period_end = period.period_end
        )
    {%- endif -%}
{%- endmacro %}
