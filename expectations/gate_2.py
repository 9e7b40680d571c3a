"""Gate 2: pass or hold each indicator of a build, by rules that the catalogue sets."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Literal

from expectations.disclosure import narrowed
from expectations.results import QualityResult, carry, store
from expectations.summaries import EXAMPLES, KEY, Cell, Key, examples, figures
from ingest.builds import since_judged
from ingest.database import connect
from ingest.errors import DatabaseError, UsageError
from ingest.logs import logger
from ingest.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from psycopg import Connection

    from expectations.context import Outcome, Rule
    from expectations.disclosure import Narrowed

OWNER = "data-engineering"
MAX_SHARE_JUMPED = 0.05
"""Share of areas that may change by more than `max_change` before the indicator is held."""

MAX_SHARE_LOST = 0.05
"""Share of published values that may turn into markers before the indicator is held; withdrawn ones do not count."""

Figures = dict[Key, dict[str, Any]]

# The figure that each rule judges. A component without it (nothing published yet, say) is not judged.
_FIGURE = {
    "range": "n_out_of_range",
    "filled": "n_blank",
    "complete": "n_missing",
    "jump": "share_jumped",
    "any_jump": "share_jumped",
    "kept": "share_lost",
    "parts": "n_wholes_off",
    "printed": "n_printed_off",
    "country": "n_country_off",
    "reconciliation": "reconcile_shortfall",
    "has_official": "n_official",
    "disclosure": "n_narrowed",
}


def gate_2(settings: Settings, build_id: int, *, run_id: int | None = None) -> dict[str, Any]:
    """Judge the candidate marts of a finished build: an indicator one of whose components fails is held.

    Indicators that no build made anew since the gate judged one, and that passed then without a warning, keep their
    results: neither their figures nor what is published of them has changed.

    Results and the time of the gate are written in one transaction. Raises UsageError for an unknown build,
    DatabaseError when there is nothing to judge or the gate cannot run.
    """
    log = logger("expectations.gate_2")
    started = time.monotonic()
    with connect(settings, "nis_publisher") as connection:
        if connection.execute("select 1 from ops.build where build_id = %s", (build_id,)).fetchone() is None:
            raise UsageError(f"there is no build {build_id}", hint="`select build_id from ops.build` lists them")
        # The marts have just been built and may lack statistics: without them the planner can take a join of
        # whole tables for one of a few rows, and loop for minutes.
        connection.execute("set local enable_nestloop = off")
        since = since_judged(connection, build_id)
        found = figures(connection, since.indicators)
        if since.indicators is None and not any({"n_values", "n_due"} & record.keys() for record in found.values()):
            raise DatabaseError(
                "the candidate marts and the index hold no component of the catalogue",
                hint="build them first: `nis build`",
            )
        told = narrowed(connection, since.indicators)
        for key in found.keys() & told.keys():
            found[key]["n_narrowed"] = len(told[key])
        outcomes, data_docs = _evaluate(settings, found, run_id)
        results = _results(connection, found, outcomes, build_id, run_id, told)
        store(connection, results)
        kept = carry(connection, since, build_id, run_id)
        connection.execute("update ops.build set gate_2_at = now() where build_id = %s", (build_id,))
    held: dict[tuple[str, str], list[str]] = {}
    for result in results:
        if result.stops:
            held.setdefault((result.framework_id or "", result.indicator_id or ""), []).append(result.message)
    indicators = sorted({key[:2] for key in found} | kept)
    for (framework_id, indicator_id), messages in held.items():
        log.warning("indicator held", framework_id=framework_id, indicator_id=indicator_id, reason="; ".join(messages))
    return {
        "gate": 2,
        "build_id": build_id,
        "passed": [
            indicator_id for framework_id, indicator_id in indicators if (framework_id, indicator_id) not in held
        ],
        "held": [
            {"framework_id": framework_id, "indicator_id": indicator_id, "reason": "; ".join(messages)}
            for (framework_id, indicator_id), messages in sorted(held.items())
        ],
        "checks": len(results),
        "failed": sum(result.stops for result in results),
        "warned": sum(result.severity == "warn" and not result.success for result in results),
        "seconds": round(time.monotonic() - started, 2),
        "data_docs": data_docs,
    }


def _evaluate(settings: Settings, found: Figures, run_id: int | None) -> tuple[list[Outcome], str]:
    """Let Great Expectations judge the table of figures; returns outcomes and the Data Docs' first page."""
    import pandas as pd

    from expectations import context as gx
    from expectations import docs

    columns = [*KEY, "n_values", "n_due", "n_areas_compared", *dict.fromkeys(_FIGURE.values())]
    frame = pd.DataFrame([{name: record.get(name) for name in columns} for record in found.values()], columns=columns)
    numbers = columns[len(KEY) :]
    frame[numbers] = frame[numbers].astype("float64")
    context = gx.new_context()
    data = (
        context.data_sources.add_pandas("candidate marts")
        .add_dataframe_asset("components")
        .add_batch_definition_whole_dataframe("components")
    )
    outcomes = gx.validate(
        context,
        "components",
        data,
        _rules(),
        run_name="manual run" if run_id is None else f"run {run_id}",
        index=KEY,
        batch_parameters={"dataframe": frame},
    )
    return outcomes, docs.build(context, settings, 2, run_id, {"components": outcomes})


