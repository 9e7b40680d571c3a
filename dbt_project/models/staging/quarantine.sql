{{ config(materialized='incremental', incremental_strategy='remake', unique_key='dataset_id') }}
-- Every row of a release in use that feeds no measure, with the reason: accepted + rejected = raw.
-- It waits for the last of the domains' measures, and is made beside `measure`, which leaves a processor free.
-- depends_on: {{ ref('measures_health') }}
with rejected as (
    {% for model in changed_models(staging_models()) %}
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
    where reject_reason is not null and {{ changed('dataset_id') }}
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
