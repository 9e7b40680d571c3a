"""The command `nis pending`: is there something to build or publish? For schedules."""

from __future__ import annotations

import typer

from ingest.cli.app import app
from ingest.settings import settings

NOTHING = 99
"""Exit code of `nis pending` when there is nothing to do."""


@app.command(epilog="Example: `nis pending && nis build`")
def pending() -> None:
    """Tell by the exit code whether a build or a publication is due: 0 it is, 99 it is not."""
    from ingest import database
    from ingest.transform import inputs, pending_build

    chosen = settings()
    database.upgrade(chosen)
    with database.connect(chosen, "nis_loader") as connection:
        accepted = connection.execute("select exists (select from ops.release_in_use)").fetchone()
        build_id, _, published = pending_build(connection, inputs(connection).fingerprint)
    if not accepted or not accepted[0] or (build_id is not None and published):
        typer.echo("nothing to build or publish", err=True)
        raise typer.Exit(NOTHING)
    typer.echo(f"build {build_id} is to be published" if build_id else "releases wait to be built", err=True)
