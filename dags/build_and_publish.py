"""The DAG that builds the marts, judges them by gate 2 and publishes, after new releases of any domain."""

from __future__ import annotations

from datetime import datetime

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, AssetAny, TriggerRule

from dags.steps import nis, releases
from ingest.registry import by_domain

DOC = """Build with dbt, judge by gate 2, hand over to the readers.

`build` is red when dbt failed, or when a dataset has more faulty rows than its contract allows; `check` is
red when indicators are held. What is good is published all the same: a held indicator keeps its published
values. Clear a red `check` once somebody has looked: it then tells only what is new.
`publish` refuses a build that is unfinished or has not been through gate 2.
"""

with DAG(
    dag_id="build_and_publish",
    schedule=AssetAny(*(releases(domain) for domain in by_domain())),
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,
    # It touches no body and runs only after an ingest DAG that somebody switched on.
    is_paused_upon_creation=False,
    default_args={"owner": "data-engineering", "retries": 0},
    tags=["publish"],
    description="dbt, gate 2, publication",
    doc_md=DOC,
) as dag:
    build = nis("build")
    check = nis("check", "--gate", "2", trigger_rule=TriggerRule.ALL_DONE)
    publish = nis("publish", trigger_rule=TriggerRule.ALL_DONE)
    # Without this last task a run would count as good whenever `publish` is.
    outcome = EmptyOperator(task_id="outcome", trigger_rule=TriggerRule.NONE_FAILED)
    build >> check >> publish
    [build, check, publish] >> outcome
