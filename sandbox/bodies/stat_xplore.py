"""Stat-Xplore: cubes by POST with a key, an hourly allowance, and the schema to find things by."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.bodies.answers import Answer, Request, as_json, as_text
from sandbox.documents import Document, Shelf
from sandbox.faults import FaultError

ADDRESS = "/stat-xplore.dwp.gov.uk/webapi/rest/v1/table"
_BASE = "/webapi/rest/v1"
DATABASE = "SHBE"
COLUMNS = ("code", "measure", "period", "area_code", "area_name", "value")
"""Columns of the text behind the cube; the code of a measure ends its uri, `measure` is its label."""
DATE_FIELD = f"str:field:{DATABASE}:PERIOD"
AREA_FIELD = f"str:field:{DATABASE}:LA"
_DATABASE_URI = f"str:database:{DATABASE}"
_LABELS = {
    _DATABASE_URI: "Housing Benefit and Council Tax Benefit",
    DATE_FIELD: "Quarter",
    AREA_FIELD: "Local authority",
}


def _measure_uri(code: str) -> str:
    return f"str:measure:{DATABASE}:{code}"


def _date_uri(period: str) -> str:
    return f"str:value:{DATABASE}:PERIOD:{re.sub(r'[^0-9A-Z]', '', period)}"


def _area_uri(code: str) -> str:
    return f"str:value:{DATABASE}:LA:{code}"


@dataclass(frozen=True, slots=True)
class _Cube:
    path: Path
    measures: dict[str, str]
    periods: dict[str, str]
    areas: dict[str, str]
    values: dict[tuple[str, str, str], float | str]


class Allowance:
    """So many requests in each hour; the hour begins with its first request."""

    def __init__(self, limit: int, seconds: float = 3600.0, clock: Callable[[], float] = time.time) -> None:
        """Start with an untouched allowance of `limit` requests."""
        self.limit, self._seconds, self._clock = limit, seconds, clock
        self._used, self._end = 0, 0.0
        self._lock = threading.Lock()

    def take(self, count: int = 1) -> bool:
        """Count requests; False, and nothing is counted, when they are used up."""
        with self._lock:
            if self._clock() >= self._end:
                self._used, self._end = 0, self._clock() + self._seconds
            if self._used + count > self.limit:
                return False
            self._used += count
            return True

    def headers(self) -> dict[str, str]:
        """The headers that go with every answer; the reset is in milliseconds."""
        return {
            "X-RateLimit": str(self.limit),
            "X-RateLimit-Remaining": str(self.limit - self._used),
            "X-RateLimit-Reset": str(int(self._end * 1000)),
        }


class StatXplore:
    """Answers /table, /schema, /info and /rate_limit from the document of one database."""

    def __init__(self, documents: Sequence[Document], shelf: Shelf, allowance: Allowance | None = None) -> None:
        """Serve the document whose address is that of /table."""
        self._shelf = shelf
        self._document = next((d for d in documents if d.addresses[:1] == (ADDRESS,)), None)
        self.allowance = allowance or Allowance(2_000)
        self._held: _Cube | None = None

    def check_rename(self, label: str) -> None:
        """Raise FaultError when no measure or field has this label."""
        known = {*self._cube().measures.values(), *_LABELS.values()}
        if label not in known:
            raise FaultError(f"rename_column: the cube has no label {label!r}; labels are {sorted(known)}")

    def answer(self, request: Request) -> Answer:
        """Answer a request: 401 without a good key, 429 when the hour's requests are used up, 400, 404, else JSON."""
        if self._document is None or not request.path.startswith(f"{_BASE}/"):
            return as_text("Not found", 404)
        if request.headers.get("apikey", "") in ("", "bad"):
            return as_json({"errorType": "UNAUTHORIZED", "message": "The API key is missing or not valid."}, 401)
        what = request.path.removeprefix(f"{_BASE}/").strip("/")
        if what == "rate_limit":
            self.allowance.take(0)
            return self._with_limit(self._limit())
        if what == "table":
            if request.method != "POST":
                return as_json({"errorType": "METHOD_NOT_ALLOWED", "message": "POST a query."}, 405)
            answer = self._table(request.form) if self.allowance.take() else _too_many()
            return self._with_limit(answer)
        if what == "info":
            answer = as_json({"clientVersion": "sandbox", "languages": [{"locale": "en", "name": "English"}]})
        elif what == "schema" or what.startswith("schema/"):
            answer = self._schema(what.removeprefix("schema").strip("/"))
        else:
            return as_json({"errorType": "NOT_FOUND", "message": "No such resource."}, 404)
        if answer.status == 200 and isinstance(answer.body, bytes):
            answer.etag = f'"{hashlib.sha256(answer.body).hexdigest()[:32]}"'
            if request.headers.get("if-none-match") == answer.etag:
                self.allowance.take(0)
                return self._with_limit(answer)
        return self._with_limit(answer if self.allowance.take() else _too_many())

    def _with_limit(self, answer: Answer) -> Answer:
        answer.headers.update(self.allowance.headers())
        return answer

    def _limit(self) -> Answer:
        headers = self.allowance.headers()
        return as_json(
            {
                "limit": int(headers["X-RateLimit"]),
                "remaining": int(headers["X-RateLimit-Remaining"]),
                "reset": int(headers["X-RateLimit-Reset"]),
            }
        )

    def _cube(self) -> _Cube:
        assert self._document is not None
        path = self._shelf.text(self._document, "rename_column")
        if self._held is None or self._held.path != path:
            measures: dict[str, str] = {}
            periods: dict[str, str] = {}
            areas: dict[str, str] = {}
            values: dict[tuple[str, str, str], float | str] = {}
            with path.open(encoding="utf-8", errors="replace", newline="") as file:
                reader = csv.reader(file)
                next(reader)
                for measure, label, period, code, name, value in reader:
                    key = _measure_uri(measure), _date_uri(period), _area_uri(code)
                    measures[key[0]], periods[key[1]], areas[key[2]] = label, period, name
                    values[key] = _number(value)
            self._held = _Cube(path, measures, periods, areas, values)
        return self._held

    def _renamed(self, label: str) -> str:
        assert self._document is not None
        for fault in self._shelf.edits(self._document):
            if fault.kind == "rename_column" and label == fault.args["from"]:
                label = str(fault.args["to"])
        return label

    def _table(self, text: str) -> Answer:
        assert self._document is not None
        release = self._shelf.edits(self._document)
        if any(fault.kind == "withdraw" for fault in release):
            return as_json({"errorType": "NOT_FOUND", "message": "The database was withdrawn."}, 410)
        if any(fault.kind == "bomb" for fault in release):
            return Answer(200, {"Content-Type": "application/json"}, self._shelf.release(self._document).path)
        try:
            return as_json(self._answered(json.loads(text)))
        except (json.JSONDecodeError, TypeError, KeyError, AttributeError, ValueError) as error:
            return as_json({"errorType": "BAD_REQUEST", "message": f"The query cannot be read: {error}"}, 400)

    def _answered(self, query: dict[str, Any]) -> dict[str, Any]:
        """The cube that a query asks for, in the order of its dimensions; raises ValueError for what is not there."""
        cube = self._cube()
        if query.get("database") != _DATABASE_URI:
            raise ValueError(f"unknown database {query.get('database')!r}; known is {_DATABASE_URI}")
        if unknown := [uri for uri in query["measures"] if uri not in cube.measures]:
            raise ValueError(f"unknown measures {unknown}; known are {sorted(cube.measures)}")
        fields = [dimension[0] for dimension in query["dimensions"]]
        if sorted(fields) != sorted((DATE_FIELD, AREA_FIELD)):
            raise ValueError(f"dimensions must be {DATE_FIELD} and {AREA_FIELD}, each in a list of its own")
        recodes = query.get("recodes") or {}
        chosen = {field: _chosen(field, cube, recodes.get(field)) for field in fields}
        return {
            "query": query,
            "database": {
                "id": DATABASE,
                "uri": _DATABASE_URI,
                "label": _LABELS[_DATABASE_URI],
                "annotationKeys": [],
            },
            "measures": [
                {"uri": uri, "label": self._renamed(cube.measures[uri]), "measure": uri, "function": "SUM"}
                for uri in query["measures"]
            ],
            "fields": [
                {
                    "uri": field,
                    "label": self._renamed(_LABELS[field]),
                    "items": [_item(field, group, cube) for group in chosen[field]],
                }
                for field in fields
            ],
            "cubes": {uri: {"values": _values(uri, fields, chosen, cube)} for uri in query["measures"]},
            "annotationMap": {},
        }

    def _schema(self, uri: str) -> Answer:
        cube = self._cube()
        root = {"id": "str:folder:root", "label": "Root", "type": "FOLDER"}
        if uri in ("", root["id"]):
            return as_json({**root, "children": [_node(_DATABASE_URI, _LABELS[_DATABASE_URI], "DATABASE")]})
        if uri == _DATABASE_URI:
            children = [_node(key, self._renamed(label), "MEASURE") for key, label in cube.measures.items()]
            children += [_node(key, self._renamed(_LABELS[key]), "FIELD") for key in (DATE_FIELD, AREA_FIELD)]
            return as_json({**_node(uri, _LABELS[uri], "DATABASE"), "children": children})
        if uri in (DATE_FIELD, AREA_FIELD):
            values = cube.periods if uri == DATE_FIELD else cube.areas
            children = [_node(key, label, "VALUE") for key, label in values.items()]
            return as_json({**_node(uri, self._renamed(_LABELS[uri]), "FIELD"), "children": children})
        return as_json({"errorType": "NOT_FOUND", "message": f"Nothing is called {uri}."}, 404)


