"""The DAGs: what Airflow finds, how long it takes, and whole runs against a sandbox."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from ingest import database, processes
from ingest.cli import pending
from ingest.contract import Domain
from ingest.settings import ROOT, Settings
from tests.end_to_end.world import DATASETS, World

pytestmark = pytest.mark.dags

Inside = Callable[..., Any]
SURVEY = "data.gov.uk/dataset/place-survey/place_survey.csv"
DOMAINS = (
    "economy", "education", "environment", "health", "housing", "local_authority", "police", "survey", "transport",
)  # fmt: skip


@pytest.fixture(scope="session")
def airflow_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("airflow")


@pytest.fixture(scope="session")
def inside(airflow_home: Path) -> Inside:
    """Runs `inside.py` with its arguments, and variables, and gives its answer."""

    def call(*words: str, **variables: str) -> Any:
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "_AIRFLOW"))
        } | {
            "AIRFLOW_HOME": str(airflow_home),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
            "PYTHONPATH": str(ROOT),
        }
        done = subprocess.run(
            [sys.executable, *words],
            env=environment | variables,
            capture_output=True,
            text=True,
            cwd=airflow_home,
            timeout=900,
            check=False,
        )
        assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]
        return done.stdout

    def answer(*words: str, **variables: str) -> Any:
        if words[0] == "airflow":
            return call("-m", *words, **variables)
        return json.loads(call(str(Path(__file__).with_name("inside.py")), *words, **variables).splitlines()[-1])

    return answer


@pytest.fixture(scope="session")
def found(inside: Inside) -> dict[str, Any]:
    answer: dict[str, Any] = inside("structure")
    return answer


def test_files_parse_without_an_error_into_a_dag_for_each_domain(found: dict[str, Any]) -> None:
    assert found["errors"] == {}
    assert set(found["dags"]) == {"build_and_publish", *(f"ingest_{domain}" for domain in DOMAINS)}


def test_every_domain_has_a_schedule() -> None:
    """Also those without a dataset yet: the first one must not break the parsing of the others."""
    text = (ROOT / "dags" / "ingest_domains.py").read_text()
    assert [domain.name for domain in Domain if f"    Domain.{domain.name}: " not in text] == []


def test_ingest_lands_each_dataset_then_loads_and_checks_them_together(found: dict[str, Any]) -> None:
    tasks = found["dags"]["ingest_local_authority"]["tasks"]
    returns = ("hub_council_returns", "laa_targets", "regulation_returns")
    assert {name: task["words"] for name, task in tasks.items()} == {
        f"land_{dataset}": ["land", "--dataset", dataset] for dataset in returns
    } | {
        "load": ["load", "--domain", "local_authority"],
        "check": ["check", "--domain", "local_authority"],
        "announce": ["pending"],
        "outcome": [],
    }
    lands = [f"land_{dataset}" for dataset in returns]
    assert {name: task["upstream"] for name, task in tasks.items()} == {name: list[str]() for name in lands} | {
        "load": lands,
        "check": ["load"],
        "announce": ["check"],
        "outcome": ["announce", "check", *lands, "load"],
    }
    # One dataset that fails holds up none of the others, and still makes the run red.
    assert {tasks[name]["rule"] for name in ("load", "check", "announce")} == {"all_done"}
    assert tasks["outcome"]["rule"] == "none_failed"


def test_only_landing_is_tried_again(found: dict[str, Any]) -> None:
    """A second load or check would find the refused release done with, and hide it."""
    for dag_id, dag in found["dags"].items():
        for name, task in dag["tasks"].items():
            tried = (2, True) if name.startswith("land_") else (0, False)
            assert (task["retries"], task["backoff"]) == tried, f"{dag_id}.{name}"


def test_dags_catch_nothing_up_and_never_overlap(found: dict[str, Any]) -> None:
    for dag_id, dag in found["dags"].items():
        assert (dag["catchup"], dag["max_active_runs"]) == (False, 1), dag_id
        assert dag["tags"]
        assert dag["doc"]
        for name, task in dag["tasks"].items():
            assert task["owner"] == "data-engineering", f"{dag_id}.{name}"
            assert task["kind"] == "Outcome" or task["pool"] == "nis_warehouse", f"{dag_id}.{name}"


def test_new_releases_of_any_domain_start_the_build(found: dict[str, Any]) -> None:
    publish = found["dags"]["build_and_publish"]
    assert publish["condition"] == "AssetAny"
    assert publish["assets"] == [f"nis://releases/{domain}" for domain in DOMAINS]
    outlets = {
        dag_id: [uri for task in dag["tasks"].values() for uri in task["outlets"]]
        for dag_id, dag in found["dags"].items()
    }
    assert outlets == {"build_and_publish": []} | {
        f"ingest_{domain}": [f"nis://releases/{domain}"] for domain in DOMAINS
    }
    # It acts only on what somebody has switched on, so it need not be switched on itself.
    assert publish["paused"] is False
    assert {name: (task["words"], task["upstream"]) for name, task in publish["tasks"].items()} == {
        "build": (["build"], []),
        "check": (["check", "--gate", "2"], ["build"]),
        "publish": (["publish"], ["check"]),
        "outcome": ([], ["build", "check", "publish"]),
    }
    # A build that failed, or that gate 2 could not judge, is not handed on.
    assert {task["rule"] for task in publish["tasks"].values()} == {"all_success"}


def test_a_tasks_state_follows_the_exit_code(inside: Inside) -> None:
    """Codes of the command line: 0 done, 1 failed, 2 wrong use, 3 something held; 99 nothing pending."""
    assert pending.NOTHING == 99
    assert inside("exit-codes", "0", "1", "2", "3", "99", "-15") == {
        "0": "",
        "1": "AirflowException",
        "2": "AirflowException",
        "3": "held",
        "99": "AirflowSkipException",
        "-15": "AirflowException",
    }


def test_what_was_held_makes_the_run_red_at_its_end(inside: Inside) -> None:
    assert inside("held", "", "`nis check --gate 2` ended with exit code 3") == [
        "",
        "AirflowFailException: `nis check --gate 2` ended with exit code 3. "
        "The rest went on; the logs of those tasks say what",
    ]


def test_dag_files_parse_in_under_a_second(inside: Inside) -> None:
    seconds = []
    for _ in range(3):
        seconds.append(inside("parse-seconds"))
        if seconds[-1] < 1.0:
            return
    pytest.fail(f"the DAG files took {seconds} s after `import airflow.sdk`")


@pytest.fixture(scope="module")
def made(world: World, inside: Inside) -> Settings:
    """A warehouse with a running sandbox, to which the surveys are new; Airflow's tables are ready."""
    inside("airflow", "db", "migrate")
    # What other tests had the bodies publish would be held, and make the DAG's run red.
    world.mend()
    for name in ("land", "load", "check"):
        done = world.nis(name, *DATASETS)
        assert done.returncode == 0, done.stderr
    return world.settings


