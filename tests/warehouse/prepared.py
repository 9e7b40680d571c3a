"""A warehouse with seeds and areas, made once: tests take copies of its database to put their own rows in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from pydantic import SecretStr

from ingest import database, processes
from ingest.settings import Settings

MODEL = "prepared"
SCRATCH = "scratch"
"""Name of a database that modules use in turn: dbt reads its project anew for another name, and so only once."""
CARELESS = ("fsync = off", "full_page_writes = off", "synchronous_commit = off")
"""Nothing here has to survive a power cut."""


@dataclass(frozen=True)
class Prepared:
    """A running server and the database that copies are taken of."""

    server: Settings

    @classmethod
    def make(cls, home: Path) -> Prepared:
        """Start a server and have dbt load the seeds and build the areas."""
        made = cls(Settings(home=home, source="made", database_url=None))
        made.maintain(*(f"alter system set {setting}" for setting in CARELESS), "select pg_reload_conf()")
        settings = made.bare(SCRATCH)
        log = home / "prepared.log"
        kinds = ("--resource-type", "seed", "--resource-type", "model")
        code = processes.dbt(settings, ["build", "--select", "path:seeds", "path:models/areas", *kinds], log)
        assert code == 0, log.read_text()[-4000:]
        made.maintain(f"alter database {SCRATCH} rename to {MODEL}")
        return made

    def named(self, name: str) -> Settings:
        """Settings of a database of this server."""
        base = database.url(self.server).rpartition("/")[0]
        return self.server.model_copy(update={"database_url": SecretStr(f"{base}/{name}")})

    def bare(self, name: str) -> Settings:
        """A new database with all migrations and nothing else."""
        self.maintain(f"create database {name}")
        database.upgrade(self.named(name))
        return self.named(name)

    def copy(self, name: str = SCRATCH) -> Settings:
        """A fresh copy under a name, in place of an earlier one."""
        self.maintain(f"drop database if exists {name} with (force)", f"create database {name} template {MODEL}")
        return self.named(name)

    def maintain(self, *statements: str) -> None:
        """Run statements that concern databases or the whole server."""
        with psycopg.connect(f"{database.url(self.server).rpartition('/')[0]}/postgres", autocommit=True) as connection:
            for statement in statements:
                connection.execute(sql.SQL(statement))
