"""Measure what the project promises, all in one run, and write `artifacts/bench.jsonl`.

Machines are noisy, so each figure that compares is a ratio of medians taken in turns.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests

from ingest import database, processes
from ingest.database.embedded import Embedded
from ingest.errors import ExitCode
from ingest.settings import ROOT, Settings
from tests.bench import publishing, readers, street_crime

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMAND = "make bench"
ROWS = 1_000_000
TURNS = 5


class Figures:
    """The figures so far; each is a line of the result."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []

    def add(self, name: str, value: float, unit: str, limit: float, *, at_least: bool = False) -> None:
        """Keep a figure and say whether it is within its limit."""
        ok = value >= limit if at_least else value <= limit
        self.lines.append(
            {"name": name, "value": round(value, 3), "unit": unit, "limit": limit, "ok": ok, "command": COMMAND}
        )
        told = f"{'at least' if at_least else 'at most'} {limit:g}"
        print(f"{'ok  ' if ok else 'FAIL'}  {name:<34} {value:10.2f} {unit:<8} ({told})", flush=True)


@contextmanager
def served(*options: str) -> Iterator[str]:
    """Base URL of a sandbox with these options."""
    command = [sys.executable, "-m", "sandbox", *options, "--watch-stdin"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        yield json.loads(process.stdout.readline())["url"]
        process.stdin.close()


def python(module: str, *arguments: str) -> dict[str, Any]:
    """What a module prints as JSON when it is run in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments], stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT
    )
    answer: dict[str, Any] = json.loads(done.stdout[done.stdout.index("{") :])
    return answer


def psql_copy(settings: Settings, file: Path) -> float:
    """Seconds that psql takes to copy a file into a table of the same columns."""
    names = ", ".join(street_crime.NAMES)
    with database.connect(settings) as connection:
        connection.execute("drop table if exists public.bench_copy")
        listed = ", ".join(f"{name} text" for name in street_crime.NAMES)
        connection.execute(f"create table public.bench_copy ({listed})".encode())
    os.sync()
    url = database.url(settings)
    copy = f"\\copy public.bench_copy ({names}) from '{file}' with (format csv, header true)"
    started = time.perf_counter()
    subprocess.run([str(Embedded.binary("psql")), url, "-qc", copy], check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - started
    with database.connect(settings) as connection:
        connection.execute("drop table public.bench_copy")
    return seconds


def bench_load(figures: Figures, folder: Path) -> None:
    """Landing and loading against psql and dlt, and the memory it takes."""
    settings = Settings(home=folder / "home", source="made")
    database.upgrade(settings)
    files = folder / "files"
    files.mkdir()
    once, four_times = files / "street.csv", files / "street-4x.csv"
    print(f"generating {ROWS:,} and {4 * ROWS:,} rows", flush=True)
    street_crime.generate(once, ROWS)
    street_crime.generate(four_times, 4 * ROWS)
    print(f"{once.stat().st_size / 1e6:.0f} MB and {four_times.stat().st_size / 1e6:.0f} MB", flush=True)
    ours, copies, dlts, peaks = [], [], [], []
    with served("--files", str(files)) as url:
        base = f"{url}/__files"
        for _ in range(TURNS):
            street_crime.forget(settings)
            answer = python("tests.bench.street_crime", str(settings.home), base, once.name)
            assert answer["rows"] == ROWS, answer
            ours.append(answer["land"] + answer["load"])
            peaks.append(answer["peak_mib"])
            copies.append(psql_copy(settings, once))
            dlts.append(python("tests.bench.dlt_load", str(once), database.url(settings))["seconds"])
            print(
                f"  land {answer['land']:.2f} + load {answer['load']:.2f} s, psql {copies[-1]:.2f} s, dlt {dlts[-1]:.2f} s",
                flush=True,
            )
        street_crime.forget(settings)
        large = python("tests.bench.street_crime", str(settings.home), base, four_times.name)
        assert large["rows"] == 4 * ROWS, large
    database.embedded(settings).stop()
    middle = statistics.median
    figures.add("land_load_seconds", middle(ours), "s", 60)
    figures.add("land_load_vs_psql_copy", middle(ours) / middle(copies), "ratio", 1.3)
    figures.add("dlt_vs_land_load", middle(dlts) / middle(ours), "ratio", 4, at_least=True)
    figures.add("peak_memory_1x", max(peaks), "MiB", 200)
    figures.add("peak_memory_4x", large["peak_mib"], "MiB", 200)


def bench_run(figures: Figures, folder: Path) -> None:
    """A whole run on made data, one with nothing new, one after a changed release, and a full build by dbt."""
    settings = Settings(home=folder / "run", source="made")

    def run(sandbox_url: str = "") -> float:
        started = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "ingest", "run"], check=False, stderr=subprocess.DEVNULL, cwd=ROOT,
            env=processes.environment(settings.model_copy(update={"sandbox_url": sandbox_url})),
        )  # fmt: skip
        # Figures that are revised by chance may be held.
        assert done.returncode in (ExitCode.DONE, ExitCode.HELD), done.returncode
        return time.perf_counter() - started

    figures.add("run_seconds", run(), "s", 360)
    figures.add("second_run_seconds", run(), "s", 20)
    with served("--origin", "made", "--cache", str(settings.home / "sandbox")) as url:
        fault = {"path": "*mhmds/*", "kind": "revise", "args": {"share": 0.12}}
        requests.post(f"{url}/__control/faults", json=fault, timeout=60).raise_for_status()
        figures.add("changed_release_run_seconds", run(url), "s", 45)
    started = time.perf_counter()
    code = processes.dbt(settings, ["build"], folder / "dbt.log")
    assert code == 0, (folder / "dbt.log").read_text()[-2000:]
    figures.add("dbt_build_seconds", time.perf_counter() - started, "s", 150)
    bench_publishing(figures, settings)
    bench_readers(figures, settings)
    database.embedded(settings).stop()


def bench_publishing(figures: Figures, settings: Settings) -> None:
    """What publishing costs by the share of values that changed."""
    seconds = {per_cent: publishing.seconds(settings, per_cent) for per_cent in publishing.SHARES}
    for per_cent, taken in seconds.items():
        figures.add(f"publish_{per_cent}_per_cent", taken, "s", 60)
    figures.add("publish_1_vs_100_per_cent", seconds[1] / seconds[100], "ratio", 0.2)


def bench_readers(figures: Figures, settings: Settings) -> None:
    """What readers wait, with today's rows and with twenty times as many."""
    for times in (1, readers.TIMES):
        if times > 1:
            print(f"{readers.grow(settings):,} rows in fact_value", flush=True)
        for question, milliseconds in readers.waits(settings).items():
            figures.add(f"reader_{question}_p95_{times}x", milliseconds, "ms", 50)


def main() -> int:
    """Run the benchmark; 1 when a figure is beyond its limit."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--only", choices=("load", "run"), help="one half of it")
    only = parser.parse_args().only
    figures = Figures()
    # On the checkout's disk: a temporary folder may be memory, which no warehouse is.
    (ROOT / "artifacts").mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=ROOT / "artifacts"))
    try:
        if only != "run":
            bench_load(figures, folder)
        if only != "load":
            bench_run(figures, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    lines = "".join(json.dumps(line) + "\n" for line in figures.lines)
    (ROOT / "artifacts" / "bench.jsonl").write_text(lines)
    return 0 if all(line["ok"] for line in figures.lines) else 1


if __name__ == "__main__":
    sys.exit(main())
