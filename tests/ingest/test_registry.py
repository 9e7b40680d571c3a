"""The registry: every declared dataset once, found by id and by domain."""

from __future__ import annotations

import types
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest import registry
from ingest.contract import Domain
from ingest.errors import ContractError, ExitCode, UsageError


@pytest.fixture
def fresh() -> Iterator[None]:
    """Let the registry be read anew, and again after the test."""
    registry.datasets.cache_clear()
    yield
    registry.datasets.cache_clear()


def test_datasets_are_sorted_and_stand_in_the_module_of_their_domain() -> None:
    found = registry.datasets()
    assert list(found) == sorted(found)
    assert all(dataset.dataset_id == name for name, dataset in found.items())
    folder = Path(registry.__file__).parent / "datasets"
    for dataset in found.values():
        assert f'"{dataset.dataset_id}"' in (folder / f"{dataset.domain.value}.py").read_text()


def test_domains_hold_all_datasets_and_none_is_empty() -> None:
    grouped = registry.by_domain()
    assert sorted(d.dataset_id for group in grouped.values() for d in group) == list(registry.datasets())
    assert all(grouped.values())
    assert list(grouped) == sorted(grouped)


def test_selection_is_the_union_of_ids_and_domains() -> None:
    assert registry.select() == list(registry.datasets().values())
    assert [d.dataset_id for d in registry.select(["defra_waste"])] == ["defra_waste"]
    picked = {d.dataset_id for d in registry.select(["defra_waste"], ["transport"])}
    assert picked == {
        "defra_waste", "dft_accessibility", "dft_buses", "dft_congestion", "dft_road_casualties", "dft_road_condition",
    }  # fmt: skip
    assert {d.domain for d in registry.select(domains=["police"])} == {Domain.POLICE}


@pytest.mark.parametrize(("ids", "domains"), [(["defra_wast"], []), ([], ["polic"]), ([], ["survey_data"])])
def test_unknown_names_are_usage_errors_that_list_what_there_is(ids: list[str], domains: list[str]) -> None:
    with pytest.raises(UsageError) as caught:
        registry.select(ids, domains)
    assert repr((ids + domains)[0]) in caught.value.message
    assert ("defra_waste" in caught.value.hint) or ("police" in caught.value.hint)
    assert caught.value.exit_code is ExitCode.USAGE


@pytest.mark.usefixtures("fresh")
def test_id_that_two_modules_declare_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    twice = registry.datasets()["defra_waste"]
    registry.datasets.cache_clear()
    monkeypatch.setattr("importlib.import_module", lambda name: types.SimpleNamespace(DATASETS=(twice,)))
    with pytest.raises(ContractError, match="dataset defra_waste is declared twice, the second time in"):
        registry.datasets()
