-- In no year has an area more live designated indicators than its framework allows.
select
    target.framework_id,
    target.area_code,
    target.framework_year,
    string_agg(distinct target.indicator_id, ', ') as designated
from {{ ref('fact_target') }} as target
inner join {{ ref('frameworks') }} as framework on target.framework_id = framework.framework_id
where target.target_class = 'designated' and target.is_current and target.status <> 'withdrawn'
group by target.framework_id, target.area_code, target.framework_year, framework.max_designated_priorities
having count(distinct target.indicator_id) > framework.max_designated_priorities
