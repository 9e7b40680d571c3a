"""Runs that are killed at any moment: the next one goes on, and in the end nothing tells that it happened."""

from __future__ import annotations

import csv
import hashlib
import time
from collections import Counter
from pathlib import Path

import pytest
import requests
from psycopg import sql

from ingest import database
from ingest.registry import datasets
from ingest.settings import Settings
from sandbox.areas import Geography
from sandbox.catalogue import made_documents
from tests.end_to_end.commands import command, kill, published, query, read_until, start, workers
from tests.end_to_end.killing import MOMENTS, Story
from tests.end_to_end.truth_cells import YEARS, held_against_the_truth, published_cells
from tests.end_to_end.truth_figures import Figures
from tests.end_to_end.truth_readings import SEED
from tests.end_to_end.world import DATASETS, ONE_OF_EACH_LAYOUT

# They look at the warehouse as the last run left it.
pytestmark = [pytest.mark.end_to_end, pytest.mark.undisturbed]

SERIES = {
    "employment-rate": ("ni_151", "ages_16_to_64"),
    "gross-median-weekly-pay": ("ni_166", "all_employees"),
    "net-additions-to-the-housing-stock": ("ni_154", "per_1000_stock"),
    "persistent-absences-for-all-pupils": ("ni_087", "all_pupils"),
}
"""Files of which a component publishes the figures as they are printed."""


@pytest.fixture(scope="module")
def story(killed_runs: Story) -> Story:
    """A home in which every run but the last was killed."""
    return killed_runs


def _landed(settings: Settings) -> dict[str, Path]:
    """Files of the landing store by name."""
    return {path.name: path for path in (settings.home / "landing" / "objects").rglob("*") if path.is_file()}


def test_the_last_run_ends_well(story: Story) -> None:
    assert story.last_code == 0, story.last


def test_what_was_finished_before_the_kill_is_not_done_again(story: Story) -> None:
    for moment in MOMENTS:
        again = {event["event"] for event in story.events[moment.name]} & set(moment.done_before)
        assert not again, f"killed when {moment.name}: {again} again"


def test_published_figures_are_the_truth(story: Story) -> None:
    """Those of the datasets that the truth knows; the others are compared when all is built anew (test_bad_input.py)."""
    figures = Figures()
    loaded = {*DATASETS, *ONE_OF_EACH_LAYOUT}
    dataset_of = {name: measure["dataset_id"] for name, measure in figures.readings.measures.items()}
    known = [
        key
        for key, component in figures.components.items()
        if figures.is_known(component) and {dataset_of[name] for name in figures.measures(component)} <= loaded
    ]
    kinds, faults = held_against_the_truth(figures, published_cells(story.settings), known)
    assert not faults, f"{len(faults)} of {kinds.total()} ({dict(kinds)}):\n" + "\n".join(faults[:20])
    assert kinds["number"] > 1000 * len(YEARS)


def test_published_series_are_those_of_the_served_files(story: Story) -> None:
    cells = query(story.settings, "select * from published.value_current where component <> 'main'")
    for name, component in SERIES.items():
        address = f"{story.settings.sandbox_url}/www.ons.gov.uk/explore-local-statistics/indicators/{name}.csv"
        header, *lines = requests.get(address, timeout=20).content.decode("utf-8-sig").splitlines()
        served = {
            (row["areacd"], row["period"].partition("/")[0]): float(row["observation"])
            for row in csv.DictReader([header.lower(), *lines])
            if row["observation"] and row["indicator"] != "Economically inactive"
        }
        found = {
            key: None if row["value"] is None else float(row["value"])
            for row in cells
            if (row["indicator_id"], row["component"]) == component
            and (key := (row["area_code"], row["period_start"].isoformat())) in served
        }
        assert len(found) > 500, name
        # Published values keep nine decimals.
        assert found == {key: pytest.approx(served[key], abs=1e-9) for key in found}, name


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


