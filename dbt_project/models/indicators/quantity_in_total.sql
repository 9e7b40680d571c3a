-- The printed totals that each count of a smallest area lies in, from the smallest to the largest.
{{ config(materialized='incremental', incremental_strategy='remake', unique_key='quantity') }}
with lying as (
    select
        leaf.system_id,
        leaf.quantity,
        leaf.territory_id,
        leaf.hidden_from,
        leaf.hidden_to,
        leaf.value,
        leaf.state,
        whole.territory_id as total_id,
        whole.value as total,
        row_number() over total_by_size as place
    from {{ ref('quantity_cell') }} as leaf
    inner join {{ ref('territory_contains') }} as inside on leaf.territory_id = inside.contained_id
    inner join {{ ref('quantity_cell') }} as whole
        on leaf.system_id = whole.system_id and inside.container_id = whole.territory_id
    where leaf.is_leaf and whole.state = 'shown' and {{ changed('leaf.quantity') }}
    window
        total_by_size as (
            partition by leaf.system_id, leaf.territory_id
            order by whole.atom_count, whole.territory_id
        )
)

select
    lying.*,
    hashtextextended(string_agg(total_id, ' ') over (
        partition by system_id, territory_id
        order by total_id
        rows between unbounded preceding and unbounded following
    ), 0) as group_id
from lying
