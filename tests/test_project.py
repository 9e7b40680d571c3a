"""Rules of the repository that no linter knows: one list of tables, one gate for each rule, no secrets."""

from __future__ import annotations

import csv
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest
import yaml

from ingest import registry
from ingest.settings import ROOT

DBT = ROOT / "dbt_project"
STAGING = DBT / "models" / "staging"
# Files whose text is written by tools, and data.
WRITTEN_BY_TOOLS = {"uv.lock"}
LONGEST_MODULE = 410
"""Lines: about 400."""


@cache
def tracked() -> tuple[Path, ...]:
    """Files of the repository that are under version control, or will be."""
    done = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if done.returncode != 0:
        pytest.skip("not a git checkout")
    paths = (ROOT / name.decode() for name in done.stdout.split(b"\0") if name)
    return tuple(path for path in paths if path.is_file() and path.name not in WRITTEN_BY_TOOLS)


@cache
def texts() -> dict[Path, str]:
    """Text files of the repository."""
    return {path: path.read_text("utf-8", errors="replace") for path in tracked() if b"\0" not in path.read_bytes()}


def raw_tables() -> set[str]:
    return {of.raw_table(table) for of in registry.datasets().values() for table in of.tables}


@cache
def properties() -> list[dict[str, object]]:
    """Every model, seed and test property that dbt knows of a column, with the file it stands in."""
    return [
        {**item, "file": path.relative_to(ROOT).as_posix()}
        for folder in (DBT / "models", DBT / "seeds")
        for path in sorted(folder.rglob("*.yml"))
        for kind in ("models", "seeds")
        for item in (yaml.safe_load(path.read_text()) or {}).get(kind, [])
    ]


# --- one list of tables ---------------------------------------------------------------------------


def test_raw_tables_are_the_sources_of_dbt() -> None:
    (raw,) = (of for of in yaml.safe_load((STAGING / "_sources.yml").read_text())["sources"] if of["name"] == "raw")
    listed = [table["name"] for table in raw["tables"]]
    assert sorted(listed) == sorted(raw_tables())


def test_every_raw_table_has_a_staging_model_that_the_quarantine_reads() -> None:
    models = {path.stem for path in STAGING.glob("stg_*.sql")}
    assert models == {f"stg_{name}" for name in raw_tables()}
    assert "staging_models()" in (STAGING / "quarantine.sql").read_text()
    listed = re.findall(r"'(stg_\w+)'", (DBT / "macros" / "staging_models.sql").read_text())
    assert sorted(listed) == sorted(models)


def test_staging_models_read_their_own_table_and_nothing_else_of_raw() -> None:
    for path in STAGING.glob("stg_*.sql"):
        text = path.read_text()
        named = set(re.findall(r"source\(\s*'raw'\s*,\s*'(\w+)'", text))
        assert named <= {path.stem.removeprefix("stg_")}, path.name
    others = [path for path in (DBT / "models").rglob("*.sql") if path.parent != STAGING]
    assert [path.name for path in others if "source('raw'" in path.read_text()] == []


def test_every_dataset_of_measures_is_in_the_registry() -> None:
    with (DBT / "seeds" / "measures.csv").open(newline="") as file:
        named = {row["dataset_id"] for row in csv.DictReader(file)}
    assert named <= set(registry.datasets())


def test_every_model_is_described() -> None:
    """In its properties; one that is a layout's macro and no more, by the title of its dataset."""
    described = {str(item["name"]) for item in properties() if str(item.get("description", "")).strip()}
    with (DBT / "seeds/datasets.csv").open() as file:
        titled = {f"stg_{row['dataset_id']}" for row in csv.DictReader(file) if row["title"].strip()}
    models = {path.stem: path.read_text() for path in (DBT / "models").rglob("*.sql")}
    alone = {name for name, text in models.items() if re.fullmatch(r"\{\{ stage_\w+\(.*\) \}\}\s*", text, re.DOTALL)}
    assert models.keys() <= described | (titled & alone)


