-- What the build itself knows of the quality of a component in a framework year: how many cells of councils apply and
-- are there, breaks and doubts, whether the indicator was in force, and how the datasets it rests on kept their dates.
with cells as (
    select
        fact.framework_id,
        fact.indicator_id,
        fact.component,
        fact.framework_year,
        max(fact.period_end) as period_end,
        -- A figure withheld because it is small was delivered; one that does not apply is not missed.
        count(*) filter (where coalesce(fact.marker, '') not like '%[z]%') as applying,
        count(*) filter (where fact.value is not null or fact.marker like '%[c]%') as present,
        count(fact.value) as valued,
        count(*) filter (where fact.value is not null and fact.marker ~ '\[(b|u)\]') as doubtful
    from {{ ref('fact_value') }} as fact
    inner join {{ ref('areas') }} as area on fact.area_code = area.area_code
    inner join {{ ref('frameworks') }} as framework on fact.framework_id = framework.framework_id
    where
        area.area_type in (
            'county', 'district', 'london_borough', 'metropolitan_district', 'police_force', 'unitary',
            'waste_authority'
        )
        and fact.framework_year between framework.first_framework_year and framework.last_framework_year
    group by fact.framework_id, fact.indicator_id, fact.component, fact.framework_year
),

rows_read as (
    select
        in_use.dataset_id,
        sum(release.row_count) as delivered
    from {{ source('ops', 'release_in_use') }} as in_use
    inner join {{ source('ops', 'release') }} as release on in_use.release_id = release.release_id
    group by in_use.dataset_id
),

faults as (
    select
        dataset_id,
        count(*) filter (where reject_reason <> 'duplicate_row') as unreadable,
        count(*) filter (where reject_reason = 'duplicate_row') as repeated
    from {{ ref('quarantine') }}
    where reject_kind = 'fault'
    group by dataset_id
),

datasets as (
    select distinct
        framework_id,
        indicator_id,
        component,
        dataset_id
    from {{ ref('component_source') }}
),

delivered as (
    select
        datasets.framework_id,
        datasets.indicator_id,
        datasets.component,
        sum(rows_read.delivered) as delivered_rows,
        coalesce(sum(faults.unreadable), 0) as unreadable_rows,
        coalesce(sum(faults.repeated), 0) as repeated_rows,
        array_agg(datasets.dataset_id order by datasets.dataset_id) as dataset_ids
    from datasets
    left join rows_read on datasets.dataset_id = rows_read.dataset_id
    left join faults on datasets.dataset_id = faults.dataset_id
    group by datasets.framework_id, datasets.indicator_id, datasets.component
),

periods as (
    select
        source.framework_id,
        source.indicator_id,
        source.component,
        period.framework_year,
        period.expected_on,
        ops.freshness(
            period.expected_on, period.grace_days, period.is_held, period.arrived_on,
            {{ "date '" ~ var('today') ~ "'" if var('today', none) else 'current_date' }}
        ) as state
    from {{ ref('component_source') }} as source
    inner join {{ ref('dataset_period') }} as period
        on source.dataset_id = period.dataset_id and source.framework_id = period.framework_id
    where source.leads
),

dated as (
    -- The worst of the datasets above the line.
    select distinct on (framework_id, indicator_id, component, framework_year)
        framework_id,
        indicator_id,
        component,
        framework_year,
        state,
        expected_on
    from periods
    order by
        framework_id, indicator_id, component, framework_year,
        array_position(array['overdue', 'late', 'on_time', 'early', 'undated', 'not_due'], state), expected_on desc
)

select
    cells.framework_id,
    cells.indicator_id,
    cells.component,
    cells.framework_year,
    cells.applying,
    cells.present,
    cells.valued,
    cells.doubtful,
    delivered.delivered_rows,
    delivered.unreadable_rows,
    delivered.repeated_rows,
    delivered.dataset_ids,
    dated.state as freshness_state,
    dated.expected_on,
    indicator.set_status = 'in_set'
    and cells.period_end >= coalesce(indicator.valid_from, '-infinity')
    and cells.period_end <= coalesce(indicator.valid_to, 'infinity') as is_in_force
from cells
inner join {{ ref('indicators') }} as indicator
    on cells.framework_id = indicator.framework_id and cells.indicator_id = indicator.indicator_id
left join delivered on {{ same_component('cells', 'delivered') }}
left join dated
    on {{ same_component('cells', 'dated') }} and cells.framework_year = dated.framework_year
