"""JSON, one object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import BinaryIO

from ingest.contract import JsonLines
from ingest.errors import BadFile


def json_rows(where: str, reader: JsonLines, file: BinaryIO) -> Iterator[tuple[int, tuple[str | None, ...]]]:
    """Rows (line number, one cell for each path); null where the path leads nowhere.

    Raises BadFile naming the line that is not a JSON object.
    """
    paths = [path.split(".") for _, path in reader.paths]
    for number, line in enumerate(file, start=1):
        try:
            record = json.loads(line)
        except ValueError as error:
            raise BadFile(f"{where}: line {number} is not JSON: {error}", hint="the file was cut short") from error
        if not isinstance(record, dict):
            raise BadFile(
                f"{where}: line {number} is not a JSON object: {record!r:.80}",
                hint="did the body change its interface?",
            )
        cells: list[str | None] = []
        for path in paths:
            value: object = record
            for key in path:
                value = value.get(key) if isinstance(value, dict) else None
            cells.append(None if value is None else str(value))
        yield number, tuple(cells)
