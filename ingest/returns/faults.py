"""A fault of a return: where it is, which rule it breaks, and what would be right."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

FILE = 0
"""Row of faults that belong to the header or to the whole file."""
SHOWN = 200
"""Characters of a faulty value that are kept."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a return."""

    row: int
    """Data row from 1, the header not counted; 0 for the header and the whole file."""
    column: str
    value: str
    rule: str
    """Name of the rule that is broken, fit for programs."""
    way_out: str
    """What is right, for people."""

    def as_dict(self) -> dict[str, int | str]:
        """The fault as JSON wants it; of a long value only the beginning."""
        return {**asdict(self), "value": self.value[:SHOWN]}

    def __str__(self) -> str:
        where = f"row {self.row}" if self.row else "file"
        named = f", column {self.column!r}" if self.column else ""
        return f"{where}{named}, value {self.value[:SHOWN]!r}: {self.rule}: {self.way_out}"


def in_order(faults: Iterable[Fault], columns: Sequence[str]) -> list[Fault]:
    """Faults by row, and within a row by the order of the file's columns."""
    place = {name: position for position, name in enumerate(columns)}
    return sorted(faults, key=lambda fault: (fault.row, place.get(fault.column, -1), fault.rule))


def listed(names: Iterable[str], most: int = 12) -> str:
    """Some names in a row of text, cut short where there are many."""
    every = list(names)
    return ", ".join(every[:most]) + (f" and {len(every) - most} more" if len(every) > most else "")
