"""The stages of the pipeline in their order; each can be run alone, and again: it does what is left to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from ingest import database, freshness, processes, transform
from ingest.contract import Dataset, Returns
from ingest.errors import BadFile, ExitCode, NisError
from ingest.land import Watch, land
from ingest.landing import LandingStore
from ingest.load import load_release, rebuild, refuse, retry_refused, waiting
from ingest.logs import logger
from ingest.registry import datasets as every_dataset
from ingest.returns.inbox import Taken, take_in
from ingest.returns.made import send_made
from ingest.runs import Run
from ingest.settings import Settings

_log = logger("pipeline")


def land_stage(
    settings: Settings, run: Run, datasets: Sequence[Dataset], watch: Watch, landed: Callable[[], object] = lambda: None
) -> None:
    """Take in the returns that were sent to us, and bring what is new from the bodies into the landing store.

    `landed` is called when something new is there, from this thread.
    """
    with run.stage("land"), processes.sandbox(settings) as reachable:
        taken = _returns(settings, run, datasets)
        if taken.accepted:
            landed()
        report = land(reachable, datasets, run.run_id, watch, landed)
    run.add(offered=report.offered, landed=report.landed, unchanged=report.unchanged)
    run.add(not_published=len(report.not_published), withdrawn=len(report.withdrawn))
    for told in report.failed:
        run.worsen(ExitCode.FAILED, f"failed: {told}")
    for told in report.withdrawn:
        run.worsen(ExitCode.HELD, f"withdrawn: {told}")
    run.add(returns_accepted=taken.accepted, returns_refused=len(taken.refused))
    for told in taken.refused:
        # Held, not failed: a scheduler that tried again would find the inbox empty and say that all is well.
        run.worsen(ExitCode.HELD, f"refused return: {told}")


def _returns(settings: Settings, run: Run, datasets: Sequence[Dataset]) -> Taken:
    """Empty the inbox; in a made warehouse the sandbox sends its returns first."""
    if not any(isinstance(dataset.source, Returns) for dataset in datasets):
        return Taken()
    if settings.source == "made":
        try:
            send_made(settings)
        except NisError as error:
            run.worsen(ExitCode.FAILED, f"failed: {error}")
    return take_in(settings, datasets)


def load_stage(
    settings: Settings, run: Run, datasets: Sequence[Dataset], *, refused: bool = False, anew: bool = False
) -> None:
    """Load landed releases into schema raw; a file that cannot be read is refused and the others go on.

    `refused` takes refused releases too; `anew` takes those in use, from the landing store.
    """
    store = LandingStore(settings.landing_url)
    with run.stage("load"):
        with database.connect(settings, "nis_loader") as connection:
            if refused:
                run.add(retried=retry_refused(connection, datasets))
            if anew:
                run.add(retried=rebuild(connection, datasets))
            releases = waiting(connection, datasets)
        for release in releases:
            try:
                with database.connect(settings, "nis_loader") as connection, store.open(release.sha256) as file:
                    rows = load_release(connection, release, file)
                run.add(loaded=1, rows=rows)
                _log.info("loaded", dataset=release.dataset.dataset_id, part=release.part, rows=rows)
            except BadFile as error:
                with database.connect(settings, "nis_loader") as connection:
                    refuse(connection, release, run.run_id, error)
                run.add(refused=1)
                run.worsen(ExitCode.FAILED, f"refused: {error}")
                _log.error("refused", dataset=release.dataset.dataset_id, part=release.part, error=error.message)


def gate_1_stage(settings: Settings, run: Run, datasets: Sequence[Dataset], gates: processes.Gates) -> None:
    """Judge loaded releases; without any, the gate is not even started."""
    ids = [dataset.dataset_id for dataset in datasets]
    with run.stage("gate_1"):
        with database.connect(settings, "nis_loader") as connection:
            row = connection.execute(
                "select count(*) from ops.release where status = 'loaded' and dataset_id = any(%s)", (ids,)
            ).fetchone()
        if row is None or row[0] == 0:
            return
        asked = [part for dataset_id in ids for part in ("--dataset", dataset_id)]
        verdict = gates("gate-1", "--run-id", str(run.run_id), *asked)
    run.add(accepted=len(verdict["accepted"]), refused=len(verdict["refused"]), checks=verdict["checks"])
    for refused in verdict["refused"]:
        run.worsen(
            ExitCode.FAILED,
            f"refused by gate 1: {refused['dataset_id']}/{refused['part']}: {refused['reason']}\n"
            "  way out: `nis releases --status refused`; the last good release stays in use",
        )


def build_stage(settings: Settings, run: Run, *, full: bool = False, dbt: processes.Dbt | None = None) -> int | None:
    """Build the candidate marts unless nothing changed since the newest build; returns the build's id.

    None when that build is published already. `full` builds in any case.
    """
    with run.stage("build"):
        with database.connect(settings, "nis_loader") as connection:
            in_use = connection.execute("select count(*) from ops.release_in_use").fetchone()
            wanted = transform.inputs(connection)
            build_id, _, published = transform.pending_build(connection, wanted.fingerprint)
        if in_use is None or in_use[0] == 0:
            raise NisError("no accepted release to build from", hint="run `nis run`, or `nis releases` to see why")
        if build_id is not None and not full:
            return None if published else build_id
        build_id = transform.build(settings, run.run_id, wanted, full=full, dbt=dbt)
        _log.info("built", build_id=build_id)
    with database.connect(settings, "nis_loader") as connection:
        limits = {dataset_id: dataset.max_fault_share for dataset_id, dataset in every_dataset().items()}
        for told in transform.over_quarantine_limit(connection, limits):
            run.worsen(ExitCode.HELD, f"quarantined above its limit: {told}\n  way out: `nis quarantine --kind fault`")
    return build_id


def gate_2_stage(settings: Settings, run: Run, build_id: int, gates: processes.Gates) -> None:
    """Judge a build; indicators that fail are held, the others go out."""
    with run.stage("gate_2"):
        with database.connect(settings, "nis_loader") as connection:
            row = connection.execute("select gate_2_at from ops.build where build_id = %s", (build_id,)).fetchone()
        if row is not None and row[0] is not None:
            return
        verdict = gates("gate-2", "--build-id", str(build_id), "--run-id", str(run.run_id))
        _log.info("gate 2", passed=len(verdict["passed"]), held=len(verdict["held"]))
    run.add(checks=verdict["checks"], held=len(verdict["held"]))
    for held in verdict["held"]:
        run.worsen(
            ExitCode.HELD,
            f"held: {held['indicator_id']}: {held['reason']}\n"
            f"  way out: mend the cause, or `nis publish --despite {held['indicator_id']}` if the figures are right",
        )


def publish_stage(
    settings: Settings,
    run: Run,
    build_id: int,
    despite: Sequence[str] = (),
    *,
    publish_at: datetime | None = None,
    reason: str | None = None,
    by: str | None = None,
) -> None:
    """Hand the candidate marts to the readers; held indicators only if they are named in `despite`."""
    from ingest.publication import publish

    with run.stage("publish"):
        publication = publish(settings, build_id, despite, publish_at=publish_at, reason=reason, by=by)
    run.add(values_opened=publication.opened, values_closed=publication.closed)
    _log.info(
        "published", publication_id=publication.publication_id, opened=publication.opened, closed=publication.closed
    )


def run_all(settings: Settings, run: Run, datasets: Sequence[Dataset], watch: Watch, *, full: bool = False) -> None:
    """All stages. With nothing new from the bodies, neither dbt nor Great Expectations is started."""
    with processes.Gates(settings) as gates, processes.Dbt(settings) as dbt:

        def landed() -> None:
            # Both take seconds to make ready; they do it while the other files come.
            dbt.start()
            gates.start()

        land_stage(settings, run, datasets, watch, landed)
        load_stage(settings, run, datasets)
        gate_1_stage(settings, run, datasets, gates)
        build_id = build_stage(settings, run, full=full, dbt=dbt)
        if build_id is not None:
            gate_2_stage(settings, run, build_id, gates)
    if build_id is not None:
        publish_stage(settings, run, build_id)
    # A day on which nothing came may be the day on which something becomes late.
    with database.connect(settings, "nis_loader") as connection:
        freshness.refresh(connection, run.run_id, datetime.now(UTC).date())
