-- One row for each cell of the index: a value, or a marker with a reason.
with computed as (
    {% for method in ['count', 'ratio', 'published', 'change', 'rolling_change'] %}
    select * from {{ ref('indicators_' ~ method) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    {{ cell_key('cell') }},
    component.period_type,
    cell.framework_year,
    computed.numerator,
    computed.denominator,
    computed.value,
    computed.lower_limit,
    computed.upper_limit,
    component.unit,
    case
        when computed.value is not null
            then nullif(coalesce(component.standing_marker, '') || coalesce(computed.marker, ''), '')
        else coalesce(computed.marker, '[x]')
    end as marker,
    case
        when computed.value is not null then coalesce(component.standing_reason, computed.reason)
        else coalesce(computed.reason, 'not_yet_published')
    end as reason,
    {{ tidy('coalesce(computed.coverage, 0)') }} as coverage,
    computed.maturity
from {{ ref('indicator_index') }} as cell
inner join {{ ref('indicator_components') }} as component
    on cell.framework_id = component.framework_id
    and cell.indicator_id = component.indicator_id
    and cell.component = component.component
left join computed
    on {{ same_cell('cell', 'computed') }}
    and cell.period_start = computed.period_start
    and cell.period_end = computed.period_end
