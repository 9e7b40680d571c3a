{{ config(materialized='incremental', incremental_strategy='remake', unique_key='measure_id') }}
-- Stated figures for the periods and areas that indicators use: parts of a year are put together, and figures of a
-- body's own areas (primary care trusts) are carried over to councils. Each belongs to a series: one measure, one
-- period, one stratum.
with delivered as not materialized (
    select
        measure.*,
        seed.reported_as,
        seed.over_time,
        seed.parts
    from {{ ref('measure') }} as measure
    inner join {{ ref('measures') }} as seed on measure.measure_id = seed.measure_id
    where {{ changed('measure.measure_id') }}
),

parts as (
    -- The reported period that the last day of a delivered one lies in; days outside (February for November to
    -- January) belong to none.
    select
        delivered.*,
        reported.period_start as reported_start,
        reported.period_end as reported_end
    from delivered
    inner join {{ ref('period_types') }} as kind on delivered.reported_as = kind.period_type
    cross join lateral (
        select
            (
                date_trunc('year', delivered.period_end - make_interval(months => kind.start_month - 1))
                + make_interval(months => kind.start_month - 1)
            )::date as period_start
    ) as start
    cross join lateral (
        select
            start.period_start,
            (start.period_start + make_interval(months => kind.months))::date - 1 as period_end
    ) as reported
    where delivered.period_end <= reported.period_end
),

counted as (
    select
        measure_id,
        area_code,
        reported_start as period_start,
        reported_end as period_end,
        stratum,
        min(reported_as) as period_type,
        case
            when min(over_time) = 'last' then max(period_end) = reported_end
            else count(*) >= coalesce(min(parts), 1)
        end as is_whole,
        case
            when min(over_time) = 'last' then (array_agg(value order by period_end desc))[1] is not null
            else bool_and(value is not null)
        end as is_known,
        case min(over_time)
            when 'sum' then sum(value)
            when 'mean' then avg(value)
            else (array_agg(value order by period_end desc))[1]
        end as value,
        max(marker) filter (where value is not null) as value_marker,
        bool_or(value is null and marker like '%[c]%') as any_suppressed,
        bool_and(value is null and marker like '%[z]%') as never_applies,
        bool_and(adds_up) as adds_up,
        case when bool_or(maturity = 'provisional') then 'provisional' else max(maturity) end as maturity,
        min(release_id) as first_release_id,
        max(release_id) as last_release_id
    from parts
    group by measure_id, area_code, reported_start, reported_end, stratum
),

in_period as materialized (
    select
        measure_id,
        area_code,
        period_start,
        period_end,
        stratum,
        period_type,
        value,
        lower_limit,
        upper_limit,
        marker,
        reason,
        adds_up,
        maturity,
        release_id as first_release_id,
        release_id as last_release_id
    from delivered
    where reported_as is null

    union all

    select
        measure_id,
        area_code,
        period_start,
        period_end,
        stratum,
        period_type,
        case when is_whole and is_known then value end as value,
        null::numeric as lower_limit,
        null::numeric as upper_limit,
        case
            when is_whole and is_known then value_marker
            when any_suppressed then '[c]'
            when never_applies then '[z]'
            else '[x]'
        end as marker,
        case
            when is_whole and is_known then null
            when any_suppressed then 'suppressed'
            when never_applies then 'not_applicable'
            else 'incomplete_period'
        end as reason,
        adds_up,
        maturity,
        first_release_id,
        last_release_id
    from counted
),

bridged as materialized (
    -- Figures of a body's areas, each with a council that takes a share of the area.
    select
        in_period.*,
        bridge.area_code as council_code,
        bridge.weight,
        bridge.mean_weight
    from in_period
    inner join {{ ref('area_bridge') }} as bridge
        on in_period.area_code = bridge.body_area_code
        and in_period.period_end between bridge.valid_from and bridge.valid_to
),

bridge_days as (
    -- How many of a body's areas a council's figure takes on a day.
    select
        bridge.area_code,
        day.period_end,
        count(*) as areas
    from {{ ref('area_bridge') }} as bridge
    inner join (select distinct period_end from bridged) as day
        on day.period_end between bridge.valid_from and bridge.valid_to
    group by bridge.area_code, day.period_end
),

