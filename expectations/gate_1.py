"""Gate 1: accept or refuse each loaded release by the checks of its dataset's contract."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from expectations.results import QualityResult, shorten, store
from ingest import registry
from ingest.contract import Check, Dataset, WideCsv
from ingest.database import connect, url
from ingest.logs import logger
from ingest.settings import Settings

if TYPE_CHECKING:
    from psycopg import Connection

    from expectations.context import Outcome
    from expectations.suites import Baseline

EXAMPLES = 3


@dataclass(slots=True)
class Verdict:
    """What gate 1 says of one release."""

    release_id: int
    dataset: Dataset
    part: str
    results: list[QualityResult] = field(default_factory=list)

    @property
    def reason(self) -> str:
        """Why the release is refused; empty when it is accepted."""
        return "; ".join(result.message for result in self.results if result.stops)

    def summary(self) -> dict[str, Any]:
        """The verdict as it stands in the command's answer."""
        said = {"dataset_id": self.dataset.dataset_id, "part": self.part, "release_id": self.release_id}
        return said | ({"reason": self.reason} if self.reason else {})


def gate_1(settings: Settings, dataset_ids: Sequence[str] = (), *, run_id: int | None = None) -> dict[str, Any]:
    """Judge every release with status `loaded` (of the named datasets), oldest first.

    Each release is compared with the last accepted one of the same part. Results and verdicts are written in
    one transaction. Raises UsageError for an unknown dataset, DatabaseError when the gate cannot run.
    """
    log = logger("expectations.gate_1")
    started = time.monotonic()
    known = {dataset.dataset_id: dataset for dataset in registry.select(dataset_ids)}
    verdicts: list[Verdict] = []
    data_docs = None
    with connect(settings, "nis_loader") as connection:
        waiting = [
            Verdict(release_id, known[dataset_id], part)
            for release_id, dataset_id, part in connection.execute(
                "select release_id, dataset_id, part from ops.release where status = 'loaded' "
                "order by offered_at, release_id"
            ).fetchall()
            if dataset_id in known
        ]
        if waiting:
            verdicts, data_docs = _judge(settings, connection, waiting, run_id)
            checks = store(connection, (result for verdict in verdicts for result in verdict.results))
            _write_statuses(connection, verdicts)
            log.info("quality results written", releases=len(verdicts), checks=checks)
    for verdict in verdicts:
        if verdict.reason:
            log.warning("release refused", release_id=verdict.release_id, reason=verdict.reason)
    return {
        "gate": 1,
        "accepted": [verdict.summary() for verdict in verdicts if not verdict.reason],
        "refused": [verdict.summary() for verdict in verdicts if verdict.reason],
        "checks": sum(len(verdict.results) for verdict in verdicts),
        "failed": sum(result.stops for verdict in verdicts for result in verdict.results),
        "seconds": round(time.monotonic() - started, 2),
        "data_docs": data_docs,
    }


def _judge(
    settings: Settings, connection: Connection, waiting: list[Verdict], run_id: int | None
) -> tuple[list[Verdict], str]:
    """Fill in the results of every waiting release; returns them with the first page of the Data Docs."""
    # Imported here: a run with nothing new must not pay for Great Expectations.
    from expectations import context as gx
    from expectations import docs, suites

    context = gx.new_context()
    warehouse = context.data_sources.add_postgres(
        "warehouse", connection_string=gx.sqlalchemy_url(url(settings, "nis_loader")), create_temp_table=False
    )
    run_name = "manual run" if run_id is None else f"run {run_id}"
    # A release accepted here is what the next one of the same part is compared with.
    last = _last_accepted(connection)
    validations: dict[str, list[Outcome]] = {}
    try:
        for verdict in waiting:
            dataset, key = verdict.dataset, (verdict.dataset.dataset_id, verdict.part)
            for table in dataset.tables_of(verdict.part):
                raw_table = dataset.raw_table(table)
                baseline = _baseline(connection, raw_table, last.get(key))
                name = f"{raw_table}-release-{verdict.release_id}"
                data = warehouse.add_query_asset(
                    name, query=suites.query(raw_table, verdict.release_id, table.check, baseline)
                ).add_batch_definition("release")
                outcomes = gx.validate(context, name, data, suites.rules(table.check, baseline), run_name=run_name)
                validations[name] = outcomes
                place = _Place(connection, raw_table, verdict.release_id, isinstance(table.reader, WideCsv))
                verdict.results += [_result(outcome, verdict, place, table.check, run_id) for outcome in outcomes]
            if not verdict.results:
                verdict.results.append(_unknown_part(verdict, run_id))
            if not verdict.reason:
                last[key] = verdict.release_id
    finally:
        warehouse.get_engine().dispose()
    return waiting, docs.build(context, settings, 1, run_id, validations)


def _unknown_part(verdict: Verdict, run_id: int | None) -> QualityResult:
    """The refusal of a release that carries none of its dataset's tables."""
    dataset = verdict.dataset
    patterns = [table.part for table in dataset.tables]
    return QualityResult(
        gate=1,
        run_id=run_id,
        dataset_id=dataset.dataset_id,
        release_id=verdict.release_id,
        expectation="known_part",
        severity="fail",
        success=False,
        expected={"parts": patterns},
        observed={"part": verdict.part},
        message=f"{dataset.dataset_id}: no table is declared for part {verdict.part!r}, only for {patterns}",
        owner=dataset.owner,
    )


