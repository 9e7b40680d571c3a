"""Gate 1 refuses what a contract refuses, names it, and lets the rest through."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest

from expectations.gate_1 import gate_1
from ingest import registry
from ingest.errors import UsageError

pytestmark = pytest.mark.warehouse

if TYPE_CHECKING:
    from tests.expectations.conftest import Warehouse

POVERTY = "decc_fuel_poverty"  # at least 300 rows and councils; codes like 00AA, 31UB, never empty
HOMES = "ons_net_additions"  # at least 1,000 rows, 140 areas; periods never older
WASTE = "defra_waste"  # three tables; 97 % of codes and years must be in form

Row = dict[str, str | None]


def councils(count: int = 326) -> list[Row]:
    """Rows of fuel poverty for so many councils, coded 10A, 10B ... 99Z."""
    codes = [f"{number}{letter}" for number in range(10, 100) for letter in "ABCDE"]
    return [{"la_code": code, "la_name": f"Council {code}", "households": "1000"} for code in codes[:count]]


def homes(years: range, areas: int = 150) -> list[Row]:
    """Rows of net additions for so many areas and calendar years."""
    return [
        {
            "areacd": f"E{area:08d}",
            "period": f"{year}-04-01/P1Y",
            "indicator": "net-additions",
            "observation": "1.5",
        }
        for year in years
        for area in range(areas)
    ]


def waste(rows: int = 400, odd_years: int = 0) -> dict[str, list[Row]]:
    """The three tables of council waste, of which the first has so many rows with an odd year."""
    first: list[Row] = [
        {
            "financial_year": "2017/18" if number < odd_years else "2017-18",
            "ons_code": f"E{number:08d}",
            "jpp_order": "201718",
        }
        for number in range(rows)
    ]
    other: list[Row] = [{"year": "2017-18", "ons_code": f"E{number:08d}"} for number in range(rows)]
    return {"defra_waste__table_1": first, "defra_waste__table_2": other, "defra_waste__table_3": other}


def test_good_release_is_accepted(warehouse: Warehouse) -> None:
    release = warehouse.deliver(POVERTY, "good", {POVERTY: councils()})
    answer = gate_1(warehouse.settings, [POVERTY])
    assert answer["accepted"] == [{"dataset_id": POVERTY, "part": "good", "release_id": release}]
    assert answer["refused"] == []
    assert warehouse.release(release) == ("accepted", None, True)
    assert warehouse.in_use(POVERTY, "good") == [release]
    # Rows, areas, empty codes, form of codes; nothing to compare with yet.
    names = warehouse.query(
        "select expectation from ops.quality_result where release_id = %s and success order by 1", (release,)
    )
    assert [name for (name,) in names] == ["matches", "min_areas", "min_rows", "not_empty"]


def test_too_few_rows_and_areas_are_named(warehouse: Warehouse) -> None:
    release = warehouse.deliver(POVERTY, "short", {POVERTY: councils(250)})
    answer = gate_1(warehouse.settings, [POVERTY])
    (refused,) = answer["refused"]
    assert refused["release_id"] == release
    assert refused["reason"] == (
        "decc_fuel_poverty: 250 rows, at least 300 expected; "
        "decc_fuel_poverty.la_code: 250 distinct values, at least 300 expected"
    )
    assert warehouse.release(release) == ("refused", refused["reason"], True)
    assert (answer["checks"], answer["failed"]) == (4, 2)


def test_blank_key_and_odd_code_name_rows_and_values(warehouse: Warehouse) -> None:
    rows = councils()
    rows[11]["la_code"] = None
    rows[12]["la_code"] = "  "
    rows[20]["la_code"] = "E06000001"
    release = warehouse.deliver(POVERTY, "blank", {POVERTY: rows})
    gate_1(warehouse.settings, [POVERTY])
    status, reason, _ = warehouse.release(release)
    assert status == "refused"
    assert reason == (
        "decc_fuel_poverty.la_code: 2 of 326 values are empty, first in row 12, row 13; "
        r"decc_fuel_poverty.la_code: 3 of 326 values do not match ^\d\d[A-Z]{0,2}$, "
        "e.g. '' in row 12, '  ' in row 13, 'E06000001' in row 21"
    )
    ((count, sample, owner),) = warehouse.query(
        "select unexpected_count, unexpected_sample, owner from ops.quality_result "
        "where release_id = %s and expectation = 'not_empty'",
        (release,),
    )
    assert (count, sample, owner) == (
        2,
        [{"row": 12, "value": None}, {"row": 13, "value": "  "}],
        "data-engineering",
    )


def test_older_period_is_refused_and_last_good_release_stays(warehouse: Warehouse) -> None:
    good = warehouse.deliver(HOMES, "periods", {HOMES: homes(range(2004, 2012))})
    assert [item["release_id"] for item in gate_1(warehouse.settings, [HOMES])["accepted"]] == [good]
    older = warehouse.deliver(HOMES, "periods", {HOMES: homes(range(2003, 2011))})
    (refused,) = gate_1(warehouse.settings, [HOMES])["refused"]
    assert refused["release_id"] == older
    assert refused["reason"] == (
        f"ons_net_additions.period: the latest value is '2010-04-01/P1Y', older than '2011-04-01/P1Y' in release {good}"
    )
    assert warehouse.in_use(HOMES, "periods") == [good]


def test_half_a_release_is_refused_against_the_last_one(warehouse: Warehouse) -> None:
    # 150 areas: 16 years are 2,400 rows; half of them is the least; 7 years are 1,050.
    good = warehouse.deliver(HOMES, "shrunk", {HOMES: homes(range(2000, 2016))})
    shrunk = warehouse.deliver(HOMES, "shrunk", {HOMES: homes(range(2009, 2016))})
    answer = gate_1(warehouse.settings, [HOMES])
    # Both in one run: the second is compared with the first, which has just been accepted.
    assert [item["release_id"] for item in answer["accepted"]] == [good]
    (refused,) = answer["refused"]
    assert refused["release_id"] == shrunk
    assert refused["reason"] == (
        f"ons_net_additions: 1050 rows, at least 1200 expected (50% of the 2400 in release {good})"
    )


def test_share_that_must_match_is_of_all_rows(warehouse: Warehouse) -> None:
    # 3 % of 400 rows is 12: so many may be odd, one more may not.
    good = warehouse.deliver(WASTE, "twelve", waste(odd_years=12))
    bad = warehouse.deliver(WASTE, "thirteen", waste(odd_years=13))
    gate_1(warehouse.settings, [WASTE])
    assert warehouse.release(good)[0] == "accepted"
    status, reason, _ = warehouse.release(bad)
    assert status == "refused"
    assert reason is not None
    assert reason.startswith(
        r"defra_waste__table_1.financial_year: 13 of 400 values do not match ^20\d\d-\d\d$ "
        "(at least 97.0% must), e.g. '2017/18' in row 1, '2017/18' in row 2"
    )


def test_missing_table_and_unknown_part_are_refused(warehouse: Warehouse) -> None:
    tables = waste()
    del tables["defra_waste__table_3"]
    partial = warehouse.deliver(WASTE, "partial", tables)
    stray = warehouse.deliver("dft_road_casualties", "vehicle", {})
    gate_1(warehouse.settings, [WASTE, "dft_road_casualties"])
    assert "defra_waste__table_3: 0 rows, at least 300 expected" in (warehouse.release(partial)[1] or "")
    assert warehouse.release(stray)[:2] == (
        "refused",
        "dft_road_casualties: no table is declared for part 'vehicle', only for ['collision', 'casualty']",
    )


def test_wide_files_name_row_and_column(warehouse: Warehouse) -> None:
    name = "mps_borough_crime"
    cells: list[Row] = [
        {
            "borough": f"Borough {number % 33}", "major_category": "Burglary", "minor_category": "Dwelling",
            "source_column": "200804", "cell": "x" if number >= 9_790 else "7",
        }
        for number in range(10_000)
    ]  # fmt: skip
    release = warehouse.deliver(name, "wide", {name: cells})
    gate_1(warehouse.settings, [name])
    reason = warehouse.release(release)[1] or ""
    assert reason.startswith("mps_borough_crime.cell: 210 of 10000 values do not match")
    assert "'x' in row 9791, column 200804" in reason


def test_data_docs_say_made_and_fetch_nothing(warehouse: Warehouse) -> None:
    warehouse.deliver(POVERTY, "docs", {POVERTY: councils(310)})
    answer = gate_1(warehouse.settings, [POVERTY], run_id=None)
    index = Path(answer["data_docs"])
    assert index == warehouse.settings.artifacts / "run-manual" / "data_docs" / "gate_1" / "index.html"
    first = index.read_text(encoding="utf-8")
    links = re.findall(r'<a href="([^"]+)"', first)
    assert len(links) == 1
    assert (index.parent / unquote(links[0])).is_file()
    assert "passed" in first
    pages = list(index.parent.rglob("*.html"))
    assert len(pages) >= 3
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert "MADE DATA" in text
        for remote in ('src="http', 'rel="stylesheet" href="http', "@import", "postgresql://", "url(http", "url('http"):
            assert remote not in text, f"{page} has {remote}"


def test_nothing_loaded_needs_no_great_expectations(warehouse: Warehouse) -> None:
    gate_1(warehouse.settings)
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from expectations.__main__ import main; code = main(['gate-1']); "
            "sys.exit(code or ('great_expectations' in sys.modules) * 9)",
        ],
        env={"NIS_HOME": str(warehouse.settings.home), "NIS_SOURCE": "made", "PATH": ""},
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert (answer["accepted"], answer["refused"], answer["checks"], answer["data_docs"]) == ([], [], 0, None)


def test_unknown_dataset_is_a_usage_error(warehouse: Warehouse) -> None:
    with pytest.raises(UsageError, match="there is no dataset 'nonsense'"):
        gate_1(warehouse.settings, ["nonsense"])


def test_real_files_are_accepted(warehouse: Warehouse, samples: Path) -> None:
    files = {
        "decc_fuel_poverty": ("2011", "fuel_poverty/decc_fuel_poverty_la_2011.csv"),
        "decc_la_co2": ("all", "co2/2005-11_UK_local_authority_CO2_emissions_England.csv"),
        "dft_road_casualties": (
            "collision",
            "roads/dft-road-casualty-statistics-collision-2024-west-yorkshire.csv",
        ),
        "ons_employment_rate": ("all", "els/employment-rate.csv"),
        "ons_net_additions": ("all", "els/net-additions-to-the-housing-stock.csv"),
        "ons_population": ("all", "population/la_mid_year_population_totals_2005_2019.csv"),
        "police_street_archive": ("2020-08", "police/2020-08-surrey-street.csv"),
    }
    delivered = {}
    for dataset_id, (part, path) in files.items():
        dataset = registry.datasets()[dataset_id]
        (table,) = dataset.tables_of(part)
        with (samples / path).open(encoding="utf-8-sig", newline="") as handle:
            header, *lines = csv.reader(handle)
        names = [next((column.name for column in table.columns if column.matches(cell)), "") for cell in header]
        # COPY reads an empty cell as null.
        rows: list[Row] = [{name: cell or None for name, cell in zip(names, line, strict=True)} for line in lines]
        delivered[dataset_id] = warehouse.deliver(dataset_id, part, {dataset.raw_table(table): rows})
    answer = gate_1(warehouse.settings, list(files))
    assert answer["refused"] == []
    assert {item["release_id"] for item in answer["accepted"]} == set(delivered.values())
