{#-
    Measures from staging models of cells: each cell feeds the measures that seeds/measures.csv names by its dataset,
    item, breakdown and kind of period. Several cells of one measure are added, and one that is missing makes the sum
    unknown, not smaller.
-#}
{% macro item_measures(models) %}
with cells as (
    {% for model in changed_models(models) %}
    select {{ cells_read() }} from {{ ref(model) }}
    where reject_reason is null or reject_reason = 'bad_number'
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

fed as (
    select
        measure.measure_id,
        coalesce(measure.breakdown = '*', false) as is_sum_of_groups,
        cells.*
    from cells
    inner join {{ ref('measures') }} as measure
        on cells.dataset_id = measure.dataset_id
        and cells.item = measure.item
        and cells.period_type = measure.period_type
        and (cells.stratum = '') = (coalesce(measure.strata, '') = '')
        and (
            cells.breakdown = coalesce(measure.breakdown, '')
            or (measure.breakdown = '*' and cells.breakdown <> '')
        )
    where {{ changed('measure.measure_id') }}
),

added as (
    select
        dataset_id,
        measure_id,
        area_code,
        period_start,
        period_end,
        stratum,
        -- Of men and women both must be there: one sex alone is no figure of persons.
        bool_and(is_sum_of_groups) and min(breakdown) = max(breakdown) as has_one_group,
        {{ sum_of_cells() }},
        case when count(*) = 1 then min(lower_limit) end as lower_limit,
        case when count(*) = 1 then min(upper_limit) end as upper_limit,
        {{ maturity_of_cells() }},
        release_id
    from fed
    group by dataset_id, measure_id, area_code, period_start, period_end, stratum, release_id
)

select
    added.measure_id,
    added.area_code,
    added.period_start,
    added.period_end,
    added.stratum,
    case when not added.has_one_group then added.value end as value,
    added.lower_limit,
    added.upper_limit,
    case when added.has_one_group and added.value is not null then '[x]' else added.marker end as marker,
    case when added.has_one_group and added.value is not null then 'incomplete_parts' else added.reason end as reason,
    -- Totals that stand beside their parts may not be added to them.
    not (
        added.area_code in (select area_code from {{ ref('areas') }} where area_type in ('country', 'region'))
        or (
            added.dataset_id in (
                select dataset_id from {{ ref('datasets') }} where native_level in ('district', 'csp')
            )
            and added.area_code in (
                select area_code from {{ ref('areas') }} where area_type in ('county', 'police_force')
            )
        )
    ) as adds_up,
    added.maturity,
    added.release_id
from added
{% endmacro %}

{#- Columns of staging models of cells that measures are made from. -#}
{% macro cells_read() -%}
    dataset_id, release_id, item, breakdown, stratum, area_code, period_type, period_start, period_end,
    value, lower_limit, upper_limit, marker, maturity, reject_reason
{%- endmacro %}

{#-
    Columns value, marker and reason of cells that are added: a suppressed cell hides the sum, a missing one makes it
    unknown. A single cell keeps its own marker.
-#}
{% macro sum_of_cells() -%}
    case when bool_and(value is not null) then sum(value) end as value,
        case
            when bool_and(value is not null) then max(marker)
            when count(*) = 1 then coalesce(max(marker), '[x]')
            when bool_or(value is null and coalesce(marker, '') like '%[c]%') then '[c]'
            when bool_and(value is null and coalesce(marker, '') like '%[z]%') then '[z]'
            else '[x]'
        end as marker,
        case when bool_or(reject_reason = 'bad_number') then 'unreadable' end as reason
{%- endmacro %}

{#- Column maturity of cells that are added: a sum with a provisional part is provisional. -#}
{% macro maturity_of_cells() -%}
    case when bool_or(maturity = 'provisional') then 'provisional' else max(maturity) end as maturity
{%- endmacro %}
