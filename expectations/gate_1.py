"""Gate 1: accept or refuse each loaded release by the checks of its dataset's contract."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from expectations.results import QualityResult, shorten, store
from ingest import registry
from ingest.contract import Check, Dataset, WideCsv
from ingest.database import connect
from ingest.errors import DatabaseError
from ingest.logs import logger
from ingest.settings import Settings

if TYPE_CHECKING:
    from great_expectations.data_context.data_context.ephemeral_data_context import EphemeralDataContext
    from psycopg import Connection

    from expectations.context import Outcome
    from expectations.suites import Finding

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
    if waiting:
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
    from expectations import docs

    context = gx.new_context()
    run_name = "manual run" if run_id is None else f"run {run_id}"
    # A release accepted here is what the next one of the same part is compared with, so that one waits a round.
    last = _last_accepted(connection)
    outcomes: dict[str, list[Outcome]] = {}
    pages: dict[str, str] = {}
    for number, verdicts in enumerate(_rounds(waiting), start=1):
        measured = [
            (verdict, place, finding)
            for verdict in verdicts
            for place in _places(connection, verdict)
            for finding in place.findings(last.get((verdict.dataset.dataset_id, verdict.part)))
        ]
        judged = f"releases-{number}"
        for (verdict, place, finding), outcome in zip(
            measured, _outcomes(context, judged, measured, run_name), strict=True
        ):
            name = f"{place.raw_table}-release-{verdict.release_id}"
            outcomes.setdefault(name, []).append(outcome)
            pages[name] = judged
            verdict.results.append(_result(outcome.success, finding, verdict, place, run_id))
        for verdict in verdicts:
            if not verdict.results:
                verdict.results.append(_unknown_part(verdict, run_id))
            if not verdict.reason:
                last[verdict.dataset.dataset_id, verdict.part] = verdict.release_id
    return waiting, docs.build(context, settings, 1, run_id, outcomes, pages)


def _rounds(waiting: Iterable[Verdict]) -> list[list[Verdict]]:
    """Releases in groups with one release a part, oldest first."""
    rounds: list[list[Verdict]] = []
    seen: dict[tuple[str, str], int] = {}
    for verdict in waiting:
        key = (verdict.dataset.dataset_id, verdict.part)
        seen[key] = seen.get(key, -1) + 1
        if seen[key] == len(rounds):
            rounds.append([])
        rounds[seen[key]].append(verdict)
    return rounds


def _outcomes(
    context: EphemeralDataContext,
    name: str,
    measured: Sequence[tuple[Verdict, _Place, Finding]],
    run_name: str,
) -> list[Outcome]:
    """What Great Expectations says of each measurement, in their order."""
    import pandas as pd

    from expectations import context as gx
    from expectations import suites

    if not measured:
        return []
    frame = pd.DataFrame(
        [
            {
                "table_name": place.raw_table,
                "release_id": verdict.release_id,
                "number": number,
                "column": finding.column,
                finding.rule: float(finding.excess),
            }
            for number, (verdict, place, finding) in enumerate(measured)
        ],
        columns=[*suites.KEY, "column", *suites.RULES],
    )
    data = context.data_sources.add_pandas(name).add_dataframe_asset(name).add_batch_definition_whole_dataframe(name)
    judged = gx.validate(
        context,
        name,
        data,
        suites.rules(),
        run_name=run_name,
        index=(*suites.KEY, "column"),
        batch_parameters={"dataframe": frame},
    )
    failing: set[int] = set()
    for outcome in judged:
        named = {int(row["number"]) for row in outcome.unexpected_rows}
        if len(named) != (outcome.unexpected_count or 0):
            raise DatabaseError(f"rule {outcome.rule.name}: {outcome.unexpected_count} fail, {len(named)} are named")
        failing |= named
    of = {outcome.rule.name: outcome.rule for outcome in judged}
    return [
        gx.Outcome(replace(of[finding.rule], column=finding.column), number not in failing)
        for number, (_, _, finding) in enumerate(measured)
    ]


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


@dataclass(frozen=True, slots=True)
class _Place:
    """One release's rows of one raw table."""

    connection: Connection
    raw_table: str
    release_id: int
    check: Check
    wide: bool
    """The rows are cells: a row number stands for as many of them as the file has cell columns."""

    def findings(self, last: int | None) -> list[Finding]:
        """What is measured of them, beside the last accepted release where there is one."""
        from expectations import suites

        before = suites.baseline(self.connection, self.raw_table, last, self.check) if last is not None else None
        return suites.measure(self.connection, self.raw_table, self.release_id, self.check, before)

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


def _places(connection: Connection, verdict: Verdict) -> list[_Place]:
    dataset = verdict.dataset
    return [
        _Place(connection, dataset.raw_table(table), verdict.release_id, table.check, isinstance(table.reader, WideCsv))
        for table in dataset.tables_of(verdict.part)
    ]


def _result(success: bool, finding: Finding, verdict: Verdict, place: _Place, run_id: int | None) -> QualityResult:
    """The row of `ops.quality_result` for a finding, with a message that a person can act on."""
    column, expected, observed = finding.column, finding.expected, finding.observed
    where = f"{place.raw_table}.{column}" if column else place.raw_table
    sample: list[Any] | None = None
    if finding.rule in ("min_rows", "min_share_of_last"):
        message = f"{where}: {observed['rows']} rows, at least {expected['min_rows']} expected"
        if finding.rule == "min_share_of_last":
            message += (
                f" ({expected['min_share_of_last']:.0%} of the {expected['rows_of_last']} in "
                f"release {expected['last_release_id']})"
            )
    elif finding.rule == "min_areas":
        message = f"{where}: {observed['areas']} distinct values, at least {expected['min_areas']} expected"
    elif finding.rule == "period_not_older":
        told = "not older" if success else "older"
        message = f"{where}: the latest value is {shorten(observed['latest'])}, {told} than "
        message += f"{shorten(observed['latest_before'])} in release {expected['last_release_id']}"
    else:
        blank = finding.rule == "not_empty"
        if finding.unexpected:
            sample = list(place.rows_that_fail(column or "", finding.pattern))
        what = "are empty" if blank else f"do not match {expected['regex']}"
        message = f"{where}: {finding.unexpected} of {observed['rows']} values {what}"
        if not success and expected["share"] < 1:
            message += f" (at least {expected['share']:.1%} must)"
        if not success:
            message += _examples(sample or [], blank=blank)
    return QualityResult(
        gate=1,
        run_id=run_id,
        dataset_id=verdict.dataset.dataset_id,
        release_id=verdict.release_id,
        table_name=place.raw_table,
        expectation=finding.rule,
        column_name=column,
        severity="fail",
        success=success,
        expected=expected,
        observed=observed,
        unexpected_count=finding.unexpected,
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
