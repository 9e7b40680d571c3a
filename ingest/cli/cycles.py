"""`nis snapshot`: what an assessment cycle rests on, pinned and provable."""

from __future__ import annotations

from typing import Annotated

import typer

from ingest.cli.app import app
from ingest.cli.render import Format, say, texts, write
from ingest.cli.values import moment
from ingest.errors import ExitCode

snapshot = typer.Typer(no_args_is_help=True, help="Assessment cycles: freeze what one rests on, and prove it later.")
app.add_typer(snapshot, name="snapshot")

CycleArgument = Annotated[str, typer.Argument(help="Name of the cycle, as 2009.")]


@snapshot.command(epilog="Example: `nis snapshot freeze 2009 --by 'Jane Smith' --known-at 2009-10-01`")
def freeze(
    cycle: CycleArgument,
    by: Annotated[str, typer.Option(help="Who answers for it.")],
    known_at: Annotated[str | None, typer.Option(help="The moment it rests on; now by default.")] = None,
) -> None:
    """Pin a cycle to what is known at a moment; it never moves again."""
    from ingest.publication.cycles import freeze as frozen
    from ingest.settings import settings

    done = frozen(settings(), cycle, by, moment(known_at) if known_at else None)
    say(f"cycle {done.cycle}: {done.row_count:,} cells as known at {done.known_at:%Y-%m-%d %H:%M:%S} UTC")
    typer.echo(done.sha256)


@snapshot.command(epilog="Example: `nis snapshot verify 2009`")
def verify(cycle: CycleArgument) -> None:
    """Rebuild a cycle's figures and compare their hash with the one kept; exit code 1 when they differ."""
    from ingest.publication.cycles import rebuilt_sha256
    from ingest.settings import settings

    kept, found = rebuilt_sha256(settings(), cycle)
    if kept.sha256 != found:
        say(f"cycle {cycle}: kept {kept.sha256}, rebuilt {found}: somebody changed what was known")
        raise typer.Exit(int(ExitCode.FAILED))
    say(f"cycle {cycle}: the same {kept.row_count:,} cells")
    typer.echo(found)


@snapshot.command(name="list", epilog="Example: `nis snapshot list`")
def list_cycles(form: Annotated[Format, typer.Option("--format", help="Shape of the answer.")] = Format.TABLE) -> None:
    """List the cycles."""
    from ingest.publication.cycles import cycles
    from ingest.settings import settings

    chosen = settings()
    rows = [
        (one.cycle, f"{one.known_at:%Y-%m-%d %H:%M}", str(one.row_count), one.frozen_by, one.sha256)
        for one in cycles(chosen)
    ]
    names = ("cycle", "known at (UTC)", "cells", "frozen by", "sha256")
    write(
        form, "Assessment cycles", names, ("text", "text", "number", "text", "text"), texts(rows), origin=chosen.source
    )
