"""Commands that tell the state of the platform: status, datasets, releases, quarantine."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ingest.cli import indicators as _indicators  # noqa: F401  (registers its commands)
from ingest.cli import query as _query  # noqa: F401
from ingest.cli import values as _values  # noqa: F401
from ingest.cli.app import app
from ingest.cli.asking import NothingYet, origin_of, reading, relations, rows_of
from ingest.cli.catalogue import complete_dataset, complete_domain, framework_span, meanings
from ingest.cli.render import Format, clean, screen, show_table, texts, title_with_notice, whole_output, write

if TYPE_CHECKING:
    from psycopg import Connection

    from ingest.settings import Settings

STALE_RUN = "killed (its process is gone)"


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


@app.command(epilog="Example: `nis status`. Afterwards: `nis indicators --missing`, `nis releases --status refused`.")
def status() -> None:
    """Tell what is published, how complete it is, what is held and how the newest run went."""
    from ingest.settings import settings

    here = settings()
    try:
        with reading(here, "nis_loader") as connection:
            _show_status(connection, here)
    except NothingYet as error:
        with whole_output() as out:
            out.write(f"{error.message}: {error.hint}\n  data would be: {here.source}\n")


def _show_status(connection: Connection, here: Settings) -> None:
    from ingest.database import safe_url

    origin = origin_of(connection, here)
    (published,) = rows_of(
        connection,
        "select count(distinct (framework_id, indicator_id)) filter (where value is not null), "
        "count(distinct area_code), count(distinct (period_start, period_end)), count(value), "
        "count(*) filter (where value is null), count(*) from published.value where upper_inf(known_during)",
    )
    lines = [title_with_notice("Published", origin)]
    if published[5]:
        lines.append(
            f"  {published[0]} indicators with values, {published[1]} areas, {published[2]} periods; "
            f"{published[3]:,} values, {published[4]:,} cells with a marker instead"
        )
        newest = rows_of(
            connection,
            "select publication_id, published_at, publish_at, publish_at > now(), values_opened, values_closed "
            "from published.publication order by publication_id desc limit 1",
        )
        for number, published_at, publish_at, embargoed, opened, closed in newest:
            lines.append(
                f"  newest publication {number}: {published_at:%Y-%m-%d %H:%M} UTC, {opened:,} values opened, "
                f"{closed:,} closed" + (f", embargoed until {publish_at:%Y-%m-%d %H:%M} UTC" if embargoed else "")
            )
    else:
        lines.append("  nothing is published yet: `nis run` loads, builds, checks and publishes")
    lines += [
        "",
        f"  home      {here.home}",
        f"  origin    {origin}",
        f"  database  {safe_url(here)}" + ("" if here.database_url else "  (embedded)"),
    ]
    with whole_output():
        screen().print("\n".join(map(clean_keeping_lines, lines)), markup=False, soft_wrap=True)
    if published[5]:
        show_table("Markers", ("marker", "reason", "with a value", "without", "meaning"), _markers(connection),
                   origin=origin, right=("with a value", "without"), keep=("marker", "reason"))  # fmt: skip
    _show_completeness(connection, origin)
    show_table(
        "Releases by status",
        ("status", "releases", "datasets", "newest"),
        rows_of(
            connection,
            "select status, count(*), count(distinct dataset_id), to_char(max(retrieved_at), 'YYYY-MM-DD HH24:MI') "
            "from ops.release group by status order by status",
        ),
        right=("releases", "datasets"),
    )
    _show_run(connection)
    held = held_indicators(connection)
    if held:
        show_table("Held by gate 2 (their last published values stay)", ("indicator", "reason"), held,
                   keep=("indicator",))  # fmt: skip
    elif rows_of(connection, "select 1 from ops.build where gate_2_at is not null limit 1"):
        with whole_output() as out:
            out.write("Gate 2 held no indicator of the newest build.\n\n")
    show_table(
        "Quarantine",
        ("kind", "rows", "datasets"),
        rows_of(
            connection,
            "select reject_kind, count(*), count(distinct dataset_id) from ops.quarantine group by 1 order by 1",
        ),
        right=("rows", "datasets"),
    )


def clean_keeping_lines(text: str) -> str:
    """Text for the screen without control characters."""
    return "\n".join(clean(line) for line in text.split("\n"))


def _markers(connection: Connection) -> Iterator[tuple[object, ...]]:
    for marker, reason, with_value, without in rows_of(
        connection,
        "select marker, reason, count(value), count(*) - count(value) from published.value "
        "where upper_inf(known_during) and marker is not null group by 1, 2 order by 1, 4 desc, 2",
    ):
        yield marker, reason, f"{with_value:,}", f"{without:,}", meanings().get(reason or "", "")


def _show_completeness(connection: Connection, origin: str) -> None:
    """Share of the index's cells that are published as a value or as a marker with a reason, by framework year."""
    first, last = framework_span()
    due = (
        "select framework_year, count(*) as cells from indicators.indicator_index group by framework_year"
        if "indicator_index" in relations(connection, "indicators")
        else "select framework_year, count(*) as cells from published.value where upper_inf(known_during) "
        "group by framework_year"
    )
    rows = rows_of(
        connection,
        "with due as (" + due + "), present as (select framework_year, count(value) as filled, "
        "count(*) filter (where value is null and marker is not null and reason is not null) as explained "
        "from published.value where upper_inf(known_during) group by framework_year) "
        "select due.framework_year, due.cells, coalesce(p.filled, 0), coalesce(p.explained, 0) from due "
        "left join present as p on due.framework_year = p.framework_year "
        "where due.framework_year between %s and %s order by 1",
        (first, last),
    )
    shown = [
        (
            year,
            f"{cells:,}",
            _share(filled, cells),
            _share(explained, cells),
            _share(max(cells - filled - explained, 0), cells),
        )
        for year, cells, filled, explained in rows
    ]
    show_table(
        "Completeness by framework year",
        ("framework year", "cells due", "value", "marker with reason", "not published"),
        shown,
        origin=origin,
        right=("cells due", "value", "marker with reason", "not published"),
    )


