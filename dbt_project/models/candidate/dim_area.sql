select
    area_code,
    area_name,
    area_type,
    region_code,
    valid_from,
    valid_to
from {{ ref('areas') }}
