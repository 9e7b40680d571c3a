"""The record of a run: one row of `ops.run`, seconds by stage, counts, and the lock that lets one run work."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ingest import database
from ingest.errors import DatabaseError, ExitCode
from ingest.logs import logger
from ingest.settings import Settings

if TYPE_CHECKING:
    from psycopg import Connection

_log = logger("run")


@dataclass
class Run:
    """A run at work."""

    run_id: int
    seconds: dict[str, float] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    exit_code: ExitCode = ExitCode.DONE
    problems: list[str] = field(default_factory=list)
    """What was refused, held or failed, for people."""
    on_stage: Callable[[str], None] = lambda _: None
    """Told the name of each stage as it begins."""

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a stage and tell the log where we are."""
        _log.info("stage started", stage=name, run_id=self.run_id)
        self.on_stage(name)
        started = time.monotonic()
        try:
            yield
        finally:
            self.seconds[name] = round(self.seconds.get(name, 0.0) + time.monotonic() - started, 2)
            _log.info("stage ended", stage=name, run_id=self.run_id, seconds=self.seconds[name])

    def add(self, **counts: int) -> None:
        """Add to the counts."""
        for name, count in counts.items():
            self.counts[name] = self.counts.get(name, 0) + count

    def worsen(self, code: ExitCode, problem: str) -> None:
        """Note a problem; a failure outweighs something held."""
        self.problems.append(problem)
        if self.exit_code is not ExitCode.FAILED:
            self.exit_code = code


@contextmanager
def recorded(settings: Settings, command: str, *, patience: float = 0.0) -> Iterator[Run]:
    """Hold the warehouse's lock and keep the record while a run works.

    Raises DatabaseError when another run is at work on the same warehouse for longer than `patience` seconds.
    """
    with database.connect(settings, "nis_loader", autocommit=True) as lock:
        give_up = time.monotonic() + patience
        while lock.execute("select pg_try_advisory_lock(%s)", (database.LOCK_RUN,)).fetchone() != (True,):
            if time.monotonic() >= give_up:
                raise DatabaseError(
                    "another run is at work on this warehouse", hint="wait for it; `nis status` tells what it does"
                )
            time.sleep(0.5)
        # The lock is ours, so whoever is still marked as running was killed.
        lock.execute(
            "update ops.run set status = 'failed', finished_at = now(), error = 'interrupted' where status = 'running'"
        )
        row = lock.execute(
            "insert into ops.run (command, origin) values (%s, %s) returning run_id", (command, settings.source)
        ).fetchone()
        assert row is not None, "insert ... returning gives a row"
        run = Run(run_id=row[0])
        try:
            yield run
        except BaseException as error:
            _finish(lock, run, "failed", str(error) or type(error).__name__)
            raise
        status = {ExitCode.DONE: "done", ExitCode.HELD: "held"}.get(run.exit_code, "failed")
        _finish(lock, run, status, "\n".join(run.problems) or None)


def _finish(connection: Connection, run: Run, status: str, error: str | None) -> None:
    connection.execute(
        "update ops.run set status = %s, finished_at = clock_timestamp(), seconds_by_stage = %s, counts = %s, "
        "error = %s where run_id = %s",
        (status, json.dumps(run.seconds), json.dumps(run.counts), error, run.run_id),
    )