# --- one gate for each rule -----------------------------------------------------------------------


def rules_of(column: dict[str, object]) -> set[str]:
    tests = [*(column.get("data_tests") or []), *(column.get("tests") or [])]  # type: ignore[misc]
    return {test if isinstance(test, str) else next(iter(test)) for test in tests}


def test_dbt_does_not_judge_figures_which_is_for_the_gates() -> None:
    """What the world delivered and what is handed out is judged by Great Expectations alone."""
    ranges = re.compile(r"between|range|max_change|valid_m(in|ax)|accepted_values")
    twice = [
        (item["file"], item["name"], column["name"], rule)
        for item in properties()
        if item["name"] in {"fact_value", "measure", "measure_by_area"}
        for column in item.get("columns") or []  # type: ignore[attr-defined]
        if column["name"] in {"value", "numerator", "denominator"}
        for rule in rules_of(column)
        if ranges.search(rule)
    ]
    assert twice == []
    singular = [path for path in (DBT / "tests").rglob("*.sql") if re.search(r"valid_m(in|ax)", path.read_text())]
    # The catalogue's own limits may be checked for sense; values are not held against them here.
    assert [path.name for path in singular if "fact_value" in path.read_text()] == []


def test_staging_leaves_the_shape_of_deliveries_to_gate_1() -> None:
    """A contract's row counts, areas and patterns are stated once: in the contract."""
    for path in STAGING.glob("*.yml"):
        assert not re.search(r"row_count|expect_|min_rows|min_areas", path.read_text()), path.name


# --- nothing that does not belong here ------------------------------------------------------------


def test_no_file_names_the_host_of_a_package_registry() -> None:
    hosts = ["py" + "pi.org", "python" + "hosted.org", "registry.npm" + "js.org", "hub.get" + "dbt.com"]
    assert [(path.relative_to(ROOT), host) for path, text in texts().items() for host in hosts if host in text] == []


def test_no_file_holds_a_secret() -> None:
    shapes = re.compile(
        r"-----BEGIN [A-Z ]*PRIVATE"
        + r" KEY-----|AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}|xox[baprs]-[A-Za-z0-9-]{20,}"
    )
    assert [path.relative_to(ROOT) for path, text in texts().items() if shapes.search(text)] == []


def test_no_file_of_data_or_settings_of_one_machine_is_tracked() -> None:
    names = [path.relative_to(ROOT).as_posix() for path in tracked()]
    assert [
        name for name in names if re.search(r"(^|/)(\.env|\.nis/|artifacts/|target/|.*\.(ods|xlsx|xls|pyc))$", name)
    ] == []
    assert [path.name for path in tracked() if path.stat().st_size > 1_000_000] == []


def test_no_module_is_two_things() -> None:
    long = {
        path.relative_to(ROOT).as_posix(): len(text.splitlines())
        for path, text in texts().items()
        if path.suffix in {".py", ".sql"} and len(text.splitlines()) > LONGEST_MODULE
    }
    assert long == {}


def test_nothing_is_left_undone_in_the_code() -> None:
    marks = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
    undone = [
        path.relative_to(ROOT).as_posix()
        for path, text in texts().items()
        if path.suffix in {".py", ".sql", ".yml"} and marks.search(text)
    ]
    assert undone == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        path.relative_to(ROOT).as_posix()
        for path, text in texts().items()
        if path.suffix == ".py" and text.strip() and not re.match(r'(#!.*\n)?(# .*\n)*"""', text)
    ]
    assert silent == []


# --- rules ----------------------------------------------------------------------------------------


def test_every_rule_of_the_figures_points_to_its_tests() -> None:
    with (ROOT / "tests" / "rules.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["rule"] for row in rows] == [f"R{number}" for number in range(1, 21)]
    missing = []
    for test in (one for row in rows for one in row["tests"].split(";")):
        path, name = test.split("::")
        if not re.search(rf"(def|class|- name:) {name}\b", (ROOT / path).read_text()):
            missing.append(test)
    assert missing == []
