"""The parts of `nis airflow` that need no Airflow: its keys, its addresses, its refusals."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from ingest.cli import airflow
from ingest.errors import NisError, UsageError
from ingest.settings import Settings

URL = "postgresql://nis:pa%2Bss@127.0.0.1:5555/airflow"


def test_keys_are_made_once_and_readable_by_us_alone(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, source="made")
    first = airflow.environment(settings, tmp_path, 8080, URL)
    assert airflow.environment(settings, tmp_path, 8080, URL) == first
    for name in ("keys.json", "passwords.json"):
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
    keys = json.loads((tmp_path / "keys.json").read_text())
    assert len(base64.urlsafe_b64decode(keys["fernet"])) == 32
    assert len(set(keys.values())) == 3
    (tmp_path / "other").mkdir()
    other = airflow.environment(settings, tmp_path / "other", 8080, URL)
    for name in ("CORE__FERNET_KEY", "API__SECRET_KEY", "API_AUTH__JWT_SECRET"):
        assert first[f"AIRFLOW__{name}"] != other[f"AIRFLOW__{name}"]


def test_airflow_listens_on_loopback_and_uses_the_warehouses_server(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, source="made", sandbox_url="http://127.0.0.1:9999")
    variables = airflow.environment(settings, tmp_path, 8123, URL)
    assert variables["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert variables["AIRFLOW__API__PORT"] == "8123"
    assert variables["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:8123/execution/"
    for name in ("SQL_ALCHEMY_CONN", "SQL_ALCHEMY_CONN_ASYNC"):
        assert variables[f"AIRFLOW__DATABASE__{name}"] == ("postgresql+psycopg://nis:pa%2Bss@127.0.0.1:5555/airflow")
    assert variables["NIS_SANDBOX_URL"] == "http://127.0.0.1:9999"
    # Their log servers cannot be told to stay on loopback, so they must not run.
    assert airflow.COMPONENTS["scheduler"] == ("--skip-serve-logs",)


def test_a_port_in_use_is_refused() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"port {port} of 127.0.0.1 is not free"):
            airflow._check_free(port)


def test_a_process_that_ends_is_reported_with_its_last_words(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "scheduler.log").write_text("cannot reach the database\n")
    child = subprocess.Popen([sys.executable, "-c", "raise SystemExit(7)"])
    child.wait()
    with pytest.raises(NisError, match=r"(?s)scheduler ended with exit code 7.*cannot reach the database"):
        airflow._all_alive({"scheduler": child}, tmp_path)


def test_children_end_with_us(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand-ins for Airflow's processes are stopped when the block is left by an error."""
    stand_in = tmp_path / "airflow.py"
    stand_in.write_text("import time\ntime.sleep(60)\n")
    (tmp_path / "logs").mkdir()
    monkeypatch.setattr(airflow, "ROOT", tmp_path)
    with (
        contextlib.suppress(KeyboardInterrupt),
        airflow._running({**os.environ, "PYTHONPATH": str(tmp_path)}, tmp_path) as children,
    ):
        assert set(children) == {"api-server", "scheduler", "dag-processor"}
        assert [child.poll() for child in children.values()] == [None] * 3
        raise KeyboardInterrupt
    assert [child.returncode for child in children.values()] == [-signal.SIGTERM] * 3
