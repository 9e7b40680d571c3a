-- One rule against disclosure for all that have none of their own, and one for each dataset that has; one version of
-- the quality rules.
select
    'disclosure ' || coalesce(dataset_id, 'of all others') as what,
    count(*) filter (where in_force = 'yes') as in_force_count
from {{ ref('disclosure_rules') }}
group by dataset_id
having count(*) filter (where in_force = 'yes') <> 1

union all

select
    'quality' as what,
    count(distinct rule_version) as in_force_count
from {{ ref('quality_rules') }}
where in_force = 'yes'
having count(distinct rule_version) <> 1
