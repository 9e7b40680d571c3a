"""What both DAG files share: a `nis` command as a task, its pool, and the asset of a domain's releases."""

from __future__ import annotations

import os
import shlex
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.providers.standard.hooks.subprocess import SubprocessHook
from airflow.sdk import Asset, BaseOperator
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException

from ingest.contract import Domain
from ingest.errors import ExitCode
from ingest.settings import ROOT

if TYPE_CHECKING:
    from airflow.sdk import Context

POOL = "nis_warehouse"
"""Has one slot: a warehouse takes one command at a time. `nis airflow` and docker-compose.yml make it."""
HELD = "held"
"""Key under which a task tells that something was held."""
NOTHING_PENDING = 99
"""Exit code of `nis pending` when there is nothing to build or publish."""


def releases(domain: Domain) -> Asset:
    """The asset that is updated when accepted releases of a domain wait to be built."""
    return Asset(name=f"releases_{domain.value}", uri=f"nis://releases/{domain.value}", group="releases")


class NisOperator(BaseOperator):  # type: ignore[misc]  # Airflow is not read by mypy
    """Runs one `nis` command, the same as by hand; no shell and no template touches its words.

    Exit code 3 (something was held, withdrawn or quarantined) does not stop what comes after: it is noted for
    the run's `Outcome`. Exit code 99 skips the task. Any other but 0 fails it.
    """

    ui_color = "#dbe9f4"

    def __init__(self, *, words: tuple[str, ...], **options: Any) -> None:
        super().__init__(**options)
        self.words = words

    def execute(self, context: Context) -> None:
        """Run the command; its lines go to the task's log."""
        self.hook = SubprocessHook()
        result = self.hook.run_command(
            [sys.executable, "-m", "ingest", *self.words], env=dict(os.environ), cwd=str(ROOT)
        )
        told = f"`nis {shlex.join(self.words)}` ended with exit code {result.exit_code}"
        if result.exit_code == NOTHING_PENDING:
            raise AirflowSkipException(told)
        if result.exit_code == ExitCode.HELD:
            self.log.warning("%s: something was held or withdrawn; the lines above say what", told)
            context["ti"].xcom_push(key=HELD, value=told)
        elif result.exit_code != ExitCode.DONE:
            raise AirflowException(f"{told}; the lines above say why")

    def on_kill(self) -> None:
        """Stop the command when the task is stopped; a command can be run again at any time."""
        if hasattr(self, "hook"):
            self.hook.send_sigterm()


class Outcome(BaseOperator):  # type: ignore[misc]
    """The last task of a run: red when a task before it failed, or told that something was held."""

    def execute(self, context: Context) -> None:
        """Ask the tasks before this one what they held."""
        told = [context["ti"].xcom_pull(task_ids=task_id, key=HELD) for task_id in sorted(self.upstream_task_ids)]
        if held := [text for text in told if text]:
            raise AirflowFailException("; ".join(held) + ". The rest went on; the logs of those tasks say what")


def nis(*words: str, **options: Any) -> NisOperator:
    """A task for the command `nis WORDS`; its id is the first word unless `task_id` names another."""
    defaults: dict[str, Any] = {
        "task_id": words[0],
        "pool": POOL,
        "execution_timeout": timedelta(hours=3),
        "do_xcom_push": False,
    }
    return NisOperator(words=words, **(defaults | options))
