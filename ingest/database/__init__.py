"""The warehouse: where it is, how to connect as which role, and how it is brought up to date."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote, urlsplit

from ingest.database.embedded import DATABASE, Embedded
from ingest.errors import DatabaseError
from ingest.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg import Connection

Role = Literal["nis_loader", "nis_transformer", "nis_publisher", "inspector", "reader", ""]
LOCK_RUN = 2008_04_01
"""Advisory lock of a run: one pipeline at a time on one warehouse."""


def embedded(settings: Settings) -> Embedded:
    """The embedded cluster of this home."""
    return Embedded(settings.home / "db")


def url(settings: Settings, role: Role = "", *, start: bool = True) -> str:
    """URL of the warehouse; with a role, the session works as that role.

    Starts the embedded server when there is no NIS_DATABASE_URL and `start` is true.
    Raises DatabaseError when the embedded server is needed and down.
    """
    if settings.database_url is not None:
        base = settings.database_url.get_secret_value()
    else:
        cluster = embedded(settings)
        if not start and not cluster.running():
            raise DatabaseError("the embedded PostgreSQL is not running", hint="start it with `nis db start`")
        base = cluster.start()
    if not role:
        return base
    options = quote(f"-c role={role}")
    return f"{base}{'&' if urlsplit(base).query else '?'}options={options}"


def safe_url(settings: Settings) -> str:
    """The warehouse's address without its password, for people and logs."""
    parts = urlsplit(url(settings))
    return f"postgresql://{parts.username}@{parts.hostname}:{parts.port or 5432}{parts.path}"


@contextmanager
def connect(settings: Settings, role: Role = "", *, autocommit: bool = False) -> Iterator[Connection]:
    """A psycopg connection as a role; commits at the end, rolls back on an error.

    Raises DatabaseError when the server cannot be reached.
    """
    import psycopg

    try:
        connection = psycopg.connect(url(settings, role), autocommit=autocommit, connect_timeout=15)
    except psycopg.OperationalError as error:
        where = "NIS_DATABASE_URL" if settings.database_url else f"the embedded server of {settings.home}"
        raise DatabaseError(
            f"cannot connect to {where}: {str(error).strip().splitlines()[-1]}",
            hint="`nis doctor` tells what is wrong; `nis migrate` sets up the roles of a new server",
        ) from error
    with connection:
        yield connection


def upgrade(settings: Settings) -> None:
    """Bring roles, schemas and tables up to date; doing it twice changes nothing.

    Raises DatabaseError when the server is not PostgreSQL 18 or the home holds another origin.
    """
    from sqlalchemy import create_engine, text

    from alembic import command
    from alembic.config import Config
    from ingest.database.origin import claim
    from ingest.database.raw import create_raw_tables
    from ingest.registry import datasets

    base = url(settings)
    if settings.database_url is None:
        _ensure_database(base)
    engine = create_engine(base.replace("postgresql://", "postgresql+psycopg://", 1))
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent.parent / "migrations"))
    with engine.begin() as connection:
        version = int(connection.execute(text("show server_version_num")).scalar_one())
        if version < 180000:
            raise DatabaseError(
                f"the warehouse needs PostgreSQL 18 (temporal keys); the server is {version // 10000}",
                hint="upgrade the server, or unset NIS_DATABASE_URL to use the embedded one",
            )
        connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": LOCK_RUN + 1})
        connection.execute(text("create schema if not exists ops"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        create_raw_tables(connection, datasets().values())
        claim(connection, settings.source)
    engine.dispose()


def _ensure_database(owner_url: str) -> None:
    """Create the warehouse's database in a new embedded cluster."""
    import psycopg
    from psycopg import sql

    maintenance = owner_url.rsplit("/", 1)[0] + "/postgres"
    with psycopg.connect(maintenance, autocommit=True) as connection:
        known = connection.execute("select 1 from pg_database where datname = %s", (DATABASE,)).fetchone()
        if known is None:
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(DATABASE)))
