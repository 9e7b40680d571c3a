-- Figures of the groups that an area is compared with, pooled from both sides of the formula over the members of the
-- day: its type, and its nearest neighbours without itself. A group of which less than half the members have a figure
-- has none.
{% set adds_up = quotient_methods() + ['actual_vs_predicted'] %}
with members as (
    -- Areas of the framework by number.
    select
        member.framework_id,
        area.area_number,
        member.laa_type,
        member.in_force_from,
        member.in_force_to
    from {{ ref('framework_area') }} as member
    inner join {{ ref('assessed_area') }} as area on member.area_code = area.area_code
),

groups as (
    select
        members.area_number,
        'laa_type' as group_kind,
        members.laa_type as group_code,
        null::int as group_area_number,
        members.in_force_from,
        members.in_force_to
    from members

    union all

    select
        area.area_number,
        bridge.group_kind,
        bridge.group_code,
        owner.area_number as group_area_number,
        coalesce(bridge.valid_from, '-infinity'::date) as in_force_from,
        coalesce(bridge.valid_to, 'infinity'::date) as in_force_to
    from {{ ref('bridge_area_group') }} as bridge
    inner join {{ ref('assessed_area') }} as area on bridge.area_code = area.area_code
    inner join {{ ref('assessed_area') }} as owner on bridge.group_code = owner.area_code
    where bridge.group_kind = 'nearest_neighbours'
),

numbered as materialized (
    select
        *,
        dense_rank() over (order by group_kind, group_code)::int as group_number
    from groups
),

sides as materialized (
    select
        value.component_number,
        value.moment_number,
        value.area_number,
        value.period_end,
        value.numerator,
        value.denominator
    from {{ ref('assessed_value') }} as value
    inner join members
        on value.framework_id = members.framework_id and value.area_number = members.area_number
    where
        value.is_assessed
        and value.method in ('{{ adds_up | join("', '") }}')
),

days as (
    select distinct period_end
    from {{ ref('assessed_moment') }}
    where is_assessed
),

due as (
    select
        day.period_end,
        numbered.group_number,
        count(*) as members
    from days as day
    inner join numbered on day.period_end between numbered.in_force_from and numbered.in_force_to
    group by day.period_end, numbered.group_number
),

pooled as (
    select
        sides.moment_number,
        min(sides.component_number) as component_number,
        numbered.group_number,
        sum(sides.numerator) as numerator,
        sum(sides.denominator) as denominator,
        count(*) as members
    from sides
    inner join numbered
        on sides.area_number = numbered.area_number
        and sides.period_end between numbered.in_force_from and numbered.in_force_to
    group by sides.moment_number, numbered.group_number
),

strata as materialized (
    select
        value.moment_number,
        value.area_number,
        value.period_end,
        rate.factor,
        stratum.stratum,
        stratum.events,
        stratum.people,
        stratum.weight
    from {{ ref('standardised_limits') }} as rate
    inner join {{ ref('assessed_moment') }} as moment
        on {{ same_component('rate', 'moment') }}
        and rate.period_start = moment.period_start
        and rate.period_end = moment.period_end
    inner join {{ ref('assessed_value') }} as value
        on moment.moment_number = value.moment_number and rate.area_code = value.area_code and value.is_assessed
    inner join members on rate.framework_id = members.framework_id and value.area_number = members.area_number
    cross join lateral unnest(rate.strata, rate.events, rate.people, rate.weights)
        as stratum (stratum, events, people, weight)
),

pooled_strata as (
    -- Strata are pooled before they are standardised.
    select
        strata.moment_number,
        numbered.group_number,
        strata.stratum,
        min(strata.factor) as factor,
        min(strata.weight) as weight,
        sum(strata.events) as events,
        sum(strata.people) as people,
        count(*) as members
    from strata
    inner join numbered
        on strata.area_number = numbered.area_number
        and strata.period_end between numbered.in_force_from and numbered.in_force_to
    group by strata.moment_number, numbered.group_number, strata.stratum
),

every_value as (
    select
        pooled.moment_number,
        pooled.group_number,
        pooled.members,
        case
            when component.method = 'actual_vs_predicted'
                then component.factor * (pooled.numerator / nullif(pooled.denominator, 0) - 1)
            else component.factor * pooled.numerator / nullif(pooled.denominator, 0)
        end as value
    from pooled
    inner join {{ ref('assessed_component') }} as component
        on pooled.component_number = component.component_number

    union all

    select
        moment_number,
        group_number,
        max(members) as members,
        min(factor) * sum(weight * events / people) / sum(weight) as value
    from pooled_strata
    group by moment_number, group_number
),

known as (
    select
        every_value.*,
        moment.component_number,
        moment.period_start,
        moment.period_end
    from every_value
    inner join {{ ref('assessed_moment') }} as moment on every_value.moment_number = moment.moment_number
    inner join due
        on every_value.group_number = due.group_number and moment.period_end = due.period_end
    where every_value.value is not null and every_value.members * 2 >= due.members
),

with_gaps as (
    select
        moment_number,
        group_number,
        members,
        value
    from known

    union all

    select
        moment.moment_number,
        larger.group_number,
        least(larger.members, smaller.members) as members,
        component.factor * (larger.value - smaller.value) as value
    from {{ ref('assessed_component') }} as component
    inner join known as larger on component.minuend_number = larger.component_number
    inner join known as smaller
        on component.subtrahend_number = smaller.component_number
        and larger.group_number = smaller.group_number
        and larger.period_start = smaller.period_start
        and larger.period_end = smaller.period_end
    inner join {{ ref('assessed_moment') }} as moment
        on component.component_number = moment.component_number
        and larger.period_start = moment.period_start
        and larger.period_end = moment.period_end
),

names as (
    select distinct
        group_number,
        group_kind,
        group_code,
        group_area_number
    from numbered
)

select
    with_gaps.moment_number,
    names.group_kind,
    names.group_code,
    names.group_area_number,
    with_gaps.members,
    -- Rounded, as sums of floats differ in the last places with their order.
    {{ tidy('with_gaps.value::numeric') }} as value
from with_gaps
inner join names on with_gaps.group_number = names.group_number
