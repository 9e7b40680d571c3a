-- How many were asked behind a figure, and how many a simple random sample would need to say as much. An area above
-- those that ran the survey is a stratified sample: the variance is the sum of W^2 x design effect x pq / n over its
-- parts, W the part's share of the people the weights stand for. So many asked in a small council count for little.
with surveys as (
    select
        component.framework_id,
        component.indicator_id,
        component.component,
        component.interval_base_measures as base_measure,
        case component.interval_method when 'survey_design' then effect.design_effect else 1 end::double precision
            as design_effect
    from {{ ref('indicator_components') }} as component
    inner join {{ ref('measures') }} as seed on component.interval_base_measures = seed.measure_id
    left join {{ ref('design_effects') }} as effect on seed.dataset_id = effect.dataset_id
    where
        component.interval_method in ('survey_design', 'wilson')
        and {{ changed('component.indicator_id', is_working=true) }}
),

figures as materialized (
    select
        measure_id,
        area_code,
        period_start,
        period_end,
        value::double precision as asked,
        origin
    from {{ ref('measure_by_area') }}
    where measure_id in (select base_measure from surveys) and stratum = '' and value > 0
),

cells as (
    select
        {{ cell_key('cell') }},
        surveys.base_measure,
        surveys.design_effect,
        territory.territory_id,
        cell.numerator::double precision as numerator,
        cell.denominator::double precision as denominator,
        figure.asked,
        figure.origin
    from surveys
    inner join {{ ref('component_value') }} as cell on {{ same_component('surveys', 'cell') }}
    inner join figures as figure
        on surveys.base_measure = figure.measure_id
        and cell.area_code = figure.area_code
        and cell.period_start = figure.period_start
        and cell.period_end = figure.period_end
    left join {{ ref('area_territory') }} as territory on cell.area_code = territory.area_code
    where cell.value is not null and cell.denominator > 0
),

parts as (
    select
        {{ cell_key('whole') }},
        sum(part.denominator ^ 2 * part.design_effect / part.asked) / sum(part.denominator) ^ 2 as spread,
        sum(
            part.denominator ^ 2 * part.design_effect / part.asked
            * part.numerator / part.denominator * (1 - part.numerator / part.denominator)
        ) / sum(part.denominator) ^ 2 as variance,
        count(*) = count(part.area_code) as is_whole
    from cells as whole
    inner join {{ ref('measure_series') }} as series
        on whole.base_measure = series.measure_id
        and whole.period_start = series.period_start
        and whole.period_end = series.period_end
        and series.stratum = ''
    inner join {{ ref('pattern_block') }} as block
        on series.pattern_id = block.pattern_id and whole.territory_id = block.territory_id
    left join (
        select distinct on (framework_id, indicator_id, component, territory_id, period_start, period_end) *
        from cells
        where origin = 'stated'
        order by
            framework_id asc, indicator_id asc, component asc, territory_id asc, period_start asc, period_end asc,
            area_code asc
    ) as part
        on {{ same_component('whole', 'part') }}
        and block.block_id = part.territory_id
        and whole.period_start = part.period_start
        and whole.period_end = part.period_end
    where whole.origin = 'summed'
    group by {{ cell_key('whole') }}
)

select
    {{ cell_key('cells') }},
    cells.asked,
    cells.design_effect,
    case
        when cells.origin <> 'summed' then cells.asked / cells.design_effect
        when not parts.is_whole then null
        when cells.numerator > 0 and cells.numerator < cells.denominator and parts.variance > 0
            then cells.numerator / cells.denominator * (1 - cells.numerator / cells.denominator) / parts.variance
        else 1 / parts.spread
    end as effective_sample
from cells
left join parts
    on {{ same_cell('cells', 'parts') }}
    and cells.period_start = parts.period_start
    and cells.period_end = parts.period_end
