"""Processes that a run starts: dbt, the gates, the sandbox. Each is heavy to import, so each is its own process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from ingest import database
from ingest.errors import NisError
from ingest.settings import ROOT, Settings

TIED = Path(__file__).with_name("tied.py")


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


class Gates:
    """The quality gates, in one process for a run, from `start` or the first question to the end of the context.

    Importing Great Expectations takes seconds, so a run does it once, and only when there is something to judge; as
    soon as that is known, beside what comes before.
    """

    def __init__(self, settings: Settings) -> None:
        """Nothing is started yet."""
        self._settings = settings
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Gates:
        """Nothing is started yet."""
        return self

    def start(self) -> subprocess.Popen[str]:
        """Start the process unless it runs; it imports what gates need while we go on."""
        if self._process is None:
            self._process = subprocess.Popen(
                _tied(sys.executable, "-m", "expectations", "serve"), env=environment(self._settings),
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
        return self._process

    def __call__(self, *arguments: str) -> dict[str, Any]:
        """Run a gate and return its verdict.

        Raises NisError when the gate could not run.
        """
        process = self.start()
        assert process.stdin is not None, "it is a pipe"
        assert process.stdout is not None, "it is a pipe"
        with suppress(BrokenPipeError):
            print(json.dumps(arguments), file=process.stdin, flush=True)
        answer = process.stdout.readline()
        if not answer:
            raise NisError(
                f"{arguments[0]} could not run (exit code {process.wait()})", hint="its log lines above say why"
            )
        verdict: dict[str, Any] = json.loads(answer)
        return verdict

    def __exit__(self, *_: object) -> None:
        """End the process, if there is one."""
        if self._process is not None:
            # It ends when its standard input does; what it may still hold is of no use to anybody.
            with self._process, suppress(BrokenPipeError):
                self._process.communicate()


def dbt(settings: Settings, arguments: Sequence[str], log: Path | None = None, *, changed: Collection[str] = ()) -> int:
    """Run dbt as `nis_transformer` on this warehouse; returns its exit code.

    Where `changed` names datasets, models remake only the rows that rest on them (dbt_project/macros/remake.sql).
    Its lines go to `log`, or to our own output when that is None.
    """
    parts = urlsplit(database.url(settings))
    variables = environment(settings) | {
        "NIS_DBT_HOST": parts.hostname or "127.0.0.1",
        "NIS_DBT_PORT": str(parts.port or 5432),
        "NIS_DBT_USER": unquote(parts.username or ""),
        "NIS_DBT_PASSWORD": unquote(parts.password or ""),
        "NIS_DBT_DBNAME": parts.path.lstrip("/"),
        "NIS_DBT_THREADS": str(settings.dbt_threads),
        "NIS_DBT_CHANGED": " ".join(sorted(changed)),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "NO_COLOR": "1",
    }
    folder = settings.artifacts / "dbt"
    folder.mkdir(parents=True, exist_ok=True)
    command = _tied(
        str(Path(sys.executable).with_name("dbt")), "--no-use-colors", *arguments,
        "--project-dir", str(ROOT / "dbt_project"), "--profiles-dir", str(ROOT / "dbt_project"),
        "--target-path", str(folder / "target"), "--log-path", str(folder / "logs"),
    )  # fmt: skip
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
