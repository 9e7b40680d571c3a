{{ config(materialized='incremental', incremental_strategy='remake', unique_key='indicator_id') }}
-- Both sides of each component's formula, summed for every area, period and stratum that has any figure (due or not: a
-- change looks back). A life table has two pairs of sides. Cells without any figure have no row here.
with terms as (
    select
        term.*,
        component.standard_population,
        {% for side in ['numerator', 'denominator'] %}
        count(*) filter (where term.side = '{{ side }}') over pair_of_sides as {{ side }}_terms,
        {% endfor %}
        bool_or(withdrawn.dataset_id is not null) over pair_of_sides as rests_on_withdrawn
    from {{ ref('component_term') }} as term
    inner join {{ ref('indicator_components') }} as component on {{ same_component('term', 'component') }}
    inner join {{ ref('measures') }} as seed on term.measure_id = seed.measure_id
    left join {{ ref('withdrawn_dataset') }} as withdrawn on seed.dataset_id = withdrawn.dataset_id
    where {{ changed('term.indicator_id') }}
    window pair_of_sides as (partition by term.framework_id, term.indicator_id, term.component, term.pair)
),

wanted as (
    -- A term is taken for the component's own period, or as the stock on a day within it (mid-year residents).
    select
        -- One number for each sum: a million figures are sorted by it, and not by seven texts and dates.
        dense_rank() over (
            order by
                terms.framework_id, terms.indicator_id, terms.component,
                period.period_start, period.period_end, series.stratum, terms.pair
        ) as sum_number,
        terms.framework_id,
        terms.indicator_id,
        terms.component,
        terms.method,
        period.period_start,
        period.period_end,
        terms.side,
        terms.pair,
        terms.numerator_terms,
        terms.denominator_terms,
        terms.rests_on_withdrawn,
        terms.sign,
        series.measure_id,
        series.period_start as measure_start,
        series.period_end as measure_end,
        series.stratum
    from terms
    inner join {{ ref('component_period') }} as period on {{ same_component('terms', 'period') }}
    inner join {{ ref('measure_series') }} as series
        on terms.measure_id = series.measure_id
        and (
            (period.period_start = series.period_start and period.period_end = series.period_end)
            or (
                series.period_start = series.period_end
                and series.period_start between period.period_start and period.period_end
            )
        )
    left join {{ ref('standard_populations') }} as standard
        on terms.standard_population = standard.standard_population and series.stratum = standard.stratum
    -- A standard says which strata it has; only it and the life table know strata at all.
    where
        case terms.method
            when 'standardised_rate' then standard.stratum is not null
            when 'life_table' then series.stratum <> ''
            else series.stratum = ''
        end
),

summed as (
    select
        wanted.sum_number,
        area.area_code,
        {% for side in ['numerator', 'denominator'] %}
        count(figure.value) filter (where wanted.side = '{{ side }}') as {{ side }}_known,
        sum(wanted.sign * figure.value) filter (where wanted.side = '{{ side }}') as {{ side }},
        {% endfor %}
        count(*) as terms_found,
        min(figure.lower_limit) as lower_limit,
        max(figure.upper_limit) as upper_limit,
        max(figure.marker) filter (where figure.value is not null) as value_marker,
        {{ gap_marker('figure.value is null', 'figure.marker') }} as stated_marker,
        {{ gap_reason('figure.value is null', 'figure.marker', 'coalesce(figure.reason, meaning.reason)') }}
            as stated_reason,
        min(figure.coverage) as coverage,
        {{ maturity_of('figure.maturity') }} as maturity,
        min(figure.first_release_id) as first_release_id,
        max(figure.last_release_id) as last_release_id
    from wanted
    inner join {{ ref('measure_by_area') }} as figure
        on wanted.measure_id = figure.measure_id
        and wanted.measure_start = figure.period_start
        and wanted.measure_end = figure.period_end
        and wanted.stratum = figure.stratum
    inner join {{ ref('component_area') }} as area
        on {{ same_component('wanted', 'area') }} and figure.area_code = area.area_code
    cross join lateral (
        -- What a body's own marker means, where it says no more.
        select
            case
                when figure.marker like '%[c]%' then 'suppressed'
                when figure.marker like '%[z]%' then 'not_applicable'
                when figure.marker like '%[u]%' then 'unreliable'
            end as reason
    ) as meaning
    group by wanted.sum_number, area.area_code
),

named as (
    select distinct
        sum_number,
        framework_id,
        indicator_id,
        component,
        period_start,
        period_end,
        stratum,
        pair,
        method,
        numerator_terms,
        denominator_terms,
        rests_on_withdrawn
    from wanted
),

explained as (
    select
        named.*,
        summed.area_code,
        {% for side in ['numerator', 'denominator'] %}
        case when summed.{{ side }}_known = named.{{ side }}_terms then summed.{{ side }} end as {{ side }},
        {% endfor %}
        summed.lower_limit,
        summed.upper_limit,
        summed.value_marker,
        coalesce(summed.stated_marker, case when lacking.lacks_a_term then '[x]' end) as gap_marker,
        summed.stated_reason,
        lacking.lacks_a_term,
        summed.coverage,
        summed.maturity,
        summed.first_release_id,
        summed.last_release_id
    from summed
    inner join named on summed.sum_number = named.sum_number
    cross join lateral (
        select summed.terms_found < named.numerator_terms + named.denominator_terms as lacks_a_term
    ) as lacking
)

select
    {{ cell_key('explained') }},
    explained.stratum,
    explained.pair,
    explained.method,
    component.multiplier,
    component.sign,
    explained.numerator,
    explained.denominator,
    explained.denominator_terms > 0 as has_denominator,
    explained.lower_limit,
    explained.upper_limit,
    explained.value_marker,
    explained.gap_marker,
    case
        when explained.gap_marker is null then null
        when explained.stated_reason is not null then explained.stated_reason
        when explained.rests_on_withdrawn and explained.lacks_a_term then 'withdrawn'
        else 'not_yet_published'
    end as gap_reason,
    case when explained.lacks_a_term then 0 else explained.coverage end as coverage,
    explained.maturity,
    explained.first_release_id,
    explained.last_release_id
from explained
inner join {{ ref('indicator_components') }} as component on {{ same_component('explained', 'component') }}
