"""The catalogue in files: it is checked as a whole before any SQL runs, each fault told with its file and line."""

from __future__ import annotations

from pathlib import Path

from ingest.catalogue import components, shape, tables
from ingest.catalogue.seeds import Fault, read
from ingest.errors import ExitCode, NisError

__all__ = ["CatalogueError", "Fault", "check", "require_sound"]

FAULTS_TOLD = 40
"""More in one message would only scroll away; the first ones usually cause the rest."""


class CatalogueError(NisError):
    """The catalogue contradicts itself, so nothing can be built from it."""

    exit_code = ExitCode.USAGE


def check(folder: Path) -> list[Fault]:
    """Every fault of the seeds in a folder, by file and line; none when they are sound.

    What may stand in each column is declared in the folder's `_*.yml`; the rules that join columns and files
    are in `ingest.catalogue.components` and `ingest.catalogue.tables`.
    """
    seeds, faults = read(folder)
    for part in (shape, tables, components):
        faults += part.faults(seeds)
    return sorted(set(faults), key=lambda fault: (fault.file, fault.line, fault.column, fault.told))


def require_sound(folder: Path) -> None:
    """Raise CatalogueError with every fault, one a line, where the seeds in a folder are not sound."""
    if faults := check(folder):
        told = [f"the catalogue has {len(faults)} fault{'s' if len(faults) > 1 else ''}:", *map(str, faults)]
        if len(faults) > FAULTS_TOLD:
            told[FAULTS_TOLD + 1 :] = [f"... and {len(faults) - FAULTS_TOLD} more"]
        raise CatalogueError("\n".join(told), hint="mend these lines; `nis catalogue check` looks again")
