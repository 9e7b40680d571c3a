"""Processes that a run starts: dbt, the gates, the sandbox. Each is heavy to import, so each is its own process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self
from urllib.parse import unquote, urlsplit

from ingest import database
from ingest.errors import NisError
from ingest.settings import ROOT, Settings

TIED = Path(__file__).with_name("tied.py")
PLANNER = "-c enable_nestloop=off -c enable_mergejoin=off -c work_mem=128MB -c default_statistics_target=10"
"""A cell is known by six columns, and the planner takes a join over them to give a row or two: left alone it loops over
a million rows, or sorts their texts in order to merge them. Hashing is never far from the best plan of our models, and
a sort of a million rows fits into memory. Statistics of 3,000 rows of a table then say enough; those of 30,000, which
PostgreSQL would take, cost a tenth of a build."""

DBT = "import atexit, gc; gc.disable(); atexit.register(gc.freeze); from dbt.cli.main import cli; cli(prog_name='dbt')"
"""The program `dbt`, which does not look for garbage in what it reads and keeps, neither on its way nor at its end."""


def environment(settings: Settings) -> dict[str, str]:
    """Our environment with these settings in it, so that a process we start works on the same warehouse."""
    values = {
        "NIS_HOME": str(settings.home),
        "NIS_SOURCE": settings.source,
        "NIS_LANDING": settings.landing,
        "NIS_RETURNS": settings.returns,
        "NIS_LOG_FORMAT": settings.log_format,
        "NIS_LOG_LEVEL": settings.log_level,
        "NIS_SANDBOX_URL": settings.sandbox_url,
        "NIS_DATABASE_URL": settings.database_url.get_secret_value() if settings.database_url else "",
        "PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH", "")))),
    }
    if settings.samples:
        values["NIS_SAMPLES"] = str(settings.samples)
    return {**os.environ, **values}


def _tied(*command: str) -> list[str]:
    """The command in a form that ends when we do, even if we are killed: the next run finds nobody at work."""
    return [sys.executable, "-I", str(TIED), str(os.getpid()), *command]


class _Served(ABC):
    """A process that answers each line of its standard input with a line, both JSON, until the context ends.

    It starts with `start` or the first question: what takes seconds to import is there when it is asked for, and
    nothing is imported where nothing is asked. `start` is for the main thread: the process ends with its caller.
    """

    def __init__(self, settings: Settings) -> None:
        """Nothing is started yet."""
        self._settings = settings
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        """Nothing is started yet."""
        return self

    @abstractmethod
    def _command(self) -> tuple[list[str], dict[str, str]]:
        """What is started, and its environment."""

    def start(self) -> subprocess.Popen[str]:
        """Start the process unless it runs; it makes ready while we go on."""
        if self._process is None:
            command, variables = self._command()
            self._process = subprocess.Popen(
                _tied(*command), env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
        return self._process

    def _ask(self, question: Any) -> Any:
        """The answer to a question; NisError when the process ended without one."""
        process = self.start()
        assert process.stdin is not None, "it is a pipe"
        assert process.stdout is not None, "it is a pipe"
        with suppress(BrokenPipeError):
            print(json.dumps(question), file=process.stdin, flush=True)
        answer = process.stdout.readline()
        if not answer:
            raise NisError(f"ended with exit code {process.wait()}", hint="its log lines above say why")
        return json.loads(answer)

    def __exit__(self, *_: object) -> None:
        """End the process, if there is one."""
        if self._process is not None:
            # What it may still hold is of no use to anybody, and taking it apart would take seconds.
            self._process.kill()
            self._process.communicate()


class Gates(_Served):
    """The quality gates, in one process for a run: importing Great Expectations takes seconds."""

    def _command(self) -> tuple[list[str], dict[str, str]]:
        return [sys.executable, "-m", "expectations", "serve"], environment(self._settings)

    def __call__(self, *arguments: str) -> dict[str, Any]:
        """Run a gate and return its verdict.

        Raises NisError when the gate could not run.
        """
        try:
            verdict: dict[str, Any] = self._ask(arguments)
        except NisError as error:
            raise NisError(f"{arguments[0]} could not run: {error.message}", hint=error.hint) from error
        return verdict


class Dbt(_Served):
    """dbt in one process for a run, which reads the project before it is asked to build (ingest/dbt_ready.py)."""

    def _command(self) -> tuple[list[str], dict[str, str]]:
        return [sys.executable, "-m", "ingest.dbt_ready", *_dbt_folders(self._settings)], _dbt_variables(self._settings)

    def __call__(self, arguments: Sequence[str], log: Path, *, changed: Collection[str] = ()) -> int:
        """Run dbt as `dbt` below does; returns its exit code.

        Raises NisError when it could not run.
        """
        question = {"arguments": list(arguments), "log": str(log), "changed": " ".join(sorted(changed))}
        try:
            code: int = self._ask(question)
        except NisError as error:
            raise NisError(f"dbt could not run: {error.message}", hint=f"its log is {log}") from error
        return code


def _dbt_variables(settings: Settings) -> dict[str, str]:
    """Our environment with what dbt_project/profiles.yml asks for."""
    parts = urlsplit(database.url(settings))
    return environment(settings) | {
        "NIS_DBT_HOST": parts.hostname or "127.0.0.1",
        "NIS_DBT_PORT": str(parts.port or 5432),
        "NIS_DBT_USER": unquote(parts.username or ""),
        "NIS_DBT_PASSWORD": unquote(parts.password or ""),
        "NIS_DBT_DBNAME": parts.path.lstrip("/"),
        "NIS_DBT_THREADS": str(settings.dbt_threads),
        "NIS_DBT_CHANGED": "",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "PGOPTIONS": f"{os.environ.get('PGOPTIONS', '')} {PLANNER}",
        # We end a dbt that stands ready without ceremony; Python then tidies up after it and need not tell.
        "PYTHONWARNINGS": "ignore:resource_tracker",
        "NO_COLOR": "1",
    }


def _dbt_folders(settings: Settings) -> list[str]:
    """Options of dbt that say where the project is and where its files go."""
    folder = settings.artifacts / "dbt"
    folder.mkdir(parents=True, exist_ok=True)
    return [
        "--project-dir", str(ROOT / "dbt_project"), "--profiles-dir", str(ROOT / "dbt_project"),
        "--target-path", str(folder / "target"), "--log-path", str(folder / "logs"),
    ]  # fmt: skip


def dbt(settings: Settings, arguments: Sequence[str], log: Path | None = None, *, changed: Collection[str] = ()) -> int:
    """Run dbt as `nis_transformer` on this warehouse; returns its exit code.

    Where `changed` names datasets, models remake only the rows that rest on them (dbt_project/macros/remake.sql).
    Its lines go to `log`, or to our own output when that is None.
    """
    variables = _dbt_variables(settings) | {"NIS_DBT_CHANGED": " ".join(sorted(changed))}
    command = _tied(sys.executable, "-c", DBT, "--no-use-colors", *arguments, *_dbt_folders(settings))
    if log is None:
        return subprocess.run(command, env=variables, check=False).returncode
    with log.open("w") as file:
        return subprocess.run(command, env=variables, stdout=file, stderr=subprocess.STDOUT, check=False).returncode


def make_returns(settings: Settings, folder: Path) -> None:
    """Have the sandbox write the returns it makes to `folder`, `<dataset_id>/<sender>.csv`.

    Raises NisError when it could not.
    """
    command = _tied(sys.executable, "-m", "sandbox", "returns", "--to", str(folder))
    done = subprocess.run(
        command, env=environment(settings), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False
    )
    if done.returncode != 0:
        raise NisError(
            f"the sandbox could not make its returns: {done.stderr.strip()[-500:]}",
            hint="try `python -m sandbox returns --to FOLDER`",
        )


@contextmanager
def sandbox(settings: Settings) -> Iterator[Settings]:
    """Settings that point all bodies to a sandbox, which runs while the context lasts.

    Live settings, and settings that name a running sandbox, are returned as they are.
    Raises NisError when the sandbox does not start.
    """
    if settings.source == "live" or settings.sandbox_url:
        yield settings
        return
    command = [
        sys.executable, "-m", "sandbox", "--port", str(settings.sandbox_port), "--origin", settings.source,
        "--cache", str(settings.home / "sandbox"), "--watch-stdin",
    ]  # fmt: skip
    if settings.source == "sample":
        if settings.samples is None or not settings.samples.is_dir():
            raise NisError(
                f"there is no folder of sample files at {settings.samples}",
                hint="name it: `nis run --samples FOLDER`, or set NIS_SAMPLES",
            )
        command += ["--samples", str(settings.samples.resolve())]
    with tempfile.TemporaryFile("w+") as errors:
        # The sandbox ends when its standard input does: it cannot outlive us, even if we are killed.
        process = subprocess.Popen(
            command, env=environment(settings), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True
        )
        assert process.stdout is not None, "it is a pipe"
        assert process.stdin is not None, "it is a pipe"
        line = process.stdout.readline()
        if not line:
            process.wait()
            errors.seek(0)
            raise NisError(f"the sandbox did not start: {errors.read().strip()[-500:]}", hint="try `nis sandbox`")
        try:
            yield settings.model_copy(update={"sandbox_url": json.loads(line)["url"]})
        finally:
            process.stdin.close()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
