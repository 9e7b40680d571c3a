"""Queries of Explore Education Statistics: criteria by POST as JSON or by GET as dotted parameters."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.bodies.ees_table import LEVELS, TIME_CODES, Place, Row, Table, Time

Test = Callable[[Row], bool]
_CHOICE = ("eq", "notEq", "in", "notIn")
_RANGE = ("gt", "gte", "lt", "lte")
_FACETS = ("filters", "geographicLevels", "locations", "timePeriods")


class QueryError(ValueError):
    """A query that the body refuses; `errors` are the entries of its problem JSON."""

    def __init__(self, message: str, code: str, path: str) -> None:
        """Refuse with one error at a place of the query."""
        super().__init__(message)
        self.errors = [{"message": message, "code": code, "path": path}]


@dataclass(slots=True)
class Criteria:
    """What a query asks: a test of rows, indicators in order, sorting and the page."""

    test: Test
    indicators: list[str]
    sorts: list[tuple[str, bool]] = field(default_factory=list)
    page: object = 1
    page_size: object = 1_000
    debug: bool = False

    def select(self, table: Table) -> list[Row]:
        """Rows that pass, sorted: newest first unless told otherwise."""
        rows = [row for row in table.rows if self.test(row)]
        for key, descending in reversed(self.sorts or [("timePeriod", True)]):
            rows.sort(key=_sort_key(table, key), reverse=descending)
        return rows


def from_post(table: Table, text: str) -> Criteria:
    """Read the body of a POST; raises QueryError with the code the API gives."""
    try:
        body = json.loads(text or "{}")
    except json.JSONDecodeError:
        raise QueryError("The body is not JSON.", "InvalidValue", "") from None
    if not isinstance(body, dict):
        raise QueryError("The body must be an object.", "InvalidValue", "")
    asked = body.get("criteria")
    test = _criteria(table, asked, "criteria") if asked is not None else _always
    sorts = [(str(sort.get("field", "")), str(sort.get("direction", "Asc"))) for sort in body.get("sorts") or []]
    return Criteria(
        test,
        _indicators(table, body.get("indicators")),
        _sorts(table, sorts),
        body.get("page", 1),
        body.get("pageSize", 1_000),
        bool(body.get("debug", False)),
    )


def from_get(table: Table, fields: Mapping[str, str]) -> Criteria:
    """Read the parameters of a GET: `locations.in=LA|code|E08000019`, `timePeriods.gte=2008/2009|AY`."""
    asked: dict[str, dict[str, Any]] = {}
    for name, text in fields.items():
        facet, dot, operator = name.partition(".")
        if not dot:
            continue
        items: list[Any] = text.split(",")
        if facet == "locations":
            items = [_place_words(item) for item in items]
        elif facet == "timePeriods":
            items = [_time_words(item) for item in items]
        asked.setdefault(facet, {})[operator] = items if operator in ("in", "notIn") else items[0]
    sorts = [(item.partition("|")[0], item.partition("|")[2] or "Asc") for item in _split(fields.get("sorts"))]
    return Criteria(
        _criteria(table, asked, "") if asked else _always,
        _indicators(table, _split(fields.get("indicators")) or None),
        _sorts(table, sorts),
        fields.get("page", 1),
        fields.get("pageSize", 1_000),
        fields.get("debug", "").lower() == "true",
    )


def _always(row: Row) -> bool:
    return True


def _split(text: str | None) -> list[str]:
    return [item for item in (text or "").split(",") if item]


def _place_words(text: str) -> dict[str, str]:
    parts = text.split("|")
    if len(parts) != 3 or parts[1] not in ("id", "code", "oldCode"):
        raise QueryError("Must be in the correct location format.", "LocationFormat", "locations")
    return {"level": parts[0], parts[1]: parts[2]}


def _time_words(text: str) -> dict[str, str]:
    period, bar, code = text.partition("|")
    if not bar:
        raise QueryError("Must be in the correct time period format.", "TimePeriodFormat", "timePeriods")
    return {"period": period, "code": code}


def _indicators(table: Table, asked: object) -> list[str]:
    if asked is None:
        return list(table.indicators)
    if not isinstance(asked, list) or (unknown := [key for key in asked if key not in table.indicators]):
        missing = asked if not isinstance(asked, list) else unknown
        raise QueryError(f"One or more indicators could not be found: {missing}", "IndicatorsNotFound", "indicators")
    return list(dict.fromkeys(asked))


def _sorts(table: Table, asked: Sequence[tuple[str, str]]) -> list[tuple[str, bool]]:
    found = []
    for key, direction in asked:
        if direction not in ("Asc", "Desc"):
            raise QueryError("Must be in the correct sort format.", "SortFormat", "sorts")
        places = {f"location|{level}" for level in LEVELS.values()}
        if key not in {"timePeriod", "geographicLevel", *places, *table.indicators, *_filter_fields(table)}:
            raise QueryError(f"One or more sort fields could not be found: {key}", "SortFieldsNotFound", "sorts")
        found.append((key, direction == "Desc"))
    return found


def _filter_fields(table: Table) -> list[str]:
    return [f"filter|{key}" for key in table.filters]


def _sort_key(table: Table, key: str) -> Callable[[Row], Any]:
    if key == "timePeriod":
        return lambda row: row.time.order
    if key == "geographicLevel":
        return lambda row: row.level
    if key.startswith("location|"):
        level = key.partition("|")[2]
        return lambda row: table.places[row.places[level]].label if level in row.places else ""
    if key.startswith("filter|"):
        place = _filter_fields(table).index(key)
        return lambda row: table.options[row.options[place]][1]
    number = list(table.indicators).index(key)
    return lambda row: row.values[number]


def _criteria(table: Table, asked: object, path: str) -> Test:
    """A test made of criteria: facets that must all hold, or `and`, `or`, `not` around others."""
    if not isinstance(asked, dict) or not asked:
        raise QueryError("Criteria must be an object with at least one clause.", "InvalidValue", path)
    tests: list[Test] = []
    for name, clause in asked.items():
        where = f"{path}.{name}".lstrip(".")
        if name in ("and", "or"):
            if not isinstance(clause, list) or not clause:
                raise QueryError("Must be a list of criteria.", "InvalidValue", where)
            parts = [_criteria(table, part, f"{where}[{number}]") for number, part in enumerate(clause)]
            tests.append(_all(parts) if name == "and" else _any(parts))
        elif name == "not":
            inner = _criteria(table, clause, where)
            tests.append(lambda row, inner=inner: not inner(row))  # type: ignore[misc]
        elif name in _FACETS:
            tests.append(_facet(table, name, clause, where))
        else:
            raise QueryError(f"Unknown clause {name}.", "InvalidValue", where)
    return _all(tests)


def _all(tests: Sequence[Test]) -> Test:
    return tests[0] if len(tests) == 1 else lambda row: all(test(row) for test in tests)


def _any(tests: Sequence[Test]) -> Test:
    return lambda row: any(test(row) for test in tests)


def _facet(table: Table, facet: str, clause: object, path: str) -> Test:
    if not isinstance(clause, dict) or not clause:
        raise QueryError("Must be an object of operators.", "InvalidValue", path)
    tests: list[Test] = []
    for operator, given in clause.items():
        where = f"{path}.{operator}"
        if operator not in _CHOICE and not (facet == "timePeriods" and operator in _RANGE):
            raise QueryError(f"Unknown operator {operator}.", "InvalidValue", where)
        items = given if isinstance(given, list) else [given]
        if operator in _RANGE:
            tests.append(_range(operator, _time(table, items[0], where)))
            continue
        test = _choice(table, facet, items, where)
        tests.append((lambda row, test=test: not test(row)) if operator.startswith("not") else test)  # type: ignore[misc]
    return _all(tests)


def _choice(table: Table, facet: str, items: Sequence[Any], path: str) -> Test:
    if facet == "filters":
        if unknown := [item for item in items if item not in table.options]:
            raise QueryError(f"One or more filters could not be found: {unknown}", "FiltersNotFound", path)
        wanted = set(items)
        return lambda row: not wanted.isdisjoint(row.options)
    if facet == "geographicLevels":
        if unknown := [item for item in items if item not in LEVELS.values()]:
            message = f"One or more geographic levels could not be found: {unknown}"
            raise QueryError(message, "GeographicLevelsNotFound", path)
        return lambda row: row.level in items
    if facet == "timePeriods":
        times = {_time(table, item, path) for item in items}
        return lambda row: row.time in times
    places = {place.id for item in items for place in _places(table, item, path)}
    return lambda row: not places.isdisjoint(row.places.values())


def _places(table: Table, item: object, path: str) -> list[Place]:
    if not isinstance(item, dict) or "level" not in item or not ({"id", "code", "oldCode"} & set(item)):
        raise QueryError("Must be in the correct location format.", "LocationFormat", path)
    found = [
        place
        for place in table.places.values()
        if place.level == item["level"]
        and item.items() & {("id", place.id), ("code", place.code), ("oldCode", place.old_code)}
    ]
    if not found:
        raise QueryError(f"One or more locations could not be found: {item}", "LocationsNotFound", path)
    return found


def _time(table: Table, item: object, path: str) -> Time:
    if not isinstance(item, dict) or item.get("code") not in TIME_CODES.values() or "period" not in item:
        raise QueryError("Must be in the correct time period format.", "TimePeriodFormat", path)
    period, code = str(item["period"]), str(item["code"])
    first, slash, second = period.partition("/")
    if slash and (not first.isdigit() or second != str(int(first) + 1)):
        raise QueryError("Must be a range of two years in a row.", "TimePeriodInvalidYearRange", path)
    if not slash and code in ("AY", "FY"):
        period = f"{period}/{int(period) + 1}" if period.isdigit() else period
    time = Time(period, code)
    if time not in table.times and path.rsplit(".", 1)[-1] not in _RANGE:
        raise QueryError(f"One or more time periods could not be found: {period} {code}", "TimePeriodsNotFound", path)
    return time


def _range(operator: str, bound: Time) -> Test:
    def test(row: Row) -> bool:
        if row.time.family != bound.family:
            return False
        own, other = row.time.order, bound.order
        return {"gt": own > other, "gte": own >= other, "lt": own < other, "lte": own <= other}[operator]

    return test
