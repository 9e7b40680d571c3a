{{ config(materialized='incremental', incremental_strategy='remake', unique_key='measure_id') }}
-- Every measure of every area as the bodies state it: the newest good release wins for each cell, then corrections.
with delivered as (
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

newest as (
    select distinct on (
        delivered.measure_id, delivered.area_code, delivered.period_start, delivered.period_end, delivered.stratum
    )
        delivered.*
    from delivered
    inner join {{ source('ops', 'release_in_use') }} as in_use on delivered.release_id = in_use.release_id
    order by
        delivered.measure_id,
        delivered.area_code,
        delivered.period_start,
        delivered.period_end,
        delivered.stratum,
        in_use.offered_at desc,
        delivered.release_id desc
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
