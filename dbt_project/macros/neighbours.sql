{#-
    Distances between areas: each variable is set to mean 0 and deviation 1 over the candidates, the squared differences
    are weighted and summed, and the root is rebased so that an area's farthest candidate is at 1. `figures` has one row
    for each neighbour_model, area_code and variable_id: ground (what the area is made of), is_candidate, weight and
    value. Variables that one of two areas lacks are left out of their distance, which is scaled up to the whole weight
    (Gower): nothing is imputed. Ties go to the lower code. Source of the rule: Fingertips and NHS England, nearest
    neighbours; the figures to check it by are in tests/warehouse/test_assessment_neighbours.py.
-#}
{% macro neighbour_distances(figures) -%}
with scale as (
    select
        neighbour_model,
        variable_id,
        min(weight) as weight,
        avg(value) as mean,
        stddev_pop(value) as deviation
    from {{ figures }}
    where is_candidate
    group by neighbour_model, variable_id
    having stddev_pop(value) > 0 and min(weight) > 0
),

whole as (
    select
        neighbour_model,
        sum(weight) as weight
    from scale
    group by neighbour_model
),

scores as (
    select
        figure.neighbour_model,
        figure.area_code,
        figure.ground,
        figure.is_candidate,
        figure.variable_id,
        scale.weight,
        (figure.value - scale.mean) / scale.deviation as score
    from {{ figures }} as figure
    inner join scale
        on figure.neighbour_model = scale.neighbour_model and figure.variable_id = scale.variable_id
    where figure.value is not null
),

pairs as (
    select
        area.neighbour_model,
        area.area_code,
        other.area_code as neighbour_code,
        count(*) as variables,
        sum(area.weight) as weight,
        sum(area.weight * (area.score - other.score) ^ 2) as squares
    from scores as area
    inner join scores as other
        on area.neighbour_model = other.neighbour_model
        and area.variable_id = other.variable_id
        and other.is_candidate
        and area.area_code <> other.area_code
    -- An area and its own predecessor are no neighbours.
    where not area.ground && other.ground
    group by area.neighbour_model, area.area_code, other.area_code
),

measured as (
    select
        pairs.neighbour_model,
        pairs.area_code,
        pairs.neighbour_code,
        pairs.variables,
        -- Twelve decimals: sums of floats differ in the last places with their order, and ties must stay ties.
        round(sqrt(pairs.squares * whole.weight / pairs.weight)::numeric, 12) as distance
    from pairs
    inner join whole on pairs.neighbour_model = whole.neighbour_model
)

select
    neighbour_model,
    area_code,
    neighbour_code,
    variables,
    distance,
    distance / nullif(max(distance) over (partition by neighbour_model, area_code), 0) as rebased_distance,
    row_number() over (partition by neighbour_model, area_code order by distance, neighbour_code) as rank
from measured
{%- endmacro %}
