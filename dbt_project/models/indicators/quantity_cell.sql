-- Counts of people by area in the periods in which some are hidden, one row for each: hidden by the body, hidden by our
-- rule, shown, or beside a hidden one. A quantity is one side of a formula; components that share it share its cells.
{{ config(materialized='incremental', incremental_strategy='remake', unique_key='quantity') }}
with sides as (
    select
        rule.quantity,
        rule.hidden_from,
        rule.hidden_to,
        input.area_code,
        input.period_start,
        input.period_end,
        territory.territory_id,
        territory.atom_count,
        case rule.side when 'numerator' then input.numerator else input.denominator end as value,
        coalesce(input.gap_marker = '[c]', false) as has_hidden_side,
        input.gap_marker is null as is_shown,
        rule.is_own and not (rule.is_national_exempt and territory.area_type = 'country') as is_ours
    from {{ ref('component_sum') }} as input
    inner join {{ ref('component_disclosure') }} as rule on {{ same_component('input', 'rule') }}
    inner join {{ ref('area_territory') }} as territory on input.area_code = territory.area_code
    where input.stratum = '' and input.pair = 1 and {{ changed('rule.quantity') }}
),

judged as (
    select
        sides.*,
        case
            when value is null then case when has_hidden_side then 'hidden_by_body' else 'unknown' end
            when is_ours and value between hidden_from and hidden_to then 'hidden_by_us'
            when not is_shown then 'beside'
            else 'shown'
        end as state
    from sides
),

systems as (
    select
        -- The same in every build, whichever quantities it remakes.
        hashtextextended(concat_ws('|', quantity, period_start, period_end), 0) as system_id,
        one.*
    from (
        select distinct
            quantity,
            period_start,
            period_end
        from judged
        where state in ('hidden_by_body', 'hidden_by_us')
    ) as one
),

-- One figure for each territory: a quantity that some component shows is known.
one_each as materialized (
    select distinct on (systems.system_id, judged.territory_id)
        systems.system_id,
        judged.*
    from judged
    inner join systems
        on
            judged.quantity = systems.quantity
            and judged.period_start = systems.period_start
            and judged.period_end = systems.period_end
    where judged.state <> 'unknown'
    order by systems.system_id, judged.territory_id, judged.is_shown desc, judged.value, judged.area_code
),

-- All but the smallest areas that have a figure are sums of others.
larger as (
    select distinct
        whole.system_id,
        whole.territory_id
    from one_each as part
    inner join {{ ref('territory_contains') }} as inside on part.territory_id = inside.contained_id
    inner join one_each as whole on part.system_id = whole.system_id and inside.container_id = whole.territory_id
)

select
    one_each.system_id,
    one_each.quantity,
    one_each.period_start,
    one_each.period_end,
    one_each.territory_id,
    one_each.area_code,
    one_each.atom_count,
    one_each.hidden_from,
    one_each.hidden_to,
    one_each.value,
    one_each.state,
    larger.territory_id is null as is_leaf
from one_each
left join larger on one_each.system_id = larger.system_id and one_each.territory_id = larger.territory_id
