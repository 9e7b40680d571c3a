"""Great Expectations, kept small: an ephemeral context, suites made at run time, plain outcomes.

Importing this module imports Great Expectations, which takes seconds: only import it when there is work.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import great_expectations as gx
from great_expectations.data_context.types.base import (
    DataContextConfig,
    InMemoryStoreBackendDefaults,
    ProgressBarsConfig,
)

from expectations.results import Severity
from ingest.errors import DatabaseError

if TYPE_CHECKING:
    from great_expectations.core.batch_definition import BatchDefinition
    from great_expectations.data_context.data_context.ephemeral_data_context import EphemeralDataContext
    from great_expectations.expectations.expectation import Expectation

SAMPLE_SIZE = 20


@dataclass(frozen=True, slots=True)
class Rule:
    """An expectation with the name, column and severity under which its result is kept."""

    name: str
    expectation: Expectation
    expected: dict[str, Any]
    column: str | None = None
    severity: Severity = "fail"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What Great Expectations found for a rule.

    `observed` is an aggregate (rows, distinct values) where the rule has one; `unexpected_rows` are index
    columns and value of each unexpected row where an index was asked for.
    """

    rule: Rule
    success: bool
    observed: Any = None
    element_count: int | None = None
    unexpected_count: int | None = None
    unexpected_values: tuple[Any, ...] = ()
    unexpected_rows: tuple[dict[str, Any], ...] = ()


def new_context() -> EphemeralDataContext:
    """A context that lives in memory: no files, no network, no progress bars, no usage statistics."""
    context: EphemeralDataContext = gx.get_context(
        mode="ephemeral",
        project_config=DataContextConfig(
            store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
            analytics_enabled=False,
            progress_bars=ProgressBarsConfig(globally=False, metric_calculations=False),
        ),
    )
    return context


def validate(
    context: EphemeralDataContext,
    name: str,
    data: BatchDefinition[Any],
    rules: Iterable[Rule],
    *,
    run_name: str,
    index: tuple[str, ...] = (),
    batch_parameters: dict[str, Any] | None = None,
) -> list[Outcome]:
    """Evaluate rules on one batch under a suite called `name`; outcomes in the order of the rules.

    With index columns, every unexpected row is named by them (for small batches only).
    Raises DatabaseError when an expectation could not be evaluated.
    """
    ordered = list(rules)
    for number, rule in enumerate(ordered):
        rule.expectation.meta = {"rule": number}
    suite = context.suites.add(gx.ExpectationSuite(name=name, expectations=[rule.expectation for rule in ordered]))
    definition = context.validation_definitions.add(gx.ValidationDefinition(name=name, data=data, suite=suite))
    result_format: dict[str, Any] = {"result_format": "SUMMARY", "partial_unexpected_count": SAMPLE_SIZE}
    if index:
        result_format |= {"result_format": "COMPLETE", "unexpected_index_column_names": list(index)}
    validated = definition.run(
        batch_parameters=batch_parameters,
        result_format=result_format,
        run_id=gx.RunIdentifier(run_name=run_name),
    )
    found: dict[int, Outcome] = {}
    for result in validated.results:
        configuration = result.expectation_config
        if configuration is None:
            raise DatabaseError(f"{name}: a result came back without its expectation")
        rule = ordered[configuration.meta["rule"]]
        raised = _exception(result.exception_info)
        if raised:
            raise DatabaseError(
                f"{name}: {rule.name} on {rule.column or 'the table'} could not be evaluated: {raised}",
                hint="`nis migrate` brings raw tables in line with their contracts; then run the gate again",
            )
        detail = result.result or {}
        found[configuration.meta["rule"]] = Outcome(
            rule=rule,
            success=bool(result.success),
            observed=detail.get("observed_value"),
            element_count=detail.get("element_count"),
            unexpected_count=detail.get("unexpected_count"),
            unexpected_values=tuple(detail.get("partial_unexpected_list") or ()),
            unexpected_rows=tuple(detail.get("unexpected_index_list") or ()),
        )
    if len(found) != len(ordered):
        raise DatabaseError(f"{name}: {len(ordered)} expectations were asked for, {len(found)} were evaluated")
    return [found[number] for number in range(len(ordered))]


def _exception(info: dict[str, Any] | None) -> str:
    """Message of the exception that an expectation raised; empty when it raised none.

    The information is either flat or a mapping from metric to such information.
    """
    if not info:
        return ""
    each = [info] if "raised_exception" in info else [entry for entry in info.values() if isinstance(entry, dict)]
    messages = [str(entry.get("exception_message")) for entry in each if entry.get("raised_exception")]
    return "; ".join(messages)[:600]
