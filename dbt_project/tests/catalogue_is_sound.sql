-- What the methods need, the catalogue gives: one row for each fault, with the component it is found at.
with components as (
    select * from {{ ref('indicator_components') }}
),

headlines as (
    select
        framework_id,
        indicator_id,
        null as component,
        'an indicator has one headline; this has ' || count(*) filter (where headline = 'yes') as fault
    from components
    group by framework_id, indicator_id
    having count(*) filter (where headline = 'yes') <> 1
),

methods as (
    select
        component.framework_id,
        component.indicator_id,
        component.component,
        rule.fault
    from components as component
    cross join lateral (
        values
        (
            component.method in ('count', 'ratio', 'published', 'change', 'rolling_change'),
            'the method is not known'
        ),
        (component.numerator_measures is not null, 'the numerator names no measure'),
        (
            component.method <> 'ratio' or component.denominator_measures is not null,
            'a ratio needs denominator_measures'
        ),
        (
            component.method not in ('count', 'published', 'rolling_change') or component.denominator_measures is null,
            'this method divides by nothing: leave denominator_measures empty'
        ),
        ((component.method = 'change') = (component.baseline_year is not null), 'baseline_year goes with change'),
        (
            (component.method = 'rolling_change') = (component.window_years is not null),
            'window_years goes with rolling_change'
        ),
        (
            component.method <> 'published' or component.numerator_measures !~ '[-+]',
            'a published figure is one measure'
        ),
        ((component.multiplier <> 0 and component.sign in (-1, 1)) is true, 'multiplier or sign is missing'),
        (
            (component.standing_marker is null) = (component.standing_reason is null),
            'standing_marker and standing_reason go together'
        ),
        (component.valid_min < component.valid_max, 'valid_min and valid_max are limits, lower first')
    ) as rule (is_kept, fault)
    where rule.is_kept is not true
),

references_made as (
    select
        component.framework_id,
        component.indicator_id,
        component.component,
        'it is a component of an indicator that is not in the catalogue' as fault
    from components as component
    left join {{ ref('indicators') }} as indicator
        on component.framework_id = indicator.framework_id and component.indicator_id = indicator.indicator_id
    where indicator.indicator_id is null

    union all

    select
        term.framework_id,
        term.indicator_id,
        term.component,
        'measure ' || term.measure_id || ' is not in measures' as fault
    from {{ ref('component_term') }} as term
    left join {{ ref('measures') }} as measure on term.measure_id = measure.measure_id
    where measure.measure_id is null

    union all

    select
        term.framework_id,
        term.indicator_id,
        term.component,
        'measure ' || term.measure_id || ' is by ' || measure.period_type || ', not by ' || component.period_type
        as fault
    from {{ ref('component_term') }} as term
    inner join components as component
        on term.framework_id = component.framework_id
        and term.indicator_id = component.indicator_id
        and term.component = component.component
    inner join {{ ref('measures') }} as measure on term.measure_id = measure.measure_id
    -- A stock on a day within the period may stand below the line.
    where
        measure.period_type <> component.period_type
        and not (term.side = 'denominator' and measure.period_type = 'mid_year')

    union all

    select
        component.framework_id,
        component.indicator_id,
        component.component,
        'reason ' || component.standing_reason || ' is not in reasons' as fault
    from components as component
    left join {{ ref('reasons') }} as reason on component.standing_reason = reason.reason and reason.kind = 'value'
    where component.standing_reason is not null and reason.reason is null

    union all

    select
        component.framework_id,
        component.indicator_id,
        component.component,
        'reconcile_measure ' || component.reconcile_measure || ' is not in measures' as fault
    from components as component
    left join {{ ref('measures') }} as measure on component.reconcile_measure = measure.measure_id
    where component.reconcile_measure is not null and measure.measure_id is null
)

select framework_id, indicator_id, component, fault from headlines
union all
select framework_id, indicator_id, component, fault from methods
union all
select framework_id, indicator_id, component, fault from references_made
