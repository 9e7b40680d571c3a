-- Every version of every target and year, each with whether it counts. Of the versions that were agreed before their
-- year ended the newest does: a target is set before its result is known.
with frameworks_with_agreements as (
    select
        framework_id,
        left(first_framework_year, 4)::int as first_year,
        left(last_framework_year, 4)::int as last_year
    from {{ ref('frameworks') }}
    where max_designated_priorities is not null
),

council_types as (
    select area_type
    from {{ ref('area_levels') }}
    where area_level = 'district_and_upper' and area_type not in ('country', 'region', 'maa')
),

follower as (
    -- The code in force on the same ground, for agreements whose council was replaced by one other.
    select
        own.area_code,
        later.area_code as later_code,
        coalesce(later.valid_from, '-infinity') as valid_from,
        coalesce(later.valid_to, 'infinity') as valid_to
    from {{ ref('area_territory') }} as own
    inner join {{ ref('area_territory') }} as later
        on own.territory_id = later.territory_id
        and own.area_code <> later.area_code
        and own.valid_to < later.valid_from
    inner join council_types as kind on later.area_type = kind.area_type
),

named as (
    select
        framework.framework_id,
        staged.area_code as agreement_code,
        coalesce(follower.later_code, staged.area_code) as area_code,
        staged.target_class,
        case
            when staged.ni is null then 'local/' || btrim(staged.component)
            else indicator.indicator_id || '/' || coalesce(part.component, nullif(staged.component, ''), 'main')
        end as target_id,
        indicator.indicator_id,
        part.component,
        staged.period_start,
        staged.period_end,
        extract(year from staged.period_start)::int as target_year,
        coalesce(staged.version, 1)::int as target_version,
        staged.kind,
        staged.status,
        staged.baseline_period,
        -- A financial year is known by its first year; a calendar year and a survey's autumn end in the one they name.
        substring(staged.baseline_period from '\d{4}')::int as baseline_year,
        staged.baseline_value,
        staged.target_value,
        staged.reward_eligible,
        staged.agreed_on,
        staged.reason,
        staged.release_id
    from {{ ref('stg_laa_targets') }} as staged
    left join {{ ref('indicators') }} as indicator on staged.ni = indicator.ni
    inner join frameworks_with_agreements as framework
        on extract(year from staged.period_start) between framework.first_year and framework.last_year
        and coalesce(indicator.framework_id, framework.framework_id) = framework.framework_id
    left join {{ ref('indicator_components') }} as part
        on indicator.framework_id = part.framework_id
        and indicator.indicator_id = part.indicator_id
        and case
            when coalesce(staged.component, '') = '' then part.headline = 'yes'
            else staged.component = part.component
        end
    left join follower
        on staged.area_code = follower.area_code
        and staged.period_end between follower.valid_from and follower.valid_to
    where staged.reject_reason is null
),

newest_return as (
    -- What two senders say of one version of a target: the later return counts.
    select distinct on (framework_id, area_code, target_class, target_id, target_year, target_version) *
    from named
    order by
        framework_id asc, area_code asc, target_class asc, target_id asc, target_year asc, target_version asc,
        release_id desc
),

ranked as (
    select
        *,
        coalesce(agreed_on <= period_end, true) as in_time,
        row_number() over (
            partition by framework_id, area_code, target_class, target_id, target_year
            order by coalesce(agreed_on <= period_end, true) desc, target_version desc
        ) as place
    from newest_return
)

select
    framework_id,
    agreement_code,
    area_code,
    target_class,
    target_id,
    indicator_id,
    component,
    {{ framework_year('period_end') }} as framework_year,
    target_year,
    period_start,
    period_end,
    target_version,
    kind,
    status,
    in_time and place = 1 as is_current,
    case when not in_time then 'target_agreed_late' when place > 1 then 'target_superseded' end as not_current_reason,
    baseline_period,
    baseline_year,
    baseline_value,
    target_value,
    reward_eligible,
    agreed_on,
    reason
from ranked
