"""A scratch warehouse: rows of raw tables made by hand go in, dbt builds what stands on them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from psycopg import Connection, sql

from ingest import database, processes
from ingest.settings import Settings

Row = dict[str, str]

RELEASE = """
insert into ops.release (
    dataset_id, part, url, sha256, size_bytes, publisher, licence, maturity, origin, supersedes, status, offered_at
) values (
    %s, %s, 'http://127.0.0.1/', %s, 1, 'A body', 'OGL-UK-3.0', 'final', 'made', 'part', 'accepted', now()
) returning release_id
"""


def read(path: Path) -> list[Row]:
    """Rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@dataclass
class Scratch:
    """A warehouse with seeds and areas, and the releases that were put into it."""

    settings: Settings
    releases: dict[tuple[str, str], int] = field(default_factory=dict)

    def deliver(self, raw_table: str, rows: Iterable[Mapping[str, str]], part: str = "all") -> int:
        """Put one release with these rows into a raw table, numbered from 1; returns its id.

        Empty cells become null, as they do when a file is loaded; columns that a row lacks are null too.
        """
        dataset_id, _, table = raw_table.partition("__")
        with database.connect(self.settings, "nis_loader") as connection:
            number = len(self.releases) + 1
            found = connection.execute(RELEASE, (dataset_id, part + table, f"{number:064x}")).fetchone()
            assert found is not None, "insert ... returning gives a row"
            release_id = int(found[0])
            self._copy(connection, raw_table, release_id, list(rows))
        self.releases[raw_table, part] = release_id
        return release_id

    @staticmethod
    def _copy(connection: Connection, raw_table: str, release_id: int, rows: list[Mapping[str, str]]) -> None:
        columns = list(rows[0])
        partition = sql.Identifier("raw", f"{raw_table}_{release_id}")
        connection.execute(
            sql.SQL("create table {} partition of {} for values in ({})").format(
                partition, sql.Identifier("raw", raw_table), sql.Literal(release_id)
            )
        )
        target = sql.SQL("copy {} (release_id, row_number, {}) from stdin").format(
            partition, sql.SQL(", ").join(map(sql.Identifier, columns))
        )
        with connection.cursor().copy(target) as copy:
            for number, row in enumerate(rows, 1):
                copy.write_row((release_id, number, *(row[column] or None for column in columns)))

    def build(self, *selected: str) -> None:
        """Build the selected models."""
        log = self.settings.artifacts / "dbt.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        assert processes.dbt(self.settings, ["run", "--select", *selected], log) == 0, log.read_text()[-4000:]

    def query(self, statement: str, parameters: tuple[object, ...] = ()) -> list[Any]:
        """Rows of a statement."""
        with database.connect(self.settings) as connection:
            return connection.execute(statement.encode(), parameters or None).fetchall()
