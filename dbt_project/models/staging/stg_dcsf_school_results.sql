{{ config(materialized='table') }}
-- Schools below the floor standard of their stage, from the records: 1 for a school below it, 0 for any other. The
-- share of pupils is exact and unrounded, and a school with 10 pupils or fewer is left out: it counts 0.
with source as (
    {{ raw_rows('dcsf_school_results') }}
),

described as materialized (
    select
        source.*,
        source.year as label
    from source
),

labels as materialized (
    {{ period_labels('dcsf_school_results', ['academic_year']) }}
),

renamed as materialized (
    select
        {{ provenance('dcsf_school_results', 'dcsf_school_results') }},
        described.rectype,
        described.lea,
        area.area_code,
        described.label,
        labels.days,
        labels.period_type,
        'schools_' || described.part || '_below_floor' as item,
        case described.part when 'ks2' then 55 when 'ks3' then 50 when 'ks4' then 30 end as floor_pct,
        {{ number_of('described.telig') }} as pupils,
        {{ marker_of('described.telig', 'performance') }} as pupils_marker,
        {{ number_of('described.pass') }} as passed,
        {{ marker_of('described.pass', 'performance') }} as passed_marker,
        described.telig,
        described.pass,
        maturity
    from described
    left join labels on described.label = labels.label
    left join {{ ref('area_lookup') }} as area
        on area.scheme = 'dfe_la'
        and described.lea = area.code
        and upper(labels.days) - 1 between area.valid_from and area.valid_to
),

judged as (
    select
        renamed.*,
        '' as breakdown,
        '' as stratum,
        case
            when pupils <= 10 or coalesce(pupils_marker, passed_marker) = '[z]' then 0
            when passed * 100 < floor_pct * pupils then 1
            when pupils is not null and passed is not null then 0
        end as value,
        coalesce(pupils_marker, passed_marker) as cell_marker
    from renamed
),

marked as (
    select
        judged.*,
        case when value is null then cell_marker end as marker
    from judged
)

select
    {{ cell_columns() }},
    {{ set_aside([
        ["rectype not in ('1', '2')", 'total_row', 'rectype'],
        ['days is null', 'bad_period', 'year', 'label'],
        area_rule('lea', 'area_code', 'lea'),
        ['pupils is null and pupils_marker is null', 'bad_number', 'telig'],
        ['value is null and marker is null', 'bad_number', 'pass'],
    ]) }}
from marked
