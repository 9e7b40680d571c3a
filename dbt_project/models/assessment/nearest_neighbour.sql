-- The nearest areas of each area, for each list: as many as the list is long.
with distances as (
    {{ neighbour_distances(ref('neighbour_figure')) }}
),

in_use as (
    select
        neighbour_model,
        count(distinct variable_id) filter (where weight > 0) as variables
    from {{ ref('neighbour_figure') }}
    group by neighbour_model
)

select
    distances.neighbour_model,
    distances.area_code,
    distances.neighbour_code,
    distances.rank,
    round(distances.rebased_distance, 9) as distance,
    distances.variables
from distances
inner join in_use on distances.neighbour_model = in_use.neighbour_model
inner join {{ ref('neighbour_models') }} as model on distances.neighbour_model = model.neighbour_model
where distances.rank <= model.neighbours and in_use.variables >= model.least_variables
