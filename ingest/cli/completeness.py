"""How complete the published cells are: each that is due is a value, or a marker whose reason is explained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingest.cli.asking import relations, rows_of
from ingest.cli.catalogue import framework_areas, framework_span, meanings

if TYPE_CHECKING:
    from psycopg import Connection


_PUBLISHED = "(select * from published.value_history where upper_inf(known_during))"
# Distinct indicators and areas are counted from short lists: sorting every cell for them takes seconds.
_COUNTS = """
with own as (
    select framework_id, area_code, true as is_own
    from unnest(%(frameworks)s::text[], %(areas)s::text[]) as o (framework_id, area_code)
),
due as materialized (
    select d.framework_year, d.indicator_id, d.area_code, o.is_own is true as is_own, count(*) as cells
    from {index} as d
    left join own as o on d.framework_id = o.framework_id and d.area_code = o.area_code
    where d.framework_year between %(first)s and %(last)s
    group by 1, 2, 3, 4
),
present as materialized (
    select
        v.framework_year,
        o.is_own is true as is_own,
        count(v.value) as filled,
        count(*) filter (where v.value is null and v.marker is not null and v.reason = any(%(reasons)s)) as explained
    from published.value_history as v
    left join own as o on v.framework_id = o.framework_id and v.area_code = o.area_code
    where upper_inf(v.known_during) and v.framework_year between %(first)s and %(last)s
    group by 1, 2
),
scopes (own_areas) as (values (false), (true)),
cells as (
    select framework_year, own_areas, sum(cells) as cells
    from due inner join scopes on is_own or not own_areas group by 1, 2
),
ids as (
    select framework_year, own_areas, count(*) as ids from (
        select distinct framework_year, own_areas, indicator_id
        from due inner join scopes on is_own or not own_areas
    ) as one group by 1, 2
),
areas as (
    select framework_year, own_areas, count(*) as areas from (
        select distinct framework_year, own_areas, area_code
        from due inner join scopes on is_own or not own_areas
    ) as one group by 1, 2
),
published as (
    select framework_year, own_areas, sum(filled) as filled, sum(explained) as explained
    from present inner join scopes on is_own or not own_areas group by 1, 2
)
select
    framework_year, own_areas, ids, areas, cells::bigint,
    coalesce(filled, 0)::bigint, coalesce(explained, 0)::bigint
from cells
inner join ids using (framework_year, own_areas)
inner join areas using (framework_year, own_areas)
left join published using (framework_year, own_areas)
order by 1, 2
"""


@dataclass(frozen=True, slots=True)
class Completeness:
    """Cells of one framework year, in every area or in the framework's own."""

    framework_year: str
    own_areas: bool
    indicators: int
    areas: int
    due: int
    filled: int
    explained: int

    @property
    def lacking(self) -> int:
        """Cells that are due and neither a value nor an explained marker."""
        return max(self.due - self.filled - self.explained, 0)


def completeness(connection: Connection) -> list[Completeness]:
    """Completeness of the framework's years, in every area and in its own, earliest first.

    What is due is the index of the newest build; before there is one, what is published.
    """
    first, last = framework_span()
    frameworks, areas = zip(*framework_areas(), strict=True)
    built = "indicator_index" in relations(connection, "indicators")
    rows = rows_of(
        connection,
        _COUNTS.format(index="indicators.indicator_index" if built else _PUBLISHED),
        {
            "frameworks": list(frameworks),
            "areas": list(areas),
            "first": first,
            "last": last,
            "reasons": sorted(meanings()),
        },
    )
    return [Completeness(*row) for row in rows]


def share(part: int, whole: int) -> str:
    """A share in per cent that never rounds up to all or down to none."""
    if not whole or part in (0, whole):
        return "0 %" if part == 0 else "100 %"
    return f"{min(max(100 * part / whole, 0.1), 99.9):.1f} %"
