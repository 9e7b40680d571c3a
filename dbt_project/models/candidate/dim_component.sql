select
    framework_id,
    indicator_id,
    component,
    title,
    headline = 'yes' as headline,
    method,
    unit,
    decimals,
    polarity,
    period_type,
    note
from {{ ref('indicator_components') }}
