{{ config(materialized='incremental', incremental_strategy='remake', unique_key='measure_id') }}
-- Measures for the areas that no body states them for: as stated for the same ground under another code, or summed from
-- parts. We aggregate measures, never indicators. `coverage` is the share of the area's councils that went in.
with summed as (
    select
        series.series_id,
        block.territory_id,
        sum(figure.value) as total,
        coalesce(sum(block.contained_atoms) filter (where figure.value is not null), 0)::numeric
            / min(block.container_atoms) as coverage,
        bool_or(figure.value is null and figure.marker like '%[c]%') as any_suppressed,
        bool_and(figure.value is null and figure.marker like '%[z]%') as never_applies,
        max(figure.marker) filter (where figure.value is not null and figure.marker like '%[e]%') as estimated,
        case when bool_or(figure.maturity = 'provisional') then 'provisional' else max(figure.maturity) end as maturity,
        min(figure.first_release_id) as first_release_id,
        max(figure.last_release_id) as last_release_id
    from {{ ref('measure_series') }} as series
    inner join {{ ref('pattern_block') }} as block on series.pattern_id = block.pattern_id
    inner join {{ ref('measure_in_period') }} as figure
        on series.series_id = figure.series_id and block.block_id = figure.territory_id and figure.is_ground
    where {{ changed('series.measure_id') }} and {{ changed('figure.measure_id') }}
    group by series.series_id, block.territory_id
),

derived as (
    select
        series.series_id,
        series.measure_id,
        series.period_start,
        series.period_end,
        series.stratum,
        series.period_type,
        area.area_code,
        area.territory_id,
        area.origin
    from {{ ref('measure_series') }} as series
    inner join {{ ref('pattern_area') }} as area on series.pattern_id = area.pattern_id
    -- An area that has ended is asked for no more; one to come is the past of its own later figures.
    where
        {{ changed('series.measure_id') }}
        and coalesce(area.valid_to, 'infinity') >= series.period_end
        and coalesce(area.valid_from, '-infinity') <= series.last_period_end
)

select
    derived.measure_id,
    derived.area_code,
    derived.period_start,
    derived.period_end,
    derived.stratum,
    derived.period_type,
    derived.origin,
    case derived.origin
        when 'same_ground' then figure.value
        when 'summed' then case when summed.coverage = 1 then summed.total end
    end as value,
    figure.lower_limit,
    figure.upper_limit,
    case
        when derived.origin = 'same_ground' then figure.marker
        when derived.origin in ('merged', 'joint') then '[x]'
        when derived.origin = 'not_added' then '[z]'
        when summed.coverage = 1 then case when summed.estimated is not null then '[e]' end
        when summed.any_suppressed then '[c]'
        when summed.never_applies then '[z]'
        else '[x]'
    end as marker,
    case
        when derived.origin = 'same_ground' then figure.reason
        when derived.origin = 'merged' then 'area_merged_since'
        when derived.origin = 'joint' then 'reported_jointly'
        when derived.origin = 'not_added' then 'not_aggregable'
        when summed.coverage = 1 then null
        when summed.any_suppressed then 'suppressed'
        when summed.never_applies then 'not_applicable'
        else 'incomplete_members'
    end as reason,
    case derived.origin
        when 'same_ground' then case when figure.value is not null then 1 else 0 end
        when 'summed' then summed.coverage
        else 0
    end as coverage,
    coalesce(figure.maturity, summed.maturity) as maturity,
    coalesce(figure.first_release_id, summed.first_release_id) as first_release_id,
    coalesce(figure.last_release_id, summed.last_release_id) as last_release_id
from derived
left join {{ ref('measure_in_period') }} as figure
    on derived.origin = 'same_ground'
    and derived.series_id = figure.series_id
    and derived.territory_id = figure.territory_id
    and figure.is_ground
    and {{ changed('figure.measure_id') }}
left join summed
    on derived.origin = 'summed'
    and derived.series_id = summed.series_id
    and derived.territory_id = summed.territory_id
