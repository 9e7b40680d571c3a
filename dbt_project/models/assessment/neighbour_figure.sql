-- Variables that make areas alike, from measures of the ground of each area of the framework. An area that ended before
-- the day of the map has neighbours and is none; areas excluded by rule are not here.
with terms as (
    select
        variable.neighbour_model,
        variable.variable_id,
        side.side,
        side.period_end,
        side.expression,
        term.measure_id
    from {{ ref('neighbour_variables') }} as variable
    cross join lateral (
        values
            ('numerator', variable.numerator_measures, variable.numerator_period_end),
            ('denominator', variable.denominator_measures, variable.denominator_period_end)
    ) as side (side, expression, period_end)
    cross join lateral regexp_split_to_table(side.expression, '\+') as term (measure_id)
),

grounds as (
    select
        area_code,
        array_agg(atom_code) as ground
    from {{ ref('area_atoms') }}
    group by area_code
),

pool as (
    select
        model.neighbour_model,
        area.area_code,
        grounds.ground,
        model.map_date between area.in_force_from and area.in_force_to as is_candidate
    from {{ ref('neighbour_models') }} as model
    inner join {{ ref('framework_area') }} as area
        on model.framework_id = area.framework_id and model.map_date >= area.in_force_from
    inner join grounds on area.area_code = grounds.area_code
    left join {{ ref('neighbour_exclusions') }} as excluded
        on model.neighbour_model = excluded.neighbour_model and area.area_code = excluded.area_code
    where excluded.area_code is null
),

wanted as (
    select
        terms.neighbour_model,
        terms.variable_id,
        terms.side,
        count(*) as terms
    from terms
    group by terms.neighbour_model, terms.variable_id, terms.side
),

sides as (
    select
        terms.neighbour_model,
        terms.variable_id,
        figure.area_code,
        terms.side,
        case when count(figure.value) = min(wanted.terms) then sum(figure.value) end as total
    from terms
    inner join wanted
        on terms.neighbour_model = wanted.neighbour_model
        and terms.variable_id = wanted.variable_id
        and terms.side = wanted.side
    inner join {{ ref('measure_by_area') }} as figure
        on terms.measure_id = figure.measure_id and terms.period_end = figure.period_end and figure.stratum = ''
    group by terms.neighbour_model, terms.variable_id, figure.area_code, terms.side
),

figures as (
    select
        pool.neighbour_model,
        pool.area_code,
        pool.ground,
        pool.is_candidate,
        variable.variable_id,
        variable.weight::double precision as weight,
        case
            when variable.denominator_measures is null or variable.denominator_measures = ''
                then above.total
            else above.total / nullif(below.total, 0)
        end as figure,
        variable.transformation
    from pool
    inner join {{ ref('neighbour_variables') }} as variable on pool.neighbour_model = variable.neighbour_model
    left join sides as above
        on pool.neighbour_model = above.neighbour_model
        and variable.variable_id = above.variable_id
        and pool.area_code = above.area_code
        and above.side = 'numerator'
    left join sides as below
        on pool.neighbour_model = below.neighbour_model
        and variable.variable_id = below.variable_id
        and pool.area_code = below.area_code
        and below.side = 'denominator'
),

transformed as (
    select
        neighbour_model,
        area_code,
        ground,
        is_candidate,
        variable_id,
        weight,
        case when transformation <> 'log' then figure when figure > 0 then ln(figure) end::double precision as value
    from figures
),

known as (
    select
        *,
        avg((value is not null)::int) filter (where is_candidate) over (partition by neighbour_model, variable_id)
            as known_share
    from transformed
)

select
    neighbour_model,
    area_code,
    ground,
    is_candidate,
    variable_id,
    weight,
    value
from known
-- A variable that is there for few areas would make a list of its own for them.
where known_share >= 0.9
