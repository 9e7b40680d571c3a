-- A component whose interval rests on the design of a survey needs the design effect of that survey.
select distinct seed.dataset_id
from {{ ref('indicator_components') }} as component
inner join {{ ref('measures') }} as seed on component.interval_base_measures = seed.measure_id
left join {{ ref('design_effects') }} as effect on seed.dataset_id = effect.dataset_id
where component.interval_method = 'survey_design' and effect.dataset_id is null
