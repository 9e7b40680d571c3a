"""A warehouse of its own for the gates, and a way to put releases into it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from psycopg import sql

from ingest import database, registry
from ingest.contract import raw_columns
from ingest.settings import Settings


@dataclass(frozen=True)
class Warehouse:
    """An embedded warehouse with all migrations, and short ways to fill and read it."""

    settings: Settings

    def query(self, statement: str, parameters: Sequence[object] = (), role: str = "nis_loader") -> list[Any]:
        """Rows of a statement, as a role."""
        with database.connect(self.settings, role) as connection:  # type: ignore[arg-type]
            cursor = connection.execute(statement.encode(), parameters or None)
            return cursor.fetchall() if cursor.description else []

    def deliver(
        self,
        dataset_id: str,
        part: str,
        tables: dict[str, list[dict[str, str | None]]],
        status: str = "loaded",
    ) -> int:
        """Insert a release with its rows, as the loader leaves it; returns its id."""
        dataset = registry.datasets()[dataset_id]
        digest = hashlib.sha256(f"{dataset_id} {part} {tables}".encode()).hexdigest()
        with database.connect(self.settings, "nis_loader") as connection:
            row = connection.execute(
                "insert into ops.release (dataset_id, part, url, sha256, size_bytes, publisher, licence, "
                "maturity, status, origin, supersedes, loaded_at) "
                "values (%s, %s, 'http://127.0.0.1/', %s, 1, %s, %s, %s, 'loaded', 'made', %s, now()) "
                "returning release_id",
                (
                    dataset_id,
                    part,
                    digest,
                    dataset.publisher,
                    dataset.licence.value,
                    dataset.maturity.value,
                    dataset.supersedes.value,
                ),
            ).fetchone()
            assert row is not None
            release_id = int(row[0])
            for table in dataset.tables:
                name = dataset.raw_table(table)
                if name not in tables:
                    continue
                connection.execute(
                    sql.SQL("create table raw.{} partition of raw.{} for values in ({})").format(
                        sql.Identifier(f"{name}__r{release_id}"),
                        sql.Identifier(name),
                        sql.Literal(release_id),
                    )
                )
                columns = raw_columns(table)
                statement = sql.SQL("copy raw.{} (release_id, row_number, {}) from stdin").format(
                    sql.Identifier(name), sql.SQL(", ").join(map(sql.Identifier, columns))
                )
                with connection.cursor() as cursor, cursor.copy(statement) as copy:
                    for number, record in enumerate(tables[name], start=1):
                        copy.write_row((release_id, number, *(record.get(column) for column in columns)))
        return release_id

    def release(self, release_id: int) -> tuple[str, str | None, bool]:
        """Status, reason, and whether the gate has looked at a release."""
        ((status, reason, checked),) = self.query(
            "select status, status_reason, checked_at is not null from ops.release where release_id = %s",
            (release_id,),
        )
        return status, reason, checked

    def in_use(self, dataset_id: str, part: str) -> list[int]:
        """Releases of a part that feed the measures."""
        rows = self.query(
            "select release_id from ops.release_in_use where dataset_id = %s and part = %s",
            (dataset_id, part),
        )
        return [row[0] for row in rows]


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """A fresh warehouse of made data; its server is stopped at the end."""
    folder: Path = tmp_path_factory.mktemp("gates")
    if os.geteuid() == 0:
        # Root's server runs as another user, who must be able to pass through pytest's private folders.
        for parent in (folder, *folder.parents[:2]):
            parent.chmod(0o711)
    settings = Settings(home=folder, source="made", database_url=None)
    database.upgrade(settings)
    yield Warehouse(settings)
    database.embedded(settings).stop()
