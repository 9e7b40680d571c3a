"""Runs that are killed one after the other on the same home, each at a moment of its own, and one that is left alone."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ingest.settings import Settings
from tests.end_to_end.commands import Event, command, killed_when


@dataclass(frozen=True)
class Moment:
    """A moment of a run: some seconds after the nth log line that carries these fields."""

    name: str
    fields: dict[str, str]
    delay: float = 0.0
    nth: int = 1
    dbt_says: str = ""
    """What must stand in dbt's own log before the seconds count."""
    done_before: tuple[str, ...] = ()
    """Work that earlier, killed runs finished and that this one must not do again: events."""
    alone: bool = False
    """Kill the run itself only; what it has started must end with it."""

    def reached(self) -> Any:
        """A condition on log lines that counts."""
        seen = Counter[str]()

        def check(event: Event) -> bool:
            if all(event.get(name) == value for name, value in self.fields.items()):
                seen["hits"] += 1
            return seen["hits"] >= self.nth

        return check

    def wait(self, settings: Settings, events: Sequence[Event]) -> None:
        """Wait, after the log line, until the moment has come."""
        if self.dbt_says:
            log = settings.artifacts / f"run-{events[-1]['run_id']}" / "dbt.log"
            deadline = time.monotonic() + 120
            while not (log.is_file() and self.dbt_says in log.read_text()):
                assert time.monotonic() < deadline, f"dbt did not say {self.dbt_says!r}"
                time.sleep(0.05)
        time.sleep(self.delay)


def _stage(name: str, event: str = "stage started") -> dict[str, str]:
    return {"event": event, "stage": name}


_LOADED, _JUDGED = ("landed", "loaded"), ("landed", "loaded", "quality results written")
MOMENTS = (
    Moment("landing begins", _stage("land")),
    Moment("one file has landed", {"event": "landed"}),
    Moment("all has landed", _stage("land", "stage ended")),
    Moment("the first file is being loaded", _stage("load"), 0.05, done_before=("landed",)),
    Moment("five files are loaded", {"event": "loaded"}, nth=5, done_before=("landed",)),
    Moment("all is loaded", _stage("load", "stage ended"), done_before=("landed",)),
    Moment("gate 1 starts", _stage("gate_1"), 2, done_before=_LOADED),
    Moment("gate 1 writes its results", {"event": "quality results written"}, done_before=_LOADED),
    Moment("dbt starts to build", _stage("build"), 2, dbt_says="Running with dbt", done_before=_JUDGED, alone=True),
    Moment("dbt builds", _stage("build"), dbt_says="OK created sql table model", done_before=_JUDGED),
    Moment("dbt has built", {"event": "built"}, done_before=_JUDGED),
    Moment("gate 2 starts", _stage("gate_2"), 2, done_before=("landed", "loaded", "built")),
    Moment("publication begins", _stage("publish"), done_before=("built",)),
    Moment("values are being written", _stage("publish"), 0.3, done_before=("built",)),
)


@dataclass(frozen=True)
class Story:
    """What the killed runs and the last, undisturbed one did."""

    settings: Settings
    events: dict[str, list[Event]]
    """Log lines by the name of the moment at which the run was killed."""
    last: str
    """Standard error of the last run."""
    last_code: int


def killed_again_and_again(settings: Settings, *datasets: str) -> Story:
    """Run for some datasets as often as there are moments, killed each time, and once to the end."""
    run = ("run", *(part for dataset in datasets for part in ("--dataset", dataset)))
    events = {moment.name: killed_when(settings, moment.reached(), moment.wait, *run, whole_group=not moment.alone)
              for moment in MOMENTS}  # fmt: skip
    last = command(settings, *run)
    return Story(settings, events, last.stderr, last.returncode)
