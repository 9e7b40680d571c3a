-- Of a target and year one version counts, or none.
select
    framework_id,
    area_code,
    target_class,
    target_id,
    framework_year
from {{ ref('fact_target') }}
where is_current
group by framework_id, area_code, target_class, target_id, framework_year
having count(*) > 1