def _share(part: int, whole: int) -> str:
    """A share in per cent that never rounds up to all or down to none."""
    if not whole or part in (0, whole):
        return "0 %" if part == 0 else "100 %"
    return f"{min(max(100 * part / whole, 0.1), 99.9):.1f} %"


def _show_run(connection: Connection) -> None:
    from ingest.database import LOCK_RUN

    runs = rows_of(
        connection,
        "select run_id, command, status, started_at, finished_at, seconds_by_stage, counts, error "
        "from ops.run order by run_id desc limit 1",
    )
    if not runs:
        with whole_output() as out:
            out.write("No run has been recorded yet.\n\n")
        return
    number, command, state, started, finished, seconds, counts, error = runs[0]
    if state == "running" and not lock_held(connection, LOCK_RUN):
        state = STALE_RUN
    lines = [f"Newest run: {number}, `{command}`, {state}"]
    lines.append(
        f"  started {started:%Y-%m-%d %H:%M:%S} UTC"
        + (f", took {(finished - started).total_seconds():.1f} s" if finished else "")
    )
    if seconds:
        lines.append("  seconds by stage: " + ", ".join(f"{stage} {_number(took)}" for stage, took in seconds.items()))
    if counts:
        lines.append("  counts: " + ", ".join(f"{name} {_number(count)}" for name, count in counts.items()))
    if error:
        lines.append(f"  error: {error}")
    with whole_output() as out:
        out.write("\n".join(map(clean_keeping_lines, lines)) + "\n\n")


