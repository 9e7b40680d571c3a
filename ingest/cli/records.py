"""Commands that list what was delivered: releases and quarantined rows."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer

from ingest.cli.app import app
from ingest.cli.asking import origin_of, reading, rows_of
from ingest.cli.catalogue import complete_dataset, meanings
from ingest.cli.render import Format, texts, write


class ReleaseStatus(StrEnum):
    """States of a release."""

    LANDED = "landed"
    LOADED = "loaded"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class RejectKind(StrEnum):
    """Kinds of quarantined rows."""

    FAULT = "fault"
    SCOPE = "scope"


@app.command(epilog="Examples: `nis releases --status refused`, `nis releases --dataset decc_la_co2 --format json`.")
def releases(
    dataset: Annotated[str | None, typer.Option(help="Only this dataset.", autocompletion=complete_dataset)] = None,
    state: Annotated[ReleaseStatus | None, typer.Option("--status", help="Only releases in this state.")] = None,
    limit: Annotated[int, typer.Option(min=0, help="Most releases to show, newest first; 0 for all.")] = 100,
    form: Annotated[Format, typer.Option("--format", help="Shape of the answer.")] = Format.TABLE,
) -> None:
    """List releases: every download, by its bytes, with what became of it."""
    from ingest.registry import select
    from ingest.settings import settings

    if dataset:
        select([dataset])
    with reading(settings(), "nis_loader") as connection:
        origin = origin_of(connection, settings())
        rows = rows_of(
            connection,
            "select release_id, dataset_id, part, status, maturity, published_on, "
            "to_char(retrieved_at, 'YYYY-MM-DD HH24:MI'), size_bytes, row_count, sha256, url, status_reason "
            "from ops.release where (%(dataset)s::text is null or dataset_id = %(dataset)s) "
            "and (%(status)s::text is null or status = %(status)s) order by release_id desc limit %(limit)s",
            {
                "dataset": dataset,
                "status": state.value if state else None,
                "limit": limit + 1 if limit else None,
            },
        )
    columns = (
        "release_id", "dataset_id", "part", "status", "maturity", "published_on", "retrieved_at",
        "size_bytes", "row_count", "sha256", "url", "status_reason",
    )  # fmt: skip
    kinds = ["number" if name in ("release_id", "size_bytes", "row_count") else "text" for name in columns]
    if form is Format.TABLE:
        columns = (
            "id", "dataset", "part", "status", "maturity", "published", "retrieved", "bytes", "rows",
            "sha256", "url", "reason",
        )  # fmt: skip
        rows = [(*row[:9], row[9][:12], _tail(row[10]), row[11]) for row in rows]
    keep = ("dataset", "part", "status", "published", "sha256")
    write(form, "Releases", columns, kinds, texts(rows), origin=origin, limit=limit or None, keep=keep)


def _tail(url: str) -> str:
    """The end of an address, where releases of a dataset differ."""
    return url if len(url) <= 30 else "…" + url[-29:]


@app.command(
    epilog="Examples: `nis quarantine`, `nis quarantine --dataset decc_la_co2 --kind fault`, "
    "`nis quarantine --dataset decc_la_co2 --format csv --limit 0`."
)
def quarantine(
    dataset: Annotated[
        str | None,
        typer.Option(help="Show the rows of this dataset, not only their counts.", autocompletion=complete_dataset),
    ] = None,
    kind: Annotated[RejectKind | None, typer.Option(help="fault: cannot be read; scope: sound, and not used.")] = None,
    limit: Annotated[int, typer.Option(min=0, help="Most rows to show; 0 for all.")] = 50,
    form: Annotated[Format, typer.Option("--format", help="Shape of the answer.")] = Format.TABLE,
) -> None:
    """Tell which delivered rows feed no measure, and why."""
    from ingest.registry import select
    from ingest.settings import settings

    if dataset:
        select([dataset])
    only = {"dataset": dataset, "kind": kind.value if kind else None, "limit": limit + 1 if limit else None}
    where = (
        "from ops.quarantine where release_id in (select release_id from ops.release_in_use) "
        "and (%(dataset)s::text is null or dataset_id = %(dataset)s) "
        "and (%(kind)s::text is null or reject_kind = %(kind)s) "
    )
    rows: list[Any] = []
    with reading(settings(), "nis_loader") as connection:
        origin = origin_of(connection, settings())
        counts = rows_of(
            connection,
            "select dataset_id, reject_reason, reject_kind, count(*) "
            + where
            + "group by 1, 2, 3 order by 1, 3, 4 desc",
            only,
        )
        if dataset:
            rows = rows_of(
                connection,
                "select release_id, table_name, row_number, source_column, reject_kind, reject_reason, "
                "column_name, value "
                + where
                + "order by release_id, table_name, row_number, source_column limit %(limit)s",
                only,
            )
    if form is Format.TABLE or not dataset:
        told = ((*row, meanings().get(row[1], "")) for row in counts)
        columns: tuple[str, ...] = ("dataset_id", "reject_reason", "reject_kind", "rows", "meaning")
        kinds: tuple[str, ...] = ("text", "text", "text", "number", "text")
        keep = ("dataset_id", "reject_reason")
        write(form, "Quarantine", columns, kinds, texts(told), origin=origin, keep=keep)
    if dataset:
        columns = (
            "release_id", "table_name", "row_number", "source_column", "reject_kind", "reject_reason",
            "column_name", "value",
        )  # fmt: skip
        kinds = ("number", "text", "number", "text", "text", "text", "text", "text")
        write(
            form,
            f"Quarantined rows of {dataset}",
            columns,
            kinds,
            texts(rows),
            origin=origin,
            limit=limit or None,
        )
