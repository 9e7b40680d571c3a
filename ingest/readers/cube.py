"""The cube of a Stat-Xplore table: dense arrays of JSON, one array a measure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from ingest.contract import Cube
from ingest.errors import BadFile

HINT = "did the body change its interface, or was the download cut short?"


def cube_rows(where: str, reader: Cube, file: BinaryIO) -> Iterator[tuple[int, tuple[str | None, ...]]]:
    """Rows (number, (measure, period, area code, area name, value)) of a cube, measure by measure.

    Labels are taken as they are; the code of an area is what follows the last colon of its address, and is null
    for a total. Numbers keep every digit they have, whole ones without a decimal point.
    Raises BadFile when the answer is no cube, lacks a field, or an array is not as long as its field.
    """
    try:
        answer = json.load(file)
    except ValueError as error:
        raise BadFile(f"{where}: not JSON: {error}", hint=HINT) from error
    try:
        fields = answer["fields"]
        period, area = (_field(where, fields, name) for name in (reader.period, reader.area))
        if sorted((period, area)) != [0, 1] or len(fields) != 2:
            raise BadFile(
                f"{where}: the cube has the fields {[field['label'] for field in fields]}, not one of periods "
                "and one of areas",
                hint="change the dimensions, or the labels of the reader, in the contract",
            )
        periods = [(item["labels"][0],) for item in fields[period]["items"]]
        areas = [(_code(item), item["labels"][0]) for item in fields[area]["items"]]
        labels = [(measure["label"], answer["cubes"][measure["uri"]]["values"]) for measure in answer["measures"]]
    except (KeyError, IndexError, TypeError) as error:
        raise BadFile(f"{where}: not a cube: {type(error).__name__}: {error}", hint=HINT) from error
    number = 0
    for measure, values in labels:
        outer, inner = (periods, areas) if period == 0 else (areas, periods)
        for place, line in zip(outer, _as_long(where, measure, values, len(outer)), strict=True):
            for other, value in zip(inner, _as_long(where, measure, line, len(inner)), strict=True):
                number += 1
                when, spot = (place, other) if period == 0 else (other, place)
                yield number, (measure, *when, *spot, _text(value))


def _field(where: str, fields: list[Any], pattern: str) -> int:
    for position, field in enumerate(fields):
        if re.search(pattern, field["label"], re.IGNORECASE):
            return position
    raise BadFile(
        f"{where}: no field of the cube is labelled like {pattern!r}; it has {[field['label'] for field in fields]}",
        hint="change the dimensions, or the labels of the reader, in the contract",
    )


def _code(item: Any) -> str | None:
    uris = item.get("uris") or []
    return str(uris[0]).rpartition(":")[2] if uris else None


def _as_long(where: str, measure: str, values: Any, length: int) -> list[Any]:
    if not isinstance(values, list) or len(values) != length:
        found = len(values) if isinstance(values, list) else type(values).__name__
        raise BadFile(f"{where}: an array of {measure!r} has {found} entries where its field has {length}", hint=HINT)
    return values


def _text(value: Any) -> str | None:
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return None if value is None else str(value)