def _last_accepted(connection: Connection) -> dict[tuple[str, str], int]:
    """Release last accepted, by dataset and part."""
    rows = connection.execute(
        "select distinct on (dataset_id, part) dataset_id, part, release_id from ops.release "
        "where status = 'accepted' order by dataset_id, part, offered_at desc, release_id desc"
    ).fetchall()
    return {(dataset_id, part): release_id for dataset_id, part, release_id in rows}


def _baseline(connection: Connection, raw_table: str, release_id: int | None) -> Baseline | None:
    """Size of a table in an accepted release; None when there is none, or it lacks this table."""
    from psycopg import sql

    from expectations.suites import Baseline

    if release_id is None:
        return None
    statement = sql.SQL("select count(*) from raw.{} where release_id = %s").format(sql.Identifier(raw_table))
    (rows,) = connection.execute(statement, (release_id,)).fetchone() or (0,)
    return Baseline(release_id, rows) if rows else None


@dataclass(frozen=True, slots=True)
class _Place:
    """One release's rows of one raw table, to look up what a failed expectation stumbled over."""

    connection: Connection
    raw_table: str
    release_id: int
    wide: bool
    """The rows are cells: a row number stands for as many of them as the file has cell columns."""

    def rows_that_fail(self, column: str, pattern: str) -> list[dict[str, Any]]:
        """The first rows whose value (missing read as empty) does not match: row, value, maybe column."""
        from psycopg import sql

        statement = sql.SQL(
            "select row_number, {column}, {cell} from raw.{table} "
            "where release_id = %s and coalesce({column}, '') !~ %s order by row_number, 3 limit %s"
        ).format(
            column=sql.Identifier(column),
            cell=sql.Identifier("source_column") if self.wide else sql.SQL("null::text"),
            table=sql.Identifier(self.raw_table),
        )
        rows = self.connection.execute(statement, (self.release_id, pattern, EXAMPLES)).fetchall()
        return [
            {"row": row, "value": value} | ({"column": cell} if cell is not None else {}) for row, value, cell in rows
        ]

    def latest_period(self, release_id: int, check: Check) -> str | None:
        """The latest sound value of the period column in a release of this table."""
        from expectations.suites import latest_period

        found = self.connection.execute(latest_period(self.raw_table, release_id, check).encode()).fetchone()
        return found[0] if found else None


def _result(outcome: Outcome, verdict: Verdict, place: _Place, check: Check, run_id: int | None) -> QualityResult:
    """The row of `ops.quality_result` for an outcome, with a message that a person can act on."""
    rule, column = outcome.rule, outcome.rule.column
    where = f"{place.raw_table}.{column}" if column else place.raw_table
    observed: dict[str, Any]
    sample: list[Any] | None = None
    unexpected: int | None = None
    if rule.name in ("min_rows", "min_share_of_last"):
        observed = {"rows": outcome.observed}
        message = f"{where}: {outcome.observed} rows, at least {rule.expected['min_rows']} expected"
        if rule.name == "min_share_of_last":
            message += (
                f" ({rule.expected['min_share_of_last']:.0%} of the {rule.expected['rows_of_last']} in "
                f"release {rule.expected['last_release_id']})"
            )
    elif rule.name == "min_areas":
        observed = {"areas": outcome.observed}
        message = f"{where}: {outcome.observed} distinct values, at least {rule.expected['min_areas']} expected"
    elif rule.name == "period_not_older":
        before_id = rule.expected["last_release_id"]
        latest = place.latest_period(verdict.release_id, check)
        before = place.latest_period(before_id, check)
        observed = {"latest": latest, "latest_before": before}
        told = "older" if not outcome.success else "not older"
        message = f"{where}: the latest value is {shorten(latest)}, {told} than {shorten(before)}"
        message += f" in release {before_id}"
    else:
        unexpected = outcome.unexpected_count or 0
        observed = {"rows": outcome.element_count}
        blank = rule.name == "not_empty"
        if not outcome.success:
            sample = list(place.rows_that_fail(column or "", r"\S" if blank else rule.expected["regex"]))
        elif unexpected:
            sample = [{"value": value} for value in outcome.unexpected_values]
        what = "are empty" if blank else f"do not match {rule.expected['regex']}"
        message = f"{where}: {unexpected} of {outcome.element_count} values {what}"
        if not outcome.success and rule.expected["share"] < 1:
            message += f" (at least {rule.expected['share']:.1%} must)"
        if not outcome.success:
            message += _examples(sample or [], blank=blank)
    return QualityResult(
        gate=1,
        run_id=run_id,
        dataset_id=verdict.dataset.dataset_id,
        release_id=verdict.release_id,
        table_name=place.raw_table,
        expectation=rule.name,
        column_name=column,
        severity=rule.severity,
        success=outcome.success,
        expected=rule.expected,
        observed=observed,
        unexpected_count=unexpected,
        unexpected_sample=sample,
        message=message,
        owner=verdict.dataset.owner,
    )


def _examples(sample: Iterable[dict[str, Any]], *, blank: bool) -> str:
    """The end of a message: which rows, and what stands there."""
    told = []
    for found in sample:
        place = f"row {found['row']}" + (f", column {found['column']}" if "column" in found else "")
        told.append(place if blank else f"{shorten(found['value'] or '')} in {place}")
    return f", {'first in' if blank else 'e.g.'} {', '.join(told)}" if told else ""


def _write_statuses(connection: Connection, verdicts: Iterable[Verdict]) -> None:
    """Turn `loaded` into `accepted` or `refused`; the last good release stays in use by itself."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "update ops.release set status = %s, status_reason = %s, checked_at = now() "
            "where release_id = %s and status = 'loaded'",
            [
                ("refused" if verdict.reason else "accepted", verdict.reason or None, verdict.release_id)
                for verdict in verdicts
            ],
        )
