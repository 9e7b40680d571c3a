with source as (
    {{ raw_rows('fingertips_campylobacter') }}
),

numbered as (
    -- England and some areas come twice, under no parent and under England: the second is set aside.
    select
        source.*,
        row_number() over (
            partition by release_id, indicator_id, area_code, sex, age, category_type, category, time_period
            order by row_number
        ) as occurrence
    from source
),

renamed as materialized (
    select
        {{ provenance('fingertips_campylobacter', 'fingertips_campylobacter') }},
        numbered.area_code as source_area,
        area.area_code,
        numbered.category,
        numbered.sex,
        numbered.age,
        numbered.occurrence,
        numbered.time_period,
        staging.period_of(numbered.time_period, 'fingertips') as days,
        {{ number_of('numbered.value') }} as value_per_100000,
        {{ number_of('numbered.lower_ci_95') }} as lower_limit,
        {{ number_of('numbered.upper_ci_95') }} as upper_limit,
        {{ number_of('numbered.count') }} as cases,
        {{ number_of('numbered.denominator') }} as residents,
        {{ marker_of('numbered.count', 'els') }} as marker,
        numbered.count as count_cell,
        numbered.maturity
    from numbered
    left join {{ ref('areas') }} as area on numbered.area_code = area.area_code
)

select
    dataset_id,
    table_name,
    release_id,
    row_number,
    source_column,
    area_code,
    lower(days) as period_start,
    upper(days) - 1 as period_end,
    value_per_100000,
    lower_limit,
    upper_limit,
    cases,
    residents,
    marker,
    maturity,
    -- The profile gives an age band beside all ages: only the whole is counted.
    {{ set_aside([
        ["coalesce(category, '') <> ''", 'other_area_group', 'category'],
        ["sex <> 'Persons' or age <> 'All ages' or occurrence > 1", 'other_series', 'age'],
        ['days is null', 'bad_period', 'time_period'],
        area_rule('source_area', 'area_code', 'area_code'),
        ['cases is null and marker is null', 'bad_number', 'count', 'count_cell'],
    ]) }}
from renamed
