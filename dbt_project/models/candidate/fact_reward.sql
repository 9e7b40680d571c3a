-- Reward by the rules that are computed: scheme B gives one result for each agreement, over the reward-eligible
-- designated targets of the last year. A target that is held or not, without a ratio, counts as 1 or 0; one that cannot
-- be judged (no survey, no figure) does not count.
with last_year as (
    select
        framework_id,
        last_framework_year as framework_year,
        make_date(left(last_framework_year, 4)::int + 1, 3, 31) as last_day
    from {{ ref('frameworks') }}
),

counted as (
    select
        target.framework_id,
        target.area_code,
        last_year.last_day,
        count(*) as eligible,
        count(target.met) as counted,
        avg(coalesce(target.achievement_capped, target.met::int)) as mean_achievement
    from {{ ref('fact_target') }} as target
    inner join last_year
        on target.framework_id = last_year.framework_id and target.framework_year = last_year.framework_year
    where target.is_current and target.reward_eligible and target.target_class = 'designated'
    group by target.framework_id, target.area_code, last_year.last_day
)

select
    counted.framework_id,
    counted.area_code,
    rule.scheme,
    rule.rule_version,
    counted.counted::int as targets_counted,
    {{ tidy('counted.mean_achievement') }} as mean_achievement,
    counted.mean_achievement >= rule.threshold as pays,
    {{ tidy(reward_paid('counted.mean_achievement', 'rule.threshold', 'rule.cap')) }} as share,
    rule.status,
    counted.counted || ' of ' || counted.eligible || ' reward-eligible designated targets could be judged' as note
from counted
inner join {{ ref('reward_rules') }} as rule
    on rule.scheme = 'B' and rule.computed = 'yes' and counted.last_day between rule.valid_from and rule.valid_to
