-- Every value with its limits by the kind of its formula, save gaps between components: what is compared, and the past it
-- is compared with. The past of an area that was put together from others is rebuilt from measures, where all of its
-- ground has figures.
with facts as (
    select
        {{ cell_key('fact') }},
        fact.framework_year,
        fact.numerator,
        fact.denominator,
        fact.value,
        fact.lower_limit,
        fact.upper_limit,
        fact.marker,
        false as is_rebuilt,
        fact.framework_year between framework.first_framework_year and framework.last_framework_year as is_assessed
    from {{ ref('fact_value') }} as fact
    inner join {{ ref('frameworks') }} as framework on fact.framework_id = framework.framework_id
    where fact.value is not null

    union all

    select
        {{ cell_key('cell') }},
        null as framework_year,
        cell.numerator,
        cell.denominator,
        cell.value,
        cell.lower_limit,
        cell.upper_limit,
        cell.marker,
        true as is_rebuilt,
        false as is_assessed
    from {{ ref('component_area') }} as area
    inner join {{ ref('frameworks') }} as framework on area.framework_id = framework.framework_id
    inner join {{ ref('component_value') }} as cell
        on {{ same_cell('area', 'cell') }} and cell.period_end < area.in_force_from
    inner join {{ ref('assessed_component') }} as component on {{ same_component('cell', 'component') }}
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

-- Computed once, so that the functions of limits are given columns: given formulas they are not put in place.
placed as materialized (
    select
        {{ cell_key('facts') }},
        facts.framework_year,
        facts.is_rebuilt,
        facts.is_assessed,
        facts.value as value_shown,
        facts.marker like '%[b]%' as has_break,
        component.component_number,
        component.method,
        component.polarity,
        component.decimals,
        component.period_type,
        component.factor,
        area.area_number,
        area.region_number,
        area.is_council,
        area.is_country,
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
        component.interval_method
    from facts
    inner join {{ ref('assessed_component') }} as component on {{ same_component('facts', 'component') }}
    inner join {{ ref('assessed_area') }} as area on facts.area_code = area.area_code
    left join {{ ref('sample_size') }} as size
        on {{ same_cell('facts', 'size') }}
        and facts.period_start = size.period_start
        and facts.period_end = size.period_end
),

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
        coalesce({{ limit_of(side, level, 'kinds') }}, standardised.{{ side }}_{{ name }}) as {{ side }}_{{ name }},
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
    left join {{ ref('standardised_limits') }} as standardised
        on kinds.limit_kind = 'standardised'
        and {{ same_cell('kinds', 'standardised') }}
        and kinds.period_start = standardised.period_start
        and kinds.period_end = standardised.period_end
)

select
    {{ cell_key('limited') }},
    limited.component_number,
    limited.area_number,
    limited.region_number,
    limited.is_council,
    limited.is_country,
    limited.framework_year,
    limited.is_assessed,
    limited.is_rebuilt,
    limited.has_break,
    limited.period_type,
    limited.method,
    limited.polarity,
    limited.decimals,
    limited.factor,
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
