-- Which share of a body's figure belongs to which council, by day.
select
    scheme,
    body_area as body_area_code,
    area_code,
    coalesce(valid_from, '-infinity') as valid_from,
    coalesce(valid_to, 'infinity') as valid_to,
    weight,
    mean_weight
from {{ ref('area_bridges') }}
