"""Files that are not as they should be: what is told, what is kept, and what readers go on seeing."""

from __future__ import annotations

import csv
import json
import re
import subprocess
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
import requests

from ingest import database, processes
from tests.end_to_end.commands import in_use, published, query, told
from tests.end_to_end.in_part import EVERYTHING_ANEW, tables_of_the_build
from tests.end_to_end.world import DATASETS, World

pytestmark = pytest.mark.end_to_end

CO2 = "/data.gov.uk/dataset/local-authority-co2-emissions/*"
PAY = "*gross-median-weekly-pay.csv"
RATE = "*employment-rate.csv"
ADDITIONS = "*net-additions-to-the-housing-stock.csv"
POPULATION = "/www.ons.gov.uk/population/la_mid_year_population_totals.csv"
WASTE_PAGE = "/www.gov.uk/api/content/government/statistical-data-sets/env18*"
TA_PAGE = "/www.gov.uk/api/content/government/statistical-data-sets/live-tables-on-homelessness"
Cells = dict[tuple[Any, ...], dict[str, Any]]


# --- files that are not what their contract says: landed, and refused when loaded or judged ---------------


@dataclass(frozen=True)
class Spoiled:
    """What was told when files were spoilt, and what was in use before and after."""

    load: subprocess.CompletedProcess[str]
    check: subprocess.CompletedProcess[str]
    mended: list[subprocess.CompletedProcess[str]]
    before: tuple[list[tuple[str, str, str]], Cells]
    spoiled: tuple[list[tuple[str, str, str]], Cells]
    after: tuple[list[tuple[str, str, str]], Cells]
    refused: dict[str, str]


def _state(world: World) -> tuple[list[tuple[str, str, str]], Cells]:
    return in_use(world.settings), published(world.settings)


@pytest.fixture(scope="module")
def spoiled(world: World) -> Spoiled:
    """Seven bodies publish files that are wrong in seven ways, and mend them afterwards."""
    before = _state(world)
    world.fault(CO2, "rename_column", args={"from": "Calendar Year", "to": "Year"})
    world.fault(PAY, "unknown_area", args={"code": "Q99000001"})
    world.fault(RATE, "short")
    world.fault(ADDITIONS, "cp1252")
    world.fault(WASTE_PAGE, "missing_sheet", args={"sheet": "Table_3"})
    world.fault("*/DetailedLA_201103.xlsx", "bomb")
    world.fault(POPULATION, "bad_number", args={"value": "n/a", "count": 500})
    landed = world.nis("land", *DATASETS)
    assert landed.returncode == 0, landed.stderr
    load, check = world.nis("load", *DATASETS), world.nis("check", *DATASETS)
    middle = _state(world)
    refused = query(world.settings, "select dataset_id, status_reason from ops.release where status = 'refused'")
    world.mend()
    mended = [world.nis(name, *DATASETS) for name in ("land", "load", "check")]
    return Spoiled(
        load,
        check,
        mended,
        before,
        middle,
        _state(world),
        {row["dataset_id"]: row["status_reason"] for row in refused},
    )


@pytest.mark.parametrize(
    "words",
    [
        (
            "decc_la_co2/all",
            "2005-11_UK_local_authority_CO2_emissions.csv",
            "lacks column 'calendar_year'",
            "'Year'",
        ),
        (
            "ons_employment_rate/all",
            "employment-rate.csv",
            "row ",
            "column 'areacd'",
            "1 cells where the header has 12",
        ),
        (
            "ons_net_additions/all",
            "net-additions-to-the-housing-stock.csv",
            "row ",
            "'areanm'",
            "’s",
            "byte 0x92",
        ),
        (
            "defra_waste/all",
            "LA_and_Regional_Spreadsheet_201011.ods",
            "no sheet",
            "'Metadata', 'Notes', 'Table_1', 'Table_2'",
        ),
        ("clg_homelessness/201103", "DetailedLA_201103.xlsx", "unpacks to 1,073,741,", "allows 536,870,912"),
    ],
    ids=["renamed column", "cut short", "cp1252", "missing sheet", "zip bomb"],
)
def test_an_unreadable_file_is_told_by_file_row_column_and_value(spoiled: Spoiled, words: tuple[str, ...]) -> None:
    assert spoiled.load.returncode == 1, spoiled.load.stderr
    told(spoiled.load.stderr, "refused:", *words)


