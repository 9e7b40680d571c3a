"""The warehouse: where it is, how to connect as which role, and how it is brought up to date."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote, urlsplit

from ingest.database.embedded import DATABASE, Embedded
from ingest.errors import DatabaseError
from ingest.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg
    from psycopg import Connection
    from sqlalchemy import Connection as SqlConnection

Role = Literal["nis_loader", "nis_transformer", "nis_publisher", "inspector", "reader", ""]
MIGRATIONS = Path(__file__).parent.parent / "migrations"
LOCK_RUN = 2008_04_01
"""Advisory lock of a run: one pipeline at a time on one warehouse."""
LOCK_PUBLICATION = LOCK_RUN + 2
"""Advisory lock of whoever writes what is known, or pins a moment of it."""
LOGINS: tuple[Role, ...] = ("inspector", "reader")
"""Roles of people and BI tools: on the embedded server they log in as themselves."""
SESSION: dict[Role, str] = {
    # `alter role ... set` holds for logins only, and these sessions take the role on after theirs.
    "inspector": " -c statement_timeout=120s",
    "reader": " -c default_transaction_read_only=on -c statement_timeout=30s",
}


def embedded(settings: Settings) -> Embedded:
    """The embedded cluster of this home."""
    return Embedded(settings.home / "db")


def url(settings: Settings, role: Role = "", *, start: bool = True) -> str:
    """URL of the warehouse; with a role, the session works as that role.

    On the embedded server readers log in as themselves; every other session takes its role on.
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
        if role in LOGINS and (login := cluster.login_url(role)):
            return login
    if not role:
        return base
    options = quote(f"-c role={role}{SESSION.get(role, '')}")
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

    address = url(settings, role)
    try:
        connection = psycopg.connect(address, autocommit=autocommit, connect_timeout=15)
    except psycopg.Error as error:
        raise _unreachable(settings, error) from None
    with connection:
        yield connection


def _unreachable(settings: Settings, error: psycopg.Error) -> DatabaseError:
    """The error that tells why there is no connection, without the password that stands in the URL."""
    import psycopg

    where = "NIS_DATABASE_URL" if settings.database_url else f"the embedded server of {settings.home}"
    if not isinstance(error, psycopg.OperationalError):
        return DatabaseError(
            f"{where} is not the address of a PostgreSQL server",
            hint="write it as postgresql://user:password@host:port/dbname, special characters as %XX",
        )
    return DatabaseError(
        f"cannot connect to {where}: {str(error).strip().splitlines()[-1].strip()}",
        hint="`nis doctor` tells what is wrong; `nis migrate` sets up the roles of a new server",
    )


def at_work(settings: Settings) -> bool:
    """Tell whether a run holds the lock of the warehouse."""
    with connect(settings) as connection:
        row = connection.execute(
            "select count(*) from pg_locks where locktype = 'advisory' and objid = %s and granted "
            "and database = (select oid from pg_database where datname = current_database())",
            (LOCK_RUN,),
        ).fetchone()
    return row is not None and row[0] > 0


def upgrade(settings: Settings, *, always: bool = False) -> None:
    """Bring roles, schemas and tables up to date; doing it twice changes nothing.

    A warehouse that was set up by the same migrations and contracts is looked at no further, but with `always`.
    Raises DatabaseError when the server cannot be reached or is not PostgreSQL 18, or when the home holds
    another origin.
    """
    base, wanted = url(settings), _set_up_by()
    if not always and _is_set_up(settings, base, wanted):
        return

    import psycopg
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine, text

    from ingest.database.origin import claim
    from ingest.database.raw import create_raw_tables
    from ingest.registry import datasets

    if settings.database_url is None:
        _ensure_database(base)

    def opened() -> psycopg.Connection:
        try:
            return psycopg.connect(base, connect_timeout=15)
        except psycopg.Error as error:
            raise _unreachable(settings, error) from None

    engine = create_engine("postgresql+psycopg://", creator=opened)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
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
        if settings.database_url is None:
            _give_logins(connection, embedded(settings))
        connection.execute(text("update ops.home set set_up_by = :wanted"), {"wanted": wanted})
    engine.dispose()


def _set_up_by() -> str:
    """Hash of all that `upgrade` brings into a warehouse, and of how."""
    from ingest.contract import raw_columns
    from ingest.registry import datasets

    digest = hashlib.sha256()
    migrations = (path for path in MIGRATIONS.rglob("*") if path.suffix in {".py", ".sql"})
    for path in sorted((*migrations, *Path(__file__).parent.glob("*.py"))):
        digest.update(path.read_bytes())
    for dataset in datasets().values():
        tables = [(dataset.raw_table(table), raw_columns(table)) for table in dataset.tables]
        digest.update(repr((tables, dataset.title, dataset.publisher, dataset.licence)).encode())
    return digest.hexdigest()


def _is_set_up(settings: Settings, base: str, wanted: str) -> bool:
    """Tell, without Alembic and SQLAlchemy, which take most of a second to import, that there is nothing to bring."""
    import psycopg

    if settings.database_url is None and not all(embedded(settings).login_url(role) for role in LOGINS):
        return False
    try:
        with psycopg.connect(base, connect_timeout=15) as connection:
            known = connection.execute("select origin, set_up_by from ops.home").fetchone()
    except psycopg.Error:
        # A new database, or none that answers: what follows tells why.
        return False
    return known == (settings.source, wanted)


def _give_logins(connection: SqlConnection, cluster: Embedded) -> None:
    """Let readers log in to the embedded server, each with a password of its own."""
    for role in LOGINS:
        # Made of letters, digits, - and _ alone, by us. Set each time, in case an earlier upgrade was rolled back.
        connection.exec_driver_sql(f"alter role {role} login password '{cluster.login_password(role)}'")


def _ensure_database(owner_url: str) -> None:
    """Create the warehouse's database in a new embedded cluster."""
    import psycopg
    from psycopg import sql

    maintenance = owner_url.rsplit("/", 1)[0] + "/postgres"
    with psycopg.connect(maintenance, autocommit=True) as connection:
        known = connection.execute("select 1 from pg_database where datname = %s", (DATABASE,)).fetchone()
        if known is None:
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(DATABASE)))
