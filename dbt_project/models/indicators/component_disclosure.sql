-- The counts of people in each component's formula, with the rule against disclosure that holds for them: that of the
-- body where it has one, else ours. Limits, models and scores are no counts; what a body prints openly has no rule.
with rules as (
    select *
    from {{ ref('disclosure_rules') }}
    where in_force = 'yes'
),

counted as (
    select
        term.framework_id,
        term.indicator_id,
        term.component,
        term.side,
        max(rule.hidden_from) as hidden_from,
        max(rule.hidden_to) as hidden_to,
        max(rule.rounded_to) as rounded_to,
        bool_or(rule.kind = 'own') as is_own,
        bool_and(rule.national_exempt = 'yes') as is_national_exempt
    from {{ ref('component_term') }} as term
    inner join {{ ref('measures') }} as seed on term.measure_id = seed.measure_id
    inner join rules as rule
        on
            seed.dataset_id = rule.dataset_id
            or (rule.dataset_id is null and seed.dataset_id not in (
                select rules.dataset_id from rules
                where rules.dataset_id is not null
            ))
    group by term.framework_id, term.indicator_id, term.component, term.side
    having
        bool_and(seed.person_count = 'yes' and seed.kind = 'count' and seed.additive = 'yes')
        and max(rule.hidden_to) is not null
)

select
    counted.*,
    component.method,
    case counted.side
        when 'numerator' then component.numerator_measures
        else component.denominator_measures
    end as quantity
from counted
inner join {{ ref('indicator_components') }} as component on {{ same_component('counted', 'component') }}
where component.method in (
    'count', 'ratio', 'mean_of_snapshots', 'frozen_list_rate', 'actual_vs_predicted', 'change', 'rolling_change'
)
