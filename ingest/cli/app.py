"""The typer application that the command modules hang their commands on."""

from __future__ import annotations

import typer

app = typer.Typer(
    name="nis",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    help="Pull the bodies' data, turn them into national indicators, check them and publish them.\n\n"
    "Start with `nis run`; ask with `nis status`, `nis values --ni 192` and `nis sql`.",
)