def _rules() -> list[Rule]:
    """One expectation a rule, over all components at once."""
    from great_expectations.expectations.core.expect_column_values_to_be_between import (
        ExpectColumnValuesToBeBetween,
    )
    from great_expectations.expectations.metadata_types import FailureSeverity

    from expectations.context import Rule

    def rule(
        name: str,
        description: str,
        *,
        largest: float | None = None,
        smallest: float | None = None,
        severity: Literal["fail", "warn"] = "fail",
    ) -> Rule:
        column = _FIGURE[name]
        expectation = ExpectColumnValuesToBeBetween(
            column=column,
            min_value=smallest,
            max_value=largest,
            description=f"{name}: {description}",
            severity=FailureSeverity.CRITICAL if severity == "fail" else FailureSeverity.WARNING,
        )
        return Rule(name, expectation, {}, column, severity)

    return [
        rule("range", "no value lies outside the component's valid_min and valid_max.", largest=0),
        rule("filled", "no row lacks both a value and a marker.", largest=0),
        rule("complete", "no cell due lacks its row.", largest=0),
        rule(
            "jump",
            f"at most {MAX_SHARE_JUMPED:.0%} of areas changed by more than max_change since last published.",
            largest=MAX_SHARE_JUMPED,
        ),
        rule("any_jump", "no area changed by more than max_change.", largest=0, severity="warn"),
        rule(
            "kept",
            f"at most {MAX_SHARE_LOST:.0%} of published values would be lost.",
            largest=MAX_SHARE_LOST,
        ),
        rule("parts", "components that make a whole add up to it.", largest=0),
        rule("printed", "values agree with the figures that others have printed of them.", largest=0),
        rule("country", "what bodies state for England is about the sum of its areas.", largest=0),
        # Shares are binary floating point: a share that is just met must not fail by a hair.
        rule("reconciliation", "enough values agree with the body's own figure.", largest=1e-9),
        rule("has_official", "a named official figure has values to compare with.", smallest=1, severity="warn"),
        rule("disclosure", "no hidden count of people can be narrowed down from printed totals.", largest=0),
    ]


def _results(
    connection: Connection,
    found: Figures,
    outcomes: list[Outcome],
    build_id: int,
    run_id: int | None,
    told: Mapping[Key, Sequence[Narrowed]],
) -> list[QualityResult]:
    """One result for each component and rule that applies to it; `told` are the hidden counts that can be told."""
    results: list[QualityResult] = []
    for outcome in outcomes:
        rule = outcome.rule
        failing = {tuple(str(row[name]) for name in KEY) for row in outcome.unexpected_rows}
        if len(failing) != (outcome.unexpected_count or 0):
            raise DatabaseError(
                f"rule {rule.name}: {outcome.unexpected_count} components fail, {len(failing)} are named"
            )
        cells = examples(
            connection,
            "jump" if rule.name == "any_jump" else rule.name,
            [key for key in found if key in failing],
        )
        for key, record in found.items():
            if record.get(_FIGURE[rule.name]) is None:
                continue
            message, expected, observed, unexpected = _told(rule.name, record)
            shown = cells.get(key, []) if key in failing else []
            if rule.name == "disclosure" and key in failing:
                # Which cells, and not what can be told of them.
                shown = [Cell(one.area_code, one.period, None, None) for one in told[key][:EXAMPLES]]
            between = "against" if rule.name in ("reconciliation", "parts", "printed", "country") else "after"
            if shown:
                message += f", e.g. {'; '.join(cell.told(between) for cell in shown)}"
            results.append(
                QualityResult(
                    gate=2,
                    run_id=run_id,
                    build_id=build_id,
                    framework_id=key[0],
                    indicator_id=key[1],
                    component=key[2],
                    expectation=rule.name,
                    column_name="value",
                    severity=rule.severity,
                    success=key not in failing,
                    expected=expected,
                    observed=observed,
                    unexpected_count=unexpected,
                    unexpected_sample=[_sample(cell) for cell in shown] or None,
                    message=f"{key[1]} {key[2]}: {message}",
                    owner=OWNER,
                )
            )
    return results


