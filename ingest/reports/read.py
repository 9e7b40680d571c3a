"""What reports of areas say, read from `published` in bulk: one query for each kind of row, for all areas at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from psycopg import Connection


@dataclass(frozen=True, slots=True)
class Area:
    """An area as the report's head names it."""

    area_code: str
    area_name: str
    area_type: str
    region_name: str | None


@dataclass(frozen=True, slots=True)
class Figure:
    """A row of `published.v_profile`: the headline of an indicator in the year."""

    area_code: str
    theme: str
    ni: int
    indicator_id: str
    component: str
    title: str
    unit: str
    decimals: int
    polarity: str
    period_start: date
    period_end: date
    period_label: str
    value: Decimal | None
    marker: str | None
    reason: str | None
    lower_95: Decimal | None
    upper_95: Decimal | None
    england_value: Decimal | None
    vs_england: str | None
    neighbours_value: Decimal | None
    vs_neighbours: str | None
    direction: str | None
    trend: str | None
    grade: str | None
    open_disputes: int


@dataclass(frozen=True, slots=True)
class Target:
    """A row of `published.v_laa_review`: a live target in the year."""

    area_code: str
    target_class: str
    target_id: str
    target_version: int
    ni: int | None
    indicator_id: str | None
    component: str | None
    title: str
    component_title: str | None
    unit: str | None
    decimals: int | None
    period_end: date
    period_label: str
    kind: str
    status: str
    baseline_period: str | None
    baseline_value: Decimal | None
    target_value: Decimal | None
    actual_value: Decimal | None
    actual_marker: str | None
    achievement: Decimal | None
    met: bool | None
    met_beyond_doubt: bool | None
    on_track: str | None
    needed_next_year: Decimal | None
    detectable: bool | None
    target_marker: str | None
    target_note: str | None


@dataclass(frozen=True, slots=True)
class Progress:
    """A row of `published.v_progress`: a theme in the year."""

    area_code: str
    theme: str
    indicators: int
    with_value: int
    with_direction: int
    improving_significant: int
    improving: int
    unchanged: int
    worsening: int
    worsening_significant: int
    against_neighbours: int
    better_than_neighbours: int
    worse_than_neighbours: int
    against_england: int
    better_than_england: int
    worse_than_england: int
    targets: int
    targets_met: int
    targets_not_met: int
    targets_not_judged: int
    targets_met_beyond_doubt: int
    targets_on_track: int
    targets_to_speed_up: int
    targets_with_limited_progress: int
    targets_deteriorating: int
    graded: int
    grade_d: int
    open_disputes: int


@dataclass(frozen=True, slots=True)
class Point:
    """A value of a series: one period, with what England had in it."""

    period_end: date
    label: str
    value: Decimal | None
    marker: str | None
    lower: Decimal | None
    upper: Decimal | None
    england: Decimal | None


@dataclass(frozen=True, slots=True)
class Flag:
    """A candidate flag of a theme."""

    area_code: str
    theme: str
    flag_kind: str
    sentence: str
    state: str
    """candidate, or what a named person made of it."""
    decided_by: str | None
    inspectorates: str | None


@dataclass(frozen=True, slots=True)
class Reward:
    """What an agreement would have earned under a scheme."""

    area_code: str
    scheme: str
    targets_counted: int | None
    mean_achievement: Decimal | None
    pays: bool | None
    status: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class Source:
    """A release that the publication rests on."""

    dataset_id: str
    title: str
    part: str
    publisher: str
    licence: str
    published_on: date | None
    sha256: str
    url: str


@dataclass(frozen=True, slots=True)
class Edition:
    """What all reports of a year have in common."""

    framework_id: str
    framework_title: str
    framework_year: str
    origin: str
    known_at: datetime
    sources: tuple[Source, ...]
    has_flags: bool


@dataclass(slots=True)
class AreaReport:
    """All that is said of one area in one year."""

    edition: Edition
    area: Area
    figures: list[Figure] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    progress: list[Progress] = field(default_factory=list)
    series: dict[tuple[str, str], list[Point]] = field(default_factory=dict)
    """Indicator and component to the points of the series, in order of time."""
    flags: list[Flag] = field(default_factory=list)
    rewards: list[Reward] = field(default_factory=list)
    neighbours: list[str] = field(default_factory=list)

    def total(self, column: str) -> int:
        """Sum of a column of the progress over all themes."""
        return sum(getattr(one, column) for one in self.progress)


Row = TypeVar("Row", Figure, Target, Progress, Flag, Reward)

