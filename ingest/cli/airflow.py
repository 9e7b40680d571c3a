"""The command `nis airflow`: Airflow with our DAGs on this machine, on the warehouse's own PostgreSQL."""

from __future__ import annotations

import base64
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit, urlunsplit

import typer

from ingest.cli.app import app
from ingest.errors import DatabaseError, NisError, UsageError
from ingest.settings import ROOT, Settings, settings

HOST = "127.0.0.1"
DATABASE = "airflow"
POOL = "nis_warehouse"
AUTH_MANAGER = "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager"
SIGN_IN_FILE = "passwords.json"
START_SECONDS = 240
COMPONENTS = {
    "api-server": (),
    # Their log servers would listen on every address; the API server reads the same folder anyway.
    "scheduler": ("--skip-serve-logs",),
    "dag-processor": (),
}


@app.command(name="airflow", epilog="Examples: `nis airflow` · `NIS_SOURCE=live nis airflow --port 8081`")
def airflow_command(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on 127.0.0.1 of the web pages and the API.")] = 8080,
) -> None:
    """Run Airflow with the DAGs of this project until Ctrl-C, for one machine.

    Its own tables go to a database `airflow` beside the warehouse; logs, keys and the password are below
    `<home>/airflow`. Unless NIS_SOURCE is live, a sandbox runs beside it and stands in for the bodies.
    """
    from ingest import database, logs, processes

    chosen = settings()
    logs.configure(chosen.log_format, chosen.log_level)
    _check_free(port)
    database.upgrade(chosen)
    owner_url = _airflow_database(database.url(chosen))
    home = chosen.home / "airflow"
    (home / "logs").mkdir(parents=True, exist_ok=True, mode=0o700)
    home.chmod(0o700)
    # A stop from outside must end the children too, the same as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with processes.sandbox(chosen) as reachable:
        variables = environment(reachable, home, port, owner_url)
        _once(variables, home, "db", "migrate")
        _once(variables, home, "pools", "set", POOL, "1", "One slot: a warehouse takes one command at a time.")
        with _running(variables, home) as children:
            _wait_until_ready(port, children, home)
            _tell(port, home, reachable)
            try:
                while True:
                    _all_alive(children, home)
                    time.sleep(1)
            except KeyboardInterrupt:
                typer.echo("stopping Airflow; the warehouse stays up, `nis db stop` stops it", err=True)


def environment(settings: Settings, home: Path, port: int, owner_url: str) -> dict[str, str]:
    """Variables for Airflow's processes: ours and Airflow's, with keys that stay in `home`."""
    from ingest import processes

    keys = _kept(
        home / "keys.json",
        fernet=base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        api=secrets.token_urlsafe(48),
        jwt=secrets.token_urlsafe(48),
    )
    # Left to itself, Airflow would print the password that it makes.
    _kept(home / SIGN_IN_FILE, admin=secrets.token_urlsafe(12))
    address = f"http://{HOST}:{port}"
    url = owner_url.replace("postgresql://", "postgresql+psycopg://", 1)
    return processes.environment(settings) | {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__FERNET_KEY": keys["fernet"],
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{address}/execution/",
        "AIRFLOW__CORE__AUTH_MANAGER": AUTH_MANAGER,
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "admin:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "False",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home / SIGN_IN_FILE),
        "AIRFLOW__API__HOST": HOST,
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": address,
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API__SECRET_KEY": keys["api"],
        "AIRFLOW__API_AUTH__JWT_SECRET": keys["jwt"],
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": url,
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC": url,
        "AIRFLOW__DATABASE__SQL_ALCHEMY_POOL_SIZE": "3",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_MAX_OVERFLOW": "5",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home / "logs"),
        "AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK": "False",
    }


def _kept(file: Path, **made: str) -> dict[str, str]:
    """Secrets of a file that only we can read; it is written once, with the ones just made."""
    if not file.exists():
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            json.dump(made, out)
    kept: dict[str, str] = json.loads(file.read_text())
    return kept


