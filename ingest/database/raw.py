"""Tables of schema `raw`: one for each table of a contract, partitioned by release."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, text
from sqlalchemy.dialects.postgresql.base import PGIdentifierPreparer

from ingest.contract import Dataset, raw_columns


def create_raw_tables(connection: Connection, datasets: Iterable[Dataset]) -> None:
    """Create missing raw tables and add missing columns, as role `nis_loader`.

    Only ever adds: a column that left its contract stays, since older releases filled it.
    """
    quoted: PGIdentifierPreparer = connection.dialect.identifier_preparer  # type: ignore[assignment]
    present: dict[str, set[str]] = {}
    rows = connection.execute(
        text("select table_name, column_name from information_schema.columns where table_schema = 'raw'")
    )
    for table_name, column_name in rows:
        present.setdefault(str(table_name), set()).add(str(column_name))
    connection.execute(text("set local role nis_loader"))
    for dataset in datasets:
        for table in dataset.tables:
            name = dataset.raw_table(table)
            columns = raw_columns(table)
            if name not in present:
                listed = ", ".join(f"{quoted.quote_identifier(column)} text" for column in columns)
                connection.execute(
                    text(
                        f"create table raw.{quoted.quote_identifier(name)} "
                        f"(release_id bigint not null, row_number bigint not null, {listed}) "
                        "partition by list (release_id)"
                    )
                )
                note = f"{dataset.title}. {dataset.publisher}. Text as delivered; {dataset.licence.value}."
                comment = note.replace("'", "''")
                connection.execute(text(f"comment on table raw.{quoted.quote_identifier(name)} is '{comment}'"))
                continue
            for column in columns:
                if column not in present[name]:
                    connection.execute(
                        text(
                            f"alter table raw.{quoted.quote_identifier(name)} "
                            f"add column {quoted.quote_identifier(column)} text"
                        )
                    )
    connection.execute(text("reset role"))
