"""`nis catalogue`: is the catalogue sound, and does the README say what it holds?"""

from __future__ import annotations

from typing import Annotated

import typer

from ingest.cli.app import app
from ingest.errors import NisError

catalogue = typer.Typer(no_args_is_help=True, help="The catalogue in `dbt_project/seeds`: check it, show it.")
app.add_typer(catalogue, name="catalogue")


@catalogue.command(epilog="Example: `nis catalogue check`, after editing a file of `dbt_project/seeds`.")
def check() -> None:
    """Check every file of the catalogue; faults are told with file and line (exit code 2). Needs no warehouse."""
    from ingest import transform
    from ingest.catalogue.seeds import read

    transform.require_catalogue()
    seeds, _ = read(transform.DBT_PROJECT / "seeds")
    rows = sum(len(table.rows) for table in seeds.tables.values())
    typer.echo(f"the catalogue is sound: {len(seeds.tables)} files, {rows:,} rows", err=True)


@catalogue.command(epilog="Example: `nis catalogue readme`, then commit the README with the seeds.")
def readme(
    only_check: Annotated[
        bool, typer.Option("--check", help="Change nothing; exit code 1 where the README is out of date.")
    ] = False,
) -> None:
    """Write the README's part "What feeds what" from the catalogue."""
    from ingest import transform
    from ingest.catalogue.feeds import rewritten
    from ingest.settings import ROOT

    path = ROOT / "README.md"
    text = path.read_text(encoding="utf-8")
    wanted = rewritten(text, transform.DBT_PROJECT / "seeds")
    if wanted == text:
        typer.echo(f"{path.name} says what the catalogue holds", err=True)
    elif only_check:
        raise NisError(f"{path.name} is out of date with the catalogue", hint="`nis catalogue readme` writes it")
    else:
        path.write_text(wanted, encoding="utf-8")
        typer.echo(f"{path.name} is written", err=True)
