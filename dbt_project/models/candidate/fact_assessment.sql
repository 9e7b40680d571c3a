{{ config(contract={'enforced': false}) }}
-- Stands in for the assessment of values until it is computed: no limits yet.
select
    framework_id,
    indicator_id,
    component,
    area_code,
    period_start,
    period_end,
    framework_year,
    null::double precision as lower_95,
    null::double precision as upper_95
from {{ ref('fact_value') }}
where false
