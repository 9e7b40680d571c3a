"""Fingertips: `all_data/csv` downloads of many indicators, and the list of available data."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sandbox.bodies.answers import Answer, Request, as_json, as_text
from sandbox.documents import Document, Shelf

PREFIX = "/fingertips.phe.org.uk/api/all_data/csv/by_indicator_id"
COUNCILS, CARE_TRUSTS = 102, 152
_OF_CARE_TRUSTS = ("nhs_vital_signs",)
_MAX_IDS = 100
_PARENTS = {15: "Compared to percentiles", 6: "Compared to Regions (statistical) value or percentiles"}
_HEADERS = {
    "Content-Type": "application/octet-stream",
    "Content-Disposition": "attachment; filename=indicators-data.csv",
}


def address(name: str) -> str:
    """Address by which faults know one document; over the wire all share that of the interface."""
    return f"{PREFIX}/{name}"


class Fingertips:
    """Answers from documents in the body's CSV layout; no validators, as with the real body."""

    def __init__(self, documents: Sequence[Document], shelf: Shelf) -> None:
        """Serve the documents whose address begins with that of the interface."""
        self._shelf = shelf
        self._documents = [d for d in documents if d.addresses and d.addresses[0].startswith(PREFIX)]
        self._parts: dict[str, tuple[Path, bytes, dict[int, bytes]]] = {}

    def answer(self, request: Request) -> Answer:
        """Answer a request below /api: 400 with plain text for bad parameters, a bare header for what is not there."""
        path = request.path.removeprefix("/api/")
        fields = request.fields()
        if path == "available_data":
            return self._available(fields)
        if path != "all_data/csv/by_indicator_id":
            return as_text("The resource cannot be found.", 404)
        try:
            ids = [int(item) for item in fields.get("indicator_ids", "").split(",")]
            child, parent = int(fields.get("child_area_type_id", "")), int(fields.get("parent_area_type_id", ""))
        except ValueError:
            return as_text("Parameters indicator_ids, child_area_type_id and parent_area_type_id must be numbers", 400)
        if len(ids) > _MAX_IDS:
            return as_text(f"Too many indicator IDs: {len(ids)}, at most {_MAX_IDS} are allowed", 400)
        found = [d for d in self._documents if _area_type(d) == child and self._ids(d) & set(ids)]
        releases = [self._shelf.release(document) for document in found]
        if any(release.withdrawn for release in releases):
            return as_text("The indicator has been withdrawn.", 410)
        for document, release in zip(found, releases, strict=True):
            whole = len(found) == 1 and self._ids(document) <= set(ids)
            bomb = any(fault.kind == "bomb" for fault in self._shelf.edits(document))
            if bomb or (whole and (document.file is not None or parent == 15)):
                return Answer(200, dict(_HEADERS), release.path)
        header = self._split(found[0] if found else self._documents[0])[1]
        title = _PARENTS.get(parent, "Compared to parent value or percentiles")
        parts = [header.replace(_PARENTS[15].encode(), title.encode())]
        for document in found:
            blocks = self._split(document)[2]
            parts += [blocks[number] for number in dict.fromkeys(ids) if number in blocks]
        return Answer(200, dict(_HEADERS), b"".join(parts))

    def _available(self, fields: dict[str, str]) -> Answer:
        pairs = [
            {"IndicatorId": number, "AreaTypeId": _area_type(document)}
            for document in self._documents
            for number in sorted(self._ids(document))
        ]
        for name, key in (("indicator_id", "IndicatorId"), ("area_type_id", "AreaTypeId")):
            if fields.get(name, "").isdigit():
                pairs = [pair for pair in pairs if pair[key] == int(fields[name])]
        return as_json(pairs)

    def _ids(self, document: Document) -> set[int]:
        return set(self._split(document)[2])

    def _split(self, document: Document) -> tuple[Path, bytes, dict[int, bytes]]:
        """The header and the rows of each indicator, in the order of the file."""
        path = self._shelf.text(document)
        held = self._parts.get(document.name)
        if held is None or held[0] != path:
            lines = _records(path.read_bytes())
            blocks: dict[int, list[bytes]] = {}
            for line in lines[1:]:
                first = line.partition(b",")[0]
                if first.isdigit():
                    blocks.setdefault(int(first), []).append(line)
            held = (path, lines[0], {number: b"".join(block) for number, block in blocks.items()})
            self._parts[document.name] = held
        return held


def _records(content: bytes) -> list[bytes]:
    """Records with their line ends; a lone line feed stands within quotes."""
    parts = content.split(b"\r\n")
    return [part + b"\r\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def _area_type(document: Document) -> int:
    return CARE_TRUSTS if document.addresses[0].endswith(_OF_CARE_TRUSTS) else COUNCILS
