{{ config(materialized='view') }}
-- Measures for every area, stated or derived.
select
    measure_id,
    area_code,
    period_start,
    period_end,
    stratum,
    period_type,
    'stated' as origin,
    value,
    lower_limit,
    upper_limit,
    marker,
    reason,
    case when value is not null then 1 else 0 end::numeric as coverage,
    maturity,
    first_release_id,
    last_release_id
from {{ ref('measure_in_period') }}

union all

select
    measure_id,
    area_code,
    period_start,
    period_end,
    stratum,
    period_type,
    origin,
    value,
    lower_limit,
    upper_limit,
    marker,
    reason,
    coverage,
    maturity,
    first_release_id,
    last_release_id
from {{ ref('measure_derived') }}