def test_each_release_is_there_once_and_in_use(story: Story) -> None:
    releases = query(story.settings, "select dataset_id, part, url, sha256, size_bytes, status from ops.release")
    assert {row["dataset_id"] for row in releases} == {*DATASETS, *ONE_OF_EACH_LAYOUT}
    assert {row["status"] for row in releases} == {"accepted"}
    assert len({(row["dataset_id"], row["part"]) for row in releases}) == len(releases)
    in_use = query(story.settings, "select 1 from ops.release_in_use")
    assert len(in_use) == len(releases)
    # Files that are handed out as they are: each once, with the bytes that are served.
    files = {row["url"]: (row["sha256"], row["size_bytes"]) for row in releases if row["dataset_id"] in DATASETS}
    served = {url: requests.get(url, timeout=20).content for url in files}
    assert files == {url: (hashlib.sha256(data).hexdigest(), len(data)) for url, data in served.items()}
    # A dataset of several files has all of them.
    tables = [one.filename for one in made_documents(SEED, Geography()) if one.filename.startswith("DetailedLA_")]
    assert sorted(url.rpartition("/")[2] for url in files if "DetailedLA_" in url) == sorted(tables)


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


def test_each_release_is_judged_once(story: Story) -> None:
    judged = query(
        story.settings,
        "select release_id, table_name, expectation, column_name, expected from ops.quality_result where gate = 1",
    )
    rules = Counter(tuple(map(str, row.values())) for row in judged)
    assert [rule for rule, times in rules.items() if times > 1] == []
    releases = query(story.settings, "select release_id from ops.release")
    assert {row["release_id"] for row in judged} == {row["release_id"] for row in releases}


def test_the_newest_build_is_judged_once(story: Story) -> None:
    judged = query(
        story.settings,
        "select indicator_id, component, expectation, column_name, expected, count(distinct build_id) as builds, "
        "count(*) as times from ops.quality_result where gate = 2 group by 1, 2, 3, 4, 5",
    )
    assert judged
    assert {(row["builds"], row["times"]) for row in judged} == {(1, 1)}


def test_quarantine_is_what_the_build_set_aside(story: Story) -> None:
    columns = "release_id, dataset_id, table_name, row_number, source_column, reject_reason, reject_kind"
    kept, found = (
        Counter(tuple(row.values()) for row in query(story.settings, f"select {columns} from {table}"))
        for table in ("ops.quarantine", "staging.quarantine")
    )
    assert kept == found
    assert len(kept) > 10_000
    assert set(kept.values()) == {1}


def test_killed_runs_are_told_as_interrupted(story: Story) -> None:
    runs = query(story.settings, "select status, error from ops.run order by run_id")
    assert [run["status"] for run in runs] == ["failed"] * len(MOMENTS) + ["done"]
    assert {run["error"] for run in runs[:-1]} == {"interrupted"}


def test_no_half_file_lies_in_the_landing_store(story: Story) -> None:
    found = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in _landed(story.settings).items()}
    assert found == {row["sha256"]: row["sha256"] for row in query(story.settings, "select sha256 from ops.release")}


def test_a_killed_first_start_does_not_spoil_the_home_and_a_sandbox_ends_with_its_run(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    settings = Settings(home=tmp_path_factory.mktemp("first"), source="made")
    process = start(settings, "migrate")
    deadline = time.monotonic() + 30
    while not list(settings.home.glob("db/*/PG_VERSION")) and time.monotonic() < deadline:
        time.sleep(0.005)
    kill(process)
    try:
        done = command(settings, "migrate")
        assert done.returncode == 0, done.stderr

        process = start(settings, "land", "--dataset", "ons_weekly_pay")
        read_until(process, lambda event: event["event"] == "landed")
        left = workers(settings)
        assert any("-m sandbox" in line for line in left), "it started one"
        kill(process, whole_group=False)
        deadline = time.monotonic() + 5
        while left := workers(settings):
            assert time.monotonic() < deadline, f"these outlived the command that was killed: {left}"
            time.sleep(0.05)
    finally:
        database.embedded(settings).stop()
