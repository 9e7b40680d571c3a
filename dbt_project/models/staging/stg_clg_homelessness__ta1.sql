with source as (
    {{ raw_rows('clg_homelessness__ta1') }}
),

renamed as materialized (
    select
        {{ provenance('clg_homelessness', 'clg_homelessness__ta1') }},
        source.area_code as source_area,
        source.area_name as source_name,
        area.area_code,
        part,
        staging.period_of(part, 'quarter_ending') as days,
        {{ number_of('households') }} as households,
        {{ marker_of('households', 'homelessness') }} as marker,
        households as households_cell,
        -- London stands in two lists: as a part of England and as a region.
        row_number() over (partition by release_id, source.area_code order by row_number) as occurrence,
        maturity
    from source
    left join {{ ref('areas') }} as area on source.area_code = area.area_code
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
    households,
    marker,
    maturity,
    {{ set_aside([
        ['source_area is null', 'footnote', 'area_name', 'source_name'],
        ["source_area = '-'", 'other_area_group', 'area_code', 'source_area'],
        ['days is null', 'bad_period', 'part'],
        area_rule('source_area', 'area_code', 'area_code'),
        ['occurrence > 1', 'other_series', 'area_code', 'source_area'],
        ['households is null and marker is null', 'bad_number', 'households', 'households_cell'],
    ]) }}
from renamed