_STANDS = "{0}.known_to > now() and lower({0}.known_during) <= now()"
_AREAS = """
select a.area_code, a.area_name, a.area_type, r.area_name
from published.dim_area as a left join published.dim_area as r on a.region_code = r.area_code
where a.area_code = any(%(areas)s) order by a.area_name, a.area_code
"""
_SERIES = f"""
with component as (
    select distinct component_key
    from published.v_laa_review
    where framework_id = %(framework)s and framework_year = %(year)s and area_code = any(%(areas)s)
),
known as (
    select a.area_code, v.area_key, v.component_key, v.period_key, v.value, v.marker, v.lower_limit, v.upper_limit
    from published.fact_value as v
    inner join component as c on v.component_key = c.component_key
    inner join published.dim_area as a on v.area_key = a.area_key
    where (a.area_code = any(%(areas)s) or a.area_type = 'country') and {_STANDS.format("v")}
)
select
    k.area_code, c.indicator_id, c.component, p.period_end, p.label, k.value, k.marker,
    coalesce(s.lower_95, k.lower_limit), coalesce(s.upper_95, k.upper_limit), e.value
from known as k
inner join published.dim_component as c on k.component_key = c.component_key
inner join published.dim_period as p on k.period_key = p.period_key
inner join published.dim_area as a on k.area_key = a.area_key
left join published.fact_assessment as s
    on k.component_key = s.component_key and k.area_key = s.area_key and k.period_key = s.period_key
    and {_STANDS.format("s")}
left join known as e
    on k.component_key = e.component_key and k.period_key = e.period_key
    -- A count grows with its area: beside England's it says nothing.
    and c.method <> 'count'
    and e.area_code = (select min(area_code) from published.dim_area where area_type = 'country')
where a.area_type <> 'country' and p.framework_year <= %(year)s
order by 1, 2, 3, 4
"""  # noqa: S608 - our own texts
_FLAGS = """
select area_code, theme, flag_kind, sentence, state, decided_by, inspectorates from published.v_flag
where framework_id = %(framework)s and framework_year = %(year)s and area_code = any(%(areas)s)
order by area_code, flag_kind desc, theme
"""
_REWARDS = f"""
select a.area_code, w.scheme, w.targets_counted, w.mean_achievement, w.pays, w.status, w.note
from published.fact_reward as w inner join published.dim_area as a on w.area_key = a.area_key
where w.framework_id = %(framework)s and a.area_code = any(%(areas)s) and {_STANDS.format("w")}
order by 1, 2
"""  # noqa: S608 - our own texts
_NEIGHBOURS = """
select g.group_code, a.area_name
from published.bridge_area_group as g inner join published.dim_area as a on g.area_key = a.area_key
where g.group_kind = 'nearest_neighbours' and g.group_code = any(%(areas)s)
order by g.group_code, g.rank
"""
_SOURCES = """
select distinct d.dataset_id, d.title, r.part, r.publisher, r.licence, r.published_on, r.sha256, r.url
from published.dim_release as r
inner join published.dim_source as d on r.source_key = d.source_key
inner join published.bridge_component_source as b on d.source_key = b.source_key
inner join published.dim_component as c on b.component_key = c.component_key
where
    c.framework_id = %(framework)s and r.release_key in (
        select release_key from published.publication_release where publication_id = (
            select max(publication_id) from published.publication where publish_at <= now()
        )
    )
order by r.publisher, d.title, r.part
"""


def read(
    connection: Connection, framework: tuple[str, str], framework_year: str, areas: Sequence[str], origin: str
) -> list[AreaReport]:
    """Reports of a framework year, one for each of these areas that has figures in it, by name.

    `framework` is its id and its title. The connection must see the rows that readers see.
    """
    asked = {"framework": framework[0], "year": framework_year, "areas": list(areas)}
    ready = connection.execute(
        "select max(publish_at), (select count(*) from pg_class as c inner join pg_namespace as n "
        "on c.relnamespace = n.oid where n.nspname = 'published' and c.relname = 'v_flag') "
        "from published.publication where publish_at <= now()"
    ).fetchone()
    assert ready is not None, "an aggregate gives a row"
    if ready[0] is None:
        return []
    sources = tuple(Source(*row) for row in _rows(connection, _SOURCES, asked))
    edition = Edition(*framework, framework_year, origin, ready[0], sources, bool(ready[1]))
    reports = {row[0]: AreaReport(edition, Area(*row)) for row in _rows(connection, _AREAS, asked)}
    for figure in _seen(connection, Figure, "v_profile", asked, "ni, indicator_id"):
        reports[figure.area_code].figures.append(figure)
    for target in _seen(connection, Target, "v_laa_review", asked, "target_class, ni, target_id"):
        reports[target.area_code].targets.append(target)
    for theme in _seen(connection, Progress, "v_progress", asked, "theme"):
        reports[theme.area_code].progress.append(theme)
    for area, indicator, component, *point in _rows(connection, _SERIES, asked):
        reports[area].series.setdefault((indicator, component), []).append(Point(*point))
    if edition.has_flags:
        for row in _rows(connection, _FLAGS, asked):
            reports[row[0]].flags.append(Flag(*row))
    for row in _rows(connection, _REWARDS, asked):
        reports[row[0]].rewards.append(Reward(*row))
    near = defaultdict(list)
    for area, neighbour in _rows(connection, _NEIGHBOURS, asked):
        near[area].append(neighbour)
    for area, names in near.items():
        reports[area].neighbours = names
    for report in reports.values():
        # Themes in the order of their first indicator, as in the profile; local targets have none and come last.
        first = {one.theme: one.ni for one in reversed(report.figures)}
        report.progress.sort(key=lambda one: (first.get(one.theme, 10**6), one.theme))
    return [report for report in reports.values() if report.figures]


def _rows(connection: Connection, query: str, asked: dict[str, Any]) -> list[Any]:
    return connection.execute(query.encode(), asked).fetchall()


def _seen(connection: Connection, kind: type[Row], view: str, asked: dict[str, Any], order: str) -> list[Row]:
    """Rows of a view of this edition as the dataclass that names its columns."""
    columns = ", ".join(one.name for one in fields(kind))
    query = (
        f"select {columns} from published.{view} where framework_id = %(framework)s "  # noqa: S608 - our own names
        f"and framework_year = %(year)s and area_code = any(%(areas)s) order by area_code, {order}"
    )
    return [kind(*row) for row in _rows(connection, query, asked)]
