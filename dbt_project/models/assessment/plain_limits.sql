-- Every value with its limits by the kind of its formula, save gaps between components: what is compared, and the past
-- it is compared with. The past of an area that was put together from others is rebuilt from measures, where all of
-- its ground has figures.
with facts as (
    select
        moment.moment_number,
        moment.component_number,
        fact.area_code,
        fact.period_start,
        fact.period_end,
        fact.numerator,
        fact.denominator,
        fact.value,
        fact.lower_limit,
        fact.upper_limit,
        fact.marker,
        moment.is_assessed
    from {{ ref('fact_value') }} as fact
    inner join {{ ref('assessed_moment') }} as moment
        on {{ same_component('fact', 'moment') }}
        and fact.period_start = moment.period_start
        and fact.period_end = moment.period_end
    where fact.value is not null

    union all

    select
        moment.moment_number,
        moment.component_number,
        cell.area_code,
        cell.period_start,
        cell.period_end,
        cell.numerator,
        cell.denominator,
        cell.value,
        cell.lower_limit,
        cell.upper_limit,
        cell.marker,
        false as is_assessed
    from {{ ref('component_area') }} as area
    inner join {{ ref('frameworks') }} as framework on area.framework_id = framework.framework_id
    inner join {{ ref('component_value') }} as cell
        on {{ same_cell('area', 'cell') }} and area.in_force_from > cell.period_end
    inner join {{ ref('assessed_moment') }} as moment
        on {{ same_component('cell', 'moment') }}
        and cell.period_start = moment.period_start
        and cell.period_end = moment.period_end
    inner join {{ ref('assessed_component') }} as component on moment.component_number = component.component_number
    where
        cell.value is not null
        and cell.coverage = 1
        and area.in_force_from > '-infinity'
        and area.in_force_from < make_date(left(framework.last_framework_year, 4)::int + 1, 4, 1)
        and cell.period_end >= coalesce(component.due_from, '-infinity')
        and cell.period_end <= coalesce(component.due_to, 'infinity')
        and coalesce(extract(year from cell.period_end) > component.baseline_year, true)
        and coalesce(component.not_due_reason <> 'other_source', true)
),

sizes as (
    select
        moment.moment_number,
        size.area_code,
        size.asked,
        size.effective_sample
    from {{ ref('sample_size') }} as size
    inner join {{ ref('assessed_moment') }} as moment
        on {{ same_component('size', 'moment') }}
        and size.period_start = moment.period_start
        and size.period_end = moment.period_end
),

standardised as (
    select
        moment.moment_number,
        rate.area_code,
        {% for name in levels() %}
        {% for side in ['lower', 'upper'] %}
        rate.{{ side }}_{{ name }}{{ ',' if not loop.last }}
        {% endfor %}
        {{- ',' if not loop.last }}
        {% endfor %}
    from {{ ref('standardised_limits') }} as rate
    inner join {{ ref('assessed_moment') }} as moment
        on {{ same_component('rate', 'moment') }}
        and rate.period_start = moment.period_start
        and rate.period_end = moment.period_end
),

placed as (
    select
        facts.moment_number,
        facts.component_number,
        area.area_number,
        facts.period_start,
        facts.period_end,
        facts.is_assessed,
        case when component.period_type = 'quarter' then extract(month from facts.period_end)::int else 0 end as season,
        facts.marker like '%[b]%' as has_break,
        component.factor,
        facts.value as value_shown,
        facts.value::double precision as value_float,
        facts.numerator::double precision as numerator,
        facts.denominator::double precision as denominator,
        case component.method when 'count' then 1 else facts.denominator::double precision end as base,
        facts.lower_limit::double precision as published_lower,
        facts.upper_limit::double precision as published_upper,
        case
            when component.method = 'actual_vs_predicted' then facts.numerator::double precision / size.asked
            when facts.denominator > 0 then facts.numerator::double precision / facts.denominator::double precision
        end as share,
        case
            when component.interval_method = 'survey_design' then size.effective_sample
            when component.method = 'actual_vs_predicted' then size.asked
            else facts.denominator::double precision
        end as sample,
        case
            when facts.lower_limit <= facts.value and facts.upper_limit >= facts.value then 'published'
            when component.method in ('ratio', 'weighted_mean')
                and component.interval_method in ('wilson', 'survey_design')
                then 'proportion'
            when component.method = 'actual_vs_predicted' and component.interval_method = 'wilson' then 'predicted'
            when component.method in ('count', 'ratio') and component.interval_method = 'byar' then 'poisson'
            when component.interval_method = 'dobson' then 'standardised'
        end as limit_kind,
        component.interval_method,
        {% for name in levels() %}
        {% for side in ['lower', 'upper'] %}
        standardised.{{ side }}_{{ name }} as standardised_{{ side }}_{{ name }}{{ ',' if not loop.last }}
        {% endfor %}
        {{- ',' if not loop.last }}
        {% endfor %}
    from facts
    inner join {{ ref('assessed_component') }} as component on facts.component_number = component.component_number
    inner join {{ ref('assessed_area') }} as area on facts.area_code = area.area_code
    left join sizes as size on facts.moment_number = size.moment_number and facts.area_code = size.area_code
    left join standardised
        on facts.moment_number = standardised.moment_number and facts.area_code = standardised.area_code
),

-- Computed once, so that the functions of limits are given columns: given formulas they are not put in place.
kinds as materialized (
    select
        *,
        share * sample as hits
    from placed
),

limited as (
    select
        kinds.*,
        {% for name, level in levels().items() %}
        {% for side in ['lower', 'upper'] %}
        coalesce({{ limit_of(side, level, 'kinds') }}, kinds.standardised_{{ side }}_{{ name }})
            as {{ side }}_{{ name }},
        {% endfor %}
        {% endfor %}
        case
            when kinds.limit_kind = 'published' then 'published'
            when kinds.limit_kind = 'standardised' then 'dobson'
            when kinds.limit_kind = 'poisson' then case when kinds.numerator >= 10 then 'byar' else 'exact' end
            when kinds.limit_kind is not null
                then case kinds.interval_method when 'survey_design' then 'survey' else 'wilson' end
        end as possible_method
    from kinds
)

select
    -- Numbers run on within a series: the equivalent period before is one less.
    row_number() over (
        order by
            limited.component_number,
            limited.area_number,
            limited.season,
            limited.period_end,
            limited.period_start
    )::int as value_number,
    row_number() over (
        partition by limited.component_number, limited.area_number, limited.season
        order by limited.period_end, limited.period_start
    )::int as place_in_series,
    limited.moment_number,
    limited.component_number,
    limited.area_number,
    limited.period_start,
    limited.period_end,
    limited.is_assessed,
    limited.has_break,
    limited.limit_kind,
    limited.numerator,
    limited.denominator,
    limited.base,
    limited.share,
    limited.sample,
    limited.value_shown,
    limited.value_float,
    {% for name in levels() %}
    {% for side in ['lower', 'upper'] %}
    limited.{{ side }}_{{ name }},
    {% endfor %}
    {% endfor %}
    case when limited.upper_95 is not null then limited.possible_method else 'none' end as limit_method
from limited
