{{ config(materialized='incremental', incremental_strategy='remake', unique_key='indicator_id') }}
-- Method life_table: years in good health still to live, by Sullivan's method. From deaths over residents comes an
-- abridged life table (people die half-way through a band on average, the last band is open), and of the years lived in
-- each band the share counts that is in good health among those asked.
with recursive bands as (
    select
        {{ cell_key('deaths') }},
        deaths.multiplier,
        deaths.sign,
        deaths.stratum,
        substring(deaths.stratum from '^\d+')::int as first_age,
        -- Empty for the open band.
        substring(deaths.stratum from '-(\d+)$')::int + 1 - substring(deaths.stratum from '^\d+')::int as years,
        deaths.numerator / nullif(deaths.denominator, 0) as death_rate,
        health.numerator / nullif(health.denominator, 0) as healthy_share,
        coalesce(deaths.value_marker, health.value_marker) as value_marker,
        coalesce(deaths.gap_marker, health.gap_marker) as gap_marker,
        coalesce(deaths.gap_reason, health.gap_reason) as gap_reason,
        deaths.gap_marker like '%[c]%' or health.gap_marker like '%[c]%' as is_suppressed,
        health.stratum is null as has_no_health,
        least(deaths.coverage, health.coverage) as coverage,
        case
            when 'provisional' in (deaths.maturity, health.maturity) then 'provisional'
            else greatest(deaths.maturity, health.maturity)
        end as maturity
    from {{ ref('component_input') }} as deaths
    left join {{ ref('component_input') }} as health
        on {{ same_cell('deaths', 'health') }}
        and deaths.period_start = health.period_start
        and deaths.period_end = health.period_end
        and deaths.stratum = health.stratum
        and health.pair = 2
    where deaths.method = 'life_table' and deaths.pair = 1 and {{ changed('deaths.indicator_id') }}
),

wanted as (
    -- The bands of a component are those that any area has.
    select
        framework_id,
        indicator_id,
        component,
        count(distinct stratum) as strata
    from bands
    group by framework_id, indicator_id, component
),

numbered as (
    select
        bands.*,
        row_number() over (
            partition by
                bands.framework_id, bands.indicator_id, bands.component, bands.area_code,
                bands.period_start, bands.period_end
            order by bands.first_age
        ) as band,
        -- Nobody can die twice: at very high rates all who begin a band die in it.
        case
            when bands.years is null then 1::numeric
            else least(1, bands.years * bands.death_rate / (1 + bands.years * bands.death_rate / 2))
        end as dying
    from bands
),

lived as (
    select
        numbered.*,
        100000::numeric as alive
    from numbered
    where band = 1

    union all

    select
        numbered.*,
        lived.alive * (1 - lived.dying) as alive
    from numbered
    inner join lived
        on {{ same_cell('numbered', 'lived') }}
        and numbered.period_start = lived.period_start
        and numbered.period_end = lived.period_end
        and numbered.band = lived.band + 1
),

years_lived as (
    select
        lived.*,
        case
            when years is null then alive / nullif(death_rate, 0)
            else years * alive * (1 - dying / 2)
        end as person_years
    from lived
),

tables as (
    select
        {{ cell_key('years_lived') }},
        min(years_lived.multiplier) as multiplier,
        min(years_lived.sign) as sign,
        min(wanted.strata) as strata_wanted,
        count(*) as strata,
        count(*) filter (where years_lived.gap_marker is not null or years_lived.has_no_health) as gaps,
        bool_or(years_lived.is_suppressed) as any_suppressed,
        {{ gap_marker('years_lived.gap_marker is not null', 'years_lived.gap_marker') }} as gap_marker,
        {{ gap_reason('years_lived.gap_marker is not null', 'years_lived.gap_marker', 'years_lived.gap_reason') }}
            as gap_reason,
        bool_and(years_lived.person_years * years_lived.healthy_share is not null) as is_defined,
        bool_or(years_lived.years is null) as has_open_band,
        sum(years_lived.person_years * years_lived.healthy_share) as healthy_years,
        max(years_lived.alive) as beginners,
        max(years_lived.value_marker) as value_marker,
        min(years_lived.coverage) as coverage,
        {{ maturity_of('years_lived.maturity') }} as maturity
    from years_lived
    inner join wanted on {{ same_component('years_lived', 'wanted') }}
    group by {{ cell_key('years_lived') }}
),

explained as (
    select
        tables.*,
        case
            when any_suppressed then '[c]'
            when gaps = strata then coalesce(gap_marker, '[x]')
            when gaps > 0 or strata < strata_wanted or not has_open_band then '[x]'
            when not is_defined then '[z]'
        end as no_value_marker,
        case
            when any_suppressed then 'suppressed'
            when gaps = strata then coalesce(gap_reason, 'not_yet_published')
            when gaps > 0 or strata < strata_wanted or not has_open_band then 'incomplete_strata'
            when not is_defined then 'zero_denominator'
        end as no_value_reason
    from tables
)

select
    {{ cell_key('explained') }},
    case when explained.no_value_marker is null then {{ tidy('explained.healthy_years') }} end as numerator,
    case when explained.no_value_marker is null then explained.beginners end as denominator,
    case
        when explained.no_value_marker is null
            then {{ tidy(method_value(
                'life_table',
                'explained.healthy_years',
                'explained.beginners',
                'explained.multiplier',
                'explained.sign'
            )) }}
    end as value,
    null::numeric as lower_limit,
    null::numeric as upper_limit,
    coalesce(explained.no_value_marker, explained.value_marker) as marker,
    explained.no_value_reason as reason,
    explained.coverage,
    explained.maturity
from explained
