{{ config(
    materialized='incremental', incremental_strategy='remake', unique_key='indicator_id',
    meta={'whole_for': ['laa_targets']},
    indexes=[{
        'columns': ['target_id', 'area_code', 'framework_year', 'target_version', 'target_class', 'framework_id'],
        'unique': true,
    }]
) }}
-- How each target stands: the share of the way gone, met on the number and beyond doubt, and whether its area is on
-- track to the target of the last year. Only versions that count and are agreed are judged.
with last_target as (
    -- Where each agreement wants to be in the end.
    select distinct on (framework_id, agreement_code, target_class, target_id)
        framework_id,
        agreement_code,
        target_class,
        target_id,
        target_year,
        target_value
    from {{ ref('target_version') }}
    where is_current and status = 'agreed' and target_value is not null
    order by framework_id asc, agreement_code asc, target_class asc, target_id asc, target_year desc
),

known as (
    select
        figure.*,
        figure.is_current and figure.status = 'agreed' and figure.target_value is not null as is_judged,
        last_target.target_value as last_value,
        figure.target_year - figure.baseline_year as elapsed,
        last_target.target_year - figure.baseline_year as span,
        {{ target_direction(
            'figure.polarity', 'figure.baseline_value', 'coalesce(figure.target_value, last_target.target_value)'
        ) }} as direction
    from {{ ref('target_figure') }} as figure
    left join last_target
        on figure.framework_id = last_target.framework_id
        and figure.agreement_code = last_target.agreement_code
        and figure.target_class = last_target.target_class
        and figure.target_id = last_target.target_id
        -- A year whose target is a placeholder or deferred is judged by its growth alone.
        and figure.is_current and figure.status = 'agreed'
    where {{ changed('figure.indicator_id') }}
),

formed as materialized (
    select
        known.*,
        case
            when is_judged
                then {{ target_achievement('actual_value', 'baseline_value', 'target_value', 'direction') }}
        end as achievement,
        case when is_judged then {{ target_met('actual_value', 'target_value', 'direction') }} end as met,
        case when is_judged then {{ target_test('lower_limit', 'upper_limit', 'target_value', 'direction') }} end
            as target_test,
        {{ target_met('actual_value', 'last_value', 'direction') }} as reached,
        case
            when is_current and status <> 'withdrawn' and actual_value is not null and baseline_value is not null
                then {{ progress_form('actual_value', 'baseline_value', 'last_value', 'kind', 'unit') }}
        end as form
    from known
),

paced as materialized (
    select
        formed.*,
        {{ progress_ratio('form', 'actual_value', 'baseline_value', 'last_value', 'elapsed', 'span', 'direction') }}
            as ratio
    from formed
)

select
    framework_id,
    area_code,
    target_class,
    target_id,
    framework_year,
    target_version,
    indicator_id,
    direction,
    {{ tidy('achievement') }} as achievement,
    {{ tidy(capped('achievement')) }} as achievement_capped,
    met,
    target_test,
    {{ on_track_status('form', 'ratio', 'reached') }} as on_track,
    {{ tidy('ratio') }} as on_track_ratio,
    case when form <> 'no_target' then {{ tidy(on_track_score('ratio')) }} end as on_track_score,
    case when {{ on_track_status('form', 'ratio', 'reached') }} is not null then form end as on_track_form,
    {{ tidy(needed_next_year('form', 'baseline_value', 'last_value', 'elapsed', 'span')) }} as needed_next_year
from paced
