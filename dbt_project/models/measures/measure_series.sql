{{ config(materialized='incremental', incremental_strategy='remake', unique_key='measure_id') }}
-- The series with their patterns. Series that are stated for the same areas are rolled up in the same way, so which
-- block goes into which sum is worked out once for each of a few hundred patterns and not for each of a million cells.
with kinds_in_use as (
    -- Kinds of area that the components of a measure are reported for.
    select
        term.measure_id,
        level.area_type
    from {{ ref('component_term') }} as term
    inner join {{ ref('indicators') }} as indicator
        on term.framework_id = indicator.framework_id and term.indicator_id = indicator.indicator_id
    inner join {{ ref('area_levels') }} as level on indicator.area_level = level.area_level

    union

    select
        term.measure_id,
        area.area_type
    from {{ ref('component_term') }} as term
    inner join {{ ref('frameworks') }} as framework on term.framework_id = framework.framework_id
    inner join {{ ref('area_sets') }} as member on framework.area_set = member.area_set
    inner join {{ ref('areas') }} as area on member.area_code = area.area_code
),

scope as (
    select
        measure_id,
        string_agg(area_type, ' ' order by area_type) as area_types
    from kinds_in_use
    group by measure_id
),

stated as (
    select
        series_id,
        min(measure_id) as measure_id,
        min(period_start) as period_start,
        min(period_end) as period_end,
        min(stratum) as stratum,
        min(period_type) as period_type,
        count(*) as areas,
        max(last_release_id) filter (where value is not null) as last_release_id,
        -- Two hashes of the set of areas, in whatever order they come.
        bit_xor(hashtextextended(area_code || adds_up || is_ground, 0)) as first_hash,
        bit_xor(hashtextextended(area_code || adds_up || is_ground, 1)) as second_hash
    from {{ ref('measure_in_period') }}
    where {{ changed('measure_id') }}
    group by series_id
),

patterns as (
    select
        stated.*,
        seed.additive,
        -- What no component uses is rolled up for every kind of area.
        coalesce(scope.area_types, 'any') as area_types,
        -- The same in every build, whichever measures it remakes.
        hashtextextended(
            concat_ws('|', stated.areas, stated.first_hash, stated.second_hash, seed.additive, scope.area_types), 0
        ) as pattern_id
    from stated
    inner join {{ ref('measures') }} as seed on stated.measure_id = seed.measure_id
    left join scope on stated.measure_id = scope.measure_id
)

select
    series_id,
    measure_id,
    period_start,
    period_end,
    stratum,
    period_type,
    additive,
    area_types,
    pattern_id,
    last_release_id,
    max(period_end) over (partition by measure_id) as last_period_end
from patterns
