-- What raises a flag: one row for each comparison and kind of flag that it raises, with the reasons.
with judged as (
    select
        comparison.*,
        rule.rule_version,
        rule.jump_standard_deviations,
        quality.grade,
        tag.tag,
        target.targets,
        coalesce(target.is_priority, false) as is_priority,
        case when target.is_priority then rule.priority_weight else rule.other_weight end as weight,
        coalesce(
            comparison.vs_neighbours = 'worse_998'
            and comparison.neighbours_p_adjusted <= rule.benjamini_hochberg_q, false
        ) as is_worse,
        coalesce(
            comparison.vs_neighbours = 'better_998'
            and comparison.neighbours_p_adjusted <= rule.benjamini_hochberg_q, false
        ) as is_better,
        coalesce(comparison.in_worst_quintile, false) as is_in_worst_quintile,
        coalesce(comparison.direction = 'worsening_significant', false) as is_worsening,
        coalesce(comparison.trend = 'worsening', false) as has_worsening_trend,
        coalesce(target.is_deteriorating, false) as is_deteriorating,
        coalesce(target.is_met_early, false) as is_met_early,
        coalesce(
            comparison.direction not like 'worsening%' and comparison.previous_direction not like 'worsening%', false
        ) as has_not_worsened,
        coalesce(comparison.jump > rule.jump_standard_deviations, false) as has_jumped,
        {{ reaches_grade('quality.grade', 'rule.red_grade_floor') }} as may_be_red,
        {{ reaches_grade('quality.grade', 'rule.green_grade_floor') }} as may_be_green
    from {{ ref('flag_comparison') }} as comparison
    inner join {{ ref('flag_rule') }} as rule
        on comparison.framework_id = rule.framework_id and comparison.framework_year = rule.framework_year
    left join {{ ref('fact_quality') }} as quality
        on {{ same_component('comparison', 'quality') }} and comparison.framework_year = quality.framework_year
    left join {{ ref('flag_target') }} as target
        on comparison.framework_id = target.framework_id
        and comparison.area_code = target.area_code
        and comparison.indicator_id = target.indicator_id
        and comparison.framework_year = target.framework_year
    left join {{ ref('safety_tags') }} as tag
        on comparison.framework_id = tag.framework_id and comparison.indicator_id = tag.indicator_id
),

-- Few comparisons raise any; only for those is the rest worked out.
raised as materialized (
    select
        judged.*,
        verdict.is_red,
        verdict.is_green
    from judged
    cross join lateral (
        select
            judged.may_be_red
            and (judged.is_worse or judged.is_in_worst_quintile)
            and (judged.is_worsening or judged.has_worsening_trend or judged.is_deteriorating) as is_red,
            judged.may_be_green and (judged.is_better and judged.has_not_worsened or judged.is_met_early) as is_green
    ) as verdict
    where verdict.is_red or verdict.is_green
)

select
    kind.flag_kind,
    raised.*
from raised
cross join lateral (
    values
        ('red', raised.is_red),
        ('green', raised.is_green),
        ('urgent', raised.is_red and (raised.tag is not null or raised.has_jumped))
) as kind (flag_kind, is_raised)
where kind.is_raised
