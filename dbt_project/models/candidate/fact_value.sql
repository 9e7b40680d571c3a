{{ config(materialized='incremental', incremental_strategy='remake', unique_key='indicator_id') }}
-- One row for each cell of the index: a value, or a marker with a reason.
with withdrawn as (
    -- Components of which a dataset is one whose newest release of some part was withdrawn by its body.
    select distinct
        source.framework_id,
        source.indicator_id,
        source.component
    from {{ ref('component_source') }} as source
    inner join {{ ref('withdrawn_dataset') }} as dataset on source.dataset_id = dataset.dataset_id
),

cells as (
    select
        {{ cell_key('cell') }},
        cell.framework_year,
        component.period_type,
        component.unit,
        component.standing_marker,
        component.standing_reason,
        -- A figure that stands in for the definition is nowhere due, and is shown where its source says anything.
        case
            when
                cell.not_due_reason <> 'other_source'
                or coalesce(computed.reason, 'not_yet_published') = 'not_yet_published' and computed.value is null
                then cell.not_due_reason
        end as not_due_reason,
        case when withdrawn.component is not null then 'withdrawn' else 'not_yet_published' end as absent_reason,
        computed.numerator,
        computed.denominator,
        computed.value,
        computed.lower_limit,
        computed.upper_limit,
        computed.marker,
        computed.reason,
        -- Either side of a hidden figure, or a limit, would tell of it.
        computed.value is null and coalesce(computed.marker like '%[c]%', false) as is_hidden,
        computed.coverage,
        computed.maturity
    from {{ ref('indicator_index') }} as cell
    inner join {{ ref('indicator_components') }} as component on {{ same_component('cell', 'component') }}
    left join withdrawn on {{ same_component('cell', 'withdrawn') }}
    left join {{ ref('component_value') }} as computed
        on {{ same_cell('cell', 'computed') }}
        and cell.period_start = computed.period_start
        and cell.period_end = computed.period_end
    where {{ changed('cell.indicator_id') }}
)

select
    {{ cell_key('cells') }},
    cells.period_type,
    cells.framework_year,
    case when cells.not_due_reason is null and not cells.is_hidden then cells.numerator end as numerator,
    case when cells.not_due_reason is null and not cells.is_hidden then cells.denominator end as denominator,
    case when cells.not_due_reason is null then cells.value end as value,
    case when cells.not_due_reason is null and not cells.is_hidden then cells.lower_limit end as lower_limit,
    case when cells.not_due_reason is null and not cells.is_hidden then cells.upper_limit end as upper_limit,
    cells.unit,
    case
        when cells.not_due_reason is not null then '[z]'
        when cells.value is not null
            then nullif(coalesce(cells.standing_marker, '') || coalesce(cells.marker, ''), '')
        else coalesce(cells.marker, '[x]')
    end as marker,
    case
        when cells.not_due_reason is not null then cells.not_due_reason
        when cells.value is not null then coalesce(cells.standing_reason, cells.reason)
        else coalesce(cells.reason, cells.absent_reason)
    end as reason,
    case when cells.not_due_reason is null then {{ tidy('coalesce(cells.coverage, 0)') }} else 0 end as coverage,
    case when cells.not_due_reason is null then cells.maturity end as maturity
from cells
