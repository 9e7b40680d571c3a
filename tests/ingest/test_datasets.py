"""The declared datasets against the catalogue's seeds: the same datasets, and a column for every item."""

from __future__ import annotations

import csv
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest import registry
from ingest.contract import Body, Dataset, Delimited, Ees, Fingertips, GovUkPage, Nomis, Returns, StatXplore

SEEDS = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds"

# Files that bodies really publish keep the layouts they have.
OF_THEIR_OWN = {
    "clg_homelessness", "decc_fuel_poverty", "decc_fuel_poverty_county", "decc_la_co2", "defra_waste",
    "dft_road_casualties", "fingertips_campylobacter", "mps_borough_crime", "ons_population",
    "police_street_api", "police_street_archive",
}  # fmt: skip

HUB_COLUMNS = {"numerator", "denominator", "value"}
SURVEY_COLUMNS = {"numerator", "weighted_base", "unweighted_base", "score"}


def seed(name: str) -> list[dict[str, str]]:
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


DATASETS = {row["dataset_id"]: row for row in seed("datasets")}


def of_layout(*layouts: str) -> Iterator[Dataset]:
    for dataset_id, row in DATASETS.items():
        if row["layout"] in layouts and dataset_id not in OF_THEIR_OWN:
            yield registry.datasets()[dataset_id]


def items(dataset_id: str) -> dict[str, str]:
    """Items of a dataset's measures with the measure's title."""
    return {row["item"]: row["title"] for row in seed("measures") if row["dataset_id"] == dataset_id}


def columns(dataset: Dataset) -> set[str]:
    return {column.name for table in dataset.tables for column in table.columns}


def test_datasets_and_domains_are_those_of_the_catalogue() -> None:
    assert {name: dataset.domain.value for name, dataset in registry.datasets().items()} == {
        name: row["domain"] for name, row in DATASETS.items()
    }


def test_sources_are_those_of_the_catalogue() -> None:
    kinds = {
        "ees_api": Ees, "fingertips": Fingertips, "govuk_spreadsheet": GovUkPage, "nomis": Nomis,
        "return_csv": Returns, "stat_xplore": StatXplore,
    }  # fmt: skip
    for name, row in DATASETS.items():
        if kind := kinds.get(row["interface"]):
            assert isinstance(registry.datasets()[name].source, kind), name
    pushed = {name for name, dataset in registry.datasets().items() if dataset.body is Body.INBOX}
    assert pushed == {name for name, row in DATASETS.items() if row["interface"] == "return_csv"}


def test_wide_layouts_have_a_column_for_every_item_and_no_other() -> None:
    for dataset in of_layout("ees_csv"):
        (table,) = dataset.tables
        assert [column.name for column in table.columns][12:] == sorted(items(dataset.dataset_id))
        assert isinstance(dataset.source, Ees)
        assert list(dataset.source.items) == sorted(items(dataset.dataset_id))
    for dataset in of_layout("live_table"):
        (table,) = dataset.tables
        assert [column.name for column in table.columns][3:] == sorted(items(dataset.dataset_id))


def test_headers_of_live_tables_are_the_titles_of_the_measures() -> None:
    for dataset in of_layout("live_table"):
        (table,) = dataset.tables
        for column in table.columns[3:]:
            title = items(dataset.dataset_id)[column.name]
            assert [other.name for other in table.columns if other.matches(title)] == [column.name]


def test_items_of_long_layouts_name_columns_that_are_there() -> None:
    for dataset in of_layout("survey_csv"):
        assert {item.rpartition(":")[2] for item in items(dataset.dataset_id)} <= SURVEY_COLUMNS & columns(dataset)
    for dataset in of_layout("hub_return"):
        parts = [item.split("/") for item in items(dataset.dataset_id)]
        assert {part[-1] for part in parts} <= HUB_COLUMNS & columns(dataset)
        assert all(len(part) == 3 for part in parts)
    for dataset in of_layout("fingertips_csv"):
        parts = [item.split(":") for item in items(dataset.dataset_id)]
        assert isinstance(dataset.source, Fingertips)
        assert {int(number) for number, _ in parts} == set(dataset.source.indicator_ids)
        assert {column for _, column in parts} <= {"count", "denominator", "value"} & columns(dataset)


def test_an_item_feeds_one_measure_for_each_breakdown_and_period() -> None:
    keys = [
        (row["dataset_id"], row["item"], row["breakdown"], row["period_type"])
        for row in seed("measures")
        if row["item"]
    ]
    assert len(keys) == len(set(keys))


def test_a_stat_xplore_measure_is_asked_for_each_item() -> None:
    (dataset,) = of_layout("stat_xplore_json")
    assert isinstance(dataset.source, StatXplore)
    assert len(set(dataset.source.measures)) == len(dataset.source.measures) == len(items(dataset.dataset_id)) == 6


def test_data_set_ids_of_ees_are_those_we_agreed_on() -> None:
    for dataset in of_layout("ees_csv"):
        assert isinstance(dataset.source, Ees)
        assert dataset.source.data_set_id == str(uuid.uuid5(uuid.NAMESPACE_URL, f"ees:{dataset.dataset_id}"))
    assert [d.dataset_id for d in of_layout("ees_csv") if getattr(d.source, "mode", "") == "query"] == ["dcsf_a_levels"]


def test_files_of_the_nhs_information_centre_are_cp1252() -> None:
    encodings = {
        dataset.dataset_id: table.reader.encoding
        for dataset in of_layout("long_csv")
        for table in dataset.tables
        if isinstance(table.reader, Delimited)
    }
    assert {name for name, encoding in encodings.items() if encoding == "cp1252"} == {"ascof_social_care", "mhmds"}


def test_every_raw_table_is_a_source_of_dbt() -> None:
    text = (SEEDS.parent / "models" / "staging" / "_sources.yml").read_text(encoding="utf-8")
    named = {line.strip().removeprefix("- name: ") for line in text.splitlines() if line.startswith("      - name: ")}
    tables = {dataset.raw_table(table) for dataset in registry.datasets().values() for table in dataset.tables}
    assert tables <= named
    assert named - tables == {"build", "quality_result", "release", "release_in_use"}


@pytest.mark.parametrize("dataset_id", sorted(OF_THEIR_OWN))
def test_layouts_of_their_own_are_known(dataset_id: str) -> None:
    assert dataset_id in registry.datasets()
