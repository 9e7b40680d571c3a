{{ config(materialized='table') }}
-- Recorded crimes by community safety partnership, quarter and offence code. A code means what the dated look-up says
-- it meant in the quarter. Crimes of an English force that no partnership has (`Unassigned`) are England's alone.
with source as (
    {{ raw_rows('ho_recorded_crime_csp') }}
),

described as materialized (
    select
        source.*,
        financial_year || ' Q' || ltrim(upper(financial_quarter), 'Q') as label
    from source
),

labels as materialized (
    {{ period_labels('ho_recorded_crime_csp', ['financial_quarter']) }}
),

renamed as materialized (
    select
        {{ provenance('ho_recorded_crime_csp', 'ho_recorded_crime_csp') }},
        described.force_name,
        described.csp_name,
        force.area_code as force_code,
        case when described.csp_name ilike 'unassigned%' then 'E92000001' else csp.area_code end as area_code,
        described.label,
        labels.days,
        labels.period_type,
        described.offence_code,
        offence.measure_id as item,
        {{ number_of('described.offence_count') }} as value,
        {{ marker_of('described.offence_count', 'live_tables') }} as marker,
        described.offence_count,
        maturity
    from described
    left join labels on described.label = labels.label
    left join {{ ref('area_lookup') }} as force
        on force.scheme = 'police_force_name'
        and described.force_name = force.code
        and upper(labels.days) - 1 between force.valid_from and force.valid_to
    left join {{ ref('area_lookup') }} as csp
        on csp.scheme = 'csp_name'
        and described.csp_name = csp.code
        and upper(labels.days) - 1 between csp.valid_from and csp.valid_to
    left join {{ ref('offence_codes') }} as offence
        on offence.dataset_id = 'ho_recorded_crime_csp'
        and described.offence_code = offence.offence_code
        and labels.days && daterange(offence.valid_from, offence.valid_to, '[]')
),

judged as (
    select
        renamed.*,
        '' as breakdown,
        '' as stratum
    from renamed
)

select
    {{ cell_columns() }},
    {{ set_aside(force_rules('force_name') + [
        ['days is null', 'bad_period', 'financial_quarter', 'label'],
        ['force_code is null', 'unknown_area', 'force_name'],
        ['area_code is null', 'unknown_area', 'csp_name'],
        ['item is null', 'other_series', 'offence_code'],
        ['value is null and marker is null', 'bad_number', 'offence_count'],
    ]) }}
from judged
