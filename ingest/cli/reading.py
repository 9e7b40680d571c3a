"""Commands that tell the state of the platform: status and datasets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ingest.cli.app import app
from ingest.cli.asking import NothingYet, nothing_yet, origin_of, reading, rows_of
from ingest.cli.catalogue import complete_domain, meanings
from ingest.cli.completeness import completeness, share
from ingest.cli.flags import show_chance
from ingest.cli.render import Format, clean, screen, show_table, texts, title_with_notice, whole_output, write

if TYPE_CHECKING:
    from psycopg import Connection

    from ingest.settings import Settings

STALE_RUN = "killed (its process is gone)"


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

    ((ran, landed),) = rows_of(connection, "select exists (select from ops.run), exists (select from ops.release)")
    published = _published(connection)
    if not (ran or landed or published):
        raise nothing_yet(here)
    origin = origin_of(connection, here)
    lines = [
        title_with_notice("Published", origin),
        *(published or ["  nothing is published yet: `nis run` loads, builds, checks and publishes"]),
        "",
        f"  home      {here.home}",
        f"  origin    {origin}",
        f"  database  {safe_url(here)}" + ("" if here.database_url else "  (embedded)"),
    ]
    with whole_output():
        screen().print("\n".join(map(clean_keeping_lines, lines)), markup=False, soft_wrap=True)
    if published:
        show_table(
            "Markers",
            ("marker", "reason", "with a value", "without", "meaning"),
            _markers(connection),
            origin=origin,
            right=("with a value", "without"),
            keep=("marker", "reason"),
        )
    _show_completeness(connection, origin)
    show_chance(connection, origin)
    show_table(
        "Releases by status",
        ("status", "releases", "datasets", "newest"),
        rows_of(
            connection,
            "select status, count(*), count(distinct dataset_id), "
            "to_char(max(retrieved_at), 'YYYY-MM-DD HH24:MI') "
            "from ops.release group by status order by status",
        ),
        right=("releases", "datasets"),
    )
    _show_run(connection)
    held = held_indicators(connection)
    if held:
        title = "Held by gate 2 (their last published values stay)"
        show_table(title, ("indicator", "reason"), held, keep=("indicator",))
    elif rows_of(connection, "select 1 from ops.build where gate_2_at is not null limit 1"):
        with whole_output() as out:
            out.write("Gate 2 held no indicator of the newest build.\n\n")
    show_table(
        "Quarantine",
        ("kind", "rows", "datasets"),
        rows_of(
            connection,
            "select q.reject_kind, count(*), count(distinct q.dataset_id) from ops.quarantine as q "
            "inner join ops.release_in_use as r on q.release_id = r.release_id group by 1 order by 1",
        ),
        right=("rows", "datasets"),
    )


def _published(connection: Connection) -> list[str]:
    """What is published now, in lines; none when nothing is."""
    ((indicators, areas, periods, values, markers),) = rows_of(
        connection,
        "select count(distinct (framework_id, indicator_id)) filter (where value is not null), "
        "count(distinct area_code) filter (where value is not null), "
        "count(distinct (period_start, period_end)) filter (where value is not null), count(value), "
        "count(*) filter (where value is null) from published.value_history where upper_inf(known_during)",
    )
    if not values + markers:
        return []
    lines = [
        f"  {indicators} indicators, {areas} areas and {periods} periods with values; "
        f"{values:,} values, {markers:,} cells with a marker instead"
    ]
    for number, published_at, publish_at, embargoed, opened, closed in rows_of(
        connection,
        "select publication_id, published_at, publish_at, publish_at > now(), values_opened, values_closed "
        "from published.publication order by publication_id desc limit 1",
    ):
        line = f"  newest publication {number}: {published_at:%Y-%m-%d %H:%M} UTC, "
        line += f"{opened:,} values opened, {closed:,} closed"
        lines.append(line + (f", embargoed until {publish_at:%Y-%m-%d %H:%M} UTC" if embargoed else ""))
    return lines


def clean_keeping_lines(text: str) -> str:
    """Text for the screen without control characters."""
    return "\n".join(clean(line) for line in text.split("\n"))


def _markers(connection: Connection) -> Iterator[tuple[object, ...]]:
    for marker, reason, with_value, without in rows_of(
        connection,
        "select marker, reason, count(value), count(*) - count(value) from published.value_history "
        "where upper_inf(known_during) and marker is not null group by 1, 2 order by 1, 4 desc, 2",
    ):
        yield marker, reason, f"{with_value:,}", f"{without:,}", meanings().get(reason or "", "")


def _show_completeness(connection: Connection, origin: str) -> None:
    """Share of the due cells that are published as a value, or as a marker with a reason, by year."""
    shown = [
        (
            one.framework_year,
            "the framework's" if one.own_areas else "all",
            one.areas,
            one.indicators,
            f"{one.due:,}",
            share(one.filled, one.due),
            share(one.explained, one.due),
            share(one.lacking, one.due),
            share(one.due - one.lacking, one.due),
        )
        for one in completeness(connection)
    ]
    columns = (
        "framework year", "which areas", "areas", "indicators", "cells due", "value", "marker explained",
        "neither", "complete",
    )  # fmt: skip
    show_table(
        "Completeness: every cell that is due is a value or an explained marker",
        columns,
        shown,
        origin=origin,
        right=columns[2:],
        keep=columns[:2],
    )


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
        # A gate writes its results in one transaction, so they carry one time; the newest counts.
        "select indicator_id, string_agg(message, '; ' order by message) "
        "from (select distinct indicator_id, message from ops.quality_result "
        "where gate = 2 and severity = 'fail' and not success and (build_id, checked_at) = "
        "(select build_id, checked_at from ops.quality_result where gate = 2 "
        "order by build_id desc nulls last, checked_at desc limit 1)) as failed group by 1 order by 1",
    )


@app.command(epilog="Examples: `nis datasets`, `nis datasets --domain environment --format csv`.")
def datasets(
    domain: Annotated[str | None, typer.Option(help="Only this domain.", autocompletion=complete_domain)] = None,
    freshness: Annotated[
        bool, typer.Option("--freshness", help="Tell instead whether each came when it was promised.")
    ] = False,
    form: Annotated[Format, typer.Option("--format", help="Shape of the answer.")] = Format.TABLE,
) -> None:
    """List the datasets that are declared, and what is held of each."""
    from ingest.registry import select
    from ingest.settings import settings

    chosen = select(domains=[domain] if domain else [])
    if freshness:
        _show_freshness([one.dataset_id for one in chosen], form)
        return
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
    columns = (
        "dataset_id", "domain", "title", "publisher", "interface", "parts_in_use", "newest_good",
        "newest_release",
    )  # fmt: skip
    kinds = ("text", "text", "text", "text", "text", "number", "text", "text")
    write(form, "Datasets", columns, kinds, texts(rows), origin=origin, keep=("dataset_id", "newest_good"))


def _show_freshness(chosen: list[str], form: Format) -> None:
    """State of each dataset as the newest run told it, the latest first."""
    from ingest.settings import settings

    with reading(settings(), "nis_loader") as connection:
        origin = origin_of(connection, settings())
        rows = rows_of(
            connection,
            "select dataset_id, state, period_end::text, expected_on::text, coalesce(arrived_on::text, ''), "
            "to_char(since, 'YYYY-MM-DD') from ops.freshness_state where dataset_id = any(%s) "
            "order by array_position(array['overdue', 'late', 'not_due', 'undated', 'on_time', 'early'], state), 1",
            (chosen,),
        )
    columns = ("dataset_id", "state", "period_end", "expected_on", "arrived_on", "since")
    write(form, "Freshness", columns, ("text",) * len(columns), texts(rows), origin=origin, keep=("dataset_id",))
