"""The reading half of the command line, on rows written here and figures worked out by hand."""

from __future__ import annotations

import csv
import io
import json
from typing import Literal

import psycopg
import pytest

from ingest import database
from ingest.cli.render import clean
from ingest.errors import ExitCode
from ingest.settings import Settings
from tests.ingest.command_line import MADE, OPERATIONS, PUBLISHED, nis, refused, right, use
from tests.ingest.warehouse import Warehouse

pytestmark = pytest.mark.warehouse


@pytest.fixture(scope="module")
def filled(warehouse: Warehouse) -> Warehouse:
    """A warehouse with published values, releases, a run, and an indicator that is held."""
    with database.connect(warehouse.settings, "nis_publisher") as connection:
        connection.execute(PUBLISHED.encode())
    with database.connect(warehouse.settings, "nis_loader") as connection:
        connection.execute(OPERATIONS.encode())
    return warehouse


@pytest.fixture
def here(filled: Warehouse, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    """The filled warehouse as the one that the commands work on."""
    use(filled.settings, monkeypatch)
    return filled


# nis sql


def test_csv_is_rfc_4180_and_alone_on_standard_output(here: Warehouse) -> None:
    query = "select 1 as a, null as b, '' as c, 'x,\"y\"' as \"d,e\", "
    query += "0.0000000001 as n, true as t, E'1\\n2' as l;"
    result = right("sql", "--format", "csv", query)
    assert result.stdout_bytes == b'a,b,c,"d,e",n,t,l\n1,,"","x,""y""",0.0000000001,t,"1\n2"\n'
    assert result.stderr == MADE + "\n"


def test_csv_reads_back_as_postgresql_says(here: Warehouse) -> None:
    result = right("sql", "--format", "csv", "select g, g / 3.0 as third from generate_series(1, 5001) as g")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert (len(rows), rows[0]["third"], rows[-1]["g"]) == (5001, "0.33333333333333333333", "5001")


def test_no_rows_still_have_a_header(here: Warehouse) -> None:
    assert right("sql", "--format", "csv", "select 1 as a, 2 as b where false").stdout == "a,b\n"
    assert "(no rows)" in right("sql", "with nothing as (select 1 as a) select a from nothing where a = 2").stdout


def test_json_keeps_every_digit_and_kind(here: Warehouse) -> None:
    query = "select 1.50 as n, 'NaN'::float8 as f, null as x, false as b, '{\"k\": [1]}'::jsonb as j, 2 as n"
    result = right("sql", "--format", "json", query)
    assert '"n": 1.50' in result.stdout
    assert json.loads(result.stdout) == [{"n": 1.5, "f": "NaN", "x": None, "b": False, "j": {"k": [1]}, "n_2": 2}]
    assert json.loads(right("sql", "--format", "json", "select 1 as a where false").stdout) == []


def test_table_carries_the_notice_and_stops_at_the_limit(here: Warehouse) -> None:
    result = right("sql", "--limit", "2", "select g from generate_series(1, 9) as g")
    assert MADE in result.stdout.splitlines()[0]
    assert "2" in result.stdout
    assert "3" not in result.stdout
    assert "only the first 2 rows are shown" in result.stderr
    whole = right("sql", "--limit", "9", "select g from generate_series(1, 9) as g")
    assert whole.stderr == ""


def test_the_query_may_come_from_standard_input(here: Warehouse) -> None:
    assert right("sql", "--format", "csv", "-", stdin="-- a question\nselect 7 as a;\n").stdout == "a\n7\n"


@pytest.mark.parametrize("role", ["reader", "inspector", "loader"])
@pytest.mark.parametrize(
    "query",
    [
        "select 1; select 2",
        "select 1; reset role; drop table published.fact_value_history",
        "select 1) to stdout; reset role; drop table published.fact_value; --",
    ],
)
def test_several_statements_are_refused(here: Warehouse, role: str, query: str) -> None:
    error = refused("sql", "--as", role, query)
    assert error.exit_code == ExitCode.FAILED
    assert here.one("select count(*) from published.fact_value") == 4


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("delete from published.fact_value", "only reads"),
        ("reset role", "only reads"),
        ("set role nis_publisher", "only reads"),
        ("do $$ begin execute 'reset role'; end $$", "only reads"),
        ("copy published.fact_value to program 'cat'", "only reads"),
        ("with gone as (delete from published.fact_value returning 1) select * from gone", "data-modifying"),
        ("select 1 as a into published.copy", "INTO"),
        ("explain analyze select 1 as a into published.copy", "permission denied"),
        ("explain analyze delete from published.fact_value", "the query is refused"),
        ("select * from raw.decc_la_co2", "permission denied"),
        ("select * from ops.release", "permission denied"),
        ("select pg_read_file('postgresql.conf')", "permission denied"),
    ],
)
@pytest.mark.parametrize("role", ["reader", "inspector"])
def test_readers_only_read_and_only_what_is_published(here: Warehouse, role: str, query: str, told: str) -> None:
    assert told in refused("sql", "--as", role, query).message
    assert here.one("select count(*) from published.fact_value") == 4


