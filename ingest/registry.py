"""The registry: every declared dataset, found by importing the modules of `ingest.datasets`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable
from functools import lru_cache

import ingest.datasets
from ingest.contract import Dataset, Domain
from ingest.errors import ContractError, UsageError


@lru_cache(maxsize=1)
def datasets() -> dict[str, Dataset]:
    """All datasets by id, sorted by id.

    Raises ContractError when two modules declare the same id.
    """
    found: dict[str, Dataset] = {}
    for module in pkgutil.iter_modules(ingest.datasets.__path__):
        declared: tuple[Dataset, ...] = getattr(
            importlib.import_module(f"ingest.datasets.{module.name}"), "DATASETS", ()
        )
        for dataset in declared:
            if dataset.dataset_id in found:
                raise ContractError(
                    f"dataset {dataset.dataset_id} is declared twice, the second time in {module.name}.py",
                    hint="dataset ids are unique over all domains",
                )
            found[dataset.dataset_id] = dataset
    return dict(sorted(found.items()))


def by_domain() -> dict[Domain, list[Dataset]]:
    """Datasets by domain; domains without a dataset are left out."""
    grouped: dict[Domain, list[Dataset]] = {}
    for dataset in datasets().values():
        grouped.setdefault(dataset.domain, []).append(dataset)
    return dict(sorted(grouped.items()))


def select(ids: Iterable[str] = (), domains: Iterable[str] = ()) -> list[Dataset]:
    """Datasets named by id or domain; all of them when nothing is named.

    Raises UsageError for an unknown id or domain.
    """
    ids, domains = list(ids), list(domains)
    known = datasets()
    for name in ids:
        if name not in known:
            raise UsageError(f"there is no dataset {name!r}", hint=f"one of: {', '.join(known)}")
    for name in domains:
        if name not in {domain.value for domain in by_domain()}:
            raise UsageError(
                f"there is no domain {name!r} with datasets",
                hint=f"one of: {', '.join(domain.value for domain in by_domain())}",
            )
    if not ids and not domains:
        return list(known.values())
    return [dataset for dataset in known.values() if dataset.dataset_id in ids or dataset.domain.value in domains]
