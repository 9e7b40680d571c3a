-- Every reason beside a value is in the list of reasons, as one that may stand beside a value.
select
    fact.reason,
    count(*) as cell_count
from {{ ref('fact_value') }} as fact
left join {{ ref('reasons') }} as known on fact.reason = known.reason and known.kind = 'value'
where fact.reason is not null and known.reason is null
group by fact.reason
