{{ config(materialized='table') }}
-- What each school adds to the counts of its authority: 1 or 0, or its months in special measures. Behaviour counts
-- for secondary schools that have been judged on it.
with source as (
    {{ raw_rows('ofsted_schools') }}
),

described as materialized (
    select
        source.*,
        source.year as label,
        coalesce(source.phase, '') ilike 'secondary%' and coalesce(source.behaviour, '') <> '' as is_judged_secondary
    from source
),

labels as materialized (
    {{ period_labels('ofsted_schools', ['academic_year']) }}
),

renamed as materialized (
    select
        {{ provenance('ofsted_schools', 'ofsted_schools', 'cell.item') }},
        described.rectype,
        described.lea,
        area.area_code,
        described.label,
        labels.days,
        labels.period_type,
        cell.item,
        cell.value,
        cell.column_name,
        cell.delivered,
        maturity
    from described
    left join labels on described.label = labels.label
    left join {{ ref('area_lookup') }} as area
        on area.scheme = 'dfe_la'
        and described.lea = area.code
        and upper(labels.days) - 1 between area.valid_from and area.valid_to
    cross join lateral (
        values
        (
            'schools_in_special_measures', 'special_measures', described.special_measures,
            case
                when described.special_measures = 'in' then 1
                when coalesce(described.special_measures, '') in ('', 'left') then 0
            end
        ),
        (
            'schools_leaving_special_measures', 'special_measures', described.special_measures,
            case
                when described.special_measures = 'left' then 1
                when coalesce(described.special_measures, '') in ('', 'in') then 0
            end
        ),
        (
            'months_in_special_measures_total', 'months', described.months,
            case when described.special_measures = 'left' then {{ number_of('described.months') }} else 0 end
        ),
        (
            'secondary_schools_inspected', 'behaviour', described.behaviour,
            case
                when not described.is_judged_secondary then 0
                when described.behaviour in ('1', '2', '3', '4') then 1
            end
        ),
        (
            'secondary_schools_behaviour_good_or_outstanding', 'behaviour', described.behaviour,
            case
                when not described.is_judged_secondary then 0
                when described.behaviour in ('1', '2') then 1
                when described.behaviour in ('3', '4') then 0
            end
        )
    ) as cell (item, column_name, delivered, value)
),

judged as (
    select
        renamed.*,
        '' as breakdown,
        '' as stratum,
        null as marker
    from renamed
)

select
    {{ cell_columns() }},
    {{ set_aside([
        ["rectype not in ('1', '2')", 'total_row', 'rectype'],
        ['days is null', 'bad_period', 'year', 'label'],
        area_rule('lea', 'area_code', 'lea'),
        ['value is null', 'bad_number', '(column_name)', 'delivered'],
    ]) }}
from judged
