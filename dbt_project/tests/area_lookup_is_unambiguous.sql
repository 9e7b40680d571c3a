-- No code of a scheme means two areas on one day.
select *
from (
    select
        scheme,
        code,
        area_code,
        valid_from,
        valid_to,
        lead(valid_from) over (partition by scheme, code order by valid_from, valid_to) as next_from
    from {{ ref('area_lookup') }}
) as meaning
where next_from <= valid_to or valid_from > valid_to
