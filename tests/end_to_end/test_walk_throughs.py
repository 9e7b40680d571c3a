"""The README's walk-throughs, run as written, in the shell of somebody who has just read it."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from ingest import processes
from ingest.settings import ROOT, Settings

pytestmark = pytest.mark.end_to_end

BLOCK = re.compile(r"<!-- walk-through: (.+?) -->\n```sh\n(.*?)```", re.DOTALL)
COMMANDS = [
    pytest.param(line, id=f"{who}-{number}")
    for who, block in BLOCK.findall((ROOT / "README.md").read_text())
    for number, line in enumerate(filter(None, block.splitlines()), start=1)
]


def in_a_shell(settings: Settings, line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a line of the README on a warehouse, with `nis` on the path."""
    path = os.pathsep.join([str(ROOT / ".venv" / "bin"), os.environ["PATH"]])
    # Where the project is installed elsewhere, `nis` is the module of this interpreter.
    (folder / "nis").write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m ingest "$@"\n')
    (folder / "nis").chmod(0o755)
    return subprocess.run(
        ["bash", "-c", line],
        env=processes.environment(settings) | {"PATH": f"{folder}{os.pathsep}{path}", "PAGER": "cat"},
        capture_output=True,
        text=True,
        timeout=900,
        cwd=ROOT,
        check=False,
    )


def test_there_is_one_for_each_user() -> None:
    assert {who for who, _ in BLOCK.findall((ROOT / "README.md").read_text())} == {
        "inspector", "BI author", "engineer",
    }  # fmt: skip


@pytest.mark.parametrize("line", COMMANDS)
def test_walk_through(made_run: Settings, line: str, tmp_path: Path) -> None:
    done = in_a_shell(made_run, line, tmp_path)
    assert done.returncode == 0, done.stderr
    assert (done.stdout + done.stderr).strip(), "a command that says nothing teaches nothing"
    assert "Traceback" not in done.stderr


def test_psql_as_reader_lists_tables_comments_and_keys_and_is_refused_the_rest(
    made_run: Settings, tmp_path: Path
) -> None:
    def psql(statement: str) -> subprocess.CompletedProcess[str]:
        return in_a_shell(made_run, f"nis db psql --as reader -- -At -c {shlex.quote(statement)}", tmp_path)

    tables = psql(r"\dt+ published.*").stdout.splitlines()
    assert {"fact_value", "fact_assessment", "fact_target", "fact_flag", "fact_quality", "fact_run", "dim_area"} <= {
        line.split("|")[1] for line in tables
    }
    assert all(line.split("|")[-1] for line in tables), "a table without a comment"
    uncommented = psql(
        "select c.relname, a.attname from pg_attribute as a inner join pg_class as c on a.attrelid = c.oid "
        "where c.relnamespace = 'published'::regnamespace and c.relkind in ('r', 'v') and a.attnum > 0 "
        "and not starts_with(c.relname, 'v_wide_') and col_description(c.oid, a.attnum) is null"
    )
    assert uncommented.stdout.splitlines() == []
    keys = psql(
        "select conrelid::regclass, contype from pg_constraint where connamespace = 'published'::regnamespace"
    ).stdout.splitlines()
    for table in ("fact_value", "fact_assessment", "fact_target", "fact_flag", "fact_quality"):
        assert f"published.{table}|p" in keys
        assert f"published.{table}|f" in keys
    for statement in (
        "delete from published.fact_value", "create table published.mine (a int)", "select * from raw.defra_waste",
        "select * from ops.release", "select * from candidate.fact_value", "select * from published.embargoed()",
    ):  # fmt: skip
        done = psql(statement)
        assert done.returncode != 0, statement
