{#- Accepted and rejected rows together are the raw rows of the releases in use: none is lost, none is doubled. -#}
{% test conserves_rows(model, raw_table) %}
with delivered as (
    select
        raw_row.release_id,
        count(*) as row_count
    from {{ source('raw', raw_table) }} as raw_row
    inner join {{ source('ops', 'release_in_use') }} as in_use on raw_row.release_id = in_use.release_id
    group by raw_row.release_id
),

staged as (
    select
        release_id,
        count(*) as row_count,
        count(distinct (row_number, source_column)) as distinct_rows
    from {{ model }}
    group by release_id
)

select
    coalesce(delivered.release_id, staged.release_id) as release_id,
    delivered.row_count as delivered_rows,
    staged.row_count as staged_rows,
    staged.distinct_rows
from delivered
full outer join staged on delivered.release_id = staged.release_id
where
    delivered.row_count is distinct from staged.row_count
    or staged.row_count is distinct from staged.distinct_rows
{% endtest %}
