-- Each year's comparisons beside what chance alone would give of them, and the flags that were raised.
with possible as (
    select
        rule.framework_id,
        rule.framework_year,
        rule.rule_version,
        rule.comparison_level,
        rule.benjamini_hochberg_q,
        (
            select count(*)
            from {{ ref('framework_area') }} as area
            where
                area.framework_id = rule.framework_id
                and rule.last_day between area.in_force_from and area.in_force_to
        )::int as areas,
        (
            select count(*)
            from {{ ref('dim_indicator') }} as indicator
            where indicator.framework_id = rule.framework_id and indicator.set_status = 'in_set'
        )::int as indicators
    from {{ ref('flag_rule') }} as rule
),

made as (
    select
        comparison.framework_id,
        comparison.framework_year,
        count(comparison.neighbours_p)::int as compared,
        count(*) filter (where comparison.neighbours_p <= 1 - possible.comparison_level)::int as significant,
        count(*) filter (where comparison.neighbours_p_adjusted <= possible.benjamini_hochberg_q)::int
            as significant_adjusted,
        count(*) filter (
            where
                comparison.vs_neighbours = 'worse_998'
                and comparison.neighbours_p_adjusted <= possible.benjamini_hochberg_q
        )::int as worse,
        count(*) filter (
            where
                comparison.vs_neighbours = 'better_998'
                and comparison.neighbours_p_adjusted <= possible.benjamini_hochberg_q
        )::int as better,
        count(*) filter (where comparison.in_worst_quintile)::int as in_worst_quintile
    from {{ ref('flag_comparison') }} as comparison
    inner join possible
        on comparison.framework_id = possible.framework_id and comparison.framework_year = possible.framework_year
    group by comparison.framework_id, comparison.framework_year
),

raised as (
    select
        framework_id,
        framework_year,
        count(*) filter (where flag_kind = 'red')::int as red,
        count(*) filter (where flag_kind = 'urgent')::int as urgent,
        count(*) filter (where flag_kind = 'green')::int as green
    from {{ ref('fact_flag') }}
    group by framework_id, framework_year
)

select
    possible.framework_id,
    possible.framework_year,
    possible.rule_version,
    possible.areas,
    possible.indicators,
    possible.areas * possible.indicators as comparisons_possible,
    coalesce(made.compared, 0) as comparisons_made,
    {{ tidy('(coalesce(made.compared, 0) * (1 - possible.comparison_level))::numeric') }} as expected_by_chance,
    {{ tidy('(coalesce(made.compared, 0) * (1 - possible.comparison_level) / 2)::numeric') }}
        as expected_worse_by_chance,
    coalesce(made.significant, 0) as significant,
    coalesce(made.significant_adjusted, 0) as significant_adjusted,
    coalesce(made.worse, 0) as worse,
    coalesce(made.better, 0) as better,
    coalesce(made.in_worst_quintile, 0) as in_worst_quintile,
    coalesce(raised.red, 0) as red_candidates,
    coalesce(raised.urgent, 0) as urgent_candidates,
    coalesce(raised.green, 0) as green_candidates
from possible
left join made on possible.framework_id = made.framework_id and possible.framework_year = made.framework_year
left join raised on possible.framework_id = raised.framework_id and possible.framework_year = raised.framework_year