carried as materialized (
    -- Counts by the share that belongs to the council; rates and scores by where the council's people live.
    select
        bridged.measure_id,
        bridged.council_code as area_code,
        bridged.period_start,
        bridged.period_end,
        bridged.stratum,
        min(bridged.period_type) as period_type,
        case
            when count(bridged.value) = min(bridge_days.areas)
                then trim_scale(
                    sum(case seed.additive when 'yes' then bridged.weight else bridged.mean_weight end * bridged.value)
                )
        end as value,
        max(bridged.marker) filter (where bridged.value is not null) as value_marker,
        bool_or(bridged.weight < 1 or (seed.additive = 'no' and bridged.mean_weight < 1)) as is_estimated,
        bool_or(bridged.value is null and bridged.marker like '%[c]%') as any_suppressed,
        bool_and(bridged.value is null and bridged.marker like '%[z]%') as never_applies,
        bool_and(bridged.adds_up) as adds_up,
        case when bool_or(bridged.maturity = 'provisional') then 'provisional' else max(bridged.maturity) end
            as maturity,
        min(bridged.first_release_id) as first_release_id,
        max(bridged.last_release_id) as last_release_id
    from bridged
    inner join {{ ref('measures') }} as seed on bridged.measure_id = seed.measure_id
    inner join bridge_days
        on bridged.council_code = bridge_days.area_code and bridged.period_end = bridge_days.period_end
    group by bridged.measure_id, bridged.council_code, bridged.period_start, bridged.period_end, bridged.stratum
),

known as (
    select
        in_period.*,
        -- What a council gets through a bridge is added through the council.
        in_period.adds_up and bridged.area_code is null as may_be_added
    from in_period
    left join (select distinct body_area_code as area_code from {{ ref('area_bridge') }}) as bridged
        on in_period.area_code = bridged.area_code
),

stated as not materialized (
    select
        measure_id, area_code, period_start, period_end, stratum, period_type, value, lower_limit, upper_limit,
        marker, reason, may_be_added as adds_up, maturity, first_release_id, last_release_id
    from known

    union all

    select
        carried.measure_id,
        carried.area_code,
        carried.period_start,
        carried.period_end,
        carried.stratum,
        carried.period_type,
        carried.value,
        null::numeric as lower_limit,
        null::numeric as upper_limit,
        case
            when carried.value is not null
                then nullif(concat(carried.value_marker, case when carried.is_estimated then '[e]' end), '')
            when carried.any_suppressed then '[c]'
            when carried.never_applies then '[z]'
            else '[x]'
        end as marker,
        case
            when carried.value is not null then null
            when carried.any_suppressed then 'suppressed'
            when carried.never_applies then 'not_applicable'
            else 'incomplete_members'
        end as reason,
        carried.adds_up,
        carried.maturity,
        carried.first_release_id,
        carried.last_release_id
    from carried
    -- The body's own figure for the council comes first.
    left join in_period
        on carried.measure_id = in_period.measure_id
        and carried.area_code = in_period.area_code
        and carried.period_start = in_period.period_start
        and carried.period_end = in_period.period_end
        and carried.stratum = in_period.stratum
    where in_period.measure_id is null
),

placed as not materialized (
    select
        -- One measure, one period, one stratum: the same number in every build, whichever measures it remakes.
        hashtextextended(
            concat_ws('|', stated.measure_id, stated.stratum),
            (stated.period_start - date '1900-01-01')::bigint * 100000 + (stated.period_end - date '1900-01-01')
        ) as series_id,
        stated.*,
        territory.territory_id,
        territory.area_type,
        stated.period_end between coalesce(territory.valid_from, '-infinity')
        and coalesce(territory.valid_to, 'infinity') as in_force,
        territory.codes
    from stated
    left join (
        select
            one.*,
            count(*) over (partition by one.territory_id) as codes
        from {{ ref('area_territory') }} as one
    ) as territory on stated.area_code = territory.area_code
),

rivals as (
    -- One figure for each territory, whichever code the body used: a code that was in force at the end of the period
    -- comes before its predecessor or successor.
    select distinct on (series_id, territory_id)
        series_id,
        territory_id,
        area_code
    from placed
    where codes > 1
    order by series_id, territory_id, in_force desc, area_code desc
)

select
    placed.series_id,
    placed.measure_id,
    placed.area_code,
    placed.period_start,
    placed.period_end,
    placed.stratum,
    placed.period_type,
    placed.value,
    placed.lower_limit,
    placed.upper_limit,
    placed.marker,
    placed.reason,
    placed.adds_up,
    placed.maturity,
    placed.first_release_id,
    placed.last_release_id,
    placed.territory_id,
    placed.area_type,
    placed.territory_id is not null and (placed.codes = 1 or rivals.area_code is not null) as is_ground
from placed
left join rivals
    on placed.series_id = rivals.series_id
    and placed.territory_id = rivals.territory_id
    and placed.area_code = rivals.area_code
