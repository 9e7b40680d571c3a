"""The cube of a Stat-Xplore table, turned into rows."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from ingest.contract import Cube
from ingest.errors import BadFile
from ingest.readers.cube import cube_rows

READER = Cube(period="quarter", area="local authority")
AREAS = {
    "label": "National - Regional - Local Authority",
    "items": [
        {"type": "RecodeItem", "uris": ["str:value:X:V_C_MASTERGEOG:00EB"], "labels": ["Hartlepool"]},
        {"type": "RecodeItem", "labels": ["Total"]},
        {"type": "RecodeItem", "uris": [], "labels": ["Unknown"]},
    ],
}
QUARTERS = {
    "label": "Quarter",
    "items": [
        {"type": "RecodeItem", "uris": ["str:value:X:C:0809Q1"], "labels": ["2008/09 Q1"]},
        {"type": "RecodeItem", "uris": ["str:value:X:C:0809Q2"], "labels": ["2008/09 Q2"]},
    ],
}


def cube(fields: list[Any], *values: Any) -> dict[str, Any]:
    names = ["Claims", "Days"][: len(values)]
    return {
        "measures": [{"uri": f"m:{name}", "label": name} for name in names],
        "fields": fields,
        "cubes": {f"m:{name}": {"values": value} for name, value in zip(names, values, strict=True)},
    }


def rows(answer: object) -> list[tuple[int, tuple[str | None, ...]]]:
    return list(cube_rows("ds/all (f.json)", READER, io.BytesIO(json.dumps(answer).encode())))


def test_each_cell_is_a_row_whatever_the_order_of_the_fields() -> None:
    by_quarter = rows(cube([QUARTERS, AREAS], [[12.0, 100.5, None], [0.0, 1e3, "x"]]))
    assert by_quarter == [
        (1, ("Claims", "2008/09 Q1", "00EB", "Hartlepool", "12")),
        (2, ("Claims", "2008/09 Q1", None, "Total", "100.5")),
        (3, ("Claims", "2008/09 Q1", None, "Unknown", None)),
        (4, ("Claims", "2008/09 Q2", "00EB", "Hartlepool", "0")),
        (5, ("Claims", "2008/09 Q2", None, "Total", "1000")),
        (6, ("Claims", "2008/09 Q2", None, "Unknown", "x")),
    ]
    by_area = rows(cube([AREAS, QUARTERS], [[12.0, 0.0], [100.5, 1e3], [None, "x"]]))
    assert {cells for _, cells in by_area} == {cells for _, cells in by_quarter}
    assert [number for number, _ in by_area] == [1, 2, 3, 4, 5, 6]


def test_measures_follow_each_other_and_rows_are_numbered_through() -> None:
    one = {"label": "Quarter", "items": QUARTERS["items"][:1]}
    found = rows(cube([one, AREAS], [[1, 2, 3]], [[4, 5, 6]]))
    assert [(number, cells[0], cells[-1]) for number, cells in found] == [
        (1, "Claims", "1"), (2, "Claims", "2"), (3, "Claims", "3"),
        (4, "Days", "4"), (5, "Days", "5"), (6, "Days", "6"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ([], "not a cube: TypeError"),
        ({"fields": [QUARTERS, AREAS], "measures": [{"label": "a", "uri": "b"}], "cubes": {}}, "not a cube: KeyError"),
        (cube([QUARTERS], [1, 2]), "no field of the cube is labelled like 'local authority'; it has ['Quarter']"),
        (cube([QUARTERS, AREAS, {"label": "Sex", "items": []}], []), "has the fields ['Quarter', 'National"),
        (cube([QUARTERS, AREAS], [[1, 2, 3]]), "an array of 'Claims' has 1 entries where its field has 2"),
        (cube([QUARTERS, AREAS], [[1, 2, 3], [1, 2]]), "an array of 'Claims' has 2 entries where its field has 3"),
        (cube([QUARTERS, AREAS], [[1, 2, 3], 7]), "an array of 'Claims' has int entries where its field has 3"),
    ],
)
def test_answers_that_are_no_such_cube_are_refused(answer: object, words: str) -> None:
    with pytest.raises(BadFile) as caught:
        rows(answer)
    assert caught.value.message.startswith("ds/all (f.json): ")
    assert words in caught.value.message
    assert caught.value.hint


def test_answer_that_was_cut_short_is_refused() -> None:
    with pytest.raises(BadFile, match="not JSON"):
        list(cube_rows("ds", READER, io.BytesIO(b'{"fields": [')))
