{{ config(materialized='incremental', incremental_strategy='remake', unique_key='measure_id') }}
-- Every measure of every area as the bodies state it: the newest good release wins for each cell, then corrections.
with delivered as not materialized (
    {% for domain in [
        'economy',
        'education',
        'environment',
        'health',
        'housing',
        'local_authority',
        'police',
        'survey',
        'transport',
    ] %}
    select
        measure_id, area_code, period_start, period_end, stratum, value, lower_limit, upper_limit,
        marker, reason, adds_up, maturity, release_id
    from {{ ref('measures_' ~ domain) }}
    where {{ changed('measure_id') }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

in_use as not materialized (
    select
        delivered.*,
        release.offered_at
    from delivered
    inner join {{ source('ops', 'release_in_use') }} as release on delivered.release_id = release.release_id
),

contested as (
    -- Most measures come in one release, and a million rows need not be sorted to find the newest of one.
    select measure_id
    from in_use
    group by measure_id
    having min(release_id) < max(release_id)
),

newest as (
    select in_use.*
    from in_use
    left join contested on in_use.measure_id = contested.measure_id
    where contested.measure_id is null

    union all

    (
        select distinct on (
            in_use.measure_id, in_use.area_code, in_use.period_start, in_use.period_end, in_use.stratum
        )
            in_use.*
        from in_use
        inner join contested on in_use.measure_id = contested.measure_id
        order by
            in_use.measure_id,
            in_use.area_code,
            in_use.period_start,
            in_use.period_end,
            in_use.stratum,
            in_use.offered_at desc,
            in_use.release_id desc
    )
)

select
    newest.measure_id,
    newest.area_code,
    newest.period_start,
    newest.period_end,
    newest.stratum,
    seed.period_type,
    newest.value as delivered_value,
    case correction.action
        when 'drop' then null
        when 'override' then correction.value
        else newest.value
    end as value,
    newest.lower_limit,
    newest.upper_limit,
    case correction.action
        when 'drop' then '[x]'
        when 'flag' then coalesce(newest.marker, '') || '[u]'
        else newest.marker
    end as marker,
    case correction.action when 'drop' then 'dropped' else newest.reason end as reason,
    newest.adds_up and seed.additive = 'yes' as adds_up,
    newest.maturity,
    newest.release_id,
    correction.correction_id
from newest
inner join {{ ref('measures') }} as seed on newest.measure_id = seed.measure_id
left join {{ ref('corrections') }} as correction
    on newest.measure_id = correction.measure_id
    and newest.area_code = correction.area_code
    and newest.period_start = correction.period_start
    and newest.period_end = correction.period_end
    and newest.stratum = coalesce(correction.stratum, '')
