-- Every raw row of the releases in use is staged and no other: none is lost, none is invented, and no cell of a row is
-- there twice. A model of cells may give several rows for one raw row, told apart by source_column; a table that was
-- turned when it was loaded has those in raw too. One test for all staging models: dbt spends more on a test of each
-- than PostgreSQL does. It waits until one model is made at a time, the sums of components, and runs beside them.
-- depends_on: {{ ref('measure_derived') }}
{% set turned = ['stg_mps_borough_crime'] %}
with in_use as materialized (
    select release_id from {{ source('ops', 'release_in_use') }}
),

counted as (
    {% for model in changed_models(staging_models()) %}
    select
        '{{ model }}' as staging_model,
        coalesce(delivered.release_id, staged.release_id) as release_id,
        delivered.row_count as delivered_rows,
        staged.row_count as staged_rows,
        staged.most_of_a_cell
    from (
        select
            raw_row.release_id,
            count(*) as row_count
        from {{ source('raw', model.removeprefix('stg_')) }} as raw_row
        inner join in_use on raw_row.release_id = in_use.release_id
        group by raw_row.release_id
    ) as delivered
    full outer join (
        select
            cell.release_id,
            {{ 'count(*)' if model in turned else 'count(distinct cell.row_number)' }} as row_count,
            max(cell.times) as most_of_a_cell
        from (
            select
                release_id,
                row_number,
                source_column,
                count(*) as times
            from {{ ref(model) }}
            group by release_id, row_number, source_column
        ) as cell
        group by cell.release_id
    ) as staged on delivered.release_id = staged.release_id
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select *
from counted
where delivered_rows is distinct from staged_rows or most_of_a_cell > 1
