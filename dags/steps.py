"""What both DAG files share: how a `nis` command becomes a task, and the asset of a domain's releases."""

from __future__ import annotations

import shlex
import sys
from datetime import timedelta
from typing import Any

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import Asset

from ingest.contract import Domain
from ingest.settings import ROOT

POOL = "nis_warehouse"
"""One slot: a warehouse takes one run at a time. `nis airflow` and docker-compose.yml create it."""
NOTHING_NEW = 99
"""Exit code by which a command says, when asked to, that there was nothing for it to do."""


def releases(domain: Domain) -> Asset:
    """The asset that is updated when gate 1 has judged new releases of a domain."""
    return Asset(name=f"releases_{domain.value}", uri=f"nis://releases/{domain.value}", group="releases")


def nis(*arguments: str, **options: Any) -> BashOperator:
    """A task that runs one `nis` command, as it is run by hand; its id is the command's first word.

    `options` go to the operator. The command line is quoted for the shell and free of templates.
    """
    command = shlex.join((sys.executable, "-m", "ingest", *arguments))
    if "{{" in command or "{%" in command or command.endswith((".sh", ".bash")):
        raise ValueError(f"Airflow would read this command as a template: {command}")
    settings: dict[str, Any] = {
        "task_id": arguments[0],
        "bash_command": command,
        "cwd": str(ROOT),
        "append_env": True,
        "env": {"NIS_LOG_FORMAT": "json"},
        "skip_on_exit_code": NOTHING_NEW,
        "do_xcom_push": False,
        "pool": POOL,
        "execution_timeout": timedelta(hours=3),
    }
    return BashOperator(**(settings | options))
