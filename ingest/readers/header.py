"""Matching of a delivered header with the columns of a contract."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.contract import Table, normalise_header
from ingest.errors import BadFile


def match(
    where: str, table: Table, header: Sequence[str], *, extra_allowed: bool, fillers: Sequence[int] = ()
) -> dict[int, str]:
    """Map positions of a header to column names of the contract.

    `where` names dataset, file and table for the message. `fillers` are positions that belong to no column.
    Raises BadFile naming the columns that are missing, unknown or there twice.
    """
    placed: dict[int, str] = {}
    unknown: list[str] = []
    for position, cell in enumerate(header):
        if position in fillers:
            continue
        column = next((column for column in table.columns if column.matches(cell)), None)
        if column is None:
            unknown.append(normalise_header(cell))
        elif column.name in placed.values():
            if not extra_allowed:
                raise BadFile(
                    f"{where}: column {column.name!r} is there twice, the second time as {cell!r}",
                    hint="make the header patterns of the contract tell the two apart",
                )
        else:
            placed[position] = column.name
    missing = [column.name for column in table.columns if not column.optional and column.name not in placed.values()]
    if missing or (unknown and not extra_allowed):
        told = []
        if missing:
            told.append(f"lacks column{'s' if len(missing) > 1 else ''} {', '.join(map(repr, missing))}")
        if unknown and (not extra_allowed or missing):
            shown = ", ".join(map(repr, unknown[:12])) + (", ..." if len(unknown) > 12 else "")
            told.append(f"has unknown column{'s' if len(unknown) > 1 else ''} {shown}")
        raise BadFile(
            f"{where}: the header {' and '.join(told)}",
            hint="if the body renamed a column, add its new header to the contract and run `nis load --retry-refused`",
        )
    return placed
