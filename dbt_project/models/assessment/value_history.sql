-- Each assessed value against the one before it, and over its last five. Quarters are compared with the same quarter a
-- year earlier, rounds of a survey with the round before, all else with the year before.
{% set before = ['one', 'two', 'three', 'four'] %}
with points as not materialized (
    -- Both sides of a share, or a value and its limits, are what a trend is tested on.
    select
        value_number,
        period_end,
        coalesce(has_break, false) as has_break,
        limit_method <> 'none' as has_limits,
        is_share,
        case when is_share then numerator else value_float end as first_point,
        case when is_share then denominator else lower_95 end as second_point,
        upper_95 as third_point
    from (
        select
            *,
            coalesce(limit_kind = 'proportion' and limit_method = 'wilson', false) as is_share
        from {{ ref('assessed_value') }}
    ) as value
),

placed as (
    -- The value before, and the three before that; null where the series had not begun.
    select
        value.value_number,
        value.place_in_series,
        value.period_start,
        value.period_end,
        value.period_type,
        value.method,
        value.polarity,
        value.decimals,
        value.in_force_from,
        value.limit_kind,
        value.limit_method,
        value.numerator,
        value.base,
        value.share,
        value.sample,
        value.value_shown,
        value.value_float,
        value.lower_95,
        value.upper_95,
        {% for column in [
            'period_end', 'value_float', 'value_shown', 'numerator', 'base', 'share', 'sample', 'lower_95', 'upper_95',
            'limit_kind', 'limit_method',
        ] %}
        previous.{{ column }} as previous_{{ column }},
        {% endfor %}
        four.period_end as four_period_end,
        this.has_limits and one.has_limits and two.has_limits and three.has_limits and four.has_limits as have_limits,
        this.is_share and one.is_share and two.is_share and three.is_share and four.is_share as are_shares,
        this.is_share or one.is_share or two.is_share or three.is_share or four.is_share as has_share,
        -- A break before the first of the five parts nothing.
        this.has_break or one.has_break or two.has_break or three.has_break as crosses_break,
        {% for name in ['first', 'second', 'third'] %}
        array[
            four.{{ name }}_point, three.{{ name }}_point, two.{{ name }}_point, one.{{ name }}_point,
            this.{{ name }}_point
        ] as {{ name }}_points{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('assessed_value') }} as value
    inner join points as this on value.value_number = this.value_number
    left join {{ ref('assessed_value') }} as previous
        on value.value_number - 1 = previous.value_number and value.place_in_series > 1
    {% for point in before %}
    left join points as {{ point }}
        on value.value_number - {{ loop.index }} = {{ point }}.value_number
        and value.place_in_series > {{ [loop.index, 4] | max }}
    {% endfor %}
    where value.is_assessed
),

-- Computed once, so that the functions of statistics are given columns: `offset 0` sees to it as `materialized` would,
-- but lets PostgreSQL work at it with several processes.
series as (
    select
        placed.*,
        placed.method = 'rolling_change' or placed.period_start <= placed.previous_period_end as is_overlapping,
        placed.previous_period_end is not null and (
            placed.period_type like 'survey%'
            or placed.previous_period_end + 1 = (placed.period_end + 1 - interval '1 year')::date
        ) as has_previous,
        -- Five points, of which the first lies four years back, are five years; rounds of a survey keep no exact day.
        coalesce(
            abs(placed.four_period_end + 1 - (placed.period_end + 1 - interval '4 years')::date)
            <= case when placed.period_type like 'survey%' then 31 else 0 end,
            false
        ) as is_five_years,
        case placed.polarity when 'higher_is_better' then true when 'lower_is_better' then false end as higher_is_better
    from placed
    offset 0
),

tested as (
    select
        series.*,
        case
            when series.period_type = 'quarter' then 'not_annual'
            when series.limit_method = 'none' then 'no_limits'
            when series.is_overlapping then 'overlapping_periods'
            when series.is_five_years and series.crosses_break then 'crosses_break'
            when series.is_five_years and series.have_limits and series.are_shares = series.has_share then null
            when series.in_force_from > (series.period_end + 1 - interval '4 years')::date then 'crosses_break'
            else 'fewer_than_five_points'
        end as trend_reason,
        case
            when not series.has_previous or series.is_overlapping then 'none'
            when series.limit_method = 'none' or series.previous_limit_method = 'none' then 'none'
            when series.limit_kind = 'proportion' and series.previous_limit_kind = 'proportion'
                and series.limit_method = series.previous_limit_method
                then case series.limit_method when 'survey' then 'survey_proportions' else 'proportions' end
            when series.limit_kind = 'poisson' and series.previous_limit_kind = 'poisson'
                and series.numerator > 0 and series.previous_numerator > 0
                then 'rate_ratio'
            else 'limits'
        end as direction_test
    from series
),

judged as (
    select
        tested.value_number,
        tested.has_previous,
        tested.previous_period_end,
        tested.value_shown,
        tested.previous_value_shown,
        tested.polarity,
        tested.decimals,
        tested.place_in_series,
        tested.trend_reason,
        tested.direction_test,
        case tested.direction_test
            -- The effective sample holds the design effect already.
            when 'proportions'
                then stats.proportion_change_z(
                    tested.previous_share, tested.previous_sample, tested.share, tested.sample, 1
                )
            when 'survey_proportions'
                then stats.proportion_change_z(
                    tested.previous_share, tested.previous_sample, tested.share, tested.sample, 1
                )
            when 'rate_ratio'
                then stats.rate_change_z(
                    tested.previous_numerator, tested.previous_base, tested.numerator, tested.base
                )
            when 'limits'
                then stats.change_z(
                    tested.previous_value_float, tested.previous_lower_95, tested.previous_upper_95,
                    tested.value_float, tested.lower_95, tested.upper_95
                )
        end as direction_statistic,
        case
            when tested.trend_reason is not null then null
            when tested.are_shares
                then stats.trend_of_proportions(
                    tested.first_points, tested.second_points, tested.higher_is_better
                )
            else stats.trend(
                tested.first_points, tested.second_points, tested.third_points, tested.higher_is_better
            )
        end as trend
    from tested
    offset 0
)

select
    value_number,
    case when has_previous then previous_period_end end as previous_period_end,
    case when has_previous then previous_value_shown end as previous_value,
    case when has_previous then value_shown - previous_value_shown end as change,
    direction_test,
    direction_statistic,
    case
        when not has_previous then null
        when abs(direction_statistic) > stats.z(0.95)
            then {{ judged(
                'direction_statistic > 0', 'polarity',
                'improving_significant', 'worsening_significant', 'increasing_significant', 'decreasing_significant'
            ) }}
        -- The same figure at the decimals it is shown with.
        when round(value_shown, coalesce(decimals, 9)) = round(previous_value_shown, coalesce(decimals, 9)) then 'same'
        else {{ judged(
            'value_shown > previous_value_shown', 'polarity', 'improving', 'worsening', 'increasing', 'decreasing'
        ) }}
    end as direction,
    coalesce((trend).verdict, 'not_calculated') as trend,
    (trend).chi_square as trend_statistic,
    (trend).method as trend_method,
    least(place_in_series, 5) as trend_points,
    case when trend_reason is not null then trend_reason when (trend).verdict is null then 'no_variance' end
        as trend_reason
from judged
