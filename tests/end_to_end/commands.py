"""The command line in processes of its own: run to its end, or killed at a chosen moment."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from psycopg.rows import dict_row

from ingest import database, processes
from ingest.settings import ROOT, Settings

Event = dict[str, Any]
KEY = ("framework_id", "indicator_id", "component", "area_code", "period_start", "period_end")


def command(
    settings: Settings, *arguments: str, more: Mapping[str, str] | None = None, timeout: float = 900
) -> subprocess.CompletedProcess[str]:
    """Run `nis` to its end; `more` are further environment variables."""
    return subprocess.run(
        [sys.executable, "-m", "ingest", *arguments],
        env=processes.environment(settings) | dict(more or {}),
        capture_output=True,
        check=False,
        text=True,
        timeout=timeout,
        cwd=ROOT,
    )


def start(settings: Settings, *arguments: str) -> subprocess.Popen[str]:
    """Start `nis` at the head of a process group of its own, its log lines as JSON on a pipe."""
    return subprocess.Popen(
        [sys.executable, "-m", "ingest", *arguments],
        env=processes.environment(settings.model_copy(update={"log_format": "json"})),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        start_new_session=True,
    )


def read_until(process: subprocess.Popen[str], reached: Callable[[Event], bool]) -> list[Event]:
    """Log lines of a command up to the one that is waited for; fails when the command ends without it."""
    assert process.stderr is not None, "it is a pipe"
    events: list[Event] = []
    told: list[str] = []
    for line in process.stderr:
        told.append(line)
        if line.startswith("{"):
            events.append(json.loads(line))
            if reached(events[-1]):
                return events
    process.wait()
    raise AssertionError(f"ended with {process.returncode} before the moment was reached:\n{''.join(told)}")


def kill(process: subprocess.Popen[str], *, whole_group: bool = True) -> None:
    """SIGKILL to a command and all it has started, or to it alone; fails when it had ended already."""
    if whole_group:
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()
    if process.stderr is not None:
        process.stderr.close()
    assert process.returncode == -signal.SIGKILL, f"it ended with {process.returncode} before it was killed"


def killed_when(
    settings: Settings,
    reached: Callable[[Event], bool],
    wait: Callable[[Settings, list[Event]], None],
    *arguments: str,
    whole_group: bool = True,
) -> list[Event]:
    """Run `nis`, wait after a log line, and kill it; returns the log lines up to that one.

    Fails when a process that works on this home outlives the command.
    """
    process = start(settings, *arguments)
    try:
        events = read_until(process, reached)
        wait(settings, events)
    except BaseException:
        process.kill()
        raise
    kill(process, whole_group=whole_group)
    deadline = time.monotonic() + 3
    while left := workers(settings):
        assert time.monotonic() < deadline, f"these outlived the command that was killed: {left}"
        time.sleep(0.05)
    return events


def workers(settings: Settings) -> list[str]:
    """Command lines of dbt, gates and sandboxes that work on this home (where /proc tells)."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            told = line + (folder / "environ").read_bytes().decode(errors="replace")
        except OSError:
            continue  # it ended, or is not ours
        if f"NIS_HOME={settings.home}\0" in told and "postgres" not in line:
            found.append(line)
    return found


def query(settings: Settings, statement: str, parameters: tuple[object, ...] = ()) -> list[dict[str, Any]]:
    """Rows of a query, as the owner of the warehouse sees them."""
    with database.connect(settings) as connection, connection.cursor(row_factory=dict_row) as cursor:
        # The statements are the tests' own text.
        return cursor.execute(statement.encode(), parameters).fetchall()


def published(settings: Settings, source: str = "published.value_current") -> dict[tuple[Any, ...], dict[str, Any]]:
    """What readers are given, by cell, without when it was written."""
    rows = query(settings, f"select * from {source}")
    cells = {tuple(row[name] for name in KEY): row for row in rows}
    assert len(cells) == len(rows), "there is more than one row for a cell"
    for row in rows:
        del row["publication_id"], row["known_from"]
    return cells


def in_use(settings: Settings) -> list[tuple[str, str, str]]:
    """Releases that feed the measures: dataset, part, sha256."""
    rows = query(
        settings,
        "select dataset_id, part, sha256 from ops.release "
        "inner join ops.release_in_use using (release_id, dataset_id, part) "
        "order by 1, 2, 3",
    )
    return [(row["dataset_id"], row["part"], row["sha256"]) for row in rows]


def told(output: str, *words: str) -> None:
    """Fail unless one message of the output, with its way out, holds all the words."""
    messages = output.replace("\n  way out:", " way out:").splitlines()
    assert any(all(word in message for word in (*words, "way out")) for message in messages), (
        f"{words} not in:\n{output}"
    )
