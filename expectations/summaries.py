"""What gate 2 looks at: one row of figures for each component of the candidate marts.

The counting is set-based and done once by PostgreSQL, however many components there are; Great Expectations
then judges the table of figures.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from psycopg import Connection

KEY = ("framework_id", "indicator_id", "component")
Key = tuple[str, str, str]
EXAMPLES = 3

# Cells beside what was last published: one published before beside itself, one of a new period beside the
# latest period published for its component and area.
_CHANGED = """
    bounded as (
        select
            f.framework_id, f.indicator_id, f.component, f.area_code, f.period_start, f.period_end,
            f.period_type, f.value, c.max_change
        from candidate.fact_value as f
        inner join component as c using (framework_id, indicator_id, component)
        where f.value is not null and c.max_change is not null
    ),
    known as (
        select
            v.framework_id, v.indicator_id, v.component, v.area_code, v.period_start, v.period_end,
            v.period_type, v.value
        from published.value_history as v
        inner join component as c using (framework_id, indicator_id, component)
        where upper_inf(v.known_during) and v.value is not null and c.max_change is not null
    ),
    latest as (
        select distinct on (framework_id, indicator_id, component, area_code, period_type) *
        from known
        order by framework_id, indicator_id, component, area_code, period_type, period_end desc
    ),
    compared as (
        select
            b.framework_id, b.indicator_id, b.component, b.area_code, b.period_start, b.period_end,
            b.value, b.max_change, coalesce(k.value, l.value) as other
        from bounded as b
        left join known as k
            using (framework_id, indicator_id, component, area_code, period_start, period_end)
        left join latest as l
            on b.framework_id = l.framework_id and b.indicator_id = l.indicator_id
            and b.component = l.component and b.area_code = l.area_code
            and b.period_type = l.period_type and b.period_end > l.period_end
        where coalesce(k.value, l.value) is not null
    )
"""

_RECONCILED = """
    compared as (
        select
            f.framework_id, f.indicator_id, f.component, f.area_code, f.period_start, f.period_end,
            f.value, m.value as other, coalesce(c.reconcile_tolerance, 0) as tolerance
        from component as c
        inner join candidate.fact_value as f using (framework_id, indicator_id, component)
        inner join measures.measure_by_area as m
            on c.reconcile_measure = m.measure_id and f.area_code = m.area_code
            and f.period_start = m.period_start and f.period_end = m.period_end
        where f.value is not null and m.value is not null
    )
"""

# Published values beside what would take their place. A body that withdraws its figures takes them back rightly.
_KEPT = """
    withdrawn as (
        select distinct framework_id, indicator_id, component
        from candidate.fact_value
        where reason = 'withdrawn'
    ),
    compared as (
        select
            v.framework_id, v.indicator_id, v.component, v.area_code, v.period_start, v.period_end,
            f.value, v.value as other
        from published.value_history as v
        inner join component as c using (framework_id, indicator_id, component)
        left join candidate.fact_value as f
            using (framework_id, indicator_id, component, area_code, period_start, period_end)
        left join withdrawn as w using (framework_id, indicator_id, component)
        where
            upper_inf(v.known_during)
            and v.value is not null
            and f.reason is distinct from 'withdrawn'
            and not (f.area_code is null and w.component is not null)
    )
"""

# Components that together make a whole: shares that add up to 100, gaps that add up to nothing.
_PARTS = """
    sets as (
        select
            s.framework_id, s.indicator_id, s.set_id, part.component, s.total, s.tolerance,
            count(*) over (partition by s.framework_id, s.indicator_id, s.set_id) as n_parts
        from catalogue.part_sets as s
        cross join lateral regexp_split_to_table(s.components, '[+]') as part (component)
    ),
    wholes as (
        select
            f.framework_id, f.indicator_id, s.set_id, f.area_code, f.period_start, f.period_end,
            sum(f.value) as value, min(s.total) as other, min(s.tolerance) as tolerance
        from sets as s
        inner join candidate.fact_value as f using (framework_id, indicator_id, component)
        where f.value is not null
        group by 1, 2, 3, 4, 5, 6
        having count(*) = min(s.n_parts)
    ),
    compared as (
        select
            w.framework_id, w.indicator_id, s.component, w.area_code, w.period_start, w.period_end,
            w.value, w.other, w.tolerance
        from wholes as w
        inner join sets as s using (framework_id, indicator_id, set_id)
        inner join component as c using (framework_id, indicator_id, component)
    )
"""

# Figures that somebody else printed, to half of their last digit. Invented figures have nothing to agree with.
_PRINTED = """
    compared as (
        select
            p.framework_id, p.indicator_id, p.component, p.area_code, p.period_start, p.period_end,
            f.value, p.value as other, 0.5 * 10.0 ^ -scale(trim_scale(p.value)) as tolerance
        from catalogue.published_figures as p
        inner join component as c using (framework_id, indicator_id, component)
        inner join candidate.fact_value as f
            using (framework_id, indicator_id, component, area_code, period_start, period_end)
        where
            p.comparable = 'yes' and f.value is not null and p.value is not null
            and not exists (select 1 from ops.release where origin = 'made')
    )
