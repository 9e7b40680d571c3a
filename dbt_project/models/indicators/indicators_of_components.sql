{{ config(materialized='incremental', incremental_strategy='remake', unique_key='indicator_id') }}
-- Methods that take other components of the indicator: difference, sum of parts, mean of parts. All parts go in or
-- none: the mean of what is left is another figure, and beside a printed total it would give a suppressed part away.
with plain as (
    {% for model in ['count', 'ratio', 'published', 'change', 'rolling_change', 'standardised_rate', 'life_table'] %}
    select * from {{ ref('indicators_' ~ model) }}
    where {{ changed('indicator_id') }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

wanted as (
    select
        framework_id,
        indicator_id,
        component,
        count(*) as parts
    from {{ ref('component_part') }}
    group by framework_id, indicator_id, component
),

combined as (
    select
        part.framework_id,
        part.indicator_id,
        part.component,
        plain.area_code,
        plain.period_start,
        plain.period_end,
        min(wanted.parts) as parts_wanted,
        count(*) as parts,
        count(plain.value) as known_parts,
        sum(plain.value) as total,
        sum(plain.value) filter (where part.sign = 1) as minuend,
        sum(plain.value) filter (where part.sign = -1) as subtrahend,
        max(plain.marker) filter (where plain.value is not null) as value_marker,
        {{ gap_marker('plain.value is null', 'plain.marker') }} as gap_marker,
        count(distinct plain.reason) filter (where plain.value is null) as gap_reasons,
        {{ gap_reason('plain.value is null', 'plain.marker', 'plain.reason') }} as gap_reason,
        min(plain.coverage) as coverage,
        {{ maturity_of('plain.maturity') }} as maturity
    from {{ ref('component_part') }} as part
    inner join wanted on {{ same_component('part', 'wanted') }}
    inner join plain
        on part.framework_id = plain.framework_id
        and part.indicator_id = plain.indicator_id
        and part.part_component = plain.component
    group by
        part.framework_id, part.indicator_id, part.component, plain.area_code, plain.period_start, plain.period_end
),

explained as (
    select
        combined.*,
        component.method,
        component.multiplier,
        component.sign,
        case component.method when 'difference' then combined.minuend else combined.total end as upper_side,
        case component.method
            when 'difference' then combined.subtrahend
            when 'mean_of_parts' then combined.parts_wanted
        end as lower_side,
        case
            when combined.gap_marker = '[c]' then '[c]'
            -- What no part has, the whole has not, for the same reason.
            when combined.known_parts = 0 and combined.parts = combined.parts_wanted and combined.gap_reasons = 1
                then combined.gap_marker
            when combined.known_parts < combined.parts_wanted then '[x]'
        end as no_value_marker,
        case
            when combined.gap_marker = '[c]' then 'part_suppressed'
            when combined.known_parts = 0 and combined.parts = combined.parts_wanted and combined.gap_reasons = 1
                then combined.gap_reason
            when combined.known_parts < combined.parts_wanted then 'incomplete_parts'
        end as no_value_reason
    from combined
    inner join {{ ref('indicator_components') }} as component on {{ same_component('combined', 'component') }}
)

select
    {{ cell_key('explained') }},
    case when explained.no_value_marker is null then explained.upper_side end as numerator,
    case when explained.no_value_marker is null then explained.lower_side end as denominator,
    case
        when explained.no_value_marker is not null then null
        {% for method in ['difference', 'sum_of_parts', 'mean_of_parts'] %}
        when explained.method = '{{ method }}'
            then {{ tidy(method_value(
                method, 'explained.upper_side', 'explained.lower_side', 'explained.multiplier', 'explained.sign'
            )) }}
        {% endfor %}
    end as value,
    null::numeric as lower_limit,
    null::numeric as upper_limit,
    coalesce(explained.no_value_marker, explained.value_marker) as marker,
    explained.no_value_reason as reason,
    case when explained.parts = explained.parts_wanted then explained.coverage else 0 end as coverage,
    explained.maturity
from explained