def _too_many() -> Answer:
    return as_json({"errorType": "RATE_LIMIT", "message": "The hour's requests are used up."}, 429)


def _node(uri: str, label: str, kind: str) -> dict[str, str]:
    return {"id": uri, "label": label, "location": f"{_BASE}/schema/{uri}", "type": kind}


def _number(text: str) -> float | str:
    """A cell as JSON gives it; what a fault has put in place of a number stays text."""
    try:
        return float(text)
    except ValueError:
        return text


def _chosen(field: str, cube: _Cube, recode: dict[str, Any] | None) -> list[list[str]]:
    """Groups of values that a field shows; an empty group is the total, which areas have unless told otherwise."""
    values = cube.periods if field == DATE_FIELD else cube.areas
    if recode is None:
        return [[uri] for uri in values] + ([[]] if field == AREA_FIELD else [])
    groups = [list(group) for group in recode.get("map", [])] or [[uri] for uri in values]
    if unknown := [uri for group in groups for uri in group if uri not in values]:
        raise ValueError(f"unknown values {unknown[:3]} of {field}")
    return groups + ([[]] if recode.get("total") else [])


def _item(field: str, group: list[str], cube: _Cube) -> dict[str, Any]:
    values = cube.periods if field == DATE_FIELD else cube.areas
    if not group:
        return {"type": "RecodeItem", "labels": ["Total"]}
    return {"type": "RecodeItem", "uris": group, "labels": [values[uri] for uri in group]}


def _values(measure: str, fields: Sequence[str], chosen: dict[str, list[list[str]]], cube: _Cube) -> list[list[Any]]:
    """The dense array of a measure; null where a place or period has nothing."""
    date_first = fields[0] == DATE_FIELD
    # A total counts what is shown, so that the numbers of a table add up.
    every = {field: list(dict.fromkeys(uri for group in groups for uri in group)) for field, groups in chosen.items()}

    def cell(one: list[str], two: list[str]) -> float | str | None:
        dates, areas = (one, two) if date_first else (two, one)
        found = [
            cube.values[measure, date, area]
            for date in dates or every[DATE_FIELD]
            for area in areas or every[AREA_FIELD]
            if (measure, date, area) in cube.values
        ]
        if len(found) == 1:
            return found[0]
        numbers = [value for value in found if isinstance(value, float)]
        return sum(numbers) if numbers else None

    return [[cell(one, two) for two in chosen[fields[1]]] for one in chosen[fields[0]]]
