select
    framework_id,
    indicator_id,
    ni,
    title,
    theme,
    lead_department,
    set_status,
    definition_confidence,
    formula_note,
    source_url
from {{ ref('indicators') }}
