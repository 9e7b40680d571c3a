"""Assessment cycles: the moment whose figures a cycle rests on, held by a hash that anybody can rebuild."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ingest import database
from ingest.errors import NisError, UsageError
from ingest.settings import Settings


@dataclass(frozen=True, slots=True)
class Cycle:
    """A frozen cycle."""

    cycle: str
    known_at: datetime
    row_count: int
    sha256: str
    frozen_by: str
    frozen_at: datetime


def freeze(settings: Settings, cycle: str, by: str, known_at: datetime | None = None) -> Cycle:
    """Pin a cycle to what is known at a moment, now by default, and keep the hash over all of it.

    Raises UsageError when the cycle is frozen already or the moment has not come, NisError when nothing was known.
    """
    if not by.strip():
        raise UsageError("somebody must answer for a snapshot", hint="name the person: --by 'Jane Smith'")
    with database.connect(settings, "nis_publisher") as connection:
        # A publication at work has its moment already, and its rows are not to be seen yet.
        connection.execute("select pg_advisory_xact_lock(%s)", (database.LOCK_PUBLICATION,))
        row = connection.execute("select clock_timestamp()").fetchone()
        assert row is not None, "a function gives a row"
        moment = known_at or row[0]
        if moment > row[0]:
            raise UsageError(
                f"{moment:%Y-%m-%d %H:%M %Z} has not come yet", hint="freeze a cycle once its day has come"
            )
        made = connection.execute(
            "insert into published.assessment_cycle (cycle, known_at, row_count, sha256, frozen_by) "
            "select %s, %s, s.row_count, s.sha256, %s from published.snapshot_sha256(%s) as s "
            "where s.row_count > 0 on conflict do nothing returning cycle",
            (cycle, moment, by.strip(), moment),
        ).fetchone()
        if made is None:
            if any(one.cycle == cycle for one in cycles(settings)):
                raise UsageError(f"cycle {cycle} is frozen already", hint="`nis snapshot list`; a cycle never moves")
            raise NisError(f"nothing was known at {moment:%Y-%m-%d %H:%M %Z}", hint="`nis status` tells what is")
    return next(one for one in cycles(settings) if one.cycle == cycle)


def cycles(settings: Settings) -> list[Cycle]:
    """Every frozen cycle, earliest first."""
    with database.connect(settings, "nis_loader") as connection:
        rows = connection.execute(
            "select cycle, known_at, row_count, sha256, frozen_by, frozen_at from published.assessment_cycle "
            "order by known_at, cycle"
        ).fetchall()
    return [Cycle(*row) for row in rows]


def rebuilt_sha256(settings: Settings, cycle: str) -> tuple[Cycle, str]:
    """A cycle and the hash over what was known at its moment, worked out anew.

    Raises UsageError when there is no such cycle.
    """
    known = {one.cycle: one for one in cycles(settings)}
    if cycle not in known:
        raise UsageError(f"there is no cycle {cycle!r}", hint=f"one of: {', '.join(known) or 'none yet'}")
    with database.connect(settings, "nis_loader") as connection:
        row = connection.execute(
            "select coalesce(sha256, '') from published.snapshot_sha256(%s)", (known[cycle].known_at,)
        ).fetchone()
    assert row is not None, "an aggregate gives a row"
    return known[cycle], row[0]
