-- Which blocks are added for each larger territory, for each pattern of reporting. A block is a territory with a figure
-- that may be added; the larger territory has no figure of its own.
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
        figure.territory_id,
        figure.adds_up
    from {{ ref('measure_series') }} as series
    inner join models on series.series_id = models.series_id
    inner join {{ ref('measure_in_period') }} as figure on series.series_id = figure.series_id
    where figure.is_ground
),

blocks as (
    select *
    from stated
    where adds_up
),

kinds as (
    -- A territory is summed for where some area that shares it is of a kind in use.
    select distinct
        territory_id,
        area_type
    from {{ ref('area_territory') }}
),

scopes as (
    select distinct
        pattern.pattern_id,
        kinds.territory_id
    from (select distinct pattern_id, area_types from blocks) as pattern
    inner join kinds
        on pattern.area_types = 'any' or kinds.area_type = any(string_to_array(pattern.area_types, ' '))
    left join stated on pattern.pattern_id = stated.pattern_id and kinds.territory_id = stated.territory_id
    where stated.territory_id is null
),

inside as (
    select
        blocks.pattern_id,
        contains.container_id as territory_id,
        blocks.territory_id as block_id,
        contains.container_atoms,
        contains.contained_atoms
    from blocks
    inner join {{ ref('territory_contains') }} as contains on blocks.territory_id = contains.contained_id
    inner join scopes
        on blocks.pattern_id = scopes.pattern_id and contains.container_id = scopes.territory_id
),

nested as (
    select
        smaller.pattern_id,
        smaller.territory_id as block_id,
        larger.territory_id as larger_id
    from blocks as smaller
    inner join {{ ref('territory_contains') }} as contains on smaller.territory_id = contains.contained_id
    inner join blocks as larger
        on smaller.pattern_id = larger.pattern_id and contains.container_id = larger.territory_id
),

doubled as (
    -- Where a body states a merged council and its parts, only the merged one is added.
    select distinct
        nested.pattern_id,
        nested.block_id,
        contains.container_id as territory_id
    from nested
    inner join {{ ref('territory_contains') }} as contains on nested.larger_id = contains.contained_id
)

select
    inside.pattern_id,
    inside.territory_id,
    inside.block_id,
    inside.container_atoms,
    inside.contained_atoms
from inside
left join doubled
    on inside.pattern_id = doubled.pattern_id
    and inside.block_id = doubled.block_id
    and inside.territory_id = doubled.territory_id
where doubled.block_id is null
