{{ config(materialized='incremental', incremental_strategy='remake', unique_key='indicator_id') }}
-- Method change: from the baseline year, of the sum or of the rate where a denominator is given. Where the catalogue
-- says so, both years must come from the same releases, because bodies restate back years.
with levels as (
    select
        input.*,
        case when input.has_denominator then input.numerator / nullif(input.denominator, 0) else input.numerator end
            as level
    from {{ ref('component_input') }} as input
    where input.method = 'change' and {{ changed('input.indicator_id') }}
),

pairs as (
    select
        current_year.*,
        baseline.level as baseline_level,
        baseline.gap_marker as baseline_gap_marker,
        baseline.gap_reason as baseline_gap_reason,
        baseline.coverage as baseline_coverage,
        -- The lowest and the highest release stand for the set: one release on each side is told exactly, and the
        -- returns of many senders go in together in both years.
        component.same_release = 'yes' and (
            (current_year.first_release_id, current_year.last_release_id)
            is distinct from (baseline.first_release_id, baseline.last_release_id)
        ) as mixed_releases
    from levels as current_year
    inner join {{ ref('indicator_components') }} as component on {{ same_component('current_year', 'component') }}
    left join levels as baseline
        on {{ same_cell('current_year', 'baseline') }}
        and extract(year from baseline.period_end) = component.baseline_year
),

explained as (
    select
        pairs.*,
        case
            when gap_marker is not null then gap_marker
            when baseline_gap_marker is not null then baseline_gap_marker
            when baseline_level is null then '[x]'
            when mixed_releases then '[x]'
            when baseline_level = 0 then '[z]'
        end as no_value_marker,
        case
            when gap_marker is not null then gap_reason
            when baseline_gap_marker is not null then baseline_gap_reason
            when baseline_level is null then 'not_yet_published'
            when mixed_releases then 'mixed_releases'
            when baseline_level = 0 then 'change_from_zero'
        end as no_value_reason
    from pairs
)

select
    {{ cell_key('explained') }},
    {{ tidy('explained.level') }} as numerator,
    {{ tidy('explained.baseline_level') }} as denominator,
    case
        when explained.no_value_marker is null
            then {{ tidy(method_value(
                'change', 'explained.level', 'explained.baseline_level', 'explained.multiplier', 'explained.sign'
            )) }}
    end as value,
    null::numeric as lower_limit,
    null::numeric as upper_limit,
    coalesce(explained.no_value_marker, explained.value_marker) as marker,
    explained.no_value_reason as reason,
    least(explained.coverage, explained.baseline_coverage) as coverage,
    explained.maturity
from explained
