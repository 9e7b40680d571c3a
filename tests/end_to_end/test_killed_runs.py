"""Runs that are killed at any moment: the next one goes on, and in the end nothing tells that it happened."""

from __future__ import annotations

import hashlib
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from psycopg import sql

from ingest import database
from ingest.registry import datasets
from ingest.settings import Settings
from tests.end_to_end.commands import Event, command, kill, killed_when, published, query, start
from tests.end_to_end.conftest import DATASETS

pytestmark = pytest.mark.end_to_end

RUN = ("run", *(part for dataset in DATASETS for part in ("--dataset", dataset)))
"""A few datasets of different bodies: each killed run has to look for what is new again."""


@dataclass(frozen=True)
class Moment:
    """A moment of a run: some seconds after the nth log line that carries these fields."""

    name: str
    fields: dict[str, str]
    delay: float = 0.0
    nth: int = 1
    done_before: tuple[str, ...] = field(default=())
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


def _stage(name: str, event: str = "stage started") -> dict[str, str]:
    return {"event": event, "stage": name}


MOMENTS = (
    Moment("landing begins", _stage("land")),
    Moment("one file has landed", {"event": "landed"}),
    Moment("all has landed", _stage("land", "stage ended")),
    Moment("the first file is being loaded", _stage("load"), 0.05, done_before=("landed",)),
    Moment("five files are loaded", {"event": "loaded"}, nth=5, done_before=("landed",)),
    Moment("all is loaded", _stage("load", "stage ended"), done_before=("landed",)),
    Moment("gate 1 starts", _stage("gate_1"), 2, done_before=("landed", "loaded")),
    Moment("gate 1 writes its results", {"event": "quality results written"}, done_before=("landed", "loaded")),
    Moment(
        "dbt reads its project",
        _stage("build"),
        4,
        done_before=("landed", "loaded", "quality results written"),
        alone=True,
    ),
    Moment("dbt builds", _stage("build"), 8, done_before=("landed", "loaded", "quality results written")),
    Moment("dbt has built", {"event": "built"}, done_before=("landed", "loaded", "quality results written")),
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


@pytest.fixture(scope="module")
def story(made_run: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """A home in which every run but the last was killed, over some files of the undisturbed home."""
    settings = Settings(home=tmp_path_factory.mktemp("killed"), source="made")
    # The made files are the same for the same seed; copying them saves the seconds of making them again.
    shutil.copytree(made_run.home / "sandbox", settings.home / "sandbox")
    try:
        events = {
            moment.name: killed_when(settings, moment.reached(), moment.delay, *RUN, whole_group=not moment.alone)
            for moment in MOMENTS
        }
        last = command(settings, *RUN)
        yield Story(settings, events, last.stderr, last.returncode)
    finally:
        database.embedded(settings).stop()


def test_the_last_run_ends_well(story: Story) -> None:
    assert story.last_code == 0, story.last


def test_what_was_finished_before_the_kill_is_not_done_again(story: Story) -> None:
    for moment in MOMENTS:
        again = {event["event"] for event in story.events[moment.name]} & set(moment.done_before)
        assert not again, f"killed when {moment.name}: {again} again"


def test_published_values_are_those_of_an_undisturbed_run(story: Story, made_run: Settings) -> None:
    # What rests on datasets that only the undisturbed run has is a marker here.
    found = {cell: row for cell, row in published(story.settings).items() if row["value"] is not None}
    assert len(found) > 15_000
    expected = published(made_run)
    assert found == {cell: expected[cell] for cell in found}


def test_one_publication_holds_all_values(story: Story) -> None:
    publications = query(story.settings, "select values_opened, values_closed from published.publication")
    assert publications == [{"values_opened": len(published(story.settings)), "values_closed": 0}]


def test_each_cell_is_known_once_at_any_time(story: Story) -> None:
    twice = query(
        story.settings,
        "select 1 from published.value_history where upper_inf(known_during) "
        "group by framework_id, indicator_id, component, area_code, period_start, period_end "
        "having count(*) > 1",
    )
    assert twice == []


def test_each_release_is_there_once_and_in_use(story: Story, made_run: Settings) -> None:
    releases = (
        "select dataset_id, part, sha256, size_bytes, row_count, status from ops.release "
        "where dataset_id = any(%s) order by 1, 2, 3"
    )
    found = query(story.settings, releases, (list(DATASETS),))
    assert found == query(made_run, releases, (list(DATASETS),))
    assert {row["status"] for row in found} == {"accepted"}


def test_raw_holds_each_row_once(story: Story) -> None:
    expected = query(story.settings, "select release_id, dataset_id, row_count from ops.release order by 1")
    counted: Counter[int] = Counter()
    with database.connect(story.settings) as connection:
        for dataset in datasets().values():
            for table in dataset.tables:
                counts = sql.SQL("select release_id, count(*) from {} group by 1").format(
                    sql.Identifier("raw", dataset.raw_table(table))
                )
                counted.update(dict(connection.execute(counts).fetchall()))
    assert dict(counted) == {row["release_id"]: row["row_count"] for row in expected}


def test_no_leftovers_in_the_raw_schema(story: Story) -> None:
    sequences = query(
        story.settings,
        "select relname from pg_class where relkind = 'S' and relnamespace = 'raw'::regnamespace",
    )
    assert sequences == []


def test_each_release_is_judged_once(story: Story, made_run: Settings) -> None:
    judged = (
        "select dataset_id, expectation, coalesce(column_name, '') as column_name, count(*) as times "
        "from ops.quality_result where gate = 1 and dataset_id = any(%s) group by 1, 2, 3 order by 1, 2, 3"
    )
    assert query(story.settings, judged, (list(DATASETS),)) == query(made_run, judged, (list(DATASETS),))


def test_quarantine_is_that_of_an_undisturbed_run(story: Story, made_run: Settings) -> None:
    rows = (
        "select dataset_id, table_name, row_number, source_column, reject_reason from ops.quarantine "
        "where dataset_id = any(%s) order by 1, 2, 3, 4"
    )
    assert query(story.settings, rows, (list(DATASETS),)) == query(made_run, rows, (list(DATASETS),))


def test_killed_runs_are_told_as_interrupted(story: Story) -> None:
    runs = query(story.settings, "select status, error from ops.run order by run_id")
    assert [run["status"] for run in runs] == ["failed"] * len(MOMENTS) + ["done"]
    assert {run["error"] for run in runs[:-1]} == {"interrupted"}


def test_no_half_file_lies_in_the_landing_store(story: Story) -> None:
    objects = [path for path in (story.settings.home / "landing" / "objects").rglob("*") if path.is_file()]
    assert {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in objects} == {
        row["sha256"]: row["sha256"] for row in query(story.settings, "select sha256 from ops.release")
    }


def test_a_killed_first_start_does_not_spoil_the_home(tmp_path_factory: pytest.TempPathFactory) -> None:
    settings = Settings(home=tmp_path_factory.mktemp("first"), source="made")
    process = start(settings, "migrate")
    deadline = time.monotonic() + 30
    while not list(settings.home.glob("db/*/PG_VERSION")) and time.monotonic() < deadline:
        time.sleep(0.005)
    kill(process)
    try:
        done = command(settings, "migrate")
        assert done.returncode == 0, done.stderr
    finally:
        database.embedded(settings).stop()
