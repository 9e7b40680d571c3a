"""Quality results: one row of `ops.quality_result` for each expectation evaluated."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from psycopg import Connection

    from ingest.builds import Since

Severity = Literal["fail", "warn"]

_COLUMNS = (
    "run_id", "build_id", "gate", "dataset_id", "release_id", "table_name", "framework_id", "indicator_id",
    "component", "expectation", "column_name", "severity", "success", "expected", "observed",
    "unexpected_count", "unexpected_sample", "message", "owner",
)  # fmt: skip
_JSON = ("expected", "observed", "unexpected_sample")


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityResult:
    """One expectation, evaluated; the fields are the columns of `ops.quality_result`."""

    gate: Literal[1, 2]
    expectation: str
    severity: Severity
    success: bool
    message: str
    owner: str
    run_id: int | None = None
    build_id: int | None = None
    dataset_id: str | None = None
    release_id: int | None = None
    table_name: str | None = None
    framework_id: str | None = None
    indicator_id: str | None = None
    component: str | None = None
    column_name: str | None = None
    expected: dict[str, Any] = field(default_factory=dict)
    observed: dict[str, Any] | None = None
    unexpected_count: int | None = None
    unexpected_sample: list[Any] | None = None

    @property
    def stops(self) -> bool:
        """Tell whether this result refuses a release or holds an indicator."""
        return self.severity == "fail" and not self.success


def store(connection: Connection, results: Iterable[QualityResult]) -> int:
    """Insert results in the transaction of the connection; returns how many."""
    from psycopg.types.json import Jsonb

    rows = [
        tuple(
            Jsonb(value) if name in _JSON and value is not None else value
            for name, value in ((name, getattr(result, name)) for name in _COLUMNS)
        )
        for result in results
    ]
    # Only constants of this module enter the statement's text.
    statement = f"insert into ops.quality_result ({', '.join(_COLUMNS)}) values ({', '.join(['%s'] * len(_COLUMNS))})"
    with connection.cursor() as cursor:
        cursor.executemany(statement.encode(), rows)
    return len(rows)


def carry(connection: Connection, since: Since, build_id: int, run_id: int | None) -> set[tuple[str, str]]:
    """Give a build the results of gate 2 that still hold of an earlier one; returns their indicators."""
    if since.indicators is None:
        return set()
    carried = [name for name in _COLUMNS if name not in ("build_id", "run_id")]
    statement = (
        f"insert into ops.quality_result (build_id, run_id, {', '.join(carried)}) "
        f"select %(build)s, %(run)s, {', '.join(carried)} from ops.quality_result "
        "where gate = 2 and build_id = %(earlier)s and indicator_id <> all(%(anew)s) and checked_at = ("
        "  select max(checked_at) from ops.quality_result where gate = 2 and build_id = %(earlier)s) "
        "returning framework_id, indicator_id"
    )
    rows = connection.execute(
        statement.encode(),
        {"build": build_id, "run": run_id, "earlier": since.build_id, "anew": sorted(since.indicators)},
    )
    return {(framework_id, indicator_id) for framework_id, indicator_id in rows}


def shorten(value: object, width: int = 60) -> str:
    """A delivered value as it can stand in a message: quoted, on one line, not too long."""
    text = repr(value)
    return text if len(text) <= width else f"{text[: width - 1]}…"
