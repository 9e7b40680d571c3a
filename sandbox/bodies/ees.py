"""Explore Education Statistics: data sets by id, their meta data, versions, queries and CSV files."""

from __future__ import annotations

import gzip
import json
import re
import uuid
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from sandbox.bodies.answers import Answer, Request, as_json
from sandbox.bodies.ees_query import Criteria, QueryError, from_get, from_post
from sandbox.bodies.ees_table import Table, read_table
from sandbox.documents import Document, Shelf

PREFIX = "/api.education.gov.uk/statistics/v1/data-sets/"
_PATH = re.compile(r"/statistics/v1/data-sets/([^/]+)(?:/(meta|query|csv|versions)(?:/([^/]+))?)?")
_MOST_RESULTS = 10_000
_MOST_VERSIONS = 20
_TYPE = "https://tools.ietf.org/html/rfc9110#section-15.5.1"


def address(data_set: str) -> str:
    """Address by which faults and the shelf know a data set: that of its CSV file."""
    return f"{PREFIX}{data_set}/csv"


class Ees:
    """Answers the public API from documents in the body's CSV file standard.

    Each release that differs from the first is a version: 1.0, then a minor step for each content fault in force, and
    a major one for a renamed column. A withdrawn data set answers its summary with that status and refuses its data.
    """

    def __init__(self, documents: Sequence[Document], shelf: Shelf) -> None:
        """Serve the documents whose address is that of a data set's CSV file."""
        self._shelf = shelf
        self._documents = {
            document.addresses[0].removeprefix(PREFIX).partition("/")[0]: document
            for document in documents
            if document.addresses and document.addresses[0].startswith(PREFIX)
        }
        self._tables: dict[str, tuple[Path, Table]] = {}
        self._packed: dict[str, tuple[Path, bytes]] = {}

    def answer(self, request: Request) -> Answer:
        """Answer a request: 400 with codes as problem JSON, 403 for data that were withdrawn, 404, else JSON or CSV."""
        match = _PATH.fullmatch(request.path.rstrip("/"))
        document = self._documents.get(match[1].lower()) if match else None
        if match is None or document is None or (match[3] and match[2] != "versions"):
            return _problem(404, "Not Found")
        data_set, what = match[1].lower(), match[2]
        if request.method == "POST" and what != "query":
            return _problem(405, "Method Not Allowed")
        versions = self._versions(document)
        withdrawn = any(fault.kind == "withdraw" for fault in self._shelf.edits(document))
        fields = request.fields() if request.method == "GET" else {}
        wanted = fields.get("dataSetVersion", "*")
        if what in ("meta", "query", "csv"):
            if not _fits(versions[-1], wanted):
                return _problem(404, "Not Found")
            if withdrawn:
                return _problem(403, "Forbidden")
        try:
            if what == "csv":
                return self._csv(data_set, document, versions[-1])
            if any(fault.kind == "bomb" for fault in self._shelf.edits(document)):
                return Answer(200, {"Content-Type": "application/json"}, self._shelf.release(document).path)
            if what == "meta":
                return as_json(self._table(data_set, document).meta(fields.get("types", "")))
            if what == "query":
                table = self._table(data_set, document)
                asked = from_post(table, request.form) if request.method == "POST" else from_get(table, fields)
                sizes = (fault.args["size"] for fault in self._shelf.edits(document) if fault.kind == "pages")
                return _results(table, asked, min(sizes, default=_MOST_RESULTS))
            if what == "versions":
                return self._history(data_set, document, versions, withdrawn, match[3], fields)
        except QueryError as error:
            return _problem(400, "One or more validation errors occurred.", error.errors)
        return as_json(self._summary(data_set, document, versions, withdrawn))

    def _versions(self, document: Document) -> list[str]:
        major, minor, found = 1, 0, ["1.0"]
        for fault in self._shelf.edits(document):
            if fault.kind == "rename_column":
                major, minor = major + 1, 0
            elif fault.kind != "withdraw":
                minor += 1
            else:
                continue
            found.append(f"{major}.{minor}")
        return found

    def _table(self, data_set: str, document: Document) -> Table:
        path = self._shelf.text(document)
        held = self._tables.get(data_set)
        if held is None or held[0] != path:
            held = (path, read_table(path, data_set))
            self._tables[data_set] = held
        return held[1]

    def _csv(self, data_set: str, document: Document, version: str) -> Answer:
        path = self._shelf.release(document).path
        held = self._packed.get(data_set)
        if held is None or held[0] != path:
            held = (path, gzip.compress(path.read_bytes(), compresslevel=6, mtime=0))
            self._packed[data_set] = held
        headers = {
            "Content-Type": "text/csv",
            "Content-Encoding": "gzip",
            "Content-Disposition": f'attachment; filename="{data_set}_v{version}.csv"',
            "X-Robots-Tag": "noindex",
        }
        return Answer(200, headers, held[1])

    def _content(self, data_set: str, document: Document) -> dict[str, Any]:
        """What a version says of its content; kept, because every run asks and reading the whole table takes long."""

        def write(target: Path) -> None:
            table = self._table(data_set, document)
            target.write_text(json.dumps({"totalResults": len(table.rows), **table.outline()}), encoding="utf-8")

        kept = self._shelf.kept(self._shelf.text(document), "content.json", data_set, write)
        content: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
        return content

    def _about(self, data_set: str, document: Document, version: str, step: int) -> dict[str, Any]:
        published = document.updated + timedelta(days=step)
        return {
            "version": version,
            "published": published.strftime("%Y-%m-%dT%H:%M:%S+00:00"),
            "file": {"id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{data_set}:{version}"))},
            **self._content(data_set, document),
        }

    def _summary(self, data_set: str, document: Document, versions: Sequence[str], withdrawn: bool) -> dict[str, Any]:
        return {
            "id": data_set,
            "title": document.title or document.name,
            "summary": "Made figures: they say nothing about any real place.",
            "status": "Withdrawn" if withdrawn else "Published",
            "latestVersion": self._about(data_set, document, versions[-1], len(versions) - 1),
        }

    def _history(
        self,
        data_set: str,
        document: Document,
        versions: Sequence[str],
        withdrawn: bool,
        single: str | None,
        fields: dict[str, str],
    ) -> Answer:
        every = [
            {
                **self._about(data_set, document, version, step),
                "type": "Major" if version.endswith(".0") else "Minor",
                "status": "Withdrawn" if withdrawn else "Published",
                "notes": "Figures revised." if step else "First published.",
                "release": {"title": document.title or document.name, "slug": f"release-{step + 1}"},
            }
            for step, version in enumerate(versions)
        ]
        every.reverse()
        if single is not None:
            found = next((one for one in every if _fits(str(one["version"]), single)), None)
            return as_json(found) if found else _problem(404, "Not Found")
        page, size = page_of(fields.get("page", 1), fields.get("pageSize", 10), _MOST_VERSIONS)
        return _paged(every, page, size, {})