@pytest.mark.parametrize(
    "words",
    [
        ("ons_weekly_pay/all", "areacd", "1 of 1528 values", "'Q99000001' in row "),
        ("ons_population/all", "la_population", "500 of 2282 values", "'n/a' in row "),
    ],
    ids=["unknown area code", "text for numbers"],
)
def test_gate_1_tells_column_value_and_row(spoiled: Spoiled, words: tuple[str, ...]) -> None:
    assert spoiled.check.returncode == 1, spoiled.check.stderr
    told(spoiled.check.stderr, "refused by gate 1:", *words)


def test_refused_releases_are_kept_with_the_reason(spoiled: Spoiled) -> None:
    assert set(spoiled.refused) == {
        "clg_homelessness", "decc_la_co2", "defra_waste", "ons_employment_rate", "ons_net_additions",
        "ons_population", "ons_weekly_pay",
    }  # fmt: skip
    assert all(spoiled.refused.values())


def test_the_last_good_releases_stay_in_use(spoiled: Spoiled) -> None:
    assert spoiled.spoiled == spoiled.before


def test_mended_files_are_taken_again(spoiled: Spoiled) -> None:
    """The bytes are those held before: the good release is the newest again, not loaded or judged anew."""
    assert [done.returncode for done in spoiled.mended] == [0, 0, 0], spoiled.mended
    assert spoiled.mended[0].stderr.count("landed  ") == 7
    assert spoiled.after == spoiled.before


# --- releases that are good enough: revised figures, symbols, odd numbers, an unknown area ---------------


@dataclass(frozen=True)
class Revised:
    """What a run over revised releases told and changed."""

    run: subprocess.CompletedProcess[str]
    again: subprocess.CompletedProcess[str]
    before: Cells
    after: Cells
    published_at: list[Any]
    pay: dict[tuple[str, str], str]
    """The revised file of weekly pay: area and period to the figure."""
    population: list[dict[str, str]]


def _file(world: World, path: str) -> list[dict[str, str]]:
    answer = requests.get(world.url + path, timeout=20)
    header, *lines = answer.content.decode("utf-8-sig").splitlines()
    return list(csv.DictReader([header.lower(), *lines]))


@pytest.fixture(scope="module")
def revised(world: World, spoiled: Spoiled) -> Revised:
    """One body revises, one writes odd numbers and an unknown area, one withholds figures."""
    before = published(world.settings)
    pay = "/www.ons.gov.uk/explore-local-statistics/indicators/gross-median-weekly-pay.csv"
    world.fault(PAY, "revise", args={"share": 0.05})
    world.fault(POPULATION, "bad_number", args={"value": "1,203.514 ", "count": 150})
    world.fault(POPULATION, "unknown_area", args={"code": "E06000999", "count": 60})
    world.fault("*/DetailedLA_201103.xlsx", "bad_number", args={"value": "[c]", "count": 5})
    run, again = world.nis("run", *DATASETS), world.nis("run", *DATASETS)
    moments = query(world.settings, "select published_at from published.publication order by 1")
    return Revised(
        run,
        again,
        before,
        published(world.settings),
        [row["published_at"] for row in moments],
        {(row["areacd"], row["period"]): row["observation"] for row in _file(world, pay)},
        _file(world, POPULATION),
    )


def test_faulty_rows_above_the_limit_are_told(world: World, revised: Revised) -> None:
    assert revised.run.returncode == 3, revised.run.stderr
    rows = [row for row in revised.population if row["la_code"] == "E06000999"]
    assert len(rows) == 60
    told(
        revised.run.stderr,
        "quarantined above its limit: ons_population",
        "60 of 2282",
        "unknown_area: E06000999",
    )
    kept = query(
        world.settings,
        "select row_number, column_name, value from ops.quarantine "
        "inner join ops.release_in_use using (release_id) "
        "where reject_reason = 'unknown_area' order by 1",
    )
    places = [number for number, row in enumerate(revised.population, 1) if row["la_code"] == "E06000999"]
    assert kept == [{"row_number": number, "column_name": "la_code", "value": "E06000999"} for number in places]


