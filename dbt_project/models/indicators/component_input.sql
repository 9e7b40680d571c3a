-- Both sides of each component's formula, summed for every area and period (due or not: a change looks back).
with measure_periods as (
    select distinct
        measure_id,
        period_start,
        period_end
    from {{ ref('measure_by_area') }}
),

withdrawn as (
    -- Datasets of which the newest release of some part was withdrawn by its body.
    select distinct newest.dataset_id
    from (
        select distinct on (dataset_id, part)
            dataset_id,
            status
        from {{ source('ops', 'release') }}
        order by dataset_id asc, part asc, offered_at desc, release_id desc
    ) as newest
    where newest.status = 'withdrawn'
),

wanted as (
    -- A term is taken for the component's own period, or as the stock on a day within it (mid-year residents).
    select distinct
        period.framework_id,
        period.indicator_id,
        period.component,
        period.period_start,
        period.period_end,
        term.side,
        term.measure_id,
        term.sign,
        withdrawn.dataset_id is not null as is_withdrawn,
        measure.period_start as measure_start,
        measure.period_end as measure_end
    from {{ ref('component_period') }} as period
    inner join {{ ref('component_term') }} as term
        on period.framework_id = term.framework_id
        and period.indicator_id = term.indicator_id
        and period.component = term.component
    inner join {{ ref('measures') }} as seed on term.measure_id = seed.measure_id
    left join withdrawn on seed.dataset_id = withdrawn.dataset_id
    left join measure_periods as measure
        on term.measure_id = measure.measure_id
        and (
            (period.period_start = measure.period_start and period.period_end = measure.period_end)
            or (
                measure.period_start = measure.period_end
                and measure.period_start between period.period_start and period.period_end
            )
        )
),

summed as (
    select
        area.framework_id,
        area.indicator_id,
        area.component,
        area.area_code,
        wanted.period_start,
        wanted.period_end,
        {% for side in ['numerator', 'denominator'] %}
        case
            when bool_and(figure.value is not null) filter (where wanted.side = '{{ side }}')
                then sum(wanted.sign * figure.value) filter (where wanted.side = '{{ side }}')
        end as {{ side }},
        {% endfor %}
        bool_or(wanted.side = 'denominator') as has_denominator,
        min(figure.lower_limit) as lower_limit,
        max(figure.upper_limit) as upper_limit,
        max(figure.marker) filter (where figure.value is not null) as value_marker,
        case
            when bool_or(figure.value is null and figure.marker like '%[c]%') then '[c]'
            when bool_or(figure.value is null and figure.marker like '%[z]%') then '[z]'
            when bool_or(figure.value is null and figure.marker like '%[u]%') then '[u]'
            when bool_or(figure.value is null) then '[x]'
        end as gap_marker,
        min(figure.reason) filter (where figure.value is null) as stated_reason,
        bool_or(figure.value is null and wanted.is_withdrawn) as is_withdrawn,
        min(coalesce(figure.coverage, 0)) as coverage,
        -- Any provisional part makes the whole provisional.
        case when bool_or(figure.maturity = 'provisional') then 'provisional' else max(figure.maturity) end as maturity,
        min(figure.first_release_id) as first_release_id,
        max(figure.last_release_id) as last_release_id
    from wanted
    inner join {{ ref('component_area') }} as area
        on wanted.framework_id = area.framework_id
        and wanted.indicator_id = area.indicator_id
        and wanted.component = area.component
    left join {{ ref('measure_by_area') }} as figure
        on wanted.measure_id = figure.measure_id
        and area.area_code = figure.area_code
        and wanted.measure_start = figure.period_start
        and wanted.measure_end = figure.period_end
    group by
        area.framework_id, area.indicator_id, area.component, area.area_code, wanted.period_start, wanted.period_end
)

select
    {{ cell_key('summed') }},
    component.method,
    component.multiplier,
    component.sign,
    summed.numerator,
    summed.denominator,
    summed.has_denominator,
    summed.lower_limit,
    summed.upper_limit,
    summed.value_marker,
    summed.gap_marker,
    case
        when summed.gap_marker is null then null
        else coalesce(
            summed.stated_reason,
            case summed.gap_marker
                when '[c]' then 'suppressed'
                when '[z]' then 'not_applicable'
                when '[u]' then 'unreliable'
                else case when summed.is_withdrawn then 'withdrawn' else 'not_yet_published' end
            end
        )
    end as gap_reason,
    summed.coverage,
    summed.maturity,
    summed.first_release_id,
    summed.last_release_id
from summed
inner join {{ ref('indicator_components') }} as component
    on summed.framework_id = component.framework_id
    and summed.indicator_id = component.indicator_id
    and summed.component = component.component
