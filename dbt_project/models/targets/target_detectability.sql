{{ config(
    materialized='incremental', incremental_strategy='remake', unique_key='indicator_id',
    meta={'whole_for': ['laa_targets']},
    indexes=[{'columns': ['indicator_id', 'component', 'area_code', 'framework_id'], 'unique': true}]
) }}
-- The smallest change of a component that its data could show in an area is worked out from its newest figure and what
-- lies behind it: of a survey the number asked and the design effect, of a share or a rate the people below the line.
with described as (
    select
        part.framework_id,
        part.indicator_id,
        part.component,
        part.method,
        part.multiplier,
        part.interval_method,
        asked.measure_id as asked_measure,
        sample.answers as expected_answers,
        coalesce(survey.design_effect, 1) as design_effect
    from {{ ref('indicator_components') }} as part
    left join {{ ref('measures') }} as asked
        on part.interval_method = 'survey_design' and part.interval_base_measures = asked.measure_id
    left join {{ ref('survey_samples') }} as sample on asked.dataset_id = sample.dataset_id
    left join {{ ref('design_effects') }} as survey on asked.dataset_id = survey.dataset_id
    where
        part.method = 'ratio' and part.interval_method in ('wilson', 'survey_design', 'byar')
        or part.method = 'count' and part.interval_method = 'byar'
),

answers as (
    select
        cell.measure_id,
        cell.area_code,
        cell.period_start,
        cell.period_end,
        cell.value
    from {{ ref('measure_by_area') }} as cell
    where
        cell.stratum = ''
        and cell.measure_id in (
            select interval_base_measures
            from {{ ref('indicator_components') }}
            where interval_method = 'survey_design'
        )
),

-- The figures are joined before one of each is picked: after that nobody could say how many rows are left, and the
-- planner would loop over the measures.
figures as (
    select
        {{ cell_key('cell') }},
        cell.value,
        described.method,
        described.multiplier,
        described.interval_method,
        described.design_effect,
        case
            when described.interval_method = 'survey_design' then coalesce(asked.value, described.expected_answers)
            when described.method = 'ratio' then cell.denominator
        end as base
    from {{ ref('fact_value') }} as cell
    inner join described on {{ same_component('cell', 'described') }}
    left join answers as asked
        on described.asked_measure = asked.measure_id
        and cell.area_code = asked.area_code
        and cell.period_start = asked.period_start
        and cell.period_end = asked.period_end
    where
        cell.value is not null
        and {{ changed('cell.indicator_id') }}
        and (cell.framework_id, cell.indicator_id, cell.component, cell.area_code) in (
            select
                framework_id,
                indicator_id,
                component,
                area_code
            from {{ ref('target_version') }}
        )
)

select distinct on (framework_id, indicator_id, component, area_code)
    framework_id,
    indicator_id,
    component,
    area_code,
    method,
    interval_method,
    multiplier,
    value,
    base,
    design_effect
from figures
order by framework_id asc, indicator_id asc, component asc, area_code asc, period_end desc