@pytest.mark.parametrize(
    "query",
    ["select set_config('role', 'nis', false)", "select query_to_xml('select * from ops.release', true, true, '')"],
)
@pytest.mark.parametrize("role", ["reader", "inspector"])
def test_on_the_embedded_server_readers_log_in_as_themselves(
    server: Settings, role: Literal["reader", "inspector"], query: str
) -> None:
    with (
        psycopg.connect(database.url(server, role)) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(query.encode())


def test_reader_waits_for_the_embargo_and_inspector_does_not(here: Warehouse) -> None:
    query = "select count(*) from published.value_current"
    for role in ("reader", "inspector"):
        assert right("sql", "--format", "csv", "--as", role, query).stdout == "count\n2\n"
    query = "select count(*) from published.embargoed()"
    assert right("sql", "--format", "csv", "--as", "inspector", query).stdout == "count\n1\n"
    assert here.query("select rows_read from published.embargo_access", role="nis_publisher") == [(1,)]


def test_loader_sees_operations_and_may_write_them(here: Warehouse) -> None:
    query = "update ops.release set row_count = row_count where dataset_id = 'decc_la_co2'"
    assert "UPDATE 1" in right("sql", "--as", "loader", query).stderr


def test_a_wrong_query_is_shown_with_line_and_place(here: Warehouse) -> None:
    error = refused("sql", "--format", "csv", "select 1\nfrom nowhere")
    assert error.exit_code == ExitCode.FAILED
    assert error.message.splitlines()[0] == 'the query is refused: relation "nowhere" does not exist (SQLSTATE 42P01)'
    assert error.message.splitlines()[1:] == ["  line 2, column 6:", "    from nowhere", "         ^"]


def test_an_empty_query_is_a_usage_error(here: Warehouse) -> None:
    assert refused("sql", " ; ").exit_code == ExitCode.USAGE


# nis values


def test_values_show_the_decimals_of_the_component_and_the_meaning_of_a_reason(here: Warehouse) -> None:
    result = right("values", "--ni", "186")
    heading, *lines = result.stdout.splitlines()
    assert heading.endswith(f"% reduction from 2005  [{MADE}]")
    stockton = next(line for line in lines if "E06000004" in line)
    assert stockton.split()[:5] == ["E06000004", "Stockton-on-Tees", "2008", "5.1", "[r]"]
    surrey = next(line for line in lines if "E10000030" in line)
    assert surrey.split()[:5] == ["E10000030", "Surrey", "2008", "[x]", "0.50"]
    assert "Some parts of the area have no figure so no sum is given" in surrey
    assert "7.5" not in result.stdout


@pytest.mark.parametrize(
    ("as_of", "value"),
    [
        ("2026-11-20", "4.25"),
        ("2026-11-21T08:59:59", "4.25"),
        ("2026-11-21T09:00", "5.0625"),
        ("2026-11-21T09:30+01:00", "4.25"),
    ],
)
def test_values_as_of_a_moment_are_what_was_known_then(here: Warehouse, as_of: str, value: str) -> None:
    result = right("values", "--ni", "186", "--area", "stockton-on-tees", "--as-of", as_of, "--format", "csv")
    (row,) = csv.DictReader(io.StringIO(result.stdout))
    assert (row["value"], row["origin"], row["area_code"]) == (value, "made", "E06000004")
    assert result.stderr == MADE + "\n"


def test_values_before_the_first_publication_are_none(here: Warehouse) -> None:
    result = right("values", "--ni", "186", "--as-of", "2026-11-19", "--format", "json")
    assert json.loads(result.stdout) == []
    assert "nothing is published of NI 186 as known at 2026-11-19 23:59 UTC" in result.stderr


def test_values_can_be_narrowed(here: Warehouse) -> None:
    result = right("values", "--ni", "186", "--period", "2009-10", "--as", "inspector", "--format", "json")
    (row,) = json.loads(result.stdout)
    assert (row["value"], row["decimals"], row["headline"], row["known_from"]) == (
        7.5, 1, True, "2999-01-01T00:00:00.000000Z",
    )  # fmt: skip
    nothing = right("values", "--ni", "186", "--period", "2010-11")
    assert "NI 186 has 2 cells for 2 areas and framework years 2008-09 to 2008-09" in nothing.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--ni", "999"), "there is no NI 999"),
        (("--ni", "186", "--component", "none"), "no component 'none'"),
        (("--ni", "186", "--area", "Stokton-on-Tees"), "there is no area"),
        (("--ni", "186", "--period", "2008"), "not a framework year"),
        (("--ni", "186", "--as-of", "yesterday"), "neither a day nor a time"),
    ],
)
def test_values_refuse_what_cannot_be_right(here: Warehouse, arguments: tuple[str, ...], told: str) -> None:
    error = refused("values", *arguments)
    assert told in error.message
    assert error.exit_code == ExitCode.USAGE
    assert error.hint