def _number(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.1f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def lock_held(connection: Connection, key: int) -> bool:
    """Tell whether a session holds an advisory lock of this database."""
    return bool(
        rows_of(
            connection,
            "select 1 from pg_locks as l inner join pg_database as d on l.database = d.oid "
            "where l.locktype = 'advisory' and l.granted and d.datname = current_database() "
            "and (l.classid::bigint << 32) + l.objid::bigint = %s",
            (key,),
        )
    )


def held_indicators(connection: Connection) -> list[tuple[str, str]]:
    """Indicators that gate 2 held when it last judged, with the reasons."""
    return rows_of(
        connection,
        # A gate writes its results in one transaction, so they carry one time: the newest is the last judgement.
        "select indicator_id, string_agg(message, '; ' order by message) from (select distinct indicator_id, message "
        "from ops.quality_result where gate = 2 and severity = 'fail' and not success and (build_id, checked_at) = "
        "(select build_id, checked_at from ops.quality_result where gate = 2 "
        "order by build_id desc nulls last, checked_at desc limit 1)) as failed group by 1 order by 1",
    )


@app.command(epilog="Examples: `nis datasets`, `nis datasets --domain environment --format csv`.")
def datasets(
    domain: Annotated[str | None, typer.Option(help="Only this domain.", autocompletion=complete_domain)] = None,
    form: Annotated[Format, typer.Option("--format", help="Shape of the answer.")] = Format.TABLE,
) -> None:
    """List the datasets that are declared, and what is held of each."""
    from ingest.registry import select
    from ingest.settings import settings

    chosen = select(domains=[domain] if domain else [])
    held: dict[str, tuple[int, str, str]] = {}
    origin = ""
    try:
        with reading(settings(), "nis_loader") as connection:
            origin = origin_of(connection, settings())
            for name, *rest in rows_of(
                connection,
                "with newest as (select distinct on (dataset_id) dataset_id, "
                "status || coalesce(': ' || status_reason, '') as state from ops.release "
                "order by dataset_id, offered_at desc, release_id desc), "
                "good as (select dataset_id, count(distinct part) as parts, "
                "max(coalesce(published_on, offered_at::date))::text as newest_on from ops.release_in_use "
                "group by dataset_id) "
                "select n.dataset_id, coalesce(g.parts, 0), coalesce(g.newest_on, ''), n.state "
                "from newest as n left join good as g on n.dataset_id = g.dataset_id",
            ):
                held[name] = (rest[0], rest[1], rest[2])
    except NothingYet:
        held = {}
    rows = [
        (
            one.dataset_id,
            one.domain.value,
            one.title,
            one.publisher,
            type(one.source).__name__,
            *held.get(one.dataset_id, (0, "", "never landed")),
        )
        for one in chosen
    ]
    columns = ("dataset", "domain", "title", "publisher", "interface", "parts in use", "newest good", "newest release")
    kinds = ("text", "text", "text", "text", "text", "number", "text", "text")
    write(form, "Datasets", columns, kinds, texts(rows), origin=origin, keep=("dataset", "newest good"))


@app.command(epilog="Examples: `nis releases --status refused`, `nis releases --dataset decc_la_co2 --format json`.")
def releases(
    dataset: Annotated[
        str | None, typer.Option(help="Only this dataset.", autocompletion=complete_dataset)
    ] = None,
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
            "to_char(retrieved_at, 'YYYY-MM-DD HH24:MI'), size_bytes, row_count, left(sha256, 12), url, status_reason "
            "from ops.release where (%(dataset)s::text is null or dataset_id = %(dataset)s) "
            "and (%(status)s::text is null or status = %(status)s) order by release_id desc limit %(limit)s",
            {"dataset": dataset, "status": state.value if state else None, "limit": limit + 1 if limit else None},
        )
    columns = ("id", "dataset", "part", "status", "maturity", "published", "retrieved (UTC)", "bytes", "rows", "sha256",
               "url", "reason")  # fmt: skip
    kinds = ["number" if name in ("id", "bytes", "rows") else "text" for name in columns]
    if form is Format.TABLE:
        rows = [(*row[:10], _tail(row[10]), row[11]) for row in rows]
    write(form, "Releases", columns, kinds, texts(rows), origin=origin, limit=limit or None, keep=("dataset", "sha256"))


def _tail(url: str) -> str:
    """The end of an address, where releases of a dataset differ."""
    return url if len(url) <= 40 else "…" + url[-39:]


@app.command(
    epilog="Examples: `nis quarantine`, `nis quarantine --dataset decc_la_co2 --kind fault`, "
    "`nis quarantine --dataset decc_la_co2 --format csv --limit 0`."
)
def quarantine(
    dataset: Annotated[
        str | None,
        typer.Option(help="Show the rows of this dataset, not only their counts.", autocompletion=complete_dataset),
    ] = None,
    kind: Annotated[
        RejectKind | None, typer.Option(help="fault: cannot be read; scope: sound, and not used.")
    ] = None,
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
        "from ops.quarantine where (%(dataset)s::text is null or dataset_id = %(dataset)s) "
        "and (%(kind)s::text is null or reject_kind = %(kind)s) "
    )
    rows: list[Any] = []
    with reading(settings(), "nis_loader") as connection:
        origin = origin_of(connection, settings())
        counts = rows_of(
            connection,
            "select dataset_id, reject_reason, reject_kind, count(*) " + where + "group by 1, 2, 3 order by 1, 3, 4 desc",
            only,
        )
        if dataset:
            rows = rows_of(
                connection,
                "select release_id, table_name, row_number, source_column, reject_kind, reject_reason, column_name, value "
                + where
                + "order by release_id, table_name, row_number, source_column limit %(limit)s",
                only,
            )
    if form is Format.TABLE or not dataset:
        told = ((*row, meanings().get(row[1], "")) for row in counts)
        write(form, "Quarantine", ("dataset", "reason", "kind", "rows", "meaning"),
              ("text", "text", "text", "number", "text"), texts(told), origin=origin, keep=("dataset", "reason"))  # fmt: skip
    if dataset:
        columns = ("release", "table", "row_number", "source_column", "kind", "reason", "column", "value")
        kinds = ("number", "text", "number", "text", "text", "text", "text", "text")
        write(form, f"Quarantined rows of {dataset}", columns, kinds, texts(rows), origin=origin, limit=limit or None)
