{{ config(materialized='table') }}
-- Targets of the Local Area Agreements, one row for each target and year. They are no measures: figures are held
-- against them. A local target of an area's own has a name, in the column of the component, instead of an indicator.
with source as (
    {{ raw_rows('laa_targets') }}
),

described as materialized (
    select
        source.*,
        source.year as label
    from source
),

labels as materialized (
    {{ period_labels('laa_targets', ['financial_year']) }}
),

renamed as materialized (
    select
        {{ provenance('laa_targets', 'laa_targets') }},
        described.area_code as source_area,
        coalesce(named.area_code, coded.area_code) as area_code,
        described.ni_code,
        substring(described.ni_code from '^NI (\d+)$')::int as ni,
        described.component,
        described.target_class,
        described.kind,
        described.status,
        described.version as version_cell,
        {{ number_of('described.version') }} as version,
        described.agreed_on as agreed_cell,
        lower(staging.period_of(described.agreed_on, 'iso_interval')) as agreed_on,
        described.baseline_period,
        {{ number_of('described.baseline_value') }} as baseline_value,
        described.label,
        labels.days,
        {{ number_of('described.target_value') }} as target_value,
        described.baseline_value as baseline_cell,
        described.target_value as target_cell,
        described.reward_eligible = 'yes' as reward_eligible,
        described.reason,
        maturity
    from described
    left join labels on described.label = labels.label
    left join {{ ref('area_lookup') }} as named
        on named.scheme = 'old_ons'
        and described.area_code = named.code
        and upper(labels.days) - 1 between named.valid_from and named.valid_to
    left join {{ ref('areas') }} as coded on described.area_code = coded.area_code
)

select
    dataset_id,
    table_name,
    release_id,
    row_number,
    source_column,
    area_code,
    ni,
    component,
    target_class,
    kind,
    status,
    version,
    agreed_on,
    baseline_period,
    baseline_value,
    lower(days) as period_start,
    upper(days) - 1 as period_end,
    target_value,
    reward_eligible,
    reason,
    maturity,
    {{ set_aside([
        ['days is null', 'bad_period', 'year', 'label'],
        area_rule('source_area', 'area_code', 'area_code'),
        [
            "ni is null and not (coalesce(ni_code, '') = '' and target_class = 'local' and component <> '') is true",
            'unknown_indicator', 'ni_code',
        ],
        ["version is null and coalesce(version_cell, '') <> ''", 'bad_number', 'version', 'version_cell'],
        ["target_value is null and coalesce(target_cell, '') <> ''", 'bad_number', 'target_value', 'target_cell'],
        [
            "baseline_value is null and coalesce(baseline_cell, '') <> ''",
            'bad_number', 'baseline_value', 'baseline_cell',
        ],
        ["agreed_on is null and coalesce(agreed_cell, '') <> ''", 'bad_period', 'agreed_on', 'agreed_cell'],
    ]) }}
from renamed
