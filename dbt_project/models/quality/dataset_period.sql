-- When the figures of each dataset were promised, period by period, and when they came. A file that restates earlier
-- years says nothing of when those first came: only its newest period has a day. A body's own date may be that of a
-- later update: it proves that a promise was kept, and that one was not only where we were looking by that day.
with due as (
    select distinct
        source.dataset_id,
        cell.framework_id,
        cell.framework_year,
        cell.period_end
    from (
        select distinct
            framework_id,
            indicator_id,
            component,
            framework_year,
            period_end
        from {{ ref('indicator_index') }}
        where is_expected and not_due_reason is null
    ) as cell
    inner join {{ ref('component_source') }} as source on {{ same_component('cell', 'source') }} and source.leads
),

in_period as (
    select
        seed.dataset_id,
        series.period_end,
        max(series.last_release_id) as release_id
    from {{ ref('measure_series') }} as series
    inner join {{ ref('measures') }} as seed on series.measure_id = seed.measure_id
    where series.last_release_id is not null
    group by seed.dataset_id, series.period_end
),

held as (
    select
        *,
        period_end = max(period_end) over (partition by dataset_id, release_id) as is_newest
    from in_period
),

watched as (
    select
        dataset_id,
        min(retrieved_at)::date as since
    from {{ source('ops', 'release') }}
    group by dataset_id
),

promised as (
    select
        due.*,
        due.period_end + calendar.lag_days as expected_on,
        calendar.grace_days
    from due
    inner join {{ ref('release_calendar') }} as calendar on due.dataset_id = calendar.dataset_id
)

select
    promised.dataset_id,
    promised.framework_id,
    promised.framework_year,
    promised.period_end,
    promised.expected_on,
    promised.grace_days,
    held.dataset_id is not null as is_held,
    case
        when not held.is_newest then null
        when watched.since <= promised.expected_on then coalesce(release.published_on, release.retrieved_at::date)
        when release.published_on <= promised.expected_on then release.published_on
    end as arrived_on
from promised
left join held on promised.dataset_id = held.dataset_id and promised.period_end = held.period_end
left join {{ source('ops', 'release') }} as release on held.release_id = release.release_id
left join watched on promised.dataset_id = watched.dataset_id