def test_a_revision_changes_what_was_revised(revised: Revised) -> None:
    """Every figure of weekly pay is the file's; published before, it was another for a twentieth of them."""
    wrong, moved = [], 0
    for key, row in revised.after.items():
        figure = revised.pay.get((row["area_code"], row["period_start"].isoformat()), "")
        if row["indicator_id"] == "ni_166" and row["value"] is not None and figure:
            moved += row["value"] != revised.before[key]["value"]
            if row["value"] != Decimal(figure):
                wrong.append((key, figure, row["value"]))
    assert not wrong
    assert 20 < moved < 150


def test_only_what_changed_is_written(world: World, revised: Revised) -> None:
    changed = [key for key in revised.before.keys() & revised.after.keys() if revised.before[key] != revised.after[key]]
    gone, new = revised.before.keys() - revised.after.keys(), revised.after.keys() - revised.before.keys()
    last = query(
        world.settings,
        "select values_opened, values_closed from published.publication order by publication_id desc limit 1",
    )
    assert last == [{"values_opened": len(changed) + len(new), "values_closed": len(changed) + len(gone)}]
    assert {key[1] for key in changed} <= {"ni_015", "ni_016", "ni_020", "ni_156", "ni_166"}


def test_a_number_with_separators_and_a_space_is_read(revised: Revised) -> None:
    """1,203.514 thousand residents, by hand: NI 20 is crimes in that borough over 1,203.514."""
    boroughs = {
        (row["la_code"], row["year"])
        for row in revised.population
        if row["la_population"] == "1,203.514 " and row["la_code"].startswith("E09")
    }
    cells = [
        row
        for row in revised.after.values()
        if row["indicator_id"] == "ni_020"
        and (row["area_code"], str(row["period_start"].year)) in boroughs
        # The City of London has a police force of its own: no crimes are stated for it.
        and row["numerator"] is not None
    ]
    assert cells, "no London borough was hit: choose another count"
    for row in cells:
        assert row["denominator"] == Decimal(1_203_514)
        assert row["value"] == pytest.approx(row["numerator"] * 1000 / Decimal(1_203_514), abs=Decimal("1e-6"))


def test_a_withheld_figure_is_withheld_all_the_way_up(revised: Revised) -> None:
    """Five councils withhold: five cells, and every sum above them, carry [c] and no value."""
    cells = [
        row
        for row in revised.after.values()
        if row["indicator_id"] == "ni_156"
        and row["period_end"].isoformat() == "2011-03-31"
        and "[c]" in (row["marker"] or "")
    ]
    councils = [row for row in cells if row["coverage"] == 0]
    above = [row for row in cells if 0 < row["coverage"] < 1]
    assert len(councils) == 5
    assert above
    assert all(row["value"] is None and row["reason"] == "suppressed" for row in cells)


def test_a_second_run_finds_nothing_new(revised: Revised) -> None:
    assert revised.again.returncode == 0, revised.again.stderr
    assert "nothing new" in revised.again.stderr


def test_what_was_known_before_the_revision_can_still_be_asked(world: World, revised: Revised) -> None:
    assert len(revised.published_at) == 2
    first = published(world.settings, f"published.value_as_of('{revised.published_at[0].isoformat()}')")
    assert first == revised.before
    second = published(world.settings, f"published.value_as_of('{revised.published_at[1].isoformat()}')")
    assert second == revised.after


# --- what a run makes in part, and what a build of everything makes ------------------------------------


