select distinct
    cell.period_start,
    cell.period_end,
    cell.framework_year
from {{ ref('indicator_index') }} as cell