def page_of(page: object, size: object, most: int) -> tuple[int, int]:
    """Page and page size as numbers; raises QueryError when they are none, or over `most`."""
    try:
        numbers = int(str(page)), int(str(size))
    except ValueError:
        raise QueryError("Must be a number.", "InvalidValue", "page") from None
    if numbers[0] < 1:
        raise QueryError("Must be greater than or equal to 1.", "GreaterThanOrEqual", "page")
    if not 1 <= numbers[1] <= most:
        raise QueryError(f"Must be between 1 and {most}.", "InclusiveBetween", "pageSize")
    return numbers


def _results(table: Table, asked: Criteria, most: int) -> Answer:
    page, size = page_of(asked.page, asked.page_size, _MOST_RESULTS)
    size = min(size, most)
    rows = asked.select(table)
    warnings = [{"message": "No results matched the query criteria.", "code": "QueryNoResults"}] if not rows else []
    if asked.debug:
        warnings.append({"message": "Debugging is on: labels stand beside ids.", "code": "DebugEnabled"})
    start = (page - 1) * size
    shown = [table.result(row, asked.indicators, asked.debug) for row in rows[start : start + size]]
    return _paged(shown, page, size, {"warnings": warnings}, total=len(rows))


def _paged(
    results: list[dict[str, Any]], page: int, size: int, more: dict[str, Any], total: int | None = None
) -> Answer:
    if total is None:
        total = len(results)
        results = results[(page - 1) * size : page * size]
    pages = -(-total // size)
    paging = {"page": page, "pageSize": size, "totalResults": total, "totalPages": pages}
    headers = {"Page": page, "Page-Size": size, "Total-Results": total, "Total-Pages": pages}
    body = {"paging": paging, "results": results, **more}
    return as_json(body, 200, **{name: str(value) for name, value in headers.items()})


def _fits(version: str, wanted: str) -> bool:
    """Tell whether a version is the one that was asked for: `1.2`, `1` (1.0), `1.*` or `*`."""
    if wanted in ("", "*", version):
        return True
    if wanted.endswith(".*"):
        return version.startswith(wanted[:-1])
    return version == f"{wanted}.0"


def _problem(status: int, title: str, errors: Sequence[dict[str, str]] = ()) -> Answer:
    body: dict[str, Any] = {"type": _TYPE, "title": title, "status": status}
    if errors:
        body["errors"] = list(errors)
    return Answer(status, {"Content-Type": "application/problem+json"}, json.dumps(body).encode())
