"""Fingertips: `all_data/csv` downloads and the list of available data."""

from __future__ import annotations

from sandbox.bodies.answers import Answer, Request, as_json, as_text
from sandbox.documents import Document, Shelf

INDICATOR = 93356
AREA_TYPE = 102
_MAX_IDS = 100
_PARENTS = {15: "Compared to percentiles", 6: "Compared to Regions (statistical) value or percentiles"}


def answer(request: Request, document: Document, shelf: Shelf) -> Answer:
    """Answer a request below /api; no validators, as with the real body."""
    path = request.path.removeprefix("/api/")
    if path == "available_data":
        return as_json([{"IndicatorId": INDICATOR, "AreaTypeId": AREA_TYPE}])
    if path != "all_data/csv/by_indicator_id":
        return as_text("The resource cannot be found.", 404)
    fields = request.fields()
    try:
        ids = [int(item) for item in fields.get("indicator_ids", "").split(",")]
        child, parent = int(fields.get("child_area_type_id", "")), int(fields.get("parent_area_type_id", ""))
    except ValueError:
        return as_text("Parameters indicator_ids, child_area_type_id and parent_area_type_id must be numbers", 400)
    if len(ids) > _MAX_IDS:
        return as_text(f"Too many indicator IDs: {len(ids)}, at most {_MAX_IDS} are allowed", 400)
    headers = {
        "Content-Type": "application/octet-stream",
        "Content-Disposition": "attachment; filename=indicators-data.csv",
    }
    release = shelf.release(document)
    if release.withdrawn:
        return as_text("The indicator has been withdrawn.", 410)
    if INDICATOR in ids and child == AREA_TYPE and (document.file is not None or parent == 15):
        return Answer(200, headers, release.path)
    with release.path.open("rb") as file:
        header = file.readline()
        rows = file.read() if INDICATOR in ids and child == AREA_TYPE else b""
    title = _PARENTS.get(parent, "Compared to parent value or percentiles")
    return Answer(200, headers, header.replace(_PARENTS[15].encode(), title.encode()) + rows)
