-- Measures for every area: as stated; as stated for the same ground under another code; or summed from parts.
-- We aggregate measures, never indicators. `coverage` is the share of the area's councils that went in.
with stated as (
    select
        measure.*,
        territory.territory_id,
        territory.area_type,
        -- A code that was in force at the end of the period comes before its predecessor or successor.
        measure.period_end between coalesce(territory.valid_from, '-infinity')
        and coalesce(territory.valid_to, 'infinity') as in_force
    from {{ ref('measure') }} as measure
    inner join {{ ref('area_territory') }} as territory on measure.area_code = territory.area_code
),

ground as (
    -- One figure for each territory, whichever code the body used.
    select distinct on (measure_id, period_start, period_end, territory_id) stated.*
    from stated
    order by measure_id, period_start, period_end, territory_id, in_force desc, area_code desc
),

blocks as (
    select *
    from ground
    where adds_up
),

inside as (
    select
        blocks.measure_id,
        blocks.period_start,
        blocks.period_end,
        contains.container_id as territory_id,
        blocks.territory_id as block_id,
        contains.container_atoms,
        contains.contained_atoms
    from blocks
    inner join {{ ref('territory_contains') }} as contains on blocks.territory_id = contains.contained_id
),

largest as (
    -- Where a body states a merged council and its parts, only the merged one is added.
    select inside.*
    from inside
    where not exists (
        select 1
        from inside as larger
        inner join {{ ref('territory_contains') }} as contains
            on larger.block_id = contains.container_id
        where
            larger.measure_id = inside.measure_id
            and larger.period_start = inside.period_start
            and larger.period_end = inside.period_end
            and larger.territory_id = inside.territory_id
            and contains.contained_id = inside.block_id
    )
),

summed as (
    select
        largest.measure_id,
        largest.period_start,
        largest.period_end,
        largest.territory_id,
        sum(blocks.value) as total,
        coalesce(sum(largest.contained_atoms) filter (where blocks.value is not null), 0)::numeric
            / min(largest.container_atoms) as coverage,
        bool_or(blocks.value is null and blocks.marker like '%[c]%') as any_suppressed,
        bool_and(blocks.value is null and blocks.marker like '%[z]%') as all_not_applicable,
        min(blocks.period_type) as period_type,
        case when bool_or(blocks.maturity = 'provisional') then 'provisional' else max(blocks.maturity) end as maturity,
        min(blocks.release_id) as first_release_id,
        max(blocks.release_id) as last_release_id
    from largest
    inner join blocks
        on largest.measure_id = blocks.measure_id
        and largest.period_start = blocks.period_start
        and largest.period_end = blocks.period_end
        and largest.block_id = blocks.territory_id
    group by largest.measure_id, largest.period_start, largest.period_end, largest.territory_id
),

not_added as (
    -- A published rate says nothing of the areas above those it is published for.
    select distinct
        ground.measure_id,
        ground.period_start,
        ground.period_end,
        ground.period_type,
        contains.container_id as territory_id
    from ground
    inner join {{ ref('measures') }} as seed on ground.measure_id = seed.measure_id and seed.additive = 'no'
    inner join {{ ref('territory_contains') }} as contains on ground.territory_id = contains.contained_id
),

merged as (
    -- The ground of a council that the release knows only inside a later, merged one.
    select distinct
        ground.measure_id,
        ground.period_start,
        ground.period_end,
        ground.period_type,
        contains.contained_id as territory_id
    from ground
    inner join {{ ref('territory_contains') }} as contains on ground.territory_id = contains.container_id
    where ground.area_type in ('unitary', 'district', 'metropolitan_district')
),

explained as (
    select measure_id, period_start, period_end, period_type, territory_id, 'summed' as origin from summed
    union all
    select measure_id, period_start, period_end, period_type, territory_id, 'not_added' as origin from not_added
    union all
    select measure_id, period_start, period_end, period_type, territory_id, 'merged' as origin from merged
),

