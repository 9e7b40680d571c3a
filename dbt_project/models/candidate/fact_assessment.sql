{{ config(materialized='incremental', incremental_strategy='remake', unique_key='indicator_id') }}
-- One row for each value of the framework's years: its limits, how it compares, which way it goes. The benchmark is a
-- value, taken as known; same component and period only, and no area is compared with itself. A count grows with its
-- area, so it is compared with nothing and is in no quintile.
with benchmarks as not materialized (
    select
        value.moment_number,
        value.area_number,
        value.is_country,
        value.value_shown,
        value.value_float
    from {{ ref('assessed_value') }} as value
    where value.is_assessed and not value.is_council
),

members as (
    select
        member.framework_id,
        area.area_number,
        member.laa_type
    from {{ ref('framework_area') }} as member
    inner join {{ ref('assessed_area') }} as area on member.area_code = area.area_code
),

ranked as (
    -- Place among the areas of the framework, 1 is best; areas that tie share the least place.
    select
        assessed.value_number,
        rank() over (
            partition by assessed.moment_number
            order by assessed.value_shown * case assessed.polarity when 'higher_is_better' then -1 else 1 end
        ) as place,
        count(*) over (partition by assessed.moment_number) as places
    from {{ ref('assessed_value') }} as assessed
    inner join members
        on assessed.framework_id = members.framework_id and assessed.area_number = members.area_number
    where
        assessed.is_assessed
        and assessed.is_council
        and assessed.method <> 'count'
        and assessed.polarity in ('higher_is_better', 'lower_is_better')
),

compared as (
    select
        {% for column in [
            'value_number', 'framework_id', 'indicator_id', 'component', 'area_code', 'period_start', 'period_end',
            'polarity', 'factor', 'limit_kind', 'limit_method', 'numerator', 'base', 'share', 'sample', 'value_float',
            'lower_95', 'upper_95', 'lower_998', 'upper_998',
        ] %}
        assessed.{{ column }},
        {% endfor %}
        england.value_shown as england_value,
        england.value_float as england_float,
        region.value_shown as region_value,
        region.value_float as region_float,
        laa_type.value as laa_type_value,
        laa_type.value::double precision as laa_type_float,
        neighbours.value as neighbours_value,
        neighbours.value::double precision as neighbours_float
    from {{ ref('assessed_value') }} as assessed
    left join benchmarks as england
        on assessed.is_council
        and assessed.method <> 'count'
        and england.is_country
        and assessed.moment_number = england.moment_number
    left join benchmarks as region
        on assessed.is_council
        and assessed.method <> 'count'
        and assessed.region_number = region.area_number
        and assessed.moment_number = region.moment_number
    left join members
        on assessed.is_council
        and assessed.method <> 'count'
        and assessed.framework_id = members.framework_id
        and assessed.area_number = members.area_number
    left join {{ ref('group_value') }} as laa_type
        on laa_type.group_kind = 'laa_type'
        and members.laa_type = laa_type.group_code
        and assessed.moment_number = laa_type.moment_number
    left join {{ ref('group_value') }} as neighbours
        on neighbours.group_kind = 'nearest_neighbours'
        and members.area_number = neighbours.group_area_number
        and assessed.moment_number = neighbours.moment_number
    where assessed.is_assessed
)

select
    {{ cell_key('compared') }},
    {{ framework_year('compared.period_end') }} as framework_year,
    {% for name in levels() %}
    {% for side in ['lower', 'upper'] %}
    {{ tidy('compared.' ~ side ~ '_' ~ name ~ '::numeric') }} as {{ side }}_{{ name }},
    {% endfor %}
    {% endfor %}
    compared.limit_method,
    {% for benchmark in ['england', 'region', 'laa_type', 'neighbours'] %}
    compared.{{ benchmark }}_value,
    stats.compare(
        compared.lower_95, compared.upper_95, compared.lower_998, compared.upper_998,
        compared.{{ benchmark }}_float, compared.polarity
    ) as vs_{{ benchmark }},
    {% endfor %}
    {{ tidy('stats.p_value(' ~ deviate_from('compared.neighbours_float', 'compared') ~ ')::numeric') }} as neighbours_p,
    stats.quantile(ranked.place, ranked.places, 5) as quintile,
    ranked.places::int as quintile_of,
    history.previous_period_end,
    history.previous_value,
    history.change,
    history.direction,
    history.direction_test,
    {{ tidy('history.direction_statistic::numeric') }} as direction_statistic,
    history.trend,
    {{ tidy('history.trend_statistic::numeric') }} as trend_statistic,
    history.trend_method,
    history.trend_points,
    history.trend_reason
from compared
inner join {{ ref('value_history') }} as history on compared.value_number = history.value_number
left join ranked on compared.value_number = ranked.value_number
