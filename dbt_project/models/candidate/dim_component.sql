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
    note
from {{ ref('indicator_components') }}