# nis status, datasets, indicators, releases, quarantine


def test_status_tells_what_is_published_held_and_run(here: Warehouse) -> None:
    out = right("status").stdout
    assert out.startswith(f"Published  [{MADE}]")
    assert "1 indicators, 1 areas and 2 periods with values; 2 values, 1 cells with a marker instead" in out
    assert "Newest run: 1, `nis run`, held" in out
    assert "took 65.0 s" in out
    assert "land 12.5, gate_2 8.2" in out
    assert "9 of 20 areas jumped" in out
    assert "an earlier judgement" not in out
    assert "only a warning" not in out
    # 2008-09: Stockton has a value, Surrey a marker with a reason.
    year = next(line for line in out.splitlines() if line.strip().startswith("2008-09"))
    assert year.split() == ["2008-09", "all", "2", "1", "2", "50.0", "%", "50.0", "%", "0", "%", "100", "%"]


def test_status_never_shows_the_password(here: Warehouse) -> None:
    url = here.settings.database_url
    assert url is not None
    password = url.get_secret_value().split(":")[2].split("@")[0]
    out = right("status").output
    assert len(password) > 10
    assert password not in out
    assert "postgresql://nis@127.0.0.1:" in out


def test_datasets_tell_what_is_held(here: Warehouse) -> None:
    rows = {row["dataset_id"]: row for row in json.loads(right("datasets", "--format", "json").stdout)}
    assert rows["decc_la_co2"]["parts_in_use"] == 1
    assert rows["decc_la_co2"]["newest_good"] == "2013-06-01"
    assert rows["defra_waste"]["newest_release"] == "refused: half the rows are gone"
    assert rows["ons_population"]["newest_release"] == "never landed"
    only = json.loads(right("datasets", "--domain", "police", "--format", "json").stdout)
    assert {row["domain"] for row in only} == {"police"}
    assert refused("datasets", "--domain", "weather").exit_code == ExitCode.USAGE


def test_indicators_count_values_and_markers(here: Warehouse) -> None:
    rows = json.loads(right("indicators", "--ni", "186", "--format", "json").stdout)
    (row,) = [row for row in rows if row["component"] == "reduction"]
    assert (row["method"], row["datasets"], row["values"], row["markers"]) == ("change", "decc_la_co2", 2, 2)


def test_missing_cells_are_grouped_by_body(here: Warehouse) -> None:
    result = right("indicators", "--missing", "--format", "csv")
    (row,) = csv.DictReader(io.StringIO(result.stdout))
    assert (row["body"], row["dataset"], row["ni"], row["framework_year"], row["reason"], row["cells"]) == (
        "DECC", "decc_la_co2", "186", "2008-09", "incomplete_members", "1",
    )  # fmt: skip


def test_releases_can_be_chosen(here: Warehouse) -> None:
    (row,) = json.loads(right("releases", "--status", "refused", "--format", "json").stdout)
    assert (row["dataset_id"], row["sha256"], row["status_reason"]) == (
        "defra_waste",
        "b" * 64,
        "half the rows are gone",
    )
    assert "aaaaaaaaaaaa" in right("releases", "--dataset", "decc_la_co2").stdout
    assert refused("releases", "--dataset", "nothing").exit_code == ExitCode.USAGE


def test_quarantine_counts_and_rows(here: Warehouse) -> None:
    out = right("quarantine").stdout
    assert "A cell that is neither a number nor a symbol the body uses" in out
    result = right("quarantine", "--dataset", "decc_la_co2", "--kind", "fault", "--format", "json")
    (row,) = json.loads(result.stdout)
    assert (row["row_number"], row["column_name"], row["value"]) == (9, "total", "\x1b[31m1,203,514")


def test_delivered_text_cannot_steer_the_terminal(here: Warehouse) -> None:
    out = right("quarantine", "--dataset", "decc_la_co2").stdout
    assert "[31m1,203,514" in out
    assert "\x1b" not in out
    assert clean("a\x1b]0;b\x07\x9b") == "a]0;b"


# nis doctor


def test_doctor_finds_what_is_missing(here: Warehouse) -> None:
    result = nis("doctor")
    assert result.exit_code == ExitCode.FAILED
    assert "fail landed objects: 2 of 2 are not in" in result.stdout
    assert "ok   migrations: up to date" in result.stdout
    assert "ok   roles:" in result.stdout
    assert "Traceback" not in result.output


def test_doctor_names_data_of_another_origin(here: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    use(here.settings.model_copy(update={"source": "live"}), monkeypatch)
    assert "fail origin: the warehouse holds made data and NIS_SOURCE is live" in nis("doctor").stdout
