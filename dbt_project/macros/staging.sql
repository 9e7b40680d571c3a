{#- Rows of a raw table that belong to releases in use. -#}
{% macro raw_rows(raw_table) %}
    select
        raw_row.*,
        in_use.part,
        in_use.maturity
    from {{ source('raw', raw_table) }} as raw_row
    inner join {{ source('ops', 'release_in_use') }} as in_use on raw_row.release_id = in_use.release_id
{% endmacro %}

{#- Columns every staging model begins with. -#}
{% macro provenance(dataset_id, raw_table, source_column="''") %}
    '{{ dataset_id }}' as dataset_id,
    '{{ raw_table }}' as table_name,
    release_id,
    row_number,
    {{ source_column }} as source_column
{% endmacro %}

{#- The number in a cell. Plain numbers, by far the most, are cast without a call of the careful function. -#}
{% macro number_of(cell) -%}
    case when {{ cell }} ~ '^-?\d+(\.\d+)?$' then {{ cell }}::numeric else staging.number_of({{ cell }}) end
{%- endmacro %}

{#- Marker of a cell: the body's own symbol, a marker beside the number, or [x] for an empty cell. -#}
{% macro marker_of(cell, symbol_set) -%}
    case
        when {{ cell }} ~ '^-?\d+(\.\d+)?$' then null
        else
            coalesce(
                (
                    select symbol.marker
                    from {{ ref('symbols') }} as symbol
                    where symbol.symbol_set = '{{ symbol_set }}' and symbol.symbol = btrim({{ cell }})
                ),
                staging.markers_of({{ cell }}),
                case when coalesce(btrim({{ cell }}), '') = '' then '[x]' end
            )
    end
{%- endmacro %}

{#- Why an area's code, as used today or before 2011, that is none of our areas cannot be used. Never null. -#}
{% macro area_reject(code) -%}
    case
        when coalesce(btrim({{ code }}), '') in ('', 'x') then 'no_area_code'
        when {{ code }} ~ '^[KNSW]\d{8}$' then 'area_outside_england'
        -- Of the codes before 2011, 00NA to 00PT are Welsh, 00QA to 00RJ Scottish, 95 Northern Irish.
        when {{ code }} ~ '^(00[NPQR][A-Z]|95[A-Z])' then 'area_outside_england'
        when {{ code }} ~ '^E(11|47)\d{6}$' then 'area_not_in_framework'
        else 'unknown_area'
    end
{%- endmacro %}

{#- Rule of `set_aside` for a code that met no area: `found` is our code after the join, `column` the file's name. -#}
{% macro area_rule(code, found, column) -%}
    {{ return([found ~ ' is null', '(' ~ area_reject(code) ~ ')', column, code]) }}
{%- endmacro %}

{#-
    Last columns of a staging model: reject_reason, reject_column, reject_value; null for a row that is used.
    The first of `rules` that holds decides. A rule is a list of
        condition  SQL over the model's own columns,
        reason     a name of seeds/reasons.csv, or in brackets SQL that is never null where the condition holds,
        column     the column at fault, as the raw table names it, or in brackets SQL,
        cell       SQL for what stood there, as text; left out where it is the column itself.
    `prefix` names the three columns otherwise.
-#}
{% macro set_aside(rules, prefix='reject') -%}
    case
        {%- for rule in rules %}
        when {{ rule[0] }} then {{ _literal(rule[1]) }}
        {%- endfor %}
    end as {{ prefix }}_reason,
    case
        {%- for rule in rules %}
        when {{ rule[0] }} then {{ _literal(rule[2]) }}
        {%- endfor %}
    end as {{ prefix }}_column,
    case
        {%- for rule in rules %}
        when {{ rule[0] }} then {{ rule[3] if rule | length > 3 else rule[2] }}
        {%- endfor %}
    end as {{ prefix }}_value
{%- endmacro %}

{% macro _literal(text) -%}
    {% if text.startswith('(') %}{{ text }}{% else %}'{{ text }}'{% endif %}
{%- endmacro %}

{#-
    One staging model for a series of ONS Explore Local Statistics.
    `style` is how its periods are read; rows of another series in the same file are set aside.
-#}
{% macro stage_els(dataset_id, series, style) %}
with source as (
    {{ raw_rows(dataset_id) }}
),

renamed as materialized (
    select
        {{ provenance(dataset_id, dataset_id) }},
        areacd as source_area,
        area.area_code,
        staging.period_of(period, '{{ style }}') as days,
        {{ number_of('observation') }} as value,
        {{ number_of('lci_95') }} as lower_limit,
        {{ number_of('uci_95') }} as upper_limit,
        case
            -- Some estimates carry their warning in words only.
            when {{ number_of('observation') }} is not null and notes ilike '%unreliable%' then '[u]'
            when {{ number_of('observation') }} is not null and coalesce(status, '') = '' then null
            else {{ marker_of("coalesce(nullif(status, ''), observation)", 'els') }}
        end as marker,
        period,
        observation,
        status,
        indicator,
        maturity
    from source
    left join {{ ref('areas') }} as area on source.areacd = area.area_code
)

select
    dataset_id,
    table_name,
    release_id,
    row_number,
    source_column,
    area_code,
    lower(days) as period_start,
    upper(days) - 1 as period_end,
    value,
    lower_limit,
    upper_limit,
    marker,
    maturity,
    {{ set_aside([
        ["indicator <> '" ~ series ~ "'", 'other_series', 'indicator'],
        ['days is null', 'bad_period', 'period'],
        area_rule('source_area', 'area_code', 'areacd'),
        ['value is null and marker is null', 'bad_number', 'observation'],
    ]) }}
from renamed
{% endmacro %}
