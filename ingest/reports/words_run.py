"""Sentences of a run's report, for whoever answers for the figures and reads no log."""

from __future__ import annotations

from markupsafe import Markup

from ingest.reports.marks import Cell, data, day, name, some
from ingest.reports.read_run import RunReport

ENDED = {
    "done": "ended well",
    "held": "ended with something held back for a person to look at",
    "failed": "failed; what was published before still stands",
    "running": "has not ended: it is at work, or it was killed",
}
STAGES = {
    "land": "fetching from the bodies",
    "load": "loading",
    "gate_1": "checking deliveries",
    "build": "computing",
    "gate_2": "checking results",
    "publish": "publishing",
}


def told(report: RunReport) -> list[Markup]:
    """How the run went, in a handful of sentences."""
    cell = Cell("ops.run", {"run_id": report.run_id})
    return [
        _ending(report, cell),
        _arrivals(report, cell),
        *_troubles(report),
        *_changes(report),
    ]


def _count(report: RunReport, cell: Cell, key: str, one: str, many: str) -> Markup:
    count = report.counts.get(key, 0)
    return some(data(count, cell, f"counts.{key}"), count, one, many)


def _ending(report: RunReport, cell: Cell) -> Markup:
    said = Markup("The run of {} {}").format(day(report.started_at.date()), ENDED.get(report.status, report.status))
    if report.finished_at is None:
        return said + "."
    took = (report.finished_at - report.started_at).total_seconds()
    said += Markup(". It took {} seconds").format(data(took, cell, "seconds"))
    if report.usual_seconds:
        more = took / report.usual_seconds
        said += " — longer than usual" if more > 1.5 else " — quicker than usual" if more < 0.67 else ", as usual"
    return said + "."


def _arrivals(report: RunReport, cell: Cell) -> Markup:
    if not report.counts.get("offered"):
        return Markup("No body was asked for data in this run.")
    if not report.counts.get("landed"):
        return Markup("The bodies had nothing new: all of {} as we hold them.").format(
            _count(report, cell, "offered", "file offered is", "files offered are")
        )
    return Markup("Of {}, {} new; {} in, with {}.").format(
        _count(report, cell, "offered", "file offered", "files offered"),
        _count(report, cell, "landed", "was", "were"),
        _count(report, cell, "accepted", "was taken", "were taken"),
        _count(report, cell, "rows", "row", "rows"),
    )


def _troubles(report: RunReport) -> list[Markup]:
    said = []
    if report.refused:
        said.append(
            Markup("{} refused; the last good one of each stays in use.").format(
                some(
                    data(len(report.refused), Cell("ops.run", {"run_id": report.run_id}), "refused"),
                    len(report.refused),
                    "delivery was",
                    "deliveries were",
                )
            )
        )
    if report.held:
        said.append(
            Markup("{} held because figures cannot be right; what was published of {} before still stands.").format(
                some(
                    data(len(report.held), Cell("ops.run", {"run_id": report.run_id}), "held"),
                    len(report.held),
                    "indicator was",
                    "indicators were",
                ),
                "it" if len(report.held) == 1 else "them",
            )
        )
    if not report.refused and not report.held and report.status == "done":
        said.append(Markup("Nothing was refused and nothing was held."))
    if report.warnings:
        said.append(
            Markup("{} warned and stopped nothing.").format(
                some(
                    data(report.warnings, Cell("ops.run", {"run_id": report.run_id}), "warnings"),
                    report.warnings,
                    "check",
                    "checks",
                )
            )
        )
    return said


def _changes(report: RunReport) -> list[Markup]:
    if not report.publications:
        return [Markup("Nothing was published: readers see what they saw before.")]
    return [
        Markup("Publication {} wrote {} and closed {}{}.").format(
            name(one.publication_id),
            some(data(one.values_opened, cell, "values_opened"), one.values_opened, "value", "values"),
            data(one.values_closed, cell, "values_closed"),
            Markup(": {}").format(name(one.reason)) if one.reason else "",
        )
        for one in report.publications
        for cell in (Cell("publication", {"publication_id": one.publication_id}),)
    ]


def next_steps(report: RunReport) -> list[Markup]:
    """What to do now, each with its command."""
    steps = []
    if report.status == "failed":
        steps.append(
            Markup("Mend the cause above and run it again; it goes on where it stopped: {}.").format(_run("run"))
        )
    if report.status == "running":
        steps.append(Markup("See whether it is still at work: {}.").format(_run("status")))
    if report.refused:
        steps.append(
            Markup("Ask the bodies for a sound file, or have the contract mended: {}, then {}.").format(
                _run("releases --status refused"), _run("load --retry-refused")
            )
        )
    if report.counts.get("returns_refused"):
        steps.append(Markup("Tell the councils whose returns were refused what is wrong with them: {}.").format(
            _run("returns list")
        ))  # fmt: skip
    if report.held:
        first = report.held[0].indicator_id
        steps.append(
            Markup("Let a data engineer look at what was held: {}. If the figures are right after all: {}.").format(
                _run("status"), _run(f"publish --despite {first}")
            )
        )
    if any(one.overdue for one in report.fresh):
        steps.append(Markup("Ask the bodies whose figures are overdue when they will come: {}.").format(_run("status")))
    if not steps:
        steps.append(Markup("Nothing needs doing. The next run takes what is new by then."))
    return steps


def _run(command: str) -> Markup:
    return Markup("<code>nis {}</code>").format(command)
