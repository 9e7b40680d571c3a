"""Runs inside Airflow, in a process of its own; prints one JSON object as its last line.

Airflow reads its home while it is imported and sets up logging for the process, so it stays out of pytest's.
"""

from __future__ import annotations

import contextlib
import json
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

from ingest.settings import ROOT


def bag() -> Any:
    """The DAGs as Airflow's DAG processor finds them."""
    from airflow.dag_processing.dagbag import BundleDagBag

    return BundleDagBag(dag_folder=ROOT / "dags", bundle_path=ROOT / "dags", bundle_name="dags-folder", safe_mode=True)


def structure() -> dict[str, Any]:
    """Errors, and each DAG as plain data, after a round trip through Airflow's serialisation."""
    from airflow.sdk import TriggerRule
    from airflow.serialization.serialized_objects import DagSerialization

    found = bag()
    dags = {}
    for dag_id, dag in found.dags.items():
        DagSerialization.from_dict(DagSerialization.to_dict(dag))
        dags[dag_id] = {
            "catchup": dag.catchup,
            "max_active_runs": dag.max_active_runs,
            "paused": dag.is_paused_upon_creation,
            "tags": sorted(dag.tags),
            "doc": dag.doc_md,
            "schedule": getattr(dag.timetable, "expression", ""),
            "assets": [asset.uri for asset in getattr(dag.timetable.asset_condition, "objects", ())],
            "condition": type(dag.timetable.asset_condition).__name__,
            "tasks": {
                task.task_id: {
                    "kind": type(task).__name__,
                    "words": list(getattr(task, "words", ())),
                    "upstream": sorted(task.upstream_task_ids),
                    "rule": TriggerRule(task.trigger_rule).value,
                    "retries": task.retries,
                    "backoff": bool(task.retry_exponential_backoff),
                    "owner": task.owner,
                    "pool": task.pool,
                    "outlets": [outlet.uri for outlet in task.outlets],
                }
                for task in dag.tasks
            },
        }
    return {"errors": found.import_errors, "dags": dags}


def parse_seconds() -> float:
    """Seconds that our DAG files take in a process that has imported Airflow's SDK."""
    # Airflow's SDK imports its classes when they are first asked for.
    from airflow.sdk import DAG, Asset, BaseOperator  # noqa: F401

    started = time.perf_counter()
    import dags.build_and_publish
    import dags.ingest_domains  # noqa: F401

    return time.perf_counter() - started


def run(dag_ids: Sequence[str]) -> list[dict[str, Any]]:
    """Run DAGs one after the other; the state of each run and of its tasks."""
    found = bag()
    told = []
    for dag_id in dag_ids:
        finished = found.dags[dag_id].test()
        states = {ti.task_id: str(ti.state) for ti in finished.get_task_instances()}
        told.append({"dag_id": dag_id, "state": str(finished.state), "tasks": states})
    return told


def of_exit_code(exit_code: int) -> str:
    """What a task makes of an exit code: the name of the exception, what it notes for later, or nothing."""
    from unittest.mock import Mock, patch

    from airflow.providers.standard.hooks.subprocess import SubprocessResult

    from dags.steps import nis

    task_instance = Mock()
    with patch("dags.steps.SubprocessHook.run_command", return_value=SubprocessResult(exit_code, "")):
        try:
            nis("check").execute({"ti": task_instance})
        except Exception as error:  # noqa: BLE001 - its name is what is asked for
            return type(error).__name__
    return "".join(call.kwargs["key"] for call in task_instance.xcom_push.call_args_list)


def of_held(told: str) -> str:
    """What the last task of `build_and_publish` makes of what `check` noted."""
    from unittest.mock import Mock

    def pull(task_ids: str, key: str) -> str | None:
        return told if (task_ids, key) == ("check", "held") and told else None

    from dags.build_and_publish import outcome as task

    try:
        task.execute({"ti": Mock(xcom_pull=pull)})
    except Exception as error:  # noqa: BLE001 - it is what is asked for
        return f"{type(error).__name__}: {error}"
    return ""


def main() -> None:
    """Do what the first argument says."""
    what, *rest = sys.argv[1:]
    with contextlib.redirect_stdout(sys.stderr):
        answers: dict[str, Callable[[], Any]] = {
            "structure": structure,
            "parse-seconds": parse_seconds,
            "run": lambda: run(rest),
            "exit-codes": lambda: {code: of_exit_code(int(code)) for code in rest},
            "held": lambda: [of_held(told) for told in rest],
        }
        answer = answers[what]()
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
