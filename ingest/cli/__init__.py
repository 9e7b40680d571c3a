"""The command line `nis`: every module of this folder hangs its commands on `ingest.cli.app.app`."""

from __future__ import annotations

import importlib
import pkgutil
import sys

import typer

from ingest.cli.app import app
from ingest.errors import ExitCode, NisError

__all__ = ["app", "main"]

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"ingest.cli.{_module.name}")


def main() -> None:
    """Run the command line; ends the process with an exit code of `ingest.errors.ExitCode`."""
    try:
        app()
    except NisError as error:
        typer.echo(f"nis: {error}", err=True)
        sys.exit(int(error.exit_code))
    except KeyboardInterrupt:
        typer.echo("nis: interrupted; run the same command again, it goes on where it stopped", err=True)
        sys.exit(int(ExitCode.FAILED))
