"""Contracts: what they refuse of themselves, and that they fit the files the bodies really publish."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from ingest import registry
from ingest.contract import (
    Check,
    Column,
    Delimited,
    MessyCsv,
    Sheet,
    Supersedes,
    Table,
    WideCsv,
    normalise_header,
    raw_columns,
)
from ingest.datasets.layouts import columns
from ingest.errors import ContractError
from tests.ingest.warehouse import dataset, plain

REAL = [
    # dataset, part, genuine file
    ("ons_employment_rate", "all", "els/employment-rate.csv"),
    ("ons_weekly_pay", "all", "els/gross-median-weekly-pay.csv"),
    ("ons_net_additions", "all", "els/net-additions-to-the-housing-stock.csv"),
    ("ons_persistent_absence", "all", "els/persistent-absences-for-all-pupils.csv"),
    ("ons_population", "all", "population/la_mid_year_population_totals_2005_2019.csv"),
    ("decc_la_co2", "all", "co2/2005-11_UK_local_authority_CO2_emissions_England.csv"),
    ("decc_fuel_poverty", "2011", "fuel_poverty/decc_fuel_poverty_la_2011.csv"),
    ("decc_fuel_poverty_county", "2011", "fuel_poverty/decc_fuel_poverty_county_2011_raw.csv"),
    (
        "dft_road_casualties",
        "collision",
        "roads/dft-road-casualty-statistics-collision-2024-west-yorkshire.csv",
    ),
    (
        "dft_road_casualties",
        "casualty",
        "roads/dft-road-casualty-statistics-casualty-2024-west-yorkshire.csv",
    ),
    ("fingertips_campylobacter", "all", "fingertips/fingertips_93356_county_ua.csv"),
    ("mps_borough_crime", "all", "police/mps_borough_level_crime_200801_201612.csv"),
    ("police_street_archive", "2020-08", "police/2020-08-surrey-street.csv"),
]
# nomis_population is kept re-rendered in another layout; police_street_api has no file, but pages of answers.


@pytest.mark.parametrize("name", ["Police", "1st", "a-b", "a b", "", "a;drop", "x" * 59, "é", "a\n"])
def test_dataset_id_that_is_no_identifier_is_refused(name: str) -> None:
    with pytest.raises(ContractError, match="not a lower-case SQL identifier") as caught:
        dataset(name)
    assert caught.value.hint


@pytest.mark.parametrize("names", [("a", "a"), ("a", "B"), ("a", "b c"), ('a"; drop table x; --',), ("b\n",)])
def test_bad_and_repeated_columns_are_refused(names: tuple[str, ...]) -> None:
    with pytest.raises(ContractError, match=r"dataset known, table \(only\): bad or repeated columns"):
        dataset("known", plain(*names))


@pytest.mark.parametrize(
    "check",
    [
        Check(area_column="town"),
        Check(period_column="town"),
        Check(not_empty=("a", "town")),
        Check(matches=(("town", "x", 1.0),)),
    ],
)
def test_check_of_an_unknown_column_is_refused(check: Check) -> None:
    with pytest.raises(ContractError, match=r"check names unknown columns \['town'\]"):
        dataset("known", plain("a", "b", check=check))


def test_check_may_name_the_columns_of_unpivoted_cells() -> None:
    table = plain("a", reader=WideCsv(r"\d+"), check=Check(period_column="source_column", not_empty=("cell",)))
    assert raw_columns(dataset("known", table).tables[0]) == ("a", "source_column", "cell")
    assert raw_columns(plain("a", "b")) == ("a", "b")


@pytest.mark.parametrize("name", ["Table 1", "x" * 44, "x;y"])
def test_table_that_no_raw_table_can_be_named_after_is_refused(name: str) -> None:
    with pytest.raises(ContractError, match="cannot name a table in schema raw"):
        dataset("known", plain("a", name=name))


@pytest.mark.parametrize("names", [("x", "x"), ("", "x"), ("", "")])
def test_tables_need_distinct_names(names: tuple[str, str]) -> None:
    with pytest.raises(ContractError, match="need distinct names"):
        dataset("known", *(plain("a", name=name) for name in names))


def test_raw_table_is_named_after_dataset_and_table() -> None:
    pair = dataset("known", plain("a", name="first", part="one|both"), plain("b", name="second", part="two|both"))
    assert [pair.raw_table(table) for table in pair.tables] == ["known__first", "known__second"]
    assert dataset("known").raw_table(dataset("known").tables[0]) == "known"
    assert [table.name for table in pair.tables_of("both")] == ["first", "second"]
    assert [table.name for table in pair.tables_of("two")] == ["second"]
    assert list(pair.tables_of("twofold")) == []


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("  Area\xa0Code ", "Area Code"),
        ("Number of\r\nhouseholds", "Number of households"),
        ("\ufeffLA_CODE", "LA_CODE"),
        ("a\t b\n\n c", "a b c"),
        ("", ""),
    ],
)
def test_white_space_of_headers_collapses(written: str, read: str) -> None:
    assert normalise_header(written) == read


@pytest.mark.parametrize(
    ("column", "header", "same"),
    [
        (Column("la_code"), "LA_CODE", True),
        (Column("la_code"), "la code", False),
        (Column("a.b"), "axb", False),
        (Column("total", (r"total\d?",)), "Total2 ", True),
        (Column("total", (r"total\d?",)), "Grand total", False),
        (Column("total", (r"total\d?",)), "Total tonnes", False),
        (Column("x", ("accident_index", "collision_index")), "Accident_Index", True),
        (Column("x", (r"number of households in ta\s?[\d,]*",)), "Number of households in TA4,5,8 ", True),
    ],
)  # fmt: skip
def test_header_matches_as_a_whole_and_in_any_case(column: Column, header: str, same: bool) -> None:
    assert column.matches(header) is same


def test_column_named_after_the_parent_of_a_fingertips_request() -> None:
    (table,) = registry.datasets()["fingertips_campylobacter"].tables
    found = {
        header: [column.name for column in table.columns if column.matches(header)]
        for header in (
            "Compared to England value or percentiles",
            "Compared to Region value or percentiles",
            "Compared to Counties & UAs (pre Apr 2019) value or percentiles",
            "Compared to ICBs value or percentiles",
            "Compared to goal",
        )
    }
    assert list(found.values()) == [
        ["compared_to_england"],
        ["compared_to_parent"],
        ["compared_to_parent"],
        ["compared_to_parent"],
        ["compared_to_goal"],
    ]


def header_of(path: Path, reader: Delimited | MessyCsv | WideCsv) -> list[str]:
    row = reader.header_row - 1 if isinstance(reader, MessyCsv) else 0
    with io.StringIO(
        path.read_text("utf-8-sig" if reader.encoding == "utf-8" else reader.encoding), newline=""
    ) as text:
        names = list(csv.reader(text))[row]
    if isinstance(reader, WideCsv):
        return [name for name in names if not name.isdecimal()]
    return [name for name in names if name] if isinstance(reader, MessyCsv) else names


@pytest.mark.parametrize(("dataset_id", "part", "path"), REAL)
def test_columns_are_those_of_the_file_the_body_publishes(samples: Path, dataset_id: str, part: str, path: str) -> None:
    (table,) = registry.datasets()[dataset_id].tables_of(part)
    assert not isinstance(table.reader, Sheet)
    header = header_of(samples / path, table.reader)  # type: ignore[arg-type]
    for name in header:
        assert len([column for column in table.columns if column.matches(name)]) == 1, name
    for column in table.columns:
        found = [name for name in header if column.matches(name)]
        assert len(found) == 1 or (column.optional and not found), (column.name, found)


def test_every_dataset_with_a_file_is_held_against_it(samples: Path) -> None:
    held = {path for _, _, path in REAL} | {
        "waste/LA_and_Regional_Spreadsheet_201718.ods",  # see test_readers
        "homelessness/DetailedLA_201806.xlsx",
        "population/la_mid_2011_population_single_year_age_sex.csv",  # nomis_population, in another layout
        "roads/stats19_accidents_2005_2014_sample1000.csv",  # an edition older than the one we read
    }
    data = {
        path.relative_to(samples).as_posix()
        for suffix in ("csv", "ods", "xlsx")
        for path in samples.rglob(f"*.{suffix}")
    }
    assert data == held


def test_workbooks_stay_inside_the_limits_of_their_contracts(samples: Path) -> None:
    for dataset_id, path in (
        ("defra_waste", "waste/LA_and_Regional_Spreadsheet_201718.ods"),
        ("clg_homelessness", "homelessness/DetailedLA_201806.xlsx"),
    ):
        with zipfile.ZipFile(samples / path) as archive:
            assert sum(member.file_size for member in archive.infolist()) < registry.datasets()[dataset_id].max_bytes


def test_contracts_cannot_be_changed_once_declared() -> None:
    with pytest.raises(AttributeError):
        dataset("known").dataset_id = "other"  # type: ignore[misc]
    assert replace(dataset("known"), supersedes=Supersedes.CELL).supersedes is Supersedes.CELL


def test_layout_helper_makes_columns_with_and_without_patterns() -> None:
    assert columns("a", ("b", "bee.*")) == (Column("a"), Column("b", ("bee.*",)))
    assert Table(columns("a"), Delimited()).check == Check()
