-- Every row of a release in use that feeds no measure, with the reason: accepted + rejected = raw.
with rejected as (
    {% for model in [
        'stg_clg_homelessness__ta1',
        'stg_decc_fuel_poverty',
        'stg_decc_fuel_poverty_county',
        'stg_decc_la_co2',
        'stg_defra_waste__table_1',
        'stg_defra_waste__table_2',
        'stg_defra_waste__table_3',
        'stg_dft_road_casualties__casualty',
        'stg_dft_road_casualties__collision',
        'stg_fingertips_campylobacter',
        'stg_mps_borough_crime',
        'stg_nomis_population',
        'stg_ons_employment_rate',
        'stg_ons_net_additions',
        'stg_ons_persistent_absence',
        'stg_ons_population',
        'stg_ons_weekly_pay',
        'stg_police_street_api',
        'stg_police_street_archive',
    ] %}
    select
        dataset_id,
        release_id,
        table_name,
        row_number,
        source_column,
        reject_reason,
        reject_column as column_name,
        reject_value as value
    from {{ ref(model) }}
    where reject_reason is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    rejected.dataset_id,
    rejected.release_id,
    rejected.table_name,
    rejected.row_number,
    rejected.source_column,
    rejected.reject_reason,
    reason.kind as reject_kind,
    rejected.column_name,
    rejected.value
from rejected
left join {{ ref('reasons') }} as reason on rejected.reject_reason = reason.reason
