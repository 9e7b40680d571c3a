"""Rules of single files: header, key and order, kinds of number, and what the properties say of each column."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from itertools import pairwise

from ingest.catalogue.seeds import Fault, Faults, Row, Seeds, Table

SPANS = (
    ("valid_from", "valid_to"),
    ("due_from", "due_to"),
    ("period_start", "period_end"),
    ("first_quarter_end", "last_quarter_end"),
)
"""Columns of first and last days, wherever both stand in one file."""
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_INTEGER = re.compile(r"-?\d+")


def faults(seeds: Seeds) -> Faults:
    """Faults of each file by itself, and of cells that name a row of another."""
    return [fault for table in seeds.tables.values() for fault in (*_order(table), *_cells(table, seeds))]


def _order(table: Table) -> Iterator[Fault]:
    if not table.header:
        return
    if table.header != tuple(table.types):
        differ = sorted(set(table.header) ^ set(table.types))
        told = f"the header is not what the properties declare ({', '.join(differ) or 'another order'})"
        yield Fault(table.file, 1, "", "", told, f"columns are: {','.join(table.types)}")
    for before, after in pairwise(table.rows):
        earlier, later = before.key(*table.key), after.key(*table.key)
        if later == earlier:
            told, way_out = f"the row of line {before.line} has the same key", "keep one of them"
        elif later < earlier:
            told, way_out = "the row is out of order", f"sort the file by {', '.join(table.key)}"
        else:
            continue
        yield Fault(after.file, after.line, "+".join(table.key), ", ".join(later), told, way_out)


def _cells(table: Table, seeds: Seeds) -> Iterator[Fault]:
    checks = [
        (column, check)
        for column, kind in table.types.items()
        if column in table.header
        for check in _checks(kind, table.rules.get(column, {}), seeds)
    ]
    spans = [span for span in SPANS if set(span) <= set(table.header)]
    for row in table.rows:
        wrong = set()
        for column, check in checks:
            if column not in wrong and (found := check(row[column])) is not None:
                wrong.add(column)
                yield row.fault(column, *found)
        for first, last in spans:
            if row[first] and row[last] and not {first, last} & wrong and row[first] > row[last]:
                yield row.fault(last, f"it is before {first} {row[first]}", "put the earlier day first")


def _checks(kind: str, rule: dict[str, object], seeds: Seeds) -> Iterator[Callable[[str], tuple[str, str] | None]]:
    """What a cell is held against; each check gives what is wrong and the way out, or None."""
    if rule.get("required"):
        yield lambda text: ("the cell is empty", "fill it") if text == "" else None
    if kind in _READERS:
        yield _of_kind(kind)
    if isinstance(known := rule.get("values"), list):
        yield _one_of({str(one) for one in known}, "it is not one of those that are known")
    if isinstance(target := rule.get("refers_to"), str):
        name, _, column = target.partition(".")
        yield _one_of(seeds.values(name, column), f"it is not in {name}.csv")
    for limit, told, holds in _LIMITS:
        if (bound := rule.get(limit)) is not None:
            yield _limited(Decimal(str(bound)), told, holds)


def _of_kind(kind: str) -> Callable[[str], tuple[str, str] | None]:
    reads, told, way_out = _READERS[kind]
    return lambda text: (told, way_out) if text and not reads(text) else None


def _one_of(known: set[str], told: str) -> Callable[[str], tuple[str, str] | None]:
    def check(text: str) -> tuple[str, str] | None:
        return (told, nearest(text, known)) if text and text not in known else None

    return check


def _limited(
    bound: Decimal, told: str, holds: Callable[[Decimal, Decimal], bool]
) -> Callable[[str], tuple[str, str] | None]:
    def check(text: str) -> tuple[str, str] | None:
        if not text or holds(Decimal(text), bound):
            return None
        return f"it must be {told} {bound}", "give a number within the limit"

    return check


def nearest(text: str, known: set[str]) -> str:
    """A way out of a wrong name: the names near it, or the first few that are known."""
    import difflib

    near = difflib.get_close_matches(text, known, n=3)
    if near:
        return f"near it: {', '.join(near)}"
    listed = sorted(known - {""})
    return f"known: {', '.join(listed[:12])}{' ...' if len(listed) > 12 else ''}"


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


_READERS: dict[str, tuple[Callable[[str], object], str, str]] = {
    "integer": (_INTEGER.fullmatch, "it is not a whole number", "write digits only"),
    "numeric": (_NUMBER.fullmatch, "it is not a number", "write digits and a decimal point"),
    "date": (_is_day, "it is not a day", "write it as 2008-04-01"),
}
_LIMITS: tuple[tuple[str, str, Callable[[Decimal, Decimal], bool]], ...] = (
    ("at_least", "at least", lambda number, bound: number >= bound),
    ("at_most", "at most", lambda number, bound: number <= bound),
    ("above", "above", lambda number, bound: number > bound),
)


def number_of(row: Row, column: str) -> Decimal | None:
    """The number in a cell; None where there is none, which is told elsewhere."""
    return Decimal(row[column]) if _NUMBER.fullmatch(row[column]) else None
