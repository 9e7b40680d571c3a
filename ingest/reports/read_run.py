"""What a run did, read from `ops` and from what it published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from ingest.errors import UsageError

if TYPE_CHECKING:
    from psycopg import Connection


@dataclass(frozen=True, slots=True)
class Came:
    """Releases of a domain that were delivered in the run."""

    domain: str
    datasets: int
    releases: int
    rows: int


@dataclass(frozen=True, slots=True)
class Refused:
    """A release that was not taken, with what was wrong."""

    dataset_id: str
    part: str
    publisher: str
    reason: str
    failed: tuple[str, ...]
    """What gate 1 found."""
    owners: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """An indicator that gate 2 held."""

    name: str
    title: str
    indicator_id: str
    reasons: tuple[str, ...]
    owners: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """What the publications did to the values of an indicator."""

    name: str
    title: str
    new: int
    revised: int
    gone: int


@dataclass(frozen=True, slots=True)
class Moved:
    """Targets or flags whose state changed."""

    of: str
    was: str
    becomes: str
    count: int


@dataclass(frozen=True, slots=True)
class Fresh:
    """How new the releases in use of a domain's datasets are."""

    domain: str
    datasets: int
    newest: date | None
    oldest: date | None
    overdue: int | None


@dataclass(frozen=True, slots=True)
class Complete:
    """Cells due in a framework year, and how many are a value or an explained marker."""

    framework_year: str
    due: int
    filled: int
    explained: int
    share: str


@dataclass(frozen=True, slots=True)
class Publication:
    """A publication of the run."""

    publication_id: int
    publish_at: datetime
    reason: str | None
    values_opened: int
    values_closed: int


@dataclass(frozen=True, slots=True)
class RunReport:
    """All that is said of one run."""

    run_id: int
    command: str
    origin: str
    status: str
    started_at: datetime
    finished_at: datetime | None
    seconds: Mapping[str, float]
    counts: Mapping[str, int]
    error: str | None
    usual_seconds: float | None
    """Median of earlier runs of the command that ended well."""
    came: tuple[Came, ...]
    refused: tuple[Refused, ...]
    held: tuple[Held, ...]
    warnings: int
    publications: tuple[Publication, ...]
    changed: tuple[Changed, ...]
    moved: tuple[Moved, ...]
    fresh: tuple[Fresh, ...]
    complete: tuple[Complete, ...]


_RUN = """
select run_id, command, origin, status, started_at, finished_at, seconds_by_stage, counts, error
from ops.run where %(run)s::bigint is null or run_id = %(run)s::bigint
-- A report that nobody names is of the newest run that did something, finished or not.
order by run_id desc limit 1
"""
_USUAL = """
select percentile_cont(0.5) within group (order by extract(epoch from finished_at - started_at))
from ops.run where command = %(command)s and run_id < %(run)s and status = 'done'
"""
_DOMAINS = """
left join unnest(%(datasets)s::text[], %(domains)s::text[]) as d (dataset_id, domain)
    on r.dataset_id = d.dataset_id
"""
_CAME = f"""
select coalesce(d.domain, 'other'), count(distinct r.dataset_id), count(*), coalesce(sum(r.row_count), 0)::bigint
from ops.release as r {_DOMAINS}
where r.run_id = %(run)s group by 1 order by 1
"""  # noqa: S608 - our own texts
_REFUSED = """
select
    r.dataset_id, r.part, r.publisher, coalesce(r.status_reason, 'no reason is recorded'),
    coalesce(array_agg(distinct q.message) filter (where q.message is not null), '{}'),
    coalesce(array_agg(distinct q.owner) filter (where q.owner is not null), '{}')
from ops.release as r
left join ops.quality_result as q
    on r.release_id = q.release_id and q.gate = 1 and q.severity = 'fail' and not q.success
where
    r.status = 'refused'
    and (r.run_id = %(run)s or coalesce(r.checked_at, r.loaded_at) between %(started)s and %(ended)s)
group by r.release_id order by 1, 2
"""
_HELD = """
select
    coalesce('NI ' || min(i.ni), q.indicator_id), coalesce(min(i.title), ''), q.indicator_id,
    array_agg(distinct q.message order by q.message), array_agg(distinct q.owner order by q.owner)
from ops.quality_result as q
left join published.dim_indicator as i on q.framework_id = i.framework_id and q.indicator_id = i.indicator_id
where q.run_id = %(run)s and q.gate = 2 and q.severity = 'fail' and not q.success
group by q.indicator_id order by q.indicator_id
"""
_WARNINGS = "select count(*) from ops.quality_result where run_id = %(run)s and severity = 'warn' and not success"
_PUBLICATIONS = """
select publication_id, publish_at, reason, values_opened, values_closed
from published.publication where published_at between %(started)s and %(ended)s order by 1
"""
# A row that closes when another of its key opens was revised; alone it is gone.
_CHANGED = """
with opened as (
    select component_key, area_key, period_key, indicator_key, publish_at as at
    from published.fact_value where publication_id = any(%(publications)s)
),
closed as (
    select component_key, area_key, period_key, indicator_key, upper(known_during) as at
    from published.fact_value where known_to = any(%(moments)s)
),
both_ways as (
    select
        coalesce(o.indicator_key, c.indicator_key) as indicator_key,
        o.at is not null as comes, c.at is not null as stood
    from opened as o full join closed as c using (component_key, area_key, period_key, at)
)
select
    'NI ' || i.ni, i.title, count(*) filter (where comes and not stood),
    count(*) filter (where comes and stood), count(*) filter (where not comes)
from both_ways inner join published.dim_indicator as i using (indicator_key)
group by i.indicator_id, i.title, i.ni order by 4 desc, 3 desc, 5 desc, i.ni
"""
_TARGETS = """
with opened as (
    select * from published.fact_target where publication_id = any(%(publications)s)
),
closed as (
    select *, upper(known_during) as at from published.fact_target where known_to = any(%(moments)s)
),
judged as (
    select
        coalesce(o.target_class, c.target_class) as target_class,
        c.area_key is not null as stood, o.area_key is not null as comes,
        c.met as old_met, c.on_track as old_pace, o.met as new_met, o.on_track as new_pace
    from opened as o
    full join closed as c
        on o.area_key = c.area_key and o.target_class = c.target_class and o.target_id = c.target_id
        and o.period_key = c.period_key and o.target_version = c.target_version and o.publish_at = c.at
)
select
    target_class || ' targets',
    case when stood then
        case when old_met then 'met' when not old_met then 'not met' else 'not judged' end
        || coalesce(', ' || replace(old_pace, '_', ' '), '') else 'nothing' end,
    case when comes then
        case when new_met then 'met' when not new_met then 'not met' else 'not judged' end
        || coalesce(', ' || replace(new_pace, '_', ' '), '') else 'nothing' end,
    count(*)
from judged
where (stood, old_met, old_pace) is distinct from (comes, new_met, new_pace)
group by 1, 2, 3 order by 4 desc, 1, 2, 3
"""
_FLAGS = """
select
    flag_kind || ' flags', case when at_once then 'candidate' else 'nothing' end,
    case when at_once then 'nothing' else 'candidate' end, count(*)
from (
    select flag_kind, false as at_once from published.fact_flag where publication_id = any(%(publications)s)
    union all
    select flag_kind, true from published.fact_flag where known_to = any(%(moments)s)
) as both_ways
group by 1, 2, 3 order by 1, 2
"""
_FRESH = """
with newest as (
    select dataset_id, max(published_on) as newest_on from ops.release_in_use group by dataset_id
)
select coalesce(d.domain, 'other'), count(*), max(r.newest_on), min(r.newest_on), {overdue}
from newest as r {domains} {states}
group by 1 order by 1
"""


