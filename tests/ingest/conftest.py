"""An embedded server for the room's tests; each module has a database of its own there."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql
from pydantic import SecretStr

from ingest import database
from ingest.settings import Settings
from tests.ingest.publishing import CANDIDATE, Publishing, bare_candidates
from tests.ingest.warehouse import Warehouse
from tests.published import EMPTY


def copy_database(server: Settings, settings: Settings) -> None:
    """Make the database of these settings a copy of the server's own, which nobody uses at the moment.

    Who may connect and make temporary tables is not copied with a database.
    """
    base, name = (urlsplit(database.url(one)) for one in (server, settings))
    source, copy = (sql.Identifier(one.path.lstrip("/")) for one in (base, name))
    with psycopg.connect(base._replace(path="/postgres").geturl(), autocommit=True) as connection:
        connection.execute(sql.SQL("create database {} template {}").format(copy, source))
        connection.execute(sql.SQL("revoke all on database {} from public").format(copy))
        rights = connection.execute(
            "select grantee::regrole::text, privilege_type from pg_database cross join aclexplode(datacl) "
            "where datname = %s and grantee <> 0",
            (base.path.lstrip("/"),),
        ).fetchall()
        assert rights
        for role, right in rights:
            connection.execute(
                sql.SQL("grant {} on database {} to {}").format(sql.SQL(right), copy, sql.Identifier(role))
            )


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A running embedded server with a migrated warehouse, below folders that are private to their owner."""
    settings = Settings(home=tmp_path_factory.mktemp("server"), source="made", database_url=None)
    database.upgrade(settings)
    with database.connect(settings, autocommit=True) as connection:
        # Nothing here has to survive a power cut.
        connection.execute("alter system set fsync = off")
        connection.execute("select pg_reload_conf()")
    yield settings
    database.embedded(settings).stop()


@pytest.fixture(scope="module")
def empty(server: Settings, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a module's own database, which is not there yet."""
    name = str(request.node.name).removesuffix(".py").replace("/", "_")
    url = SecretStr(f"{database.url(server).rpartition('/')[0]}/{name}")
    return Settings(home=tmp_path_factory.mktemp("home"), source="made", database_url=url)


@pytest.fixture(scope="module")
def warehouse(server: Settings, empty: Settings) -> Warehouse:
    """A fresh warehouse, reached through NIS_DATABASE_URL as a server in production is.

    It is a copy of the server's own: going through all migrations again takes seconds for each module.
    """
    copy_database(server, empty)
    return Warehouse(empty)


@pytest.fixture
def publishing(warehouse: Warehouse) -> Publishing:
    """Candidate tables with three indicators and two areas; nothing is published yet."""
    warehouse.query(
        EMPTY,
        role="nis_publisher",
    )
    warehouse.query("truncate ops.build, ops.quality_result cascade", role="nis_loader")
    warehouse.query(CANDIDATE, role="nis_transformer")
    bare_candidates(warehouse)
    return Publishing(warehouse)
