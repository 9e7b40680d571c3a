{#- Staging models of the layouts that several datasets share: one macro each, so that a model is one call. -#}

{#-
    Explore Education Statistics: one row for each area, period and breakdown, one column for each item. The row's own
    time identifier says how its period is read, and items of another kind of period are `z` in it.
-#}
{% macro stage_ees(dataset_id) %}
{%- call stage_cells(
    dataset_id,
    styles=['ees'],
    symbols='ees',
    split='columns',
    names=['breakdown', 'time_period', '(code_column)'],
    rules=[['code_column is null', 'other_area_group', 'geographic_level', 'level']],
) %}
    select
        release_id,
        row_number,
        maturity,
        '' as row_item,
        case when breakdown_topic <> 'Total' then breakdown_topic || ': ' || breakdown else '' end as breakdown,
        '' as stratum,
        time_period || ' ' || time_identifier as label,
        'gss' as scheme,
        case geographic_level
            when 'National' then country_code
            when 'Regional' then region_code
            when 'Local authority' then new_la_code
        end as code,
        case geographic_level
            when 'National' then 'country_code'
            when 'Regional' then 'region_code'
            when 'Local authority' then 'new_la_code'
        end as code_column,
        geographic_level as level,
        null as beside,
        to_jsonb(source) as record
    from source
{%- endcall %}
{% endmacro %}

{#- Long CSV: one row for each cell. Strata are age bands; a sex other than persons is a breakdown. -#}
{% macro stage_long(dataset_id, styles) %}
{%- call stage_cells(
    dataset_id,
    styles=styles,
    symbols='long',
    split='rows',
    names=['measure', 'period', 'area_code', 'value'],
) %}
    select
        release_id,
        row_number,
        maturity,
        measure as row_item,
        case when sex in ('M', 'F') then sex else '' end as breakdown,
        coalesce(age_band, '') as stratum,
        period as label,
        'old_ons' as scheme,
        area_code as code,
        null as beside,
        value as cell
    from source
{%- endcall %}
{% endmacro %}

{#- Surveys: one row for each area, wave and question, with its weighted parts. Status `u` warns of a small base. -#}
{% macro stage_survey(dataset_id) %}
{%- call stage_cells(
    dataset_id,
    styles=['wave'],
    symbols='survey',
    split=':',
    names=['question', 'wave', 'area_code'],
) %}
    select
        release_id,
        row_number,
        maturity,
        question as row_item,
        '' as breakdown,
        '' as stratum,
        wave as label,
        'old_ons' as scheme,
        area_code as code,
        case when status = 'u' then '[u]' end as beside,
        to_jsonb(source) as record
    from source
{%- endcall %}
{% endmacro %}

{#- Returns that are sent to us: one row for each part of an indicator. A row may say itself that it is provisional. -#}
{% macro stage_return(dataset_id, styles, scheme='old_ons') %}
{%- call stage_cells(
    dataset_id,
    styles=styles,
    symbols='returns',
    split='/',
    names=['ni_code', 'period', 'area_code'],
) %}
    select
        release_id,
        row_number,
        case when return_status = 'provisional' then 'provisional' else maturity end as maturity,
        ni_code || '/' || component as row_item,
        '' as breakdown,
        '' as stratum,
        period as label,
        '{{ scheme }}' as scheme,
        area_code as code,
        null as beside,
        to_jsonb(source) as record
    from source
{%- endcall %}
{% endmacro %}

{#-
    Live tables: one row for each authority and period, one column for each item. England and the regions have a name
    and no code, notes stand below the rows, `-` is nil, and R or P may be glued to a number.
-#}
{% macro stage_live_table(dataset_id, styles) %}
{%- call stage_cells(
    dataset_id,
    styles=styles,
    symbols='live_tables',
    split='columns',
    names=['period', 'period', 'ons_code'],
    rules=[["days is null and area_code is null and ons_code = ''", 'footnote', 'period', 'label']],
    nil=true,
) %}
    select
        release_id,
        row_number,
        maturity,
        '' as row_item,
        '' as breakdown,
        '' as stratum,
        period as label,
        case when coalesce(btrim(ons_code), '') <> '' then 'old_ons' else 'region_name' end as scheme,
        coalesce(nullif(btrim(ons_code), ''), btrim(authority)) as code,
        coalesce(btrim(ons_code), '') as ons_code,
        null as beside,
        to_jsonb(source) as record
    from source
{%- endcall %}
{% endmacro %}

{#- Tables of the Home Office by police force: one row for each cell. -#}
{% macro stage_ho_force(dataset_id) %}
{%- call stage_cells(
    dataset_id,
    styles=['financial_year'],
    symbols='live_tables',
    split='rows',
    names=['offence', 'financial_year', 'force_name', 'number'],
    rules=force_rules('code'),
    nil=true,
) %}
    select
        release_id,
        row_number,
        maturity,
        offence as row_item,
        '' as breakdown,
        '' as stratum,
        financial_year as label,
        'police_force_name' as scheme,
        force_name as code,
        null as beside,
        number as cell
    from source
{%- endcall %}
{% endmacro %}

{#- Rules of `set_aside` for the forces and totals of a table by police force that are none of England's forces. -#}
{% macro force_rules(force) -%}
    {{ return([
        [
            force ~ " in ('Dyfed-Powys', 'Gwent', 'North Wales', 'South Wales', 'Wales')",
            'area_outside_england', 'force_name', force,
        ],
        [force ~ " = 'British Transport Police'", 'no_area_code', 'force_name', force],
        [force ~ " ~ '^England'", 'total_row', 'force_name', force],
    ]) }}
{%- endmacro %}

{#-
    Fingertips: one row for each indicator, area, sex, age and period, with count, denominator and value. England and
    some areas come twice, under no parent and under their parent. Rows by deprivation or another category are left
    out; so are sexes beside persons, and ages beside all ages where the measure has no strata.
-#}
{% macro stage_fingertips(dataset_id, styles, scheme='gss') %}
{%- set rows %}
    select
        delivered.*,
        min(sex) over same_figure <> max(sex) over same_figure as has_sexes,
        min(age) over same_figure <> max(age) over same_figure as has_ages,
        indicator_id in (
            select split_part(item, ':', 1)
            from {{ ref('measures') }}
            where dataset_id = '{{ dataset_id }}' and strata <> ''
        ) as has_strata
    from ({{ raw_rows(dataset_id) }}) as delivered
    window same_figure as (partition by release_id, indicator_id, area_code, category, time_period)
{%- endset %}
{%- call stage_cells(
    dataset_id,
    styles=styles,
    symbols='fingertips',
    split=':',
    names=['indicator_id', 'time_period', 'area_code'],
    rows=rows,
    told_apart=['sex', 'age', 'category'],
    repeated='repeated_row',
    rules=[
        ["coalesce(category, '') <> ''", 'other_area_group', 'category'],
        ["has_sexes and sex <> 'Persons'", 'other_series', 'sex'],
        ["has_ages and not has_strata and age <> 'All ages'", 'other_series', 'age'],
    ],
) %}
    select
        release_id,
        row_number,
        maturity,
        indicator_id as row_item,
        '' as breakdown,
        case when has_strata then coalesce(substring(age from '^(.*) yrs$'), age) else '' end as stratum,
        time_period as label,
        '{{ scheme }}' as scheme,
        area_code as code,
        category,
        sex,
        age,
        has_sexes,
        has_ages,
        has_strata,
        null as beside,
        to_jsonb(source) as record
    from source
{%- endcall %}
{% endmacro %}

{#-
    Nomis: one row for each area, date and variable. Status Q says that the figure is missing, any other than A that it
    is not to be relied on.
-#}
{% macro stage_nomis(dataset_id, styles, table='') %}
{%- call stage_cells(
    dataset_id,
    styles=styles,
    symbols='nomis',
    split='rows',
    names=['variable_name', 'date_name', 'geography_code', 'obs_value'],
    table=table,
    rules=[["kind_of_figure ilike '%confidence%'", 'other_series', 'measures_name', 'kind_of_figure']],
) %}
    select
        release_id,
        row_number,
        maturity,
        variable_name as row_item,
        '' as breakdown,
        '' as stratum,
        date_name as label,
        'gss' as scheme,
        geography_code as code,
        measures_name as kind_of_figure,
        case when obs_status not in ('A', 'Q') then '[u]' end as beside,
        case when obs_status = 'Q' then '' else obs_value end as cell
    from source
{%- endcall %}
{% endmacro %}

{#- Nomis by small area, which is named after its council and a number. Column `small_area` is kept. -#}
{% macro stage_nomis_neighbourhoods(dataset_id, styles) %}
{%- call stage_cells(
    dataset_id,
    styles=styles,
    symbols='nomis',
    split='rows',
    names=['variable_name', 'date_name', 'geography_name', 'obs_value'],
    table='neighbourhoods',
    told_apart=['small_area'],
    also=['small_area'],
) %}
    select
        release_id,
        row_number,
        maturity,
        variable_name as row_item,
        '' as breakdown,
        '' as stratum,
        date_name as label,
        'lsoa_name' as scheme,
        case
            when geography_code ~ '^[NSW]' then geography_code
            else regexp_replace(geography_name, ' \d{3}[A-Z]$', '')
        end as code,
        geography_code as small_area,
        case when obs_status not in ('A', 'Q') then '[u]' end as beside,
        case when obs_status = 'Q' then '' else obs_value end as cell
    from source
{%- endcall %}
{% endmacro %}

{#-
    Stat-Xplore: the cells of a cube. A total over areas or dates has a label and no code, and a cube has a cell for
    each council in each period, whether it existed then or not.
-#}
{% macro stage_cube(dataset_id, styles) %}
{%- set not_in_force %}(area_code, days) in (
                select
                    area.area_code,
                    labels.days
                from {{ ref('areas') }} as area
                inner join labels
                    on upper(labels.days) - 1 not between coalesce(area.valid_from, '-infinity')
                    and coalesce(area.valid_to, 'infinity')
            )
{%- endset %}
{%- call stage_cells(
    dataset_id,
    styles=styles,
    symbols='stat_xplore',
    split='rows',
    names=['measure', 'period', 'area_code', 'value'],
    rules=[
        ["label = 'Total'", 'total_row', 'period', 'label'],
        ["coalesce(code, '') = '' and area_name = 'Total'", 'total_row', 'area_name'],
        ['cell is null and ' ~ not_in_force, 'area_not_in_force', 'area_code', 'code'],
    ],
) %}
    select
        release_id,
        row_number,
        maturity,
        measure as row_item,
        '' as breakdown,
        '' as stratum,
        period as label,
        'old_ons' as scheme,
        area_code as code,
        area_name,
        null as beside,
        value as cell
    from source
{%- endcall %}
{% endmacro %}
