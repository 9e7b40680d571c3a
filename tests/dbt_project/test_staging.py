"""What the staging models write is known to the catalogue, and each of them is read."""

from __future__ import annotations

import csv
import re

from ingest.settings import ROOT

PROJECT = ROOT / "dbt_project"
SEEDS = PROJECT / "seeds"
STAGING = PROJECT / "models" / "staging"
RULE = re.compile(r"^\s*\[\s*(?:'[^']*'|\"[^\"]*\"|\w+ ~ \"[^\"]*\"),\s*'([a-z_]+)'", re.MULTILINE)
LIST = (PROJECT / "macros" / "staging_models.sql").read_text()


def seed(name: str) -> list[dict[str, str]]:
    """Rows of a seed."""
    with (SEEDS / f"{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def models_of_cells() -> dict[str, list[str]]:
    """Models whose cells become measures, by the domain they are listed under."""
    listed = LIST.partition("{% macro staging_models()")[0]
    return {
        domain: re.findall(r"'stg_(\w+)'", models)
        for domain, models in re.findall(r"'(\w+)': \[(.*?)\]", listed, re.DOTALL)
    }


def test_every_reject_reason_is_in_the_catalogue() -> None:
    known = {row["reason"] for row in seed("reasons") if row["kind"] in {"scope", "fault"}}
    files = [*STAGING.glob("stg_*.sql"), *(PROJECT / "macros").glob("*.sql")]
    used = {(path.name, reason) for path in files for reason in RULE.findall(path.read_text())}
    assert len(used) > 60, "the pattern no longer finds the rules"
    assert {(name, reason) for name, reason in used if reason not in known} == set()


def test_every_symbol_set_has_its_symbols() -> None:
    files = [*STAGING.glob("stg_*.sql"), *(PROJECT / "macros").glob("*.sql")]
    text = "\n".join(path.read_text() for path in files)
    used = set(re.findall(r"symbols='(\w+)'", text)) | set(re.findall(r"marker_of\([^()]+, '(\w+)'\)", text))
    # The pattern does not read the call for the series of ONS, whose cell is an expression.
    assert used | {"els"} == {row["symbol_set"] for row in seed("symbols")}


def test_models_of_cells_are_listed_under_the_domain_of_their_dataset() -> None:
    domains = {row["dataset_id"]: row["domain"] for row in seed("datasets")}
    listed = {model: domain for domain, models in models_of_cells().items() for model in models}
    assert len(listed) > 70
    assert {model: domains[model.partition("__")[0]] for model in listed} == listed
    assert {domain: sorted(models) for domain, models in models_of_cells().items()} == models_of_cells()


def test_every_measure_with_an_item_is_fed_by_a_model_of_its_dataset() -> None:
    own = {"dwp_benefits", "nomis_population", "ho_recorded_crime_csp", "decc_la_co2", "defra_waste"}
    own |= {"dft_road_casualties", "clg_homelessness"}
    staged = {model.partition("__")[0] for models in models_of_cells().values() for model in models} | own
    assert {row["dataset_id"] for row in seed("measures") if row["item"]} <= staged
