-- How each area that is not stated gets its figure, or why it has none, for each pattern of reporting.
with models as (
    -- One series stands for its pattern.
    select
        pattern_id,
        min(series_id) as series_id
    from {{ ref('measure_series') }}
    group by pattern_id
),

stated as (
    select
        series.pattern_id,
        series.area_types,
        series.additive,
        figure.area_code,
        figure.territory_id,
        figure.area_type,
        figure.is_ground
    from {{ ref('measure_series') }} as series
    inner join models on series.series_id = models.series_id
    inner join {{ ref('measure_in_period') }} as figure on series.series_id = figure.series_id
    where figure.territory_id is not null
),

patterns as (
    select distinct
        pattern_id,
        area_types
    from stated
),

explained as (
    select
        pattern_id,
        territory_id,
        1 as precedence
    from stated
    where is_ground

    union all

    select
        pattern_id,
        territory_id,
        2 as precedence
    from {{ ref('pattern_block') }}

    union all

    -- The ground of a council that the release knows only inside a later, merged one; or inside an area of the
    -- body's own that takes in several councils.
    select
        stated.pattern_id,
        contains.contained_id as territory_id,
        case when stated.area_type in ('unitary', 'district', 'metropolitan_district') then 3 else 4 end as precedence
    from stated
    inner join {{ ref('territory_contains') }} as contains on stated.territory_id = contains.container_id
    where
        stated.is_ground
        and stated.area_type in (
            'unitary', 'district', 'metropolitan_district', 'police_force', 'csp', 'yot', 'pct', 'waste_authority'
        )

    union all

    -- A published rate says nothing of the areas above those it is published for.
    select
        stated.pattern_id,
        contains.container_id as territory_id,
        5 as precedence
    from stated
    inner join {{ ref('territory_contains') }} as contains on stated.territory_id = contains.contained_id
    where stated.is_ground and stated.additive = 'no'
),

best as (
    select
        pattern_id,
        territory_id,
        min(precedence) as precedence
    from explained
    group by pattern_id, territory_id
)

select
    best.pattern_id,
    territory.area_code,
    territory.territory_id,
    territory.valid_from,
    territory.valid_to,
    case best.precedence
        when 1 then 'same_ground'
        when 2 then 'summed'
        when 3 then 'merged'
        when 4 then 'joint'
        else 'not_added'
    end as origin
from best
inner join patterns as pattern on best.pattern_id = pattern.pattern_id
inner join {{ ref('area_territory') }} as territory on best.territory_id = territory.territory_id
left join stated on best.pattern_id = stated.pattern_id and territory.area_code = stated.area_code
where
    stated.area_code is null
    and (pattern.area_types = 'any' or territory.area_type = any(string_to_array(pattern.area_types, ' ')))
