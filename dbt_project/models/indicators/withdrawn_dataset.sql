{{ config(materialized='view') }}
-- Datasets of which the newest release of some part was withdrawn by its body.
select distinct newest.dataset_id
from (
    select distinct on (dataset_id, part)
        dataset_id,
        status
    from {{ source('ops', 'release') }}
    order by dataset_id asc, part asc, offered_at desc, release_id desc
) as newest
where newest.status = 'withdrawn'
