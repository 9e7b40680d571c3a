-- Candidate flags: one row for each area, theme, year and kind, with the sentence and the evidence. Only a named person
-- makes more of one.
{%- set limits = ['lower_95', 'upper_95', 'lower_998', 'upper_998', 'england_value', 'neighbours_value',
    'previous_value', 'change', 'direction_statistic', 'trend_statistic'] %}
with told as (
    select
        signal.*,
        'NI ' || signal.ni || ' ' || signal.indicator_title || ': '
        || round(signal.value, signal.decimals) || ' ' || signal.unit
        || case
            when signal.neighbours_value is null then ''
            else ' against ' || round(signal.neighbours_value::numeric, signal.decimals) || ' among its neighbours'
        end
        || concat_ws(
            ', ',
            '',
            case
                when signal.flag_kind <> 'green' and signal.is_worse or signal.flag_kind = 'green' and signal.is_better
                    then case when signal.is_worse then 'worse' else 'better' end
                    || ' beyond what chance explains (99.8 %, p '
                    || case
                        when signal.neighbours_p_adjusted < 0.0001 then 'below 0.0001'
                        else round(signal.neighbours_p_adjusted::numeric, 4)::text
                    end
                    || ')'
            end,
            case when signal.flag_kind <> 'green' and signal.is_in_worst_quintile then 'in the worst fifth' end,
            case
                when signal.flag_kind <> 'green' and signal.is_worsening
                    then 'significantly worse than the ' || round(signal.previous_value::numeric, signal.decimals)
                    || ' of the period to ' || to_char(signal.previous_period_end, 'FMDD FMMonth YYYY')
            end,
            case
                when signal.flag_kind <> 'green' and signal.has_worsening_trend
                    then 'worsening over ' || signal.trend_points || ' periods'
            end,
            case when signal.flag_kind <> 'green' and signal.is_deteriorating then 'moving away from its target' end,
            case
                when signal.flag_kind = 'green' and signal.is_better and signal.has_not_worsened
                    then 'not worse than before in either of two periods'
            end,
            case when signal.flag_kind = 'green' and signal.is_met_early then 'at the target of the year after' end,
            case
                when signal.flag_kind = 'urgent' and signal.has_jumped
                    then 'a change ' || round(signal.jump::numeric, 1)
                    || ' standard deviations beyond that of other areas'
            end,
            case when signal.flag_kind = 'urgent' then 'tagged ' || replace(signal.tag, '_', ' ') end,
            case when signal.is_priority then 'a priority of its agreement' end
        ) as item,
        row_number() over (
            partition by
                signal.framework_id, signal.area_code, signal.theme, signal.framework_year, signal.flag_kind
            order by signal.weight desc, signal.neighbours_p_adjusted, signal.indicator_id
        ) as place
    from {{ ref('flag_signal') }} as signal
)

select
    told.framework_id,
    told.area_code,
    told.theme,
    told.framework_year,
    told.flag_kind,
    sum(told.weight) as score,
    count(*)::int as n_indicators,
    string_agg(told.indicator_id || '/' || told.component, ', ' order by told.indicator_id) as indicators,
    area.area_name || ', ' || told.theme || ', ' || told.framework_year || ': '
    || count(*)
    || case told.flag_kind
        when 'green' then case count(*) when 1 then ' indicator does well. ' else ' indicators do well. ' end
        when 'urgent' then case count(*) when 1 then ' indicator cannot wait. ' else ' indicators cannot wait. ' end
        else case count(*) when 1 then ' indicator gives concern. ' else ' indicators give concern. ' end
    end
    || string_agg(told.item, '; ' order by told.place) filter (where told.place <= 3)
    || case when count(*) > 3 then '; and ' || count(*) - 3 || ' more' else '' end
    || '.' as sentence,
    told.rule_version,
    jsonb_build_object(
        'indicators',
        jsonb_agg(
            jsonb_build_object(
                'indicator_id', told.indicator_id,
                'component', told.component,
                'title', told.indicator_title,
                'period_start', told.period_start,
                'period_end', told.period_end,
                'unit', told.unit,
                'polarity', told.polarity,
                'value', told.value,
                'marker', told.marker,
                'coverage', told.coverage,
                'grade', told.grade,
                'weight', told.weight,
                'is_priority', told.is_priority,
                'tag', told.tag
            )
            || jsonb_build_object(
                {%- for name in limits %}
                '{{ name }}', {{ tidy('told.' ~ name ~ '::numeric') }},
                {%- endfor %}
                'limit_method', told.limit_method,
                'vs_england', told.vs_england,
                'comparator', 'nearest neighbours',
                'vs_neighbours', told.vs_neighbours,
                'p', {{ tidy('told.neighbours_p::numeric') }},
                'p_adjusted', round(told.neighbours_p_adjusted::numeric, 6),
                'quintile', told.quintile,
                'quintile_of', told.quintile_of,
                'previous_period_end', told.previous_period_end,
                'direction', told.direction,
                'previous_direction', told.previous_direction,
                'direction_test', told.direction_test,
                'trend', told.trend,
                'jump', round(told.jump::numeric, 2),
                'targets', coalesce(told.targets, '[]'),
                'because', array_remove(array[
                    case when told.flag_kind <> 'green' and told.is_worse then 'worse_998' end,
                    case when told.flag_kind <> 'green' and told.is_in_worst_quintile then 'worst_quintile' end,
                    case when told.flag_kind <> 'green' and told.is_worsening then 'worsening_significant' end,
                    case when told.flag_kind <> 'green' and told.has_worsening_trend then 'worsening_trend' end,
                    case when told.flag_kind <> 'green' and told.is_deteriorating then 'target_deterioration' end,
                    case when told.flag_kind = 'urgent' then told.tag end,
                    case when told.flag_kind = 'urgent' and told.has_jumped then 'jump' end,
                    case
                        when told.flag_kind = 'green' and told.is_better and told.has_not_worsened then 'better_998'
                    end,
                    case when told.flag_kind = 'green' and told.is_met_early then 'target_met_early' end
                ], null)
            )
            order by told.place
        )
    ) as evidence
from told
inner join {{ ref('dim_area') }} as area on told.area_code = area.area_code
group by
    told.framework_id, told.area_code, area.area_name, told.theme, told.framework_year, told.flag_kind,
    told.rule_version
