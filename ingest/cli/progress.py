"""What a person sees while a run works: the stage, the seconds, and a bar for each download."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

Thing = TypeVar("Thing")
STAGES = {
    "land": "asking the bodies what is new",
    "load": "loading releases into raw",
    "gate_1": "gate 1: judging what was delivered",
    "build": "building the marts with dbt",
    "gate_2": "gate 2: judging what is handed out",
    "publish": "publishing what changed",
}


class Display:
    """Bars on standard error; safe to call from several threads."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._downloads: dict[str, TaskID] = {}
        self._stage = bars.add_task("", total=None, size="")
        self._lock = threading.Lock()

    def stage(self, name: str) -> None:
        """A stage begins; the downloads of the last one are put away."""
        with self._lock:
            for task in self._downloads.values():
                self._bars.remove_task(task)
            self._downloads.clear()
            self._bars.reset(self._stage, description=STAGES.get(name, name))

    def download(self, name: str, done: int, of: int | None) -> None:
        """`name` has `done` bytes of, where known, `of`."""
        with self._lock:
            if name not in self._downloads:
                self._downloads[name] = self._bars.add_task(f"  {name}", total=of, size="")
            size = f"{done / 1e6:,.1f} MB" + (f" of {of / 1e6:,.1f}" if of else "")
            self._bars.update(self._downloads[name], completed=done, total=of, size=size)


@contextmanager
def display() -> Iterator[Display]:
    """Show progress while the context lasts; nothing is drawn where standard error is no terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[size]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        yield Display(bars)


def counted(things: Sequence[Thing], what: str) -> Iterator[Thing]:
    """Go through things with a bar on standard error; nothing is drawn where that is no terminal."""
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    yield from track(things, description=what, console=console, transient=True, disable=not console.is_terminal)