def test_tables_made_in_part_are_those_of_a_build_of_everything(world: World, revised: Revised) -> None:
    assert revised.run.returncode == 3, revised.run.stderr
    # The newest log of dbt is that of the run over the revised releases; a table that is made whole is not inserted to.
    log = max(world.settings.artifacts.glob("run-*/dbt.log"), key=lambda path: path.stat().st_mtime_ns).read_text()
    assert re.search(r"OK created sql incremental model candidate\.fact_value \.* \[INSERT 0 [1-9]", log)
    tables = tables_of_the_build(world)
    with database.connect(world.settings) as connection:
        connection.execute("create schema kept")
        for name in tables:
            connection.execute(f'create table kept."{name}" as table {name}'.encode())
    # From the same releases, without dbt's tests.
    assert processes.dbt(world.settings, EVERYTHING_ANEW, world.settings.artifacts / "everything.log") == 0
    results = json.loads((world.settings.artifacts / "dbt" / "target" / "run_results.json").read_text())["results"]
    # Hooks are results too, of no relation.
    relations = filter(None, (result["relation_name"] for result in results))
    made = {relation.replace('"', "").partition(".")[2] for relation in relations}
    in_part = set(re.findall(r"OK created sql incremental model (\S+) ", log))
    assert in_part <= made, "what the run made in part is made anew"
    assert {"measures.measures_housing", "indicators.component_sum", "candidate.fact_assessment"} <= in_part
    differs = {
        name: rows
        for name in tables
        if name in made
        for rows in query(
            world.settings,
            f'select (select count(*) from (table {name} except all table kept."{name}") as one) as lacking, '
            f'(select count(*) from (table kept."{name}" except all table {name}) as other) as left_over',
        )
        if rows["lacking"] or rows["left_over"]
    }
    assert differs == {}


# --- a release that its body takes back ---------------------------------------------------------------


@dataclass(frozen=True)
class Taken:
    """What a run over a withdrawn release told and changed."""

    run: subprocess.CompletedProcess[str]
    again: subprocess.CompletedProcess[str]
    before: Cells
    after: Cells
    back: list[subprocess.CompletedProcess[str]]
    in_use_before: list[tuple[str, str, str]]
    in_use_after: list[tuple[str, str, str]]


@pytest.fixture(scope="module")
def taken(world: World, revised: Revised) -> Taken:
    """The page of the homelessness tables is withdrawn, and later is there again."""
    before, in_use_before = published(world.settings), in_use(world.settings)
    world.fault(TA_PAGE, "withdraw", args={"explanation": "An error was found in the returns."})
    run = world.nis("run", *DATASETS)
    after = published(world.settings)
    again = world.nis("land", "clg_homelessness")
    for fault in requests.get(f"{world.url}/__control/faults", timeout=20).json():
        if fault["kind"] == "withdraw":
            requests.delete(f"{world.url}/__control/faults/{fault['id']}", timeout=20)
    back = [world.nis(name, "clg_homelessness") for name in ("land", "load", "check")]
    return Taken(run, again, before, after, back, in_use_before, in_use(world.settings))


def test_a_withdrawal_is_told(taken: Taken) -> None:
    assert taken.run.returncode == 3, taken.run.stderr
    assert "withdrawn: clg_homelessness" in taken.run.stderr
    assert "An error was found in the returns." in taken.run.stderr
    assert taken.again.returncode == 0, "it was told once"


def test_withdrawn_figures_are_not_current(taken: Taken) -> None:
    cells = [row for row in taken.after.values() if row["indicator_id"] == "ni_156"]
    assert cells
    assert all(row["value"] is None and row["marker"] for row in cells)
    assert {row["reason"] for row in cells if row["framework_year"] in {"2008-09", "2009-10", "2010-11"}} == {
        "withdrawn"
    }


def test_other_indicators_do_not_move(taken: Taken) -> None:
    others = [{key: row for key, row in cells.items() if key[1] != "ni_156"} for cells in (taken.before, taken.after)]
    assert others[0] == others[1]


def test_withdrawn_figures_can_be_asked_for_as_known_then(world: World, revised: Revised, taken: Taken) -> None:
    then = published(world.settings, f"published.value_as_of('{revised.published_at[1].isoformat()}')")
    assert then == taken.before


def test_a_release_that_is_back_is_judged_and_used_again(taken: Taken) -> None:
    assert [done.returncode for done in taken.back] == [0, 0, 0], taken.back
    assert taken.in_use_after == taken.in_use_before