best as (
    select distinct on (measure_id, period_start, period_end, territory_id) explained.*
    from explained
    order by
        measure_id, period_start, period_end, territory_id,
        case origin when 'summed' then 1 when 'merged' then 2 else 3 end
),

elsewhere as (
    select
        coalesce(ground.measure_id, best.measure_id) as measure_id,
        coalesce(ground.period_start, best.period_start) as period_start,
        coalesce(ground.period_end, best.period_end) as period_end,
        coalesce(ground.period_type, best.period_type) as period_type,
        coalesce(ground.territory_id, best.territory_id) as territory_id,
        case when ground.measure_id is not null then 'same_ground' else best.origin end as origin
    from ground
    full outer join best
        on ground.measure_id = best.measure_id
        and ground.period_start = best.period_start
        and ground.period_end = best.period_end
        and ground.territory_id = best.territory_id
),

derived as (
    select
        elsewhere.measure_id,
        territory.area_code,
        elsewhere.period_start,
        elsewhere.period_end,
        elsewhere.period_type,
        elsewhere.origin,
        case elsewhere.origin
            when 'same_ground' then ground.value
            when 'summed' then case when summed.coverage = 1 then summed.total end
        end as value,
        ground.lower_limit,
        ground.upper_limit,
        case
            when elsewhere.origin = 'same_ground' then ground.marker
            when elsewhere.origin = 'merged' then '[x]'
            when elsewhere.origin = 'not_added' then '[z]'
            when summed.coverage = 1 then null
            when summed.any_suppressed then '[c]'
            when summed.all_not_applicable then '[z]'
            else '[x]'
        end as marker,
        case
            when elsewhere.origin = 'same_ground' then ground.reason
            when elsewhere.origin = 'merged' then 'area_merged_since'
            when elsewhere.origin = 'not_added' then 'not_aggregable'
            when summed.coverage = 1 then null
            when summed.any_suppressed then 'suppressed'
            when summed.all_not_applicable then 'not_applicable'
            else 'incomplete_members'
        end as reason,
        case elsewhere.origin
            when 'same_ground' then case when ground.value is not null then 1 else 0 end
            when 'summed' then summed.coverage
            else 0
        end as coverage,
        coalesce(ground.maturity, summed.maturity) as maturity,
        coalesce(ground.release_id, summed.first_release_id) as first_release_id,
        coalesce(ground.release_id, summed.last_release_id) as last_release_id
    from elsewhere
    inner join {{ ref('area_territory') }} as territory on elsewhere.territory_id = territory.territory_id
    left join ground
        on elsewhere.origin = 'same_ground'
        and elsewhere.measure_id = ground.measure_id
        and elsewhere.period_start = ground.period_start
        and elsewhere.period_end = ground.period_end
        and elsewhere.territory_id = ground.territory_id
    left join summed
        on elsewhere.origin = 'summed'
        and elsewhere.measure_id = summed.measure_id
        and elsewhere.period_start = summed.period_start
        and elsewhere.period_end = summed.period_end
        and elsewhere.territory_id = summed.territory_id
    where not exists (
        select 1
        from stated
        where
            stated.measure_id = elsewhere.measure_id
            and stated.area_code = territory.area_code
            and stated.period_start = elsewhere.period_start
            and stated.period_end = elsewhere.period_end
    )
)

select
    measure_id,
    area_code,
    period_start,
    period_end,
    period_type,
    'stated' as origin,
    value,
    lower_limit,
    upper_limit,
    marker,
    reason,
    case when value is not null then 1 else 0 end::numeric as coverage,
    maturity,
    release_id as first_release_id,
    release_id as last_release_id
from {{ ref('measure') }}

union all

select
    measure_id,
    area_code,
    period_start,
    period_end,
    period_type,
    origin,
    value,
    lower_limit,
    upper_limit,
    marker,
    reason,
    coverage,
    maturity,
    first_release_id,
    last_release_id
from derived
