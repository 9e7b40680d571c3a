"""Fixtures that several rooms share."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest import database, processes
from ingest.settings import ROOT, Settings
from tests.end_to_end.killing import Story, killed_again_and_again
from tests.end_to_end.world import DATASETS, ONE_OF_EACH_LAYOUT, World

SAMPLES = Path(os.environ.get("NIS_SAMPLES") or ROOT.parent / "shared" / "samples")


def pytest_configure() -> None:
    """Keep the machine's own NIS_ settings out of the tests."""
    for name in [name for name in os.environ if name.startswith("NIS_")]:
        del os.environ[name]


SHARED = ("made_run", "killed_runs", "sample_run", "prepared", "_made_client", "server")
"""Fixtures of a session that take long to make; what takes longest first."""


def _shared(item: pytest.Item) -> int:
    """Place in SHARED of the fixture that takes longest, or beyond its end where a test uses none."""
    used = [number for number, name in enumerate(SHARED) if name in getattr(item, "fixturenames", ())]
    return used[0] if used else len(SHARED)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: end to end, a worker waits for the processes it has started."""
    return (os.cpu_count() or 1) + 1


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name files by their size: archives hold the time, and workers must agree on the names of tests."""
    return f"{len(val)} bytes" if isinstance(val, bytes) and len(val) > 40 else None


def pytest_itemcollected(item: pytest.Item) -> None:
    """Keep tests that share a warehouse, or else a file, on one worker."""
    place = _shared(item)
    group = SHARED[place] if place < len(SHARED) else item.nodeid.partition("::")[0]
    item.add_marker(pytest.mark.xdist_group(group))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let what takes longest begin first.

    Of one warehouse the tests that need it as it was made come first, and DAGs, which bring something new, last.
    """
    items.sort(
        key=lambda item: (
            _shared(item),
            item.get_closest_marker("undisturbed") is None,
            item.get_closest_marker("dags") is not None,
        )
    )


def nis(settings: Settings, *arguments: str, timeout: float = 300) -> subprocess.CompletedProcess[str]:
    """Run the command line on a warehouse of its own, as a person would."""
    return subprocess.run(
        [sys.executable, "-m", "ingest", *arguments],
        env=processes.environment(settings),
        capture_output=True,
        text=True,
        timeout=timeout,
        cwd=ROOT,
        check=False,
    )


@pytest.fixture(scope="session")
def samples() -> Path:
    """Folder of the real source files; tests that need it are skipped where it is absent."""
    if not SAMPLES.is_dir():
        pytest.skip(f"the real source files are not at {SAMPLES}: set NIS_SAMPLES to their folder")
    return SAMPLES


def _finished(settings: Settings) -> Iterator[Settings]:
    done = nis(settings, "run", timeout=1800)
    assert done.returncode == 0, done.stderr
    yield settings
    database.embedded(settings).stop()


@pytest.fixture(scope="session")
def sample_run(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings of a warehouse that holds a finished run over the real files."""
    home = tmp_path_factory.mktemp("samples")
    yield from _finished(Settings(home=home, source="sample", samples=samples))


@pytest.fixture(scope="session")
def made_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where sandboxes keep the files they make: one folder for all workers.

    A file appears there whole, under a name that tells what it depends on: also of faults and revisions.
    """
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if os.environ.get("PYTEST_XDIST_WORKER") else own) / "made_files"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def made_run(made_files: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings of a warehouse that holds a finished run over made data."""
    home = tmp_path_factory.mktemp("made")
    (home / "sandbox").symlink_to(made_files)
    yield from _finished(Settings(home=home, source="made"))


@pytest.fixture(scope="session")
def sandbox_url(made_files: Path) -> Iterator[str]:
    """Address of a sandbox over made data, a process of its own."""
    arguments = ["--origin", "made", "--cache", str(made_files), "--watch-stdin"]
    with subprocess.Popen(
        [sys.executable, "-m", "sandbox", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as process:
        assert process.stdout is not None, "it is a pipe"
        yield json.loads(process.stdout.readline())["url"]


@pytest.fixture(scope="session")
def killed_runs(sandbox_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """A warehouse over some datasets, in which every run but the last was killed."""
    settings = Settings(home=tmp_path_factory.mktemp("world"), source="made", sandbox_url=sandbox_url)
    try:
        yield killed_again_and_again(settings, *DATASETS, *ONE_OF_EACH_LAYOUT)
    finally:
        database.embedded(settings).stop()


@pytest.fixture(scope="session")
def world(killed_runs: Story) -> World:
    """Bodies without faults and what they published, finished by the run that was not killed."""
    assert killed_runs.last_code == 0, killed_runs.last
    return World(killed_runs.settings, killed_runs.settings.sandbox_url)
