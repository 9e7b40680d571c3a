"""The command line where nothing has been run, its doctor and its sandbox, and the small parts of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr

from ingest import database
from ingest.catalogue.feeds import ranges
from ingest.cli.catalogue import area_codes, framework_year
from ingest.cli.render import csv_line
from ingest.cli.values import moment
from ingest.errors import DatabaseError, ExitCode, UsageError
from ingest.settings import ROOT, Settings
from tests.ingest.command_line import refused, right, use

pytestmark = pytest.mark.warehouse


# Nothing has been run yet


@pytest.mark.parametrize(
    "arguments",
    [
        ("sql", "select 1"), ("values", "--ni", "186"), ("releases",), ("quarantine",), ("indicators", "--missing"),
    ],
)  # fmt: skip
def test_an_empty_home_is_told_plainly_and_stays_empty(
    arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(Settings(home=tmp_path / "new", source="made", database_url=None), monkeypatch)
    error = refused(*arguments)
    assert isinstance(error, DatabaseError)
    assert error.message == f"nothing has been run in {tmp_path / 'new'} yet"
    assert "nis run" in error.hint
    assert not (tmp_path / "new").exists()


def test_status_of_an_empty_home_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use(Settings(home=tmp_path / "new", source="made", database_url=None), monkeypatch)
    assert "start with `nis run`" in right("status").stdout
    assert "decc_la_co2" in right("datasets").stdout
    assert "nothing has been run yet" in right("indicators").stderr


@pytest.fixture
def bare(server: Settings, tmp_path: Path) -> Iterator[Settings]:
    """A server's database without any of our tables."""
    base = database.url(server)
    with psycopg.connect(base, autocommit=True) as connection:
        connection.execute("create database bare")
    yield Settings(home=tmp_path, source="made", database_url=SecretStr(base.rpartition("/")[0] + "/bare"))
    with psycopg.connect(base, autocommit=True) as connection:
        connection.execute("drop database bare")


def test_a_database_without_tables_is_told_plainly(bare: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    use(bare, monkeypatch)
    assert "nothing has been run" in refused("sql", "select 1").message
    assert "start with `nis run`" in right("status").stdout


def test_a_server_that_is_down_is_an_error_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = SecretStr("postgresql://nis:secret-word@127.0.0.1:1/nis")
    use(Settings(home=tmp_path, source="made", database_url=url), monkeypatch)
    error = refused("sql", "select 1")
    assert isinstance(error, DatabaseError)
    assert "secret-word" not in str(error)


# nis doctor


def test_doctor_is_content_with_a_new_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use(Settings(home=tmp_path / "new", source="made", database_url=None), monkeypatch)
    result = right("doctor")
    assert "warn warehouse: nothing has been run" in result.stdout
    assert not (tmp_path / "new").exists()


# nis sandbox


def test_sandbox_runs_in_the_foreground_and_takes_faults(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "ingest", "sandbox", "--cache", str(tmp_path)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=os.environ | {"NIS_HOME": str(tmp_path)},
    )  # fmt: skip
    with process:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            address = json.loads(process.stdout.readline())
            assert address["origin"] == "made"
            url = address["url"]
            assert f"NIS_SANDBOX_URL={url}" in process.stderr.readline()
            fault = json.loads(
                right("sandbox", "faults", "add", "/www.ons.gov.uk/*", "503", "--times", "2", "--url", url).stdout
            )
            assert (fault["kind"], fault["times"]) == ("503", 2)
            assert "/www.ons.gov.uk/*" in right("sandbox", "faults", "list", "--url", url).stdout
            assert refused("sandbox", "faults", "add", "*", "no-such-kind", "--url", url).exit_code == ExitCode.USAGE
            assert "removed 1" in right("sandbox", "faults", "clear", "--url", url).stderr
        finally:
            process.send_signal(signal.SIGINT)
            began = time.monotonic()
            try:
                process.wait(15)
            finally:
                process.kill()
        assert time.monotonic() - began < 10


def test_a_sandbox_that_is_not_there_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use(Settings(home=tmp_path, source="made", database_url=None), monkeypatch)
    assert "no sandbox answers" in refused("sandbox", "faults", "list", "--url", "http://127.0.0.1:1").message
    assert refused("sandbox", "faults", "list").exit_code == ExitCode.USAGE
    assert refused("sandbox", "faults", "list", "--url", "file:///etc/passwd").exit_code == ExitCode.USAGE


# Small parts


def test_csv_line_follows_rfc_4180() -> None:
    assert csv_line(["a", None, "", 'say "b"', "c\r\nd"]) == 'a,,"","say ""b""","c\r\nd"\n'


def test_a_reader_that_goes_away_ends_the_command_quietly() -> None:
    done = subprocess.run(
        f"{sys.executable} -c 'from ingest.cli.render import write_csv; "
        'write_csv(["a"], ([str(n)] for n in range(200000)))\' | head -n 1',
        shell=True, cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == "a\n"
    assert done.stderr == ""


def test_durham_has_had_several_codes() -> None:
    # The county until 2009, the unitary since, the district and the police force.
    assert area_codes("durham") == ["E06000047", "E07000056", "E10000010", "E23000008"]
    assert area_codes("e06000047") == ["E06000047"]


def test_framework_years_and_moments() -> None:
    assert framework_year("2008/09") == "2008-09"
    assert framework_year("1999-00") == "1999-00"
    for wrong in ("2008-10", "2008", "08-09"):
        with pytest.raises(UsageError):
            framework_year(wrong)
    assert moment("2026-11-22").isoformat() == "2026-11-22T23:59:59.999999+00:00"
    assert moment("2026-07-01T10:00+01:00").isoformat() == "2026-07-01T09:00:00+00:00"


def test_numbers_are_told_as_ranges() -> None:
    assert ranges([3, 1, 2, 7, 10, 9]) == "1-3, 7, 9-10"


def test_help_starts_fast() -> None:
    began = time.monotonic()
    heavy = "print({'psycopg', 'requests', 'airflow', 'dbt', 'great_expectations'} & set(sys.modules))"
    heavy = f"import sys, ingest.cli; {heavy}"
    done = subprocess.run([sys.executable, "-c", heavy], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
    assert time.monotonic() - began < 5
