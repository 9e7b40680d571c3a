-- Counts that must be withheld so that hidden ones stay hidden. Hidden counts that lie in the same printed totals make
-- a group. It is safe by itself where its sum leaves each of them every number the rule hides. Otherwise the smallest
-- count in the same totals that is large enough goes with it: whatever a hidden count is, the other can make up for it
-- in every total at once. Where none is, the totals are withheld; the largest (England) stays where the groups that
-- are left without a smaller total are safe together.
{{ config(materialized='incremental', incremental_strategy='remake', unique_key='quantity') }}
with lying as (
    select *
    from {{ ref('quantity_in_total') }}
    where {{ changed('quantity') }}
),

groups as (
    select
        system_id,
        group_id,
        min(total_id) as smallest_id,
        min(total) as smallest_total,
        max(hidden_from) as hidden_from,
        max(hidden_to) as hidden_to,
        count(*) as hidden_count
    from lying
    where place = 1 and state in ('hidden_by_body', 'hidden_by_us')
    group by system_id, group_id
),

-- What is left of the smallest total when all that is shown in it is taken away, and what shares it.
remainders as (
    select
        groups.*,
        groups.smallest_total - coalesce(sum(part.value) filter (where part.state = 'shown'), 0) as remainder,
        count(*) filter (where part.state = 'beside') as beside_count,
        count(*) filter (where part.state in ('hidden_by_body', 'hidden_by_us')) = groups.hidden_count as is_alone
    from groups
    inner join lying as part
        on groups.system_id = part.system_id and groups.smallest_id = part.total_id
    group by
        groups.system_id, groups.group_id, groups.smallest_id, groups.smallest_total, groups.hidden_from,
        groups.hidden_to, groups.hidden_count
),

unsafe as (
    select *
    from remainders
    where not (
        is_alone
        and {{ leaves_all_open('remainder', 'hidden_count', 'beside_count', 'hidden_from', 'hidden_to') }}
    )
),

partners as (
    select distinct on (unsafe.system_id, unsafe.group_id)
        unsafe.system_id,
        unsafe.group_id,
        part.territory_id
    from unsafe
    inner join lying as part
        on unsafe.system_id = part.system_id and unsafe.group_id = part.group_id and part.place = 1
    where part.state = 'shown' and part.value >= 2 * unsafe.hidden_to
    order by unsafe.system_id, unsafe.group_id, part.value, part.territory_id
),

unguarded as (
    select
        unsafe.*,
        -- From the smallest to the largest.
        totals.total_ids,
        totals.total_ids[cardinality(totals.total_ids)] as largest_id
    from unsafe
    inner join (
        select
            system_id,
            group_id,
            array_agg(total_id order by place) filter (where is_model) as total_ids
        from (
            select
                *,
                dense_rank() over (partition by system_id, group_id order by territory_id) = 1 as is_model
            from lying
        ) as numbered
        group by system_id, group_id
    ) as totals
        on unsafe.system_id = totals.system_id and unsafe.group_id = totals.group_id
    left join partners on unsafe.system_id = partners.system_id and unsafe.group_id = partners.group_id
    where partners.system_id is null
),

kept as (
    select
        system_id,
        largest_id
    from unguarded
    group by system_id, largest_id
    having
        bool_and(is_alone and cardinality(total_ids) > 1)
        and {{ leaves_all_open(
            'sum(remainder)', 'sum(hidden_count)', 'sum(beside_count)', 'max(hidden_from)', 'max(hidden_to)'
        ) }}
),

guards as (
    select
        system_id,
        territory_id
    from partners

    union

    select
        unguarded.system_id,
        total.territory_id
    from unguarded
    cross join lateral unnest(unguarded.total_ids) as total (territory_id)
    left join kept on unguarded.system_id = kept.system_id and total.territory_id = kept.largest_id
    where kept.system_id is null
)

select
    cell.system_id,
    cell.quantity,
    cell.period_start,
    cell.period_end,
    cell.territory_id,
    case when guards.system_id is null then 'suppressed' else 'secondary_suppression' end as reason
from {{ ref('quantity_cell') }} as cell
left join guards on cell.system_id = guards.system_id and cell.territory_id = guards.territory_id
where (guards.system_id is not null or cell.state = 'hidden_by_us') and {{ changed('cell.quantity') }}
