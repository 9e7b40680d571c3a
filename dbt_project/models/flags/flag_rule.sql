-- The rules of assessment that hold for each year of a framework: the newest version that began by the year's last day.
with years as (
    select
        framework.framework_id,
        begins || '-' || right((begins + 1)::text, 2) as framework_year,
        make_date(begins + 1, 3, 31) as last_day
    from {{ ref('frameworks') }} as framework
    cross join lateral generate_series(
        left(framework.first_framework_year, 4)::int, left(framework.last_framework_year, 4)::int
    ) as begins
),

versions as (
    select distinct on (years.framework_id, years.framework_year)
        years.framework_id,
        years.framework_year,
        years.last_day,
        rule.rule_version
    from years
    inner join {{ ref('assessment_rules') }} as rule on years.last_day >= rule.valid_from
    order by years.framework_id, years.framework_year, rule.valid_from desc, rule.rule_version desc
)

select
    versions.framework_id,
    versions.framework_year,
    versions.last_day,
    versions.rule_version,
    max(rule.value) filter (where rule.name = 'benjamini_hochberg_q')::double precision as benjamini_hochberg_q,
    max(rule.value) filter (where rule.name = 'comparison_level')::double precision as comparison_level,
    max(rule.value) filter (where rule.name = 'red_grade_floor') as red_grade_floor,
    max(rule.value) filter (where rule.name = 'green_grade_floor') as green_grade_floor,
    max(rule.value) filter (where rule.name = 'jump_standard_deviations')::double precision
        as jump_standard_deviations,
    max(rule.value) filter (where rule.name = 'priority_weight')::numeric as priority_weight,
    max(rule.value) filter (where rule.name = 'other_weight')::numeric as other_weight,
    max(rule.value) filter (where rule.name = 'least_neighbours')::int as least_neighbours
from versions
inner join {{ ref('assessment_rules') }} as rule on versions.rule_version = rule.rule_version
group by versions.framework_id, versions.framework_year, versions.last_day, versions.rule_version
