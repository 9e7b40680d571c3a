"""The doctor's findings, and those of them that the warehouse gives."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from psycopg import Connection

    from ingest.settings import Settings

MOST_OBJECTS = 2000
"""Landed objects that are looked up; a store across the network answers some tens a second."""


class Level(StrEnum):
    """How a check went."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor: what was looked at, how it is, and the way out."""

    level: Level
    what: str
    detail: str
    way_out: str = ""


def ok(what: str, detail: str) -> Finding:
    """A check that passed."""
    return Finding(Level.OK, what, detail)


def warn(what: str, detail: str, way_out: str) -> Finding:
    """A check that a run survives."""
    return Finding(Level.WARN, what, detail, way_out)


def fail(what: str, detail: str, way_out: str) -> Finding:
    """A check without which a run cannot succeed."""
    return Finding(Level.FAIL, what, detail, way_out)


def warehouse(settings: Settings) -> Iterator[Finding]:
    """Findings about the server, its roles and tables, and what they hold."""
    from ingest import database
    from ingest.cli.asking import START_HINT, NothingYet, answered, opened, relations

    if settings.database_url is None:
        server = database.embedded(settings).binary("postgres")
        if not os.access(server, os.X_OK):
            yield fail("embedded PostgreSQL", f"{server} cannot be run", "`make install`")
            return
        yield ok("embedded PostgreSQL", str(server.parent))
    try:
        with opened(settings, "") as connection, answered(settings):
            connection.read_only = True
            yield from _server(connection)
            if "migration" not in relations(connection, "ops"):
                yield warn("warehouse", "has no tables yet", START_HINT)
                return
            yield from _tables(connection)
            yield from _stamp(connection, settings)
            yield from _objects(connection, settings)
            yield from _runs(connection)
    except NothingYet as error:
        yield warn("warehouse", error.message, error.hint)


def _server(connection: Connection) -> Iterator[Finding]:
    info = connection.info
    where = f"{info.host}:{info.port}/{info.dbname} as {info.user}"
    if info.server_version < 180000:
        yield fail(
            "server",
            f"{where} is PostgreSQL {info.server_version // 10000}; 18 is needed",
            "upgrade the server",
        )
        return
    version = f"PostgreSQL {info.server_version // 10000}.{info.server_version % 10000}"
    yield ok("server", f"{version} at {where}")
    found = connection.execute("select 1 from pg_available_extensions where name = 'btree_gist'").fetchone()
    if found is None:
        yield fail("btree_gist", "the extension is not available", "install the server's contrib package")
    else:
        yield ok("btree_gist", "available")


def _tables(connection: Connection) -> Iterator[Finding]:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    from ingest.settings import ROOT

    wanted = ("nis_loader", "nis_transformer", "nis_publisher", "inspector", "reader")
    rows = connection.execute(
        "select rolname, pg_has_role(current_user, oid, 'set') from pg_roles where rolname = any(%s)",
        (list(wanted),),
    ).fetchall()
    usable = {name for name, may in rows if may}
    if missing := [role for role in wanted if role not in usable]:
        yield fail(
            "roles",
            f"missing or not ours to use: {', '.join(missing)}",
            "`nis migrate` as the database's owner",
        )
    else:
        yield ok("roles", ", ".join(wanted))
    config = Config()
    config.set_main_option("script_location", str(ROOT / "ingest" / "migrations"))
    head = ScriptDirectory.from_config(config).get_current_head()
    row = connection.execute("select version_num from ops.migration").fetchone()
    if row is None or row[0] != head:
        at = row[0] if row else "none"
        yield fail("migrations", f"the warehouse is at {at}, the code at {head}", "`nis migrate`")
    else:
        yield ok("migrations", f"up to date ({head})")


def _stamp(connection: Connection, settings: Settings) -> Iterator[Finding]:
    row = connection.execute("select origin from ops.home").fetchone()
    if row is not None and row[0] != settings.source:
        yield fail(
            "origin",
            f"the warehouse holds {row[0]} data and NIS_SOURCE is {settings.source}",
            f"set NIS_SOURCE={row[0]}, or another NIS_HOME (NIS_DATABASE_URL)",
        )
    else:
        yield ok("origin", settings.source)


def _objects(connection: Connection, settings: Settings) -> Iterator[Finding]:
    """Are the bytes of the releases still in the landing store?"""
    from ingest.landing import LandingStore

    rows = connection.execute(
        "select sha256, max(dataset_id || ' ' || part) from ops.release group by sha256 "
        "order by max(release_id) desc limit %s",
        (MOST_OBJECTS,),
    ).fetchall()
    store = LandingStore(settings.landing_url)
    gone = [name for sha256, name in rows if not store.exists(sha256)]
    if gone:
        more = f" and {len(gone) - 3} more" if len(gone) > 3 else ""
        yield fail(
            "landed objects",
            f"{len(gone)} of {len(rows)} are not in {settings.landing_url}: {', '.join(gone[:3])}{more}",
            "check NIS_LANDING; without them raw cannot be rebuilt",
        )
    else:
        yield ok("landed objects", f"all {len(rows)} are in the store")


def _runs(connection: Connection) -> Iterator[Finding]:
    from ingest.cli.reading import lock_held
    from ingest.database import LOCK_RUN

    rows = connection.execute(
        "select run_id, command, started_at from ops.run where status = 'running' order by run_id"
    ).fetchall()
    if not rows:
        yield ok("runs", "none is under way")
    elif lock_held(connection, LOCK_RUN):
        yield ok("runs", f"run {rows[-1][0]} (`{rows[-1][1]}`) is under way since {rows[-1][2]:%Y-%m-%d %H:%M} UTC")
    else:
        listed = ", ".join(str(row[0]) for row in rows)
        yield warn(
            "runs",
            f"killed before their end: {listed}",
            "start `nis run` again: it goes on where they stopped",
        )
