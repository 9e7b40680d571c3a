"""Commands that make things happen: run, land, load, check, build."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ingest import logs
from ingest.cli.app import app
from ingest.errors import ExitCode, NisError, UsageError
from ingest.registry import by_domain, datasets, select
from ingest.settings import ROOT, Origin, Settings, settings

if TYPE_CHECKING:
    from ingest.land import Watch
    from ingest.runs import Run


def _dataset_ids(incomplete: str) -> list[str]:
    return [dataset_id for dataset_id in datasets() if dataset_id.startswith(incomplete)]


def _domains(incomplete: str) -> list[str]:
    return [domain.value for domain in by_domain() if domain.value.startswith(incomplete)]


Datasets = Annotated[
    list[str], typer.Option("--dataset", help="Only this dataset; may be repeated.", autocompletion=_dataset_ids)
]
Domains = Annotated[
    list[str], typer.Option("--domain", help="Only this domain; may be repeated.", autocompletion=_domains)
]


STAGE_PATIENCE = 900.0
"""Seconds that one stage waits for another: a scheduler starts several at once. A whole run does not wait."""


def execute(command: str, chosen: Settings, work: Callable[[Run, Watch], None]) -> None:
    """Prepare the warehouse, do the work under the lock, tell how it ended, leave with its exit code."""
    from ingest import database
    from ingest.cli.progress import display
    from ingest.cli.summary import show
    from ingest.runs import recorded

    logs.configure(chosen.log_format, chosen.log_level)
    database.upgrade(chosen)
    with recorded(chosen, command, patience=0.0 if command == "run" else STAGE_PATIENCE) as run, display() as shown:
        run.on_stage = shown.stage
        work(run, shown.download)
    show(chosen, run)
    if run.exit_code is not ExitCode.DONE:
        raise typer.Exit(int(run.exit_code))


def chosen_settings(source: Origin | None = None, samples: Path | None = None) -> Settings:
    """Settings with the options of the command laid over them."""
    base = settings()
    update: dict[str, object] = {}
    if samples is not None:
        source = source or "sample"
        update["samples"] = samples
    if source is not None and source != base.source:
        update["source"] = source
        # Made data and real files never meet: each has its own home unless one was named.
        if "home" not in base.model_fields_set:
            update["home"] = ROOT / ".nis" / ("samples" if source == "sample" else source)
    return base.model_copy(update=update)


@app.command(epilog="Examples: `nis run` · `nis run --samples ../shared/samples` · `nis run --dataset defra_waste`")
def run(
    dataset: Datasets = [],  # noqa: B006 - typer reads the default
    domain: Domains = [],  # noqa: B006
    samples: Annotated[
        Path | None,
        typer.Option(help="Folder of real source files for the sandbox to serve.", exists=True, file_okay=False),
    ] = None,
    source: Annotated[Origin | None, typer.Option(help="made, sample or live bodies.")] = None,
    full: Annotated[bool, typer.Option("--full", help="Build and check again even if nothing changed.")] = False,
) -> None:
    """Pull, load, check, transform, check and publish; a second run does only what is new."""
    from ingest import transform
    from ingest.pipeline import run_all

    transform.require_catalogue()
    chosen = chosen_settings(source, samples)
    picked = select(dataset, domain)
    execute("run", chosen, lambda work, watch: run_all(chosen, work, picked, watch, full=full))


@app.command(epilog="Example: `nis land --domain police`")
def land(dataset: Datasets = [], domain: Domains = []) -> None:  # noqa: B006
    """Bring what is new from the bodies into the landing store."""
    from ingest.pipeline import land_stage

    chosen, picked = chosen_settings(), select(dataset, domain)
    execute("land", chosen, lambda work, watch: land_stage(chosen, work, picked, watch))


@app.command(epilog="Examples: `nis load` · `nis load --dataset decc_la_co2 --retry-refused`, then `nis check`")
def load(
    dataset: Datasets = [],  # noqa: B006
    domain: Domains = [],  # noqa: B006
    retry_refused: Annotated[
        bool, typer.Option("--retry-refused", help="Refused releases too, once their contract has been mended.")
    ] = False,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Releases in use too, anew from the landing store; then `nis check`.")
    ] = False,
) -> None:
    """Load landed releases into schema raw, one transaction each."""
    from ingest.pipeline import load_stage

    chosen, picked = chosen_settings(), select(dataset, domain)
    execute("load", chosen, lambda work, _: load_stage(chosen, work, picked, refused=retry_refused, anew=rebuild))


@app.command(epilog="Examples: `nis check` · `nis check --gate 2`")
def check(
    gate: Annotated[int, typer.Option(min=1, max=2, help="1: loaded releases; 2: the newest build.")] = 1,
    dataset: Datasets = [],  # noqa: B006
    domain: Domains = [],  # noqa: B006
) -> None:
    """Judge loaded releases (gate 1) or the newest build (gate 2)."""
    from ingest import processes
    from ingest.pipeline import gate_1_stage, gate_2_stage

    chosen, picked = chosen_settings(), select(dataset, domain)
    if gate == 2 and (dataset or domain):
        raise UsageError("gate 2 judges a whole build", hint="leave --dataset and --domain out")

    def work(run: Run, _: Watch) -> None:
        with processes.Gates(chosen) as gates:
            if gate == 1:
                gate_1_stage(chosen, run, picked, gates)
            else:
                gate_2_stage(chosen, run, build_at_hand(chosen), gates)

    execute("check", chosen, work)


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    epilog="Examples: `nis build` · `nis build --full` · `nis build -- test --select fact_value`",
)
def build(
    context: typer.Context,
    full: Annotated[bool, typer.Option("--full", help="Build even if nothing changed.")] = False,
) -> None:
    """Build the candidate marts with dbt. After `--`, run dbt itself with the arguments given."""
    from ingest import database, transform
    from ingest.pipeline import build_stage

    transform.require_catalogue()
    chosen = chosen_settings()
    if context.args:
        logs.configure(chosen.log_format, chosen.log_level)
        database.upgrade(chosen)
        raise typer.Exit(int(ExitCode.FAILED if transform.by_hand(chosen, context.args) else ExitCode.DONE))

    def work(run: Run, _: Watch) -> None:
        if build_stage(chosen, run, full=full) is None:
            typer.echo("nothing changed since the build that is published", err=True)

    execute("build", chosen, work)


@app.command(epilog="Example: `nis migrate`, once for a new server named by NIS_DATABASE_URL")
def migrate() -> None:
    """Bring roles, schemas and tables of the warehouse up to date; doing it twice changes nothing."""
    from ingest import database

    chosen = chosen_settings()
    database.upgrade(chosen, always=True)
    typer.echo(f"up to date: {database.safe_url(chosen)}", err=True)


def build_at_hand(chosen: Settings) -> int:
    """The build whose tables are here; NisError when there is none."""
    from ingest import database

    with database.connect(chosen, "nis_loader") as connection:
        row = connection.execute("select build_id from ops.build_at_hand").fetchone()
    if row is None:
        raise NisError("there is no finished build", hint="run `nis build` first")
    return int(row[0])
