{{ config(materialized='table') }}
-- Single years of age by sex: the largest of the spreadsheet-like tables, so each label and code is read once.
with source as (
    {{ raw_rows('nomis_population__residents') }}
),

described as (
    select date_name as label
    from source
),

labels as materialized (
    {{ period_labels('nomis_population', ['mid_year']) }}
),

ages as materialized (
    select
        delivered.c_age_name,
        {{ number_of("substring(delivered.c_age_name from '\\d+')") }} as age_years
    from (select distinct c_age_name from source) as delivered
),

renamed as materialized (
    select
        {{ provenance('nomis_population', 'nomis_population__residents') }},
        geography_code as source_area,
        area.area_code,
        date_name,
        labels.days,
        left(gender_name, 1) as sex,
        ages.age_years,
        source.c_age_name,
        {{ number_of('obs_value') }} as residents,
        obs_value,
        case obs_status when 'A' then null when 'Q' then '[x]' else '[u]' end as marker,
        maturity
    from source
    left join labels on source.date_name = labels.label
    left join ages on source.c_age_name = ages.c_age_name
    left join {{ ref('areas') }} as area on source.geography_code = area.area_code
)

select
    dataset_id,
    table_name,
    release_id,
    row_number,
    source_column,
    area_code,
    sex,
    age_years,
    lower(days) as period_start,
    upper(days) - 1 as period_end,
    residents,
    marker,
    maturity,
    {{ set_aside([
        ['days is null', 'bad_period', 'date_name'],
        area_rule('source_area', 'area_code', 'geography_code'),
        ['age_years is null', 'other_series', 'c_age_name'],
        ['residents is null and marker is null', 'bad_number', 'obs_value'],
    ]) }}
from renamed
