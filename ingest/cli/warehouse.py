"""Commands about the database itself: `nis db start|stop|url|psql`."""

from __future__ import annotations

import os
from typing import Annotated, Literal

import typer

from ingest.cli.app import app
from ingest.errors import UsageError
from ingest.settings import settings

db = typer.Typer(no_args_is_help=True, help="The embedded PostgreSQL, or the server of NIS_DATABASE_URL.")
app.add_typer(db, name="db")

RoleOption = Annotated[
    Literal["owner", "reader", "inspector"],
    typer.Option("--as", help="Who logs in: owner may do all; reader and inspector only read what is published."),
]


@db.command(epilog="Example: `nis db start`")
def start() -> None:
    """Start the embedded server and bring its tables up to date."""
    from ingest import database

    chosen = settings()
    database.upgrade(chosen)
    typer.echo(f"running: {database.safe_url(chosen)}", err=True)


@db.command(epilog="Example: `nis db stop`")
def stop(
    force: Annotated[bool, typer.Option("--force", help="Even while a run is at work; it can be run again.")] = False,
) -> None:
    """Stop the embedded server; the data stay."""
    from ingest import database

    chosen = settings()
    if chosen.database_url is not None:
        raise UsageError("NIS_DATABASE_URL names a server that is not ours to stop", hint="unset it first")
    if not force and database.embedded(chosen).running() and database.at_work(chosen):
        raise UsageError("a run is at work on this warehouse", hint="wait for it, or `nis db stop --force`")
    typer.echo("stopped" if database.embedded(chosen).stop() else "it was not running", err=True)


@db.command(epilog="Example: `nis db url --as reader`, for a BI tool")
def url(role: RoleOption = "reader") -> None:
    """Print a connection URL of the embedded server, with its password."""
    from ingest import database

    chosen = settings()
    if chosen.database_url is not None:
        raise UsageError(
            "NIS_DATABASE_URL names a server of yours", hint="give people logins there: `grant reader to ...`"
        )
    database.upgrade(chosen)
    typer.echo(database.url(chosen, "" if role == "owner" else role))


@db.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    epilog='Examples: `nis db psql` · `nis db psql --as reader -- -c "\\\\dt+ published.*"`',
)
def psql(context: typer.Context, role: RoleOption = "owner") -> None:
    """Open psql as the owner or as a reader, with the client that comes with the embedded server."""
    from urllib.parse import unquote, urlsplit

    from ingest import database
    from ingest.database.embedded import Embedded

    chosen = settings()
    if role != "owner" and chosen.database_url is not None:
        raise UsageError("NIS_DATABASE_URL names a server of yours", hint="log in there as somebody who is a reader")
    parts = urlsplit(database.url(chosen, "" if role == "owner" else role))
    program = Embedded.binary("psql")
    # The password goes through the environment: arguments are visible to every user of the machine.
    os.environ["PGPASSWORD"] = unquote(parts.password or "")
    where = ["-h", parts.hostname or "127.0.0.1", "-p", str(parts.port or 5432), "-U", unquote(parts.username or "")]
    os.execv(program, [str(program), *where, parts.path.lstrip("/"), *context.args])
