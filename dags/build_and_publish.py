"""The DAG that builds the marts, judges them by gate 2 and publishes, after new releases of any domain."""

from __future__ import annotations

from datetime import datetime

from airflow.sdk import DAG, AssetAny

from dags.steps import Outcome, nis, releases
from ingest.registry import by_domain

DOC = """Build with dbt, judge by gate 2, hand over to the readers.

A failure stops the run; what is published stays. `outcome` alone is red when the good part went out and
something was held: indicators by gate 2 (they keep their published values), or more faulty rows of a dataset
than its contract allows. Mark it as a success once somebody has looked.
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
    check = nis("check", "--gate", "2")
    publish = nis("publish")
    outcome = Outcome(task_id="outcome")
    build >> check >> publish
    [build, check, publish] >> outcome
