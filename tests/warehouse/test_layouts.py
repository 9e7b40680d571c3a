"""One fixture pair for each layout: rows as a body delivers them, and the cells worked out from them by hand.

The pairs are `staging/<raw table>[@part].csv` and `.expected.csv`. A wrong symbol, an unknown area, a bad number or a
row that comes twice stands in each of them where the layout can have one.
"""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.warehouse.prepared import Prepared
from tests.warehouse.scratch import Scratch, read

pytestmark = pytest.mark.warehouse

FOLDER = Path(__file__).with_name("staging")
INPUTS = sorted(path for path in FOLDER.glob("*.csv") if not path.stem.endswith(".expected"))
COLUMNS = tuple(read(FOLDER / "ccis_neet.expected.csv")[0])


TARGETS = """area_code,ni_code,component,target_class,version,agreed_on,baseline_value,year,target_value,reward_eligible
00EB,NI 117,main,designated,1,2008-06-30,8.0,2010/11,6.0,yes
20,NI 020,main,designated,2,2009-03-31,,2008/09,,no
00ZZ,NI 117,main,local,1,2008-06-30,8.0,2010/11,6.0,no
00EB,117,main,local,1,2008-06-30,8.0,2010/11,6.0,no
00EB,NI 117,main,local,1,2008-06-31,8.0,2010/11,6.0,no
00EB,NI 117,main,local,1,2008-06-30,8.0,2010/11,six,no
00EB,NI 117,main,local,1,2008-06-30,8.0,2010,6.0,no
00EB,,Visits to the museum,local,1,2008-06-30,800,2010/11,900,no
00EB,,Visits to the museum,designated,1,2008-06-30,800,2010/11,900,no
00EB,,,local,1,2008-06-30,800,2010/11,900,no
00EB,NI 117,main,local,first,2008-06-30,8.0,2010/11,6.0,no"""


def text(cell: object) -> str:
    """A cell as the expected files write it."""
    if isinstance(cell, Decimal):
        return format(cell.normalize(), "f")
    return "" if cell is None else cell.isoformat() if isinstance(cell, date) else str(cell)


@pytest.fixture(scope="module")
def staged(prepared: Prepared) -> Scratch:
    """A warehouse whose raw tables hold the inputs, staged."""
    scratch = Scratch(prepared.copy())
    for path in INPUTS:
        raw_table, _, part = path.stem.partition("@")
        scratch.deliver(raw_table, read(path), part or "all")
    scratch.deliver("laa_targets", csv.DictReader(TARGETS.splitlines()))
    scratch.build("path:models/staging")
    return scratch


@pytest.mark.parametrize("path", INPUTS, ids=lambda path: path.stem)
def test_cells_of_a_layout_are_those_worked_out_by_hand(staged: Scratch, path: Path) -> None:
    raw_table = path.stem.partition("@")[0]
    rows = staged.query(f"select {', '.join(COLUMNS)} from staging.stg_{raw_table} order by row_number, source_column")
    found = [dict(zip(COLUMNS, map(text, row), strict=True)) for row in rows]
    assert found == read(path.with_suffix(".expected.csv"))


@pytest.mark.parametrize("path", INPUTS, ids=lambda path: path.stem)
def test_no_delivered_row_is_lost(staged: Scratch, path: Path) -> None:
    raw_table = path.stem.partition("@")[0]
    numbers = staged.query(f"select distinct row_number from staging.stg_{raw_table} order by 1")
    assert [row[0] for row in numbers] == list(range(1, len(read(path)) + 1))


def test_what_is_set_aside_is_in_the_quarantine_once_with_its_kind(staged: Scratch) -> None:
    expected = [
        (path.stem.partition("@")[0], row["row_number"], row["source_column"], row["reject_reason"])
        for path in INPUTS
        for row in read(path.with_suffix(".expected.csv"))
        if row["reject_reason"]
    ]
    found = staged.query(
        "select table_name, row_number::text, source_column, reject_reason from staging.quarantine "
        "where reject_kind in ('scope', 'fault') and dataset_id <> 'laa_targets'"
    )
    assert sorted(found) == sorted(expected)
    kinds = dict(staged.query("select distinct reject_reason, reject_kind from staging.quarantine"))
    assert kinds["duplicate_row"] == kinds["unknown_area"] == kinds["bad_number"] == kinds["bad_period"] == "fault"
    assert kinds["not_a_measure"] == kinds["repeated_row"] == kinds["total_row"] == kinds["footnote"] == "scope"


def test_targets_are_read_and_feed_no_measure(staged: Scratch) -> None:
    rows = staged.query(
        "select area_code, ni, baseline_value, period_end, target_value, reward_eligible, agreed_on, reject_reason, "
        "reject_column from staging.stg_laa_targets order by row_number"
    )
    assert rows[:2] == [
        ("E06000001", 117, 8, date(2011, 3, 31), 6, True, date(2008, 6, 30), None, None),
        ("E10000010", 20, None, date(2009, 3, 31), None, False, date(2009, 3, 31), None, None),
    ]
    assert [row[-2:] for row in rows[2:]] == [
        ("unknown_area", "area_code"),
        ("unknown_indicator", "ni_code"),
        ("bad_period", "agreed_on"),
        ("bad_number", "target_value"),
        ("bad_period", "year"),
        (None, None),
        ("unknown_indicator", "ni_code"),
        ("unknown_indicator", "ni_code"),
        ("bad_number", "version"),
    ]


def test_a_return_that_says_so_is_provisional(staged: Scratch) -> None:
    rows = staged.query(
        "select distinct row_number, maturity from staging.stg_hub_council_returns where row_number < 3"
    )
    assert sorted(rows) == [(1, "final"), (2, "provisional")]
