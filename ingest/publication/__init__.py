"""Publish: hand the candidate marts over to the readers in one transaction; only what changed is written."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ingest import builds, database
from ingest.errors import NisError, UsageError
from ingest.publication import dimensions
from ingest.publication.change import Change, difference, write
from ingest.publication.tables import FACTS
from ingest.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg import Connection


@dataclass(frozen=True, slots=True)
class Publication:
    """What a publication wrote, or would write."""

    publication_id: int | None
    """None when nothing had changed, or nothing was to be written."""
    changes: tuple[Change, ...]
    held: tuple[str, ...]

    @property
    def opened(self) -> int:
        """Values that became what we know."""
        return sum(change.opened for change in self.changes if change.table == "fact_value")

    @property
    def closed(self) -> int:
        """Values that ceased to be what we know."""
        return sum(change.closed for change in self.changes if change.table == "fact_value")


def publish(
    settings: Settings,
    build_id: int,
    despite: Sequence[str] = (),
    *,
    publish_at: datetime | None = None,
    reason: str | None = None,
    by: str | None = None,
) -> Publication:
    """Publish a build that has been through gate 2.

    Held indicators keep their published values, but for those that somebody names in `despite`. Old values
    are closed, never changed or removed. With `publish_at` (of a zone) readers see what they see now until then, and
    inspectors may read what comes; a publication never overtakes one that waits for its day, so it waits with it.
    Raises NisError when the build is unfinished, unchecked, or not the newest; UsageError when the day lies before one
    that another publication waits for.
    """
    with _opened(settings) as connection:
        moved, held, changes = _differences(connection, build_id, despite)
        if moved:
            connection.execute("call published.make_wide_views()")
        publication_id = None
        if any(changes):
            publication_id = _write(connection, settings, build_id, changes, publish_at, reason, by)
        connection.execute("update ops.build set published_at = clock_timestamp() where build_id = %s", (build_id,))
    if publication_id is not None:
        with database.connect(settings, "nis_publisher") as connection:
            for change in filter(None, changes):
                connection.execute(f"analyze published.{change.table}")
    return Publication(publication_id, changes, held)


@contextmanager
def planned(settings: Settings, build_id: int, despite: Sequence[str] = ()) -> Iterator[tuple[Connection, Publication]]:
    """What publishing a build would do, with a connection that sees it done; nothing of it stays.

    Raises NisError as `publish` does.
    """
    with _opened(settings) as connection:
        _, held, changes = _differences(connection, build_id, despite)
        if any(changes):
            _write(connection, settings, build_id, changes, None, None, None)
        try:
            yield connection, Publication(None, changes, held)
        finally:
            connection.rollback()


@contextmanager
def _opened(settings: Settings) -> Iterator[Connection]:
    """A connection as the publisher, alone at work."""
    with database.connect(settings, "nis_publisher") as connection:
        connection.execute("select pg_advisory_xact_lock(%s)", (database.LOCK_PUBLICATION,))
        # The first publication touches every row: its hash tables should stay in memory.
        connection.execute("set local work_mem = '256MB'")
        yield connection


def _differences(
    connection: Connection, build_id: int, despite: Sequence[str]
) -> tuple[bool, tuple[str, ...], tuple[Change, ...]]:
    """Bring dimensions up to date; whether headlines or themes moved, held indicators, changes of each table."""
    _require_checked(connection, build_id)
    moved = dimensions.bring_up(connection)
    held = connection.execute(
        "select distinct q.indicator_id, i.indicator_key from ops.quality_result as q "
        "left join published.dim_indicator as i using (framework_id, indicator_id) "
        "where q.build_id = %s and q.gate = 2 and q.severity = 'fail' and not q.success "
        "and q.indicator_id <> all(%s) order by 1",
        (build_id, list(despite)),
    ).fetchall()
    keys = [row[1] for row in held if row[1] is not None]
    since = builds.since_published(connection, build_id)
    anew = None
    if since.indicators is not None:
        rows = connection.execute(
            "select indicator_key from published.dim_indicator where indicator_id = any(%s)",
            (sorted(since.indicators),),
        )
        anew = [row[0] for row in rows]
    changes = tuple(difference(connection, fact, keys, anew if fact.in_part else None) for fact in FACTS)
    return moved, tuple(row[0] for row in held), changes


def _write(
    connection: Connection,
    settings: Settings,
    build_id: int,
    changes: tuple[Change, ...],
    publish_at: datetime | None,
    reason: str | None,
    by: str | None,
) -> int:
    moment = _moment(connection, publish_at)
    row = connection.execute(
        "insert into published.publication "
        "(published_at, publish_at, origin, fingerprint, values_opened, values_closed, reason, published_by) "
        "select %s, %s, %s, fingerprint, %s, %s, coalesce(%s, %s), %s "
        "from ops.build where build_id = %s returning publication_id",
        (
            datetime.now(UTC) if publish_at else moment, moment, settings.source,
            sum(c.opened for c in changes if c.table == "fact_value"),
            sum(c.closed for c in changes if c.table == "fact_value"), reason, _why(connection, build_id), by, build_id,
        ),
    ).fetchone()  # fmt: skip
    assert row is not None, "insert ... returning gives a row"
    publication_id: int = row[0]
    # Values first: a foreign key over time checks each against the area in force.
    for fact, change in zip(FACTS, changes, strict=True):
        if change:
            write(connection, fact, change, moment, (publication_id, moment))
    connection.execute(
        "insert into published.publication_release (publication_id, release_key) "
        "select %s, r.release_key from ops.build as b cross join lateral unnest(b.release_ids) as used (release_id) "
        "inner join published.dim_release as r on used.release_id = r.release_key where b.build_id = %s",
        (publication_id, build_id),
    )
    connection.execute(dimensions.RUNS)
    return publication_id


def _moment(connection: Connection, publish_at: datetime | None) -> datetime:
    """From when the publication counts as known: now, or its day, and never before one that was there first."""
    row = connection.execute(
        "select clock_timestamp(), max(publish_at), max(publish_at) + interval '1 microsecond' "
        "from published.publication"
    ).fetchone()
    assert row is not None, "an aggregate gives a row"
    now, last, next_moment = row
    if publish_at is None:
        # Knowledge time moves forward even if the machine's clock does not.
        return max(now, next_moment) if next_moment else now  # type: ignore[no-any-return]
    if publish_at <= now:
        raise UsageError(f"{publish_at:%Y-%m-%d %H:%M %Z} has passed", hint="leave --publish-at out to publish now")
    if last is not None and publish_at <= last:
        raise UsageError(
            f"another publication waits for {last:%Y-%m-%d %H:%M %Z}, and none overtakes it",
            hint="publish for a later time",
        )
    return publish_at


def _why(connection: Connection, build_id: int) -> str:
    """Why values differ from those of the build that was published before, in a sentence."""
    row = connection.execute(
        "select b.project is distinct from o.project, ("
        "  select string_agg(distinct r.dataset_id, ', ' order by r.dataset_id) from ops.release as r "
        "  where (r.release_id = any(b.release_ids)) <> (r.release_id = any(o.release_ids))) "
        "from ops.build as b left join lateral ("
        "  select * from ops.build as before where before.published_at is not null and before.build_id < b.build_id "
        "  order by before.build_id desc limit 1) as o on true where b.build_id = %s and o.build_id is not null",
        (build_id,),
    ).fetchone()
    if row is None:
        return "first publication"
    told = []
    if row[1]:
        told.append(f"new releases of {row[1]}")
    if row[0]:
        told.append("catalogue or rules changed")
    return "; ".join(told) or "held indicators let go"


def _require_checked(connection: Connection, build_id: int) -> None:
    """Raise NisError unless the build is the one at hand and has been through gate 2."""
    row = connection.execute("select gate_2_at from ops.build_at_hand where build_id = %s", (build_id,)).fetchone()
    if row is None:
        raise NisError(f"the tables of build {build_id} are no longer here", hint="run `nis build` first")
    if row[0] is None:
        raise NisError(f"build {build_id} has not been through gate 2", hint="run `nis check --gate 2` first")
