"""Pages of areas and runs, on rows written by hand: every number of a sentence is a cell of what is published."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from ingest import database
from ingest.errors import ExitCode
from tests.ingest.command_line import MADE, refused, right, use
from tests.ingest.pages import (
    Mark,
    Page,
    as_number,
    require_accessible,
    require_marked,
    require_self_contained,
)
from tests.ingest.reported import HOSTILE, HULL, RUN, SAID, VALUES
from tests.ingest.warehouse import Warehouse

pytestmark = pytest.mark.warehouse

SOURCES = {"https://www.gov.uk/waste.ods"}
OF_A_RUN = {
    "seconds": "select extract(epoch from finished_at - started_at) from ops.run where run_id = %(run_id)s::int",
    "refused": "select count(*) from ops.release where run_id = %(run_id)s::int and status = 'refused'",
    "held": "select count(distinct indicator_id) from ops.quality_result "
    "where run_id = %(run_id)s::int and gate = 2 and severity = 'fail' and not success",
    "warnings": "select count(*) from ops.quality_result "
    "where run_id = %(run_id)s::int and severity = 'warn' and not success",
}


@pytest.fixture(scope="module")
def filled(warehouse: Warehouse) -> Warehouse:
    """A warehouse with figures, what is said of them, an agreement, and two runs."""
    for role, statement in (("nis_publisher", VALUES + SAID), ("nis_loader", RUN)):
        with database.connect(warehouse.settings, role) as connection:  # type: ignore[arg-type]
            connection.execute(statement.encode())
    return warehouse


@pytest.fixture
def here(filled: Warehouse, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    """The filled warehouse as the one that the commands work on."""
    use(filled.settings, monkeypatch)
    return filled


def page_of(tmp_path: Path, area: str = HULL) -> Page:
    result = right("report", "area", area, "--year", "2009-10", "--out", str(tmp_path))
    (path,) = result.stdout.split()
    assert result.stderr == MADE + "\n"
    return Page(Path(path).read_text(encoding="utf-8"))


def cell(here: Warehouse, mark: Mark) -> Decimal:
    """What stands in the cell that a mark names: the sum where several rows have its key."""
    table, _, query = mark.cell.partition("?")
    key = dict(parse_qsl(query, keep_blank_values=True, strict_parsing=True))
    column = key.pop("column")
    with database.connect(here.settings, "nis_loader" if table.startswith("ops.") else "reader") as connection:
        if table == "ops.run" and column in OF_A_RUN:
            found = connection.execute(OF_A_RUN[column].encode(), key).fetchone()
        else:
            read = f"(counts ->> '{column[7:]}')::numeric" if column.startswith("counts.") else column
            source = {"fact_reward": "fact_reward join published.dim_area using (area_key)"}.get(table, table)
            where = " and ".join(f"{name}::text = %({name})s" for name in key)
            schema = "" if "." in table else "published."
            found = connection.execute(
                f"select sum({read}) from {schema}{source} where {where}".encode(), key
            ).fetchone()
    assert found is not None
    assert found[0] is not None, mark
    return Decimal(str(found[0]))


def require_cells(here: Warehouse, page: Page) -> None:
    assert page.marks
    for mark in (*page.marks, *page.cells):
        value = cell(here, mark)
        assert Decimal(mark.value) == value, mark
        shown = as_number(mark.text)
        decimals = len(shown.partition(".")[2])
        assert abs(Decimal(shown) - value * mark.scale) <= Decimal(5).scaleb(-decimals - 1), mark


def test_every_number_of_an_areas_page_is_a_cell(here: Warehouse, tmp_path: Path) -> None:
    page = page_of(tmp_path)
    require_cells(here, page)
    require_marked(page)
    assert len(page.marks) > 20
    assert len(page.cells) > 30


def test_pages_of_areas_are_accessible_and_alone(here: Warehouse, tmp_path: Path) -> None:
    page = page_of(tmp_path)
    require_accessible(page)
    require_self_contained(page, SOURCES)
    assert page.text.count(MADE) == 2
    for once in ("de" * 32, "df" * 32, "OGL-UK-3.0", "Defra", "2010-11-04", "Middlesbrough"):
        assert once in page.text


def test_sentences_say_what_the_rows_say(here: Warehouse, tmp_path: Path) -> None:
    text = " ".join(page_of(tmp_path).text.replace("\xa0", " ").split())
    for said in (
        # Three designated targets and a local one stand; a superseded and a withdrawn one do not.
        "4 targets of its agreement stand for 2009–10: 1 is met, 1 not met, and 2 cannot be judged yet.",
        "Of those met, 1 is met beyond doubt",
        "1 target is reached or on track, 1 must speed up, 0 show limited progress, and 0 are moving away.",
        "Furthest along: NI 192 Household waste recycled (Recycled), 43.3 % against a target of 42.0 % (131 % of the way",
        "Furthest behind: NI 117 16 to 18 year olds who are NEET, 6.9 % against a target of 6.0 % (55 % of the way",
        "1 indicator improved and 0 worsened by more than chance explains; 1 improved and 0 worsened by less",
        "Against its nearest neighbours, it is better on 1 and worse on 0 of the 2 indicators that can be compared.",
        "Against England, it is better on 1 and worse on 1 of the 2 indicators that can be compared.",
        "Of 3 indicators, 2 have a figure",
        "1 is of grade D",
        "1 dispute of its figures is open",
        "over 5 targets of the last year, mean achievement 64 %; it would have paid",
        "A change of this size is smaller than the survey can show.",
        "No round of the survey falls in the year",
    ):
        assert said in text, said
    assert "99.0" not in text


def test_charts_name_every_period_and_its_gap(here: Warehouse, tmp_path: Path) -> None:
    text = page_of(tmp_path).text
    assert "2007-08: 8.0, England 6.6; 2008-09: [c]; 2009-10: 6.9 (6.4 to 7.4), England 6.3. Target: 6.0." in text
    assert "NI 192: 131 % of the way, met; NI 117: 55 % of the way, not met." in text


def test_hostile_names_are_only_text(here: Warehouse, tmp_path: Path) -> None:
    page = page_of(tmp_path, HOSTILE)
    require_self_contained(page, SOURCES)
    require_accessible(page)
    assert "<script>alert('x')</script> & \"Sons\" {{ 7 * 7 }}" in page.text
    assert "<b>hedges</b>" in page_of(tmp_path).text
    assert "Waste <i>statistics</i>" in page.text
    # A figure below nothing keeps its sign, and what has no agreement says so.
    assert "−1.1" in page.text
    assert "No live target of its agreement is published" in page.text
    require_cells(here, page)


def test_all_areas_of_the_framework_get_a_page(here: Warehouse, tmp_path: Path) -> None:
    result = right("report", "area", "--all", "--year", "2009-10", "--out", str(tmp_path))
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{HOSTILE}.html", f"{HULL}.html"]
    assert "2 reports of 2009-10" in result.stderr
    assert "nothing is published for 2009-10 of 148 areas" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((HULL,), "a report is of a framework year"),
        ((HULL, "--year", "2009"), "not a framework year"),
        ((HULL, "--year", "2012-13"), "2012-13 is no year of National Indicator Set 2008"),
        ((HULL, "--year", "2010-11"), f"nothing is published of {HULL} for 2010-11"),
        (("Kingston upon Hul", "--year", "2009-10"), "there is no area 'Kingston upon Hul'"),
        (("E12000003", "--year", "2009-10"), "E12000003 is no area that National Indicator Set 2008 judges"),
        (("--year", "2009-10"), "name one area, or ask for --all"),
        ((HULL, "--all", "--year", "2009-10"), "name one area, or ask for --all"),
        ((HULL, "--year", "2009-10", "--framework", "lof"), "there is no framework 'lof'"),
    ],
)
def test_a_wrong_report_is_refused_with_a_way_out(here: Warehouse, arguments: tuple[str, ...], told: str) -> None:
    error = refused("report", "area", *arguments)
    assert told in error.message
    assert error.exit_code == ExitCode.USAGE
    assert error.hint


def test_a_runs_page_tells_a_manager_what_happened(here: Warehouse, tmp_path: Path) -> None:
    result = right("report", "run", "--out", str(tmp_path))
    page = Page((tmp_path / "run-2.html").read_text(encoding="utf-8"))
    assert result.stdout == f"{tmp_path / 'run-2.html'}\n"
    require_cells(here, page)
    require_marked(page)
    require_accessible(page)
    require_self_contained(page, set())
    text = " ".join(page.text.replace("\xa0", " ").split())
    for said in (
        "ended with something held back for a person to look at. It took 125 seconds — longer than usual.",
        "Of 3 files offered, 2 were new; 1 was taken in, with 1,406 rows.",
        "1 delivery was refused; the last good one of each stays in use.",
        "1 indicator was held because figures cannot be right",
        "1 check warned and stopped nothing.",
        "Publication 1 wrote 11 values and closed 0: first publication.",
        "half the rows <i>are</i> gone 2 rows where 406 were expected",
        "NI 117 16 to 18 year olds who are NEET 3 values lie above 100 data engineer",
        "NI 117: <b>range</b>",
        "nis publish --despite ni_117",
        "designated targets nothing not met, acceleration needed 1",
    ):
        assert said in text, said


def test_a_quiet_run_asks_for_nothing(here: Warehouse, tmp_path: Path) -> None:
    right("report", "run", "1", "--out", str(tmp_path))
    page = Page((tmp_path / "run-1.html").read_text(encoding="utf-8"))
    require_marked(page)
    assert "Nothing needs doing." in page.text
    assert "No body was asked for data in this run." in page.text


def test_an_unknown_run_is_refused_with_a_way_out(here: Warehouse) -> None:
    error = refused("report", "run", "99")
    assert error.message == "there is no run 99"
    assert "runs go from 1 to 2" in str(error.hint)


def test_views_of_reports_are_described_and_see_what_the_reader_may(here: Warehouse) -> None:
    assert (
        here.query(
            "select c.relname, a.attname from pg_class as c inner join pg_attribute as a on c.oid = a.attrelid "
            "where c.relname in ('v_profile', 'v_laa_review', 'v_progress') and a.attnum > 0 "
            "and col_description(c.oid, a.attnum) is null"
        )
        == []
    )
    assert here.query(
        "select relname, reloptions from pg_class where relname in ('v_profile', 'v_laa_review', 'v_progress') "
        "order by 1"
    ) == [(name, ["security_invoker=true"]) for name in ("v_laa_review", "v_profile", "v_progress")]
    whole = "select sum(indicators), sum(targets) from published.v_progress where area_code = %s"
    assert here.query(whole + " and framework_year = '2009-10'", (HULL,), "reader") == [(3, 4)]