"""

# What a body states for England beside the sum of its areas, where these cover the country. Rounding and crimes that
# belong to no council make small differences; counting districts and their county makes a large one.
_COUNTRY = """
    asked as (
        select distinct series.series_id
        from component
        inner join indicators.component_term as term using (framework_id, indicator_id, component)
        inner join measures.measure_series as series using (measure_id)
    ),
    stated as (
        select f.series_id, f.value
        from measures.measure_in_period as f
        inner join asked using (series_id)
        where f.area_code = 'E92000001' and f.value is not null
    ),
    added as (
        select f.series_id, sum(f.value) as value, count(*) as n_areas
        from measures.measure_in_period as f
        inner join stated as s using (series_id)
        inner join (
            select distinct territory_id, atom_count from measures.area_territory
        ) as t using (territory_id)
        where f.adds_up and f.is_ground
        group by 1
        having count(f.value) = count(*) and sum(t.atom_count) = (
            select min(atom_count) from measures.area_territory where area_code = 'E92000001'
        )
    ),
    compared as (
        select
            term.framework_id, term.indicator_id, term.component, 'E92000001' as area_code,
            series.period_start, series.period_end, a.value, s.value as other,
            greatest(0.5 * a.n_areas, 0.02 * abs(s.value)) as tolerance
        from added as a
        inner join stated as s using (series_id)
        inner join measures.measure_series as series using (series_id)
        inner join indicators.component_term as term using (measure_id)
        inner join component as c using (framework_id, indicator_id, component)
    )
"""

_ASKED = """
    component as (
        select * from catalogue.indicator_components
        where %(indicators)s::text[] is null or indicator_id = any(%(indicators)s)
    )
"""

_FIGURES = (
    # Values and their range.
    f"""
    with {_ASKED}
    select
        f.framework_id, f.indicator_id, f.component,
        count(f.value) as n_values,
        count(*) filter (where f.value < c.valid_min or f.value > c.valid_max) as n_out_of_range,
        count(*) filter (where f.value is null and f.marker is null) as n_blank,
        min(c.valid_min) as valid_min,
        min(c.valid_max) as valid_max,
        min(c.max_change) as max_change,
        min(c.reconcile_measure) as reconcile_measure,
        min(c.reconcile_tolerance) as reconcile_tolerance,
        min(case when c.reconcile_measure is not null then coalesce(c.reconcile_min_share, 1) end)
            as reconcile_min_share
    from candidate.fact_value as f
    inner join component as c using (framework_id, indicator_id, component)
    group by 1, 2, 3
    """,
    # Cells due.
    f"""
    with {_ASKED}
    select
        i.framework_id, i.indicator_id, i.component,
        count(*) as n_due,
        count(*) filter (where f.area_code is null) as n_missing
    from indicators.indicator_index as i
    inner join component as c using (framework_id, indicator_id, component)
    left join candidate.fact_value as f
        using (framework_id, indicator_id, component, area_code, period_start, period_end)
    group by 1, 2, 3
    """,
    f"""
    with {_ASKED}, {_CHANGED}
    select
        framework_id, indicator_id, component,
        count(distinct area_code) as n_areas_compared,
        count(distinct area_code) filter (where abs(value - other) > max_change) as n_areas_jumped
    from compared
    group by 1, 2, 3
    """,
    f"""
    with {_ASKED}, {_RECONCILED}
    select
        framework_id, indicator_id, component,
        count(*) as n_official,
        count(*) filter (where abs(value - other) <= tolerance) as n_reconciled
    from compared
    group by 1, 2, 3
    """,
    f"""
    with {_ASKED}, {_PARTS}
    select
        framework_id, indicator_id, component,
        count(*) as n_wholes,
        count(*) filter (where abs(value - other) > tolerance) as n_wholes_off
    from compared
    group by 1, 2, 3
    """,
    f"""
    with {_ASKED}, {_PRINTED}
    select
        framework_id, indicator_id, component,
        count(*) as n_printed,
        count(*) filter (where abs(value - other) > tolerance) as n_printed_off
    from compared
    group by 1, 2, 3
    """,
    f"""
    with {_ASKED}, {_COUNTRY}
    select
        framework_id, indicator_id, component,
        count(*) as n_country,
        count(*) filter (where abs(value - other) > tolerance) as n_country_off
    from compared
    group by 1, 2, 3
    """,
    f"""
    with {_ASKED}, {_KEPT}
    select
        framework_id, indicator_id, component,
        count(*) as n_published,
        count(*) filter (where value is null) as n_lost
    from compared
    group by 1, 2, 3
    """,
)

_SICK = {
    "range": """
    sick as (
        select f.*, null::numeric as other
        from candidate.fact_value as f
        inner join component as c using (framework_id, indicator_id, component)
        where f.value < c.valid_min or f.value > c.valid_max
    )""",
    "filled": """
    sick as (
        select f.*, null::numeric as other
        from candidate.fact_value as f
        inner join component as c using (framework_id, indicator_id, component)
        where f.value is null and f.marker is null
    )""",
    "complete": """
    sick as (
        select i.*, null::numeric as value, null::numeric as other
        from indicators.indicator_index as i
        inner join component as c using (framework_id, indicator_id, component)
        left join candidate.fact_value as f
            using (framework_id, indicator_id, component, area_code, period_start, period_end)
        where f.area_code is null
    )""",
    "jump": f"{_CHANGED}, sick as (select * from compared where abs(value - other) > max_change)",
    "kept": f"{_KEPT}, sick as (select * from compared where value is null)",
    "parts": f"{_PARTS}, sick as (select * from compared where abs(value - other) > tolerance)",
    "printed": f"{_PRINTED}, sick as (select * from compared where abs(value - other) > tolerance)",
    "country": f"{_COUNTRY}, sick as (select * from compared where abs(value - other) > tolerance)",
    "reconciliation": f"{_RECONCILED}, sick as (select * from compared where abs(value - other) > tolerance)",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell that broke a rule, as it stands in a message."""

    area_code: str
    period: str
    value: float | None
    other: float | None

    def told(self, between: str) -> str:
        """Area, period and figures; `between` stands between the two figures."""
        text = f"{self.area_code} in {self.period}"
        if self.value is not None:
            text += f": {self.value:g}" + ("" if self.other is None else f" {between} {self.other:g}")
        return text


