-- Every cell of the index has its row in the facts, and the facts hold nothing else.
with index_cells as (
    select *
    from {{ ref('indicator_index') }}
    where {{ changed('indicator_id') }}
),

facts as (
    select *
    from {{ ref('fact_value') }}
    where {{ changed('indicator_id') }}
)

select
    coalesce(cell.indicator_id, fact.indicator_id) as indicator_id,
    coalesce(cell.component, fact.component) as component,
    coalesce(cell.area_code, fact.area_code) as area_code,
    coalesce(cell.period_end, fact.period_end) as period_end,
    case when cell.indicator_id is null then 'not_in_index' else 'no_fact' end as fault
from index_cells as cell
full outer join facts as fact
    on {{ same_cell('cell', 'fact') }}
    and cell.period_start = fact.period_start
    and cell.period_end = fact.period_end
where cell.indicator_id is null or fact.indicator_id is null