def _run(inside: Inside, settings: Settings, *dag_ids: str) -> list[dict[str, Any]]:
    ours = {name: value for name, value in processes.environment(settings).items() if name.startswith("NIS_")}
    told: list[dict[str, Any]] = inside("run", *dag_ids, **ours)
    return told


def _satisfied(settings: Settings) -> dict[str, float]:
    """Per cent satisfied with their area by old ONS code, worked out from what the sandbox serves."""
    with requests.Session() as session:
        session.trust_env = False
        text = session.get(f"{settings.sandbox_url}/{SURVEY}", timeout=60).content.decode("utf-8-sig")
    return {
        row["area_code"]: round(100 * float(row["numerator"]) / float(row["weighted_base"]), 6)
        for row in csv.DictReader(io.StringIO(text))
        if row["question"] == "satisfied_with_local_area" and row["numerator"].replace(".", "").isdigit()
    }


def _published(settings: Settings) -> dict[str, float]:
    """The same as published, for areas that have an old ONS code."""
    with database.connect(settings, "reader") as connection:
        rows = connection.execute(
            "select area_code, value from published.value_current where indicator_id = 'ni_005' and value is not null"
        ).fetchall()
    with (ROOT / "dbt_project" / "seeds" / "areas.csv").open(encoding="utf-8", newline="") as file:
        old = {row["area_code"]: row["old_ons_code"] for row in csv.DictReader(file) if row["valid_to"] != "2009-03-31"}
    return {old[area]: round(float(value), 6) for area, value in rows if old.get(area)}


def _builds(settings: Settings) -> list[bool]:
    """Of each build whether it was published."""
    with database.connect(settings, "nis_loader") as connection:
        rows = connection.execute("select published_at is not null from ops.build order by build_id").fetchall()
    return [row[0] for row in rows]


def test_dags_bring_a_body_s_figures_to_the_readers(inside: Inside, made: Settings) -> None:
    """Into a warehouse that holds other figures: what rests on the surveys is built, in part."""
    assert _published(made) == {}
    built_before = _builds(made)
    told = _run(inside, made, "ingest_survey", "build_and_publish", "ingest_survey")
    first, publish, again = told
    assert [one["state"] for one in told] == ["success"] * 3, told
    surveys = (
        "active_people", "asb_reporter_survey", "disabled_children_survey", "place_survey", "tellus",
        "third_sector_survey",
    )  # fmt: skip
    assert first["tasks"] == {f"land_{dataset}": "success" for dataset in surveys} | {
        "load": "success",
        "check": "success",
        "announce": "success",
        "outcome": "success",
    }
    assert set(publish["tasks"].values()) == {"success"}
    # Nothing new: the asset is left alone, so nothing is built.
    assert again["tasks"]["announce"] == "skipped"

    served, published = _satisfied(made), _published(made)
    assert len(published) > 300
    # Counties are in no file: they are summed from their districts.
    stated = {area: value for area, value in published.items() if area in served}
    assert len(stated) > 300
    assert stated == {area: served[area] for area in stated}
    with database.connect(made, "nis_loader") as connection:
        accepted = connection.execute(
            "select dataset_id from ops.release where status = 'accepted' and dataset_id = any(%s) order by 1",
            (list(surveys),),
        ).fetchall()
    # The survey of reporters of anti-social behaviour was never taken.
    assert [row[0] for row in accepted] == [name for name in surveys if name != "asb_reporter_survey"]
    assert _builds(made) == [*built_before, True]


def test_a_refused_release_is_red_and_what_is_published_stays(inside: Inside, world: World, made: Settings) -> None:
    """After the run above: the body renames a column, so its file is no longer what the contract says."""
    before = _published(made)
    assert before, "runs after the test above"
    world.fault(f"/{SURVEY}", "rename_column", args={"from": "numerator", "to": "figure"})
    try:
        (told,) = _run(inside, made, "ingest_survey")
    finally:
        world.mend()
    assert told["state"] == "failed"
    assert told["tasks"]["land_place_survey"] == "success"
    assert {name: state for name, state in told["tasks"].items() if not name.startswith("land_")} == {
        "load": "failed",
        "check": "success",
        "announce": "skipped",
        "outcome": "upstream_failed",
    }
    assert _published(made) == before