def _sample(cell: Cell) -> dict[str, Any]:
    """A cell as it is kept with a result."""
    return {"area_code": cell.area_code, "period": cell.period, "value": cell.value, "other": cell.other}


def _told(name: str, record: dict[str, Any]) -> tuple[str, dict[str, Any], dict[str, Any], int]:
    """What a rule found for a component: message, expected, observed, number of unexpected cells or areas."""
    if name == "range":
        low, high = _number(record["valid_min"]), _number(record["valid_max"])
        count = record["n_out_of_range"]
        bounds = f"{'no limit' if low is None else f'{low:g}'} to {'no limit' if high is None else f'{high:g}'}"
        message = f"{count} of {record['n_values']} values lie outside {bounds}"
        return message, {"valid_min": low, "valid_max": high}, {"values": record["n_values"]}, count
    if name == "filled":
        count = record["n_blank"]
        return f"{count} rows have neither value nor marker", {"blank": 0}, {"blank": count}, count
    if name == "complete":
        count, due = record["n_missing"], record["n_due"]
        return f"{count} of {due} cells due have no row", {"cells": due}, {"cells": due - count}, count
    if name in ("jump", "any_jump"):
        limit, count, areas = (
            _number(record["max_change"]),
            record["n_areas_jumped"],
            record["n_areas_compared"],
        )
        most = MAX_SHARE_JUMPED if name == "jump" else 0
        message = f"{count} of {areas} areas changed by more than {limit:g} since the last publication"
        message += f" (at most {most:.0%} may)" if name == "jump" else ""
        return message, {"max_change": limit, "max_share": most}, {"share": record["share_jumped"]}, count
    if name == "kept":
        count, of = record["n_lost"], record["n_published"]
        message = f"{count} of {of} published values would be lost (at most {MAX_SHARE_LOST:.0%} may)"
        return message, {"max_share": MAX_SHARE_LOST}, {"share": record["share_lost"]}, count
    if name == "parts":
        count, of = record["n_wholes_off"], record["n_wholes"]
        return f"{count} of {of} wholes are not the sum of their parts", {"off": 0}, {"wholes": of}, count
    if name == "printed":
        count, of = record["n_printed_off"], record["n_printed"]
        return f"{count} of {of} values differ from the figure printed for them", {"off": 0}, {"figures": of}, count
    if name == "country":
        count, of = record["n_country_off"], record["n_country"]
        return (
            f"{count} of {of} figures of England are not about the sum of its areas",
            {"off": 0},
            {"figures": of},
            count,
        )
    if name == "disclosure":
        count = record["n_narrowed"]
        return f"{count} hidden counts can be narrowed down from printed totals", {"narrowed": 0}, {}, count
    measure, share = record["reconcile_measure"], float(record["reconcile_min_share"])
    official = record["n_official"]
    if name == "has_official":
        return (
            f"{official} values have an official figure in {measure}",
            {"smallest": 1},
            {"cells": official},
            0,
        )
    agree = record["n_reconciled"]
    tolerance = _number(record["reconcile_tolerance"]) or 0.0
    message = f"{agree} of {official} values agree with {measure} within {tolerance:g} (at least {share:.1%} must)"
    expected = {"measure_id": measure, "tolerance": tolerance, "min_share": share}
    return message, expected, {"share": agree / official, "cells": official}, official - agree


def _number(value: Any) -> float | None:
    """A figure of the catalogue as JSON can carry it."""
    return None if value is None else float(value)