def _airflow_database(warehouse_url: str) -> str:
    """URL of Airflow's own database on the warehouse's server, made if need be.

    Raises DatabaseError when it is not there and we may not make it.
    """
    import psycopg
    from psycopg import sql

    with psycopg.connect(warehouse_url, autocommit=True) as connection:
        if connection.execute("select 1 from pg_database where datname = %s", (DATABASE,)).fetchone() is None:
            try:
                connection.execute(sql.SQL("create database {}").format(sql.Identifier(DATABASE)))
                connection.execute(sql.SQL("revoke all on database {} from public").format(sql.Identifier(DATABASE)))
            except psycopg.errors.InsufficientPrivilege as error:
                raise DatabaseError(
                    f"the server has no database {DATABASE!r} and we may not make one",
                    hint=f"let its administrator run: create database {DATABASE} owner <our user>",
                ) from error
    return urlunsplit(urlsplit(warehouse_url)._replace(path=f"/{DATABASE}"))


def _check_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise UsageError(
                f"port {port} of {HOST} is not free: {error.strerror}", hint="name another: --port"
            ) from error


def _once(variables: Mapping[str, str], home: Path, *words: str) -> None:
    """Run an `airflow` command to its end; raises NisError with its last lines when it fails."""
    log = home / "logs" / f"{words[0]}.log"
    typer.echo(f"airflow {words[0]} {words[1]} ...", err=True)
    with log.open("w") as file:
        done = subprocess.run(
            [sys.executable, "-m", "airflow", *words],
            env=variables, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT,
            umask=0o077, check=False,
        )  # fmt: skip
    if done.returncode != 0:
        raise NisError(f"`airflow {' '.join(words[:2])}` failed:\n{_tail(log)}", hint=f"the whole log is {log}")


@contextmanager
def _running(variables: Mapping[str, str], home: Path) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """Airflow's processes, which end with the context; each writes to a log file of its own."""
    children: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name, options in COMPONENTS.items():
            with (home / "logs" / f"{name}.log").open("ab") as log:
                # In sessions of their own: Ctrl-C reaches them once, through us.
                children[name] = subprocess.Popen(
                    [sys.executable, "-m", "airflow", name, *options],
                    env=variables, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                    umask=0o077, start_new_session=True,
                )  # fmt: skip
        yield children
    finally:
        for child in children.values():
            child.terminate()
        for child in children.values():
            try:
                child.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()


def _all_alive(children: Mapping[str, subprocess.Popen[bytes]], home: Path) -> None:
    for name, child in children.items():
        if child.poll() is not None:
            log = home / "logs" / f"{name}.log"
            raise NisError(
                f"Airflow's {name} ended with exit code {child.returncode}:\n{_tail(log)}",
                hint=f"the whole log is {log}",
            )


def _wait_until_ready(port: int, children: Mapping[str, subprocess.Popen[bytes]], home: Path) -> None:
    """Wait until the API, the scheduler and the DAG processor say that they are well."""
    import requests

    typer.echo("waiting for Airflow ...", err=True)
    told: object = "no answer"
    with requests.Session() as session:
        session.trust_env = False
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            _all_alive(children, home)
            try:
                told = session.get(f"http://{HOST}:{port}/api/v2/monitor/health", timeout=5).json()
                parts = ("metadatabase", "scheduler", "dag_processor")
                if isinstance(told, dict) and all(told.get(part, {}).get("status") == "healthy" for part in parts):
                    return
            except (requests.RequestException, ValueError):
                pass
            time.sleep(1)
    raise NisError(f"Airflow was not ready after {START_SECONDS} s: {told}", hint=f"see the logs in {home / 'logs'}")


def _tell(port: int, home: Path, chosen: Settings) -> None:
    """Print where Airflow is and how to sign in."""
    from ingest.database.origin import NOTICES

    users: dict[str, str] = json.loads((home / SIGN_IN_FILE).read_text())
    typer.echo(f"Airflow   http://{HOST}:{port}  ({NOTICES[chosen.source]})")
    for name, password in users.items():
        typer.echo(f"sign in   {name} / {password}")
    typer.echo(f"logs      {home / 'logs'}")
    typer.echo("The ingest DAGs are paused until you switch them on; Ctrl-C stops everything.", err=True)


def _tail(log: Path, size: int = 2000) -> str:
    return log.read_text(errors="replace")[-size:].strip()
