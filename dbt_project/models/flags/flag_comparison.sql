{{ config(materialized='view') }}
-- What flags are drawn from: headlines with their place among all comparisons of their year, whatever the indicator. A
-- view, so that the place of each costs no second copy of all of them.
with placed as (
    select
        headline.framework_id,
        headline.indicator_id,
        headline.area_code,
        headline.framework_year,
        headline.neighbours_p,
        count(*) over (partition by headline.framework_id, headline.framework_year) as compared,
        row_number() over (
            partition by headline.framework_id, headline.framework_year
            order by headline.neighbours_p, headline.indicator_id, headline.area_code
        ) as p_rank
    from {{ ref('flag_headline') }} as headline
    where headline.neighbours_p is not null
),

adjusted as (
    select
        placed.*,
        {{ benjamini_hochberg(
            'placed.neighbours_p', 'placed.p_rank', 'placed.compared', 'placed.framework_id, placed.framework_year'
        ) }} as neighbours_p_adjusted
    from placed
)

select
    headline.*,
    adjusted.neighbours_p_adjusted
from {{ ref('flag_headline') }} as headline
left join adjusted
    on headline.framework_id = adjusted.framework_id
    and headline.indicator_id = adjusted.indicator_id
    and headline.area_code = adjusted.area_code
    and headline.framework_year = adjusted.framework_year