def read_run(
    connection: Connection, run_id: int | None, complete: tuple[Complete, ...], domains: Mapping[str, str]
) -> RunReport:
    """What a run did, the newest by default; the connection is the loader's, `domains` has the domain of each dataset.

    Raises UsageError when there is no such run.
    """
    row = connection.execute(_RUN.encode(), {"run": run_id}).fetchone()
    if row is None:
        newest = connection.execute("select max(run_id) from ops.run").fetchone()
        known = f"runs go from 1 to {newest[0]}; `nis report run` takes the newest" if newest and newest[0] else ""
        raise UsageError(
            f"there is no run {run_id}" if run_id is not None else "no run is recorded",
            hint=known or "start one with `nis run`",
        )
    number, command, origin, status, started, finished, seconds, counts, error = row
    asked: dict[str, Any] = {
        "run": number,
        "command": command,
        "datasets": list(domains),
        "domains": list(domains.values()),
        "started": started,
        "ended": finished or "infinity",
    }
    there = {
        name
        for (name,) in connection.execute(
            "select n.nspname || '.' || c.relname from pg_class as c "
            "inner join pg_namespace as n on c.relnamespace = n.oid where n.nspname in ('ops', 'published')"
        )
    }
    publications = tuple(Publication(*one) for one in _rows(connection, _PUBLICATIONS, asked))
    asked |= {
        "publications": [one.publication_id for one in publications],
        "moments": [one.publish_at for one in publications],
    }
    moved = _rows(connection, _TARGETS, asked) if publications else []
    if publications and "published.fact_flag" in there:
        moved += _rows(connection, _FLAGS, asked)
    return RunReport(
        run_id=number,
        command=command,
        origin=origin,
        status=status,
        started_at=started,
        finished_at=finished,
        seconds=seconds,
        counts=counts,
        error=error,
        usual_seconds=_one(connection, _USUAL, asked),
        came=tuple(Came(*one) for one in _rows(connection, _CAME, asked)),
        refused=tuple(
            Refused(dataset, part, publisher, reason, tuple(failed), tuple(owners))
            for dataset, part, publisher, reason, failed, owners in _rows(connection, _REFUSED, asked)
        ),
        held=tuple(
            Held(ni, title, indicator, tuple(reasons), tuple(owners))
            for ni, title, indicator, reasons, owners in _rows(connection, _HELD, asked)
        ),
        warnings=_one(connection, _WARNINGS, asked),
        publications=publications,
        changed=tuple(Changed(*one) for one in _rows(connection, _CHANGED, asked)) if publications else (),
        moved=tuple(Moved(*one) for one in moved),
        fresh=tuple(Fresh(*one) for one in _rows(connection, _fresh(there), asked)),
        complete=complete,
    )


def _fresh(there: set[str]) -> str:
    """The query of ages; where the states of freshness are kept, with how many datasets are overdue."""
    if "ops.freshness_state" not in there:
        return _FRESH.format(overdue="null::bigint", states="", domains=_DOMAINS)
    return _FRESH.format(
        domains=_DOMAINS,
        overdue="count(*) filter (where s.state = 'overdue')",
        states="left join ops.freshness_state as s on r.dataset_id = s.dataset_id",
    )


def _rows(connection: Connection, query: str, asked: dict[str, Any]) -> list[Any]:
    return connection.execute(query.encode(), asked).fetchall()


def _one(connection: Connection, query: str, asked: dict[str, Any]) -> Any:
    row = connection.execute(query.encode(), asked).fetchone()
    return row[0] if row else None
