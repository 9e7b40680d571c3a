"""A run over made data, asked as a person would: the commands of the README."""

from __future__ import annotations

import csv
import io
import time

import pytest

from ingest.settings import ROOT, Settings
from tests.conftest import nis
from tests.end_to_end.commands import query

pytestmark = pytest.mark.end_to_end

IN_SET = set(range(1, 200)) - {24, 25, 31}
"""NI 1-199 less one that was dropped and two that were withdrawn: the 196 of November 2008."""


def _csv(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def _areas(area_set: str) -> set[str]:
    with (ROOT / "dbt_project" / "seeds" / "area_sets.csv").open(newline="") as file:
        return {row["area_code"] for row in csv.DictReader(file) if row["area_set"] == area_set}


def test_a_second_run_is_quick_and_finds_nothing_new(made_run: Settings) -> None:
    began = time.monotonic()
    done = nis(made_run, "run")
    seconds = time.monotonic() - began
    assert done.returncode == 0, done.stderr
    assert "nothing new" in done.stderr
    assert "MADE DATA" in done.stderr
    # Ten seconds on a quiet machine, most of them waits that bodies ask for; `make bench` holds it to twenty.
    assert seconds < 60
    builds, publications = "select 1 from ops.build", "select 1 from published.publication"
    assert (len(query(made_run, builds)), len(query(made_run, publications))) == (1, 1)


def test_a_crash_would_empty_all_tables_of_a_build_and_the_one_that_says_which(made_run: Settings) -> None:
    """Some alone would be taken for the whole: `ops.at_hand` tells whether the tables are there."""
    logged = query(
        made_run,
        "select n.nspname, c.relname from pg_class as c inner join pg_namespace as n on c.relnamespace = n.oid "
        "where c.relkind = 'r' and c.relpersistence = 'p' "
        "and (n.nspname in ('staging', 'measures', 'indicators', 'candidate') or c.relname = 'at_hand')",
    )
    assert logged == []
    assert query(made_run, "select build_id from ops.at_hand") == query(made_run, "select build_id from ops.build")


def test_tables_are_put_in_place_with_statistics_index_and_comments(made_run: Settings) -> None:
    """Which dbt's own materializations would see to, and ours do in their place."""
    tables = query(
        made_run,
        "select n.nspname as schema, c.relname as name, c.reltuples >= 0 as is_analyzed, "
        "exists (select 1 from pg_index as i inner join pg_class as x on i.indexrelid = x.oid "
        "inner join pg_am as m on x.relam = m.oid where i.indrelid = c.oid and m.amname = 'brin') as has_key, "
        "(select count(*) from pg_attribute as a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped "
        "and col_description(c.oid, a.attnum) is null) as bare_columns, obj_description(c.oid) as comment "
        "from pg_class as c inner join pg_namespace as n on c.relnamespace = n.oid where c.relkind = 'r' "
        "and n.nspname in ('staging', 'measures', 'indicators', 'candidate', 'catalogue')",
    )
    models = {path.stem: path.read_text() for path in (ROOT / "dbt_project" / "models").rglob("*.sql")}
    seeds = {path.stem for path in (ROOT / "dbt_project" / "seeds").glob("*.csv")}
    assert {row["name"] for row in tables} <= models.keys() | seeds, "nothing bears the name of a step on the way"
    assert [row["name"] for row in tables if not row["is_analyzed"]] == []
    remade = {name for name, text in models.items() if "incremental_strategy='remake'" in text}
    assert {row["name"] for row in tables if row["has_key"]} == remade
    told = [row for row in tables if row["schema"] in {"candidate", "catalogue"}]
    assert [row["name"] for row in told if row["bare_columns"] or not row["comment"]] == []


def test_every_cell_is_a_value_or_a_marker_with_a_reason(made_run: Settings) -> None:
    bare = query(
        made_run,
        "select * from published.value_current where value is null and (marker is null or reason is null) limit 5",
    )
    assert bare == []


def test_every_indicator_of_the_set_has_values(made_run: Settings) -> None:
    rows = query(made_run, "select distinct ni from published.value_current where value is not null")
    assert {row["ni"] for row in rows} == IN_SET


@pytest.mark.parametrize("year", ["2008-09", "2009-10", "2010-11"])
def test_every_indicator_stands_in_each_year_for_each_local_area(made_run: Settings, year: str) -> None:
    rows = query(
        made_run,
        "select ni, area_code from published.value_current where headline and framework_year = %s "
        "and (value is not null or (marker is not null and reason is not null))",
        (year,),
    )
    found = {(row["ni"], row["area_code"]) for row in rows}
    # In April 2009 ten authorities took the place of eight.
    standing = _areas("laa_2008" if year == "2008-09" else "utla_2009")
    assert len(standing) == (150 if year == "2008-09" else 152)
    missing = {(ni, area) for ni in IN_SET for area in standing} - found
    assert missing == set()


def test_each_local_area_has_a_figure_of_recycling(made_run: Settings) -> None:
    rows = query(
        made_run,
        "select area_code, value, marker from published.value_current "
        "where ni = 192 and headline and framework_year = '2008-09'",
    )
    local = {row["area_code"]: row for row in rows}
    areas = _areas("laa_2008")
    assert len(areas) == 150
    assert areas <= set(local)
    assert sum(local[area]["value"] is not None for area in areas) >= 140


def test_the_query_of_the_readme(made_run: Settings) -> None:
    select = "select ni, area_code, period_start, value, marker from published.value_current where ni = 192"
    done = nis(made_run, "sql", "--as", "reader", select, "--format", "csv")
    assert done.returncode == 0, done.stderr
    rows = _csv(done.stdout)
    assert list(rows[0]) == ["ni", "area_code", "period_start", "value", "marker"]
    assert {row["ni"] for row in rows} == {"192"}
    assert len(rows) == len(query(made_run, "select 1 from published.value_current where ni = 192"))
    assert "MADE DATA" in done.stderr, "figures go to standard output, the notice beside them"


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("select * from raw.decc_la_co2", 1),
        ("select * from candidate.fact_value", 1),
        ("delete from published.fact_value", 2),
        ("select 1; delete from published.fact_value", 1),
    ],
)
def test_readers_see_what_is_published_and_nothing_else(made_run: Settings, statement: str, code: int) -> None:
    done = nis(made_run, "sql", "--as", "reader", statement)
    assert done.returncode == code, done.stderr
    assert "way out" in done.stderr


def test_what_one_council_recycles(made_run: Settings) -> None:
    done = nis(made_run, "values", "--ni", "192", "--area", "E06000004", "--format", "csv")
    assert done.returncode == 0, done.stderr
    stated = query(
        made_run,
        "select 1 from published.value_current where ni = 192 and area_code = 'E06000004' and headline",
    )
    assert len(_csv(done.stdout)) == len(stated) > 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("status",),
        ("datasets",),
        ("indicators", "--missing"),
        ("releases",),
        ("quarantine", "--dataset", "defra_waste"),
        ("values", "--ni", "186", "--area", "E06000004"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_commands_of_the_readme_answer(made_run: Settings, arguments: tuple[str, ...]) -> None:
    done = nis(made_run, *arguments)
    assert done.returncode == 0, done.stderr
    assert "MADE DATA" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
