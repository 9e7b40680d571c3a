"""An embedded server for the room's tests; each module has a database of its own there."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql
from pydantic import SecretStr

from ingest import database
from ingest.settings import Settings
from tests.ingest.publishing import CANDIDATE, Publishing, bare_candidates
from tests.ingest.warehouse import Warehouse
from tests.published import EMPTY


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
def warehouse(server: Settings, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """A fresh warehouse, reached through NIS_DATABASE_URL as a server in production is."""
    name = str(request.node.name).removesuffix(".py").replace("/", "_")
    base = database.url(server)
    with psycopg.connect(base, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    settings = Settings(
        home=tmp_path_factory.mktemp("home"),
        source="made",
        database_url=SecretStr(f"{base.rpartition('/')[0]}/{name}"),
    )
    database.upgrade(settings)
    return Warehouse(settings)


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