def figures(connection: Connection, indicators: Collection[str] | None = None) -> dict[Key, dict[str, Any]]:
    """Figures of every component that has a value or a cell due, by key; of some indicators, or of all.

    Adds the shares that the rules are about: `share_jumped`, `share_lost`, and `reconcile_shortfall` (smallest
    share asked for less the share that agrees); each is null where there is nothing to compare.
    """
    found: dict[Key, dict[str, Any]] = {}
    for statement in _FIGURES:
        cursor = connection.execute(
            statement.encode(), {"indicators": None if indicators is None else sorted(indicators)}
        )
        names = [column.name for column in cursor.description or ()]
        for row in cursor:
            record = dict(zip(names, row, strict=True))
            found.setdefault((record["framework_id"], record["indicator_id"], record["component"]), {}).update(record)
    for record in found.values():
        compared, official = record.get("n_areas_compared"), record.get("n_official", 0)
        record["share_jumped"] = record["n_areas_jumped"] / compared if compared else None
        published = record.get("n_published")
        record["share_lost"] = record["n_lost"] / published if published else None
        share = record.get("reconcile_min_share")
        # Where an official figure is named, there should be one; none at all is worth a warning.
        record["n_official"] = official if share is not None else None
        record["reconcile_shortfall"] = (
            float(share) - record["n_reconciled"] / official if share is not None and official else None
        )
    return dict(sorted(found.items()))


def examples(connection: Connection, rule: str, keys: Iterable[Key]) -> dict[Key, list[Cell]]:
    """Some cells of the given components that break a rule, the worst first; at most `EXAMPLES` each."""
    wanted = list(keys)
    if not wanted or rule not in _SICK:
        return {}
    statement = f"""
        with component as (
            select c.*
            from catalogue.indicator_components as c
            inner join unnest(%s::text[], %s::text[], %s::text[]) as w (framework_id, indicator_id, component)
                using (framework_id, indicator_id, component)
        ),
        {_SICK[rule]},
        ranked as (
            select
                s.framework_id, s.indicator_id, s.component, s.area_code, s.period_start, s.period_end,
                s.value, s.other,
                row_number() over (
                    partition by s.framework_id, s.indicator_id, s.component
                    order by
                        abs(s.value - coalesce(s.other, 0)) desc nulls last, s.period_end desc, s.area_code
                ) as place
            from sick as s
        )
        select framework_id, indicator_id, component, area_code, period_start, period_end, value, other
        from ranked
        where place <= {EXAMPLES}
        order by framework_id, indicator_id, component, place
    """
    found: dict[Key, list[Cell]] = {}
    for framework_id, indicator_id, component, area_code, start, end, value, other in connection.execute(
        statement.encode(), tuple(list(part) for part in zip(*wanted, strict=True))
    ):
        cell = Cell(
            area_code,
            f"{start} to {end}",
            None if value is None else float(value),
            None if other is None else float(other),
        )
        found.setdefault((framework_id, indicator_id, component), []).append(cell)
    return found
