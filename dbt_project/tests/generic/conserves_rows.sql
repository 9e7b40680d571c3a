{#-
    Every raw row of the releases in use is staged and no other: none is lost, none is invented, and no cell of a row
    is there twice. A model of cells may give several rows for one raw row, told apart by source_column; a table that
    was `turned` when it was loaded has those in raw too.
-#}
{% test conserves_rows(model, raw_table, turned=false) %}
with delivered as (
    select
        raw_row.release_id,
        count(*) as row_count
    from {{ source('raw', raw_table) }} as raw_row
    inner join {{ source('ops', 'release_in_use') }} as in_use on raw_row.release_id = in_use.release_id
    group by raw_row.release_id
),

cells as (
    select
        release_id,
        row_number,
        source_column,
        count(*) as cell_count
    from {{ model }}
    group by release_id, row_number, source_column
),

staged as (
    select
        release_id,
        {{ 'count(*)' if turned else 'count(distinct row_number)' }} as row_count,
        max(cell_count) as most_of_a_cell
    from cells
    group by release_id
)

select
    coalesce(delivered.release_id, staged.release_id) as release_id,
    delivered.row_count as delivered_rows,
    staged.row_count as staged_rows,
    staged.most_of_a_cell
from delivered
full outer join staged on delivered.release_id = staged.release_id
where
    delivered.row_count is distinct from staged.row_count
    or staged.most_of_a_cell > 1
{% endtest %}
