"""One ingest DAG for each domain that has datasets: when it runs, who owns it, in which order."""

from __future__ import annotations

from datetime import datetime, timedelta

from airflow.sdk import DAG, CronTriggerTimetable, TriggerRule

from dags.steps import Outcome, nis, releases
from ingest.contract import Dataset, Domain
from ingest.registry import by_domain

TIMEZONE = "Europe/London"
SCHEDULES = {
    # Official statistics come out at 9:30 on working days; asking is cheap where nothing has changed.
    Domain.ECONOMY: "35 9 * * 1-5",
    Domain.EDUCATION: "40 9 * * 1-5",
    Domain.ENVIRONMENT: "45 9 * * 1-5",
    Domain.HOUSING: "50 9 * * 1-5",
    Domain.TRANSPORT: "55 9 * * 1-5",
    Domain.HEALTH: "0 10 * * 1-5",
    # The police bodies publish by month, and their archives are large.
    Domain.POLICE: "0 5 2 * *",
    Domain.SURVEY: "5 10 * * 1",
    # Councils send their returns at any time of the day.
    Domain.LOCAL_AUTHORITY: "30 * * * *",
}
DOC = """Pull what is new from the bodies of this domain, load it, and judge it by gate 1.

A dataset that fails is red here and does not stop the others; its last good release stays in use. `outcome`
alone is red when a body has withdrawn something.
Run a task again by clearing it: every command does what is left to do.
`nis releases --status refused` and the task's log say what is wrong.
"""


def ingest_dag(domain: Domain, datasets: list[Dataset]) -> DAG:
    """The ingest DAG of a domain: land each dataset, then load, check and announce them together."""
    owners = ", ".join(sorted({dataset.owner for dataset in datasets}))
    with DAG(
        dag_id=f"ingest_{domain.value}",
        schedule=CronTriggerTimetable(SCHEDULES[domain], timezone=TIMEZONE),
        start_date=datetime(2026, 1, 1),
        catchup=False,
        max_active_runs=1,
        default_args={"owner": owners, "retries": 0},
        tags=["ingest", domain.value],
        description=f"{len(datasets)} datasets of {domain.value}",
        doc_md=DOC,
    ) as dag:
        landed = [
            nis(
                "land",
                "--dataset",
                dataset.dataset_id,
                task_id=f"land_{dataset.dataset_id}",
                owner=dataset.owner,
                retries=2,
                retry_delay=timedelta(minutes=5),
                retry_exponential_backoff=True,
                max_retry_delay=timedelta(hours=1),
                doc_md=f"{dataset.title} ({dataset.publisher})",
            )
            for dataset in datasets
        ]
        # What came in goes on, whatever failed beside it; the commands find out what there is to do.
        load = nis("load", "--domain", domain.value, trigger_rule=TriggerRule.ALL_DONE)
        check = nis("check", "--domain", domain.value, trigger_rule=TriggerRule.ALL_DONE)
        announce = nis("pending", task_id="announce", trigger_rule=TriggerRule.ALL_DONE, outlets=[releases(domain)])
        # Without this last task a run would count as good whenever `announce` is.
        outcome = Outcome(task_id="outcome", trigger_rule=TriggerRule.NONE_FAILED)
        landed >> load >> check >> announce
        [*landed, load, check, announce] >> outcome
    return dag


for _domain, _datasets in by_domain().items():
    globals()[f"ingest_{_domain.value}"] = ingest_dag(_domain, _datasets)
