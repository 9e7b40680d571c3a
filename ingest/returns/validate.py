"""The one validator of returns: upload, command line and inbox all ask it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ingest.contract import Dataset, Returns
from ingest.errors import UsageError
from ingest.registry import datasets
from ingest.returns import detectability, hub, reference, rows, targets
from ingest.returns.faults import Fault, in_order

SENDER = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
MOST_FAULTS = 1000
"""Faults that are listed and kept; the rest are counted."""


@dataclass(frozen=True)
class Verdict:
    """What the validator found: accepted as a whole, or refused as a whole."""

    row_count: int
    fault_count: int
    faults: tuple[Fault, ...]
    """The first faults of the file, at most MOST_FAULTS."""
    warning_count: int = 0
    warnings: tuple[Fault, ...] = ()
    """What the sender should know of a return that may be sound all the same, at most MOST_FAULTS."""

    @property
    def accepted(self) -> bool:
        """Tell whether the return is sound."""
        return self.fault_count == 0


def pushed(known: Mapping[str, Dataset] | None = None) -> dict[str, Dataset]:
    """Datasets whose files are sent to us, by id."""
    every = datasets() if known is None else known
    return {dataset_id: dataset for dataset_id, dataset in every.items() if isinstance(dataset.source, Returns)}


def require_pushed(dataset_id: str) -> Dataset:
    """A dataset whose files are sent to us. Raises UsageError for any other."""
    known = pushed()
    if dataset_id not in known:
        raise UsageError(f"nobody sends us {dataset_id!r}", hint=f"returns are: {', '.join(known)}")
    return known[dataset_id]


def require_sender(sender: str) -> str:
    """A sender's short name. Raises UsageError for a text that cannot be one."""
    if not SENDER.fullmatch(sender):
        raise UsageError(
            f"{sender!r} cannot be the name of a sender",
            hint="use lower-case letters, digits and dashes, at most 63, such as government-office-london",
        )
    return sender


def validate(dataset: Dataset, data: bytes, seeds: Path = reference.SEEDS) -> Verdict:
    """Judge the bytes of a return by the rules of its layout.

    Raises UsageError where the catalogue says nothing of the dataset.
    """
    columns = dataset.tables[0].columns
    found = rows.read(data, columns)
    faults, warnings = found.faults, list[Fault]()
    if reference.layout(dataset.dataset_id, seeds) == "laa_targets_csv":
        known = reference.targets(dataset.dataset_id, seeds)
        faults = faults + targets.faults(found.rows, known)
        warnings = detectability.warnings(found.rows, known)
    else:
        faults = faults + hub.faults(found.rows, reference.hub(dataset.dataset_id, seeds))
    names = [column.name for column in columns]
    ordered, told = in_order(faults, names), in_order(warnings, names)
    return Verdict(found.count, len(ordered), tuple(ordered[:MOST_FAULTS]), len(told), tuple(told[:MOST_FAULTS]))
