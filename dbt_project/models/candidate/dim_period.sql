{{ config(materialized='incremental', incremental_strategy='append') }}
-- The facts that a build in part leaves as they are point here, so it adds periods, and takes those that nothing uses
-- any more away at its end (`drop_unused_periods`).
select distinct
    cell.period_start,
    cell.period_end,
    cell.framework_year
from {{ ref('indicator_index') }} as cell
{% if is_incremental() %}
left join {{ this }} as known
    on cell.period_start = known.period_start and cell.period_end = known.period_end
where known.period_end is null and {{ changed('cell.indicator_id') }}
{% endif %}
