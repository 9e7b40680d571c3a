"""Values with what is said of them, as queries: what the views and functions of `published` give readers."""

from __future__ import annotations

NOW = "{0}.known_to > now() and lower({0}.known_during) <= now()"
AT = "{0}.known_during @> at"
EMBARGOED = "{0}.known_to = 'infinity'"

NATURAL = """
    i.framework_id, i.indicator_id, {i}.ni, c.component, {c}.headline,
    a.area_code, {a}.area_name, {a}.area_type,
    p.period_start, p.period_end, {c}.period_type, p.framework_year,
    v.numerator, v.denominator, v.value, {c}.unit, v.marker, v.reason, v.coverage, v.maturity,
    v.publication_id, lower(v.known_during) as known_from
"""
WORDING_THEN = """
    inner join published.dim_component_history as ch on v.component_key = ch.component_key and ch.known_during @> at
    inner join published.dim_indicator_history as ih on v.indicator_key = ih.indicator_key and ih.known_during @> at
    inner join published.dim_area_history as ah on v.area_key = ah.area_key and ah.known_during @> at
"""
ALIASES = {False: {"a": "a", "c": "c", "i": "i"}, True: {"a": "ah", "c": "ch", "i": "ih"}}


def dimensions(standing: str = "") -> str:
    """The values with their dimensions, as a from clause."""
    # Of what is known now an area's rows are found in order (fact_value_by_area). The index of the temporal key could
    # find them too, and costs a hair less by the planner's estimate and ten times the pages in truth; it compares
    # numbers of one type alone.
    cast = "::bigint" if standing == NOW else ""
    return f"""
    from published.fact_value as v
    inner join published.dim_component as c on v.component_key = c.component_key
    -- By way of the component, which the values have an index for.
    inner join published.dim_indicator as i on c.indicator_key = i.indicator_key
    inner join published.dim_area as a on v.area_key = a.area_key{cast}
    inner join published.dim_period as p on v.period_key = p.period_key{cast}
    """


def natural(standing: str, *, then: bool = False) -> str:
    """Query of values under natural keys; `standing` says which rows of a fact stand."""
    wording = WORDING_THEN if then else ""
    return f"select {NATURAL.format(**ALIASES[then])} {dimensions(standing)} {wording} where {standing.format('v')}"


def wide(standing: str, *, then: bool = False) -> str:
    """Query of values with everything that is said of them: limits, comparisons, trend, target, grade, disputes."""
    name = ALIASES[then]
    return f"""
    select
        v.component_key, v.indicator_key, v.area_key, v.period_key,
        {NATURAL.format(**name)}, {name["i"]}.title, {name["i"]}.theme, i.theme_key,
        {name["c"]}.title as component_title, {name["c"]}.decimals, {name["c"]}.polarity,
        {name["a"]}.region_code, p.label as period_label, p.fiscal_year,
        s.lower_95, s.upper_95, s.lower_998, s.upper_998, s.limit_method,
        s.england_value, s.vs_england, s.region_value, s.vs_region, s.laa_type_value, s.vs_laa_type,
        s.neighbours_value, s.vs_neighbours, s.quintile, s.quintile_of,
        s.previous_period_end, s.previous_value, s.change, s.direction, s.direction_test,
        s.trend, s.trend_points, s.trend_reason,
        g.target_class, g.kind as target_kind, g.status as target_status, g.target_value, g.achievement, g.met,
        g.met_beyond_doubt, g.on_track, g.needed_next_year, g.target_marker,
        q.grade, q.freshness_state, coalesce(d.open_disputes, 0)::int as open_disputes
    {dimensions(standing)} {WORDING_THEN if then else ""}
    left join published.fact_assessment as s
        on v.component_key = s.component_key and v.area_key = s.area_key and v.period_key = s.period_key
        and {standing.format("s")}
    left join published.fact_quality as q
        on v.component_key = q.component_key and p.framework_year = q.framework_year and {standing.format("q")}
    left join lateral (
        select t.*
        from published.fact_target as t
        where t.component_key = v.component_key and t.area_key = v.area_key and t.framework_year = p.framework_year
            and t.is_current and {standing.format("t")}
        -- A priority says more of an area than a statutory target, and that more than a local one.
        order by array_position(array['designated', 'statutory', 'local'], t.target_class)
        limit 1
    ) as g on true
    left join (
        select component_key, area_key, period_key, count(*) as open_disputes
        from published.value_comment where kind = 'dispute' and resolved_at is null
        group by component_key, area_key, period_key
    ) as d on v.component_key = d.component_key and v.area_key = d.area_key and v.period_key = d.period_key
    where {standing.format("v")}
    """  # noqa: S608
