-- Every note beside a target is in the list of reasons.
select
    target.target_note,
    count(*) as target_count
from {{ ref('fact_target') }} as target
left join {{ ref('reasons') }} as known on target.target_note = known.reason and known.kind in ('target', 'value')
where target.target_note is not null and known.reason is null
group by target.target_note
