-- Cells of components that rest on a withheld count: those of every component whose formula holds one of its measures.
with quantities as (
    select distinct
        quantity,
        term.hit[1] as measure_id
    from {{ ref('component_disclosure') }}
    cross join lateral regexp_matches(quantity, '([a-z0-9_]+)', 'g') as term (hit)
),

concerned as (
    select distinct
        quantities.quantity,
        term.framework_id,
        term.indicator_id,
        term.component
    from quantities
    inner join {{ ref('component_term') }} as term on quantities.measure_id = term.measure_id
)

select
    concerned.framework_id,
    concerned.indicator_id,
    concerned.component,
    territory.area_code,
    withheld.period_start,
    withheld.period_end,
    -- A count that is itself small comes before one that guards another.
    max(withheld.reason) as reason
from {{ ref('quantity_withheld') }} as withheld
inner join concerned on withheld.quantity = concerned.quantity
inner join {{ ref('area_territory') }} as territory on withheld.territory_id = territory.territory_id
group by
    concerned.framework_id, concerned.indicator_id, concerned.component, territory.area_code,
    withheld.period_start, withheld.period_end
