"""Short ways to make, fill and read a warehouse of its own."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import create_engine

from ingest import database
from ingest.contract import Body, BulkFiles, Column, Dataset, Delimited, Domain, Reader, Table
from ingest.database import Role
from ingest.database.raw import create_raw_tables
from ingest.load import Landed, load_release
from ingest.settings import Settings


def dataset(dataset_id: str, *tables: Table, **changes: Any) -> Dataset:
    """A dataset whose files are put in the test's own hands."""
    declared: dict[str, Any] = {
        "domain": Domain.POLICE,
        "title": "Tables of a test",
        "publisher": "Home Office",
        "body": Body.POLICE,
        "source": BulkFiles((("all", "/all.csv"),)),
        "tables": tables or (plain("a", "b", "c"),),
        **changes,
    }
    return Dataset(dataset_id=dataset_id, **declared)


def plain(*names: str, reader: Reader | None = None, **changes: Any) -> Table:
    """A table with these columns, read from plain CSV unless told otherwise."""
    return Table(columns=tuple(map(Column, names)), reader=reader or Delimited(), **changes)


@dataclass(frozen=True)
class Warehouse:
    """A migrated database of a running server."""

    settings: Settings

    def query(self, statement: str, parameters: Sequence[object] = (), role: Role = "nis_loader") -> list[Any]:
        """Rows of a statement, as a role."""
        with database.connect(self.settings, role) as connection:
            cursor = connection.execute(statement.encode(), parameters or None)
            return cursor.fetchall() if cursor.description else []

    def one(self, statement: str, parameters: Sequence[object] = (), role: Role = "nis_loader") -> Any:
        """The only cell of the only row."""
        ((cell,),) = self.query(statement, parameters, role)
        return cell

    def declare(self, *datasets: Dataset) -> None:
        """Make the raw tables of datasets that are not in the registry."""
        address = database.url(self.settings).replace("postgresql://", "postgresql+psycopg://", 1)
        engine = create_engine(address)
        with engine.begin() as connection:
            create_raw_tables(connection, datasets)
        engine.dispose()

    def land(self, which: Dataset, data: bytes, part: str = "all", name: str = "all.csv") -> Landed:
        """Record a landed release of some bytes."""
        url = f"http://127.0.0.1/{name}?key=1"
        sha256 = hashlib.sha256(data).hexdigest()
        release_id = self.one(
            "insert into ops.release (dataset_id, part, url, sha256, size_bytes, publisher, licence, maturity, "
            "origin, supersedes, offered_at) values (%s, %s, %s, %s, %s, %s, %s, %s, 'made', %s, clock_timestamp()) "
            "returning release_id",
            (
                which.dataset_id,
                part,
                url,
                sha256,
                max(len(data), 1),
                which.publisher,
                which.licence.value,
                which.maturity.value,
                which.supersedes.value,
            ),
        )
        return Landed(release_id, which, part, sha256, url)

    def load(self, release: Landed, data: bytes) -> int:
        """Load a release in a transaction of its own, as the pipeline does."""
        with database.connect(self.settings, "nis_loader") as connection:
            return load_release(connection, release, io.BytesIO(data))

    def deliver(self, which: Dataset, data: bytes, part: str = "all") -> Landed:
        """Land and load some bytes."""
        release = self.land(which, data, part)
        self.load(release, data)
        return release

    def rows(self, which: Dataset, release: Landed, table: int = 0) -> list[tuple[Any, ...]]:
        """Rows of a release in the order of its file: row number, then the columns of the contract."""
        of = which.tables[table]
        columns = ", ".join(f'"{column.name}"' for column in of.columns)
        return self.query(
            f'select row_number, {columns} from raw."{which.raw_table(of)}" where release_id = %s order by 1',
            (release.release_id,),
        )

    def status(self, release: Landed | int) -> str:
        """Status of a release."""
        number = release if isinstance(release, int) else release.release_id
        return str(self.one("select status from ops.release where release_id = %s", (number,)))

    def in_use(self, which: Dataset) -> list[tuple[str, int]]:
        """Part and id of the releases that feed the measures."""
        return self.query(
            "select part, release_id from ops.release_in_use where dataset_id = %s order by 1, 2",
            (which.dataset_id,),
        )
