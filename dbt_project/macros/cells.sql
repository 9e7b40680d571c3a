{#-
    What the layouts of layouts.sql share. A staging model of a layout gives one row for each delivered cell that feeds
    a measure, and one row for each delivered row that feeds none, with the reason.
-#}

{#-
    Body of a CTE that reads each period label once, however many rows carry it: label, days, period_type.
    `styles` are the declared styles, tried in order; `wave` looks in survey_waves.
-#}
{% macro period_labels(dataset_id, styles) %}
    {%- set types = {
        'financial_quarter': 'quarter',
        'quarter_date': 'quarter',
        'tranche': 'survey_tranche',
        'week_ending': 'week',
        'wave': 'survey_wave',
    } %}
    select
        delivered.label,
        reading.days,
        case
            when reading.period_type not in ('ees', 'month_span') then reading.period_type
            -- These two say several kinds of period in one notation: the days tell which.
            when upper(reading.days) = (lower(reading.days) + interval '1 month')::date then 'month'
            when upper(reading.days) = (lower(reading.days) + interval '1 year')::date
                then case extract(month from lower(reading.days))
                    when 1 then 'calendar_year' when 4 then 'financial_year' when 9 then 'academic_year'
                end
        end as period_type
    from (select distinct label from described) as delivered
    cross join lateral (
        select
            style.days,
            style.period_type
        from (
            {%- for style in styles %}
            select
                {{ loop.index }} as place,
                '{{ types.get(style, style) }}' as period_type,
            {%- if style == 'wave' %}
                daterange(wave.period_start, wave.period_end, '[]') as days
            from {{ ref('survey_waves') }} as wave
            where wave.dataset_id = '{{ dataset_id }}' and wave.wave = btrim(delivered.label)
            {%- else %}
                staging.period_of(delivered.label, '{{ style }}') as days
            {%- endif %}
            {{ 'union all' if not loop.last }}
            {%- endfor %}
        ) as style
        where style.days is not null
        order by style.place
        limit 1
    ) as reading
{% endmacro %}

{#-
    Body of a CTE that holds what the catalogue counts of a dataset. `split` tells where the file has a measure's item:
    in the `columns`, in the `rows`, or in both, with this mark between the row's text and the column's name.
-#}
{% macro items_counted(dataset_id, split) %}
    select distinct
        item,
        {%- if split == 'columns' %}
        '' as row_item,
        item as cell_column,
        {%- elif split == 'rows' %}
        item as row_item,
        '' as cell_column,
        {%- else %}
        substring(item from '^(.*){{ split }}') as row_item,
        substring(item from '{{ split }}([^{{ split }}]*)$') as cell_column,
        {%- endif %}
        period_type,
        coalesce(strata, '') as strata,
        case
            when bool_or(breakdown = '*') over (partition by item, period_type, strata) then '*'
            else coalesce(breakdown, '')
        end as breakdown
    from {{ ref('measures') }}
    where dataset_id = '{{ dataset_id }}' and item is not null
{% endmacro %}

{#- True where a delivered stratum is one of a kind of strata: age_band, care_age_band, or '' for none. -#}
{% macro is_stratum_of(kind, stratum) -%}
    case {{ kind }}
        when 'age_band' then {{ stratum }} ~ '^(0|1-4|5-9|[1-7]0-[1-7]4|[1-7]5-[1-7]9|80-84|85\+)$'
        when 'care_age_band' then {{ stratum }} in ('18-64', '65-74', '75-84', '85+')
        else {{ stratum }} = ''
    end
{%- endmacro %}

{#- Columns of every staging model of cells up to those of `set_aside`, in the order that `item_measures` reads. -#}
{% macro cell_columns() %}
    dataset_id,
    table_name,
    release_id,
    row_number,
    source_column,
    item,
    breakdown,
    stratum,
    area_code,
    period_type,
    lower(days) as period_start,
    upper(days) - 1 as period_end,
    value,
    null::numeric as lower_limit,
    null::numeric as upper_limit,
    marker,
    maturity
{%- endmacro %}

{#-
    One staging model of cells. The caller's block selects from `source` (the raw rows, or `rows` where given)
        release_id, row_number, maturity,
        row_item, breakdown, stratum    what the row is about; '' where it does not say
        label                           its period
        scheme, code                    its area, as area_lookup names them
        beside                          a marker that the row puts beside its numbers, or null
        cell                            its one cell as text (split `rows`), or else
        record                          all its cells, as jsonb.
    `names` are the file's columns of item, period and area, and of the cell where there is one; `rules` are rules of
    set_aside for whole rows, judged before period and area; `nil` is true where `-` means none at all; `told_apart`
    are more of the block's columns that tell rows of one figure apart, which come twice for the reason `repeated`;
    `also` are more of the block's columns that the model keeps.
-#}
{% macro stage_cells(
    dataset_id, styles, symbols, split, names,
    rules=[], table='', rows='', nil=false, told_apart=[], repeated='duplicate_row', also=[]
) %}
{#- A table: the measures, the quarantine and the tests read it, and a view would be worked out for each. -#}
{{- config(materialized='table') -}}
{%- set raw_table = dataset_id ~ ('__' ~ table if table else '') -%}
{#- What differs most comes first: it is sorted by, and two rows are then told apart by their first column. -#}
{%- set figure = ['code', 'label', 'stratum', 'row_item', 'breakdown', 'release_id'] + told_apart -%}
with source as (
    {{ rows or raw_rows(raw_table) }}
),

described as materialized (
    {{ caller() }}
),

labels as materialized (
    {{ period_labels(dataset_id, styles) }}
),

counted as materialized (
    {{ items_counted(dataset_id, split) }}
),

placed as materialized (
    select
        described.*,
        labels.days,
        labels.period_type,
        coalesce(named.area_code, coded.area_code) as area_code,
        row_number() over (
            partition by {% for name in figure %}described.{{ name }}{{ ', ' if not loop.last }}{% endfor %}

            order by described.row_number
        ) as occurrence
    from described
    left join labels on described.label = labels.label
    left join {{ ref('area_lookup') }} as named
        on described.scheme = named.scheme
        and described.code = named.code
        and upper(labels.days) - 1 between named.valid_from and named.valid_to
    -- A code of today says its area in any year, and stands for England and the regions in files of other schemes.
    left join {{ ref('areas') }} as coded on described.code = coded.area_code
),

judged as (
    select
        *,
        {{ set_aside(rules + [
            ['days is null', 'bad_period', names[1], 'label'],
            area_rule('code', 'area_code', names[2]),
            ['occurrence > 1', repeated, names[2], 'code'],
        ], 'row') }}
    from placed
),

cells as (
    select
        judged.*,
        counted.item,
        coalesce(counted.cell_column, '') as source_column,
        {{ 'judged.cell' if split == 'rows' else 'judged.record ->> counted.cell_column' }} as delivered
    from judged
    left join counted
        on judged.row_reason is null
        and judged.row_item = counted.row_item
        and judged.period_type = counted.period_type
        and (judged.breakdown = counted.breakdown or (counted.breakdown = '*' and judged.breakdown <> ''))
        and {{ is_stratum_of('counted.strata', 'judged.stratum') }}
),

renamed as (
    select
        cells.*,
        case
            {%- if nil %}
            when btrim(delivered) = '-' then '0'
            {%- endif %}
            when delivered ~ '\d' then delivered || coalesce(' ' || beside, '')
            else delivered
        end as cell_read
    from cells
),

numbered as materialized (
    select
        {{ provenance(dataset_id, raw_table, 'source_column') }},
        coalesce(item, row_item) as item,
        item is not null as is_counted,
        breakdown,
        stratum,
        area_code,
        period_type,
        days,
        {%- for name in also %}
        {{ name }},
        {%- endfor %}
        case when item is not null then {{ number_of('cell_read') }} end as value,
        case when item is not null then {{ marker_of('cell_read', symbols) }} end as marker,
        delivered,
        maturity,
        row_reason,
        row_column,
        row_value
    from renamed
)

select
    {{ cell_columns() }},
    {%- for name in also %}
    {{ name }},
    {%- endfor %}
    {{ set_aside([
        ['row_reason is not null', '(row_reason)', '(row_column)', 'row_value'],
        ['not is_counted', 'not_a_measure', names[0], "coalesce(nullif(item, ''), breakdown)"],
        [
            'value is null and marker is null',
            'bad_number', names[3] if split == 'rows' else '(source_column)', 'delivered',
        ],
    ]) }}
from numbered
{% endmacro %}
