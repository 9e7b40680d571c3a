"""`nis indicators`: what the catalogue holds, and what is due and missing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ingest.catalogue.feeds import ranges
from ingest.cli.app import app
from ingest.cli.asking import NothingYet, origin_of, reading, relations, rows_of
from ingest.cli.catalogue import (
    bodies,
    body_called,
    complete_body,
    complete_ni,
    components_of,
    datasets_of,
    datasets_of_measures,
    framework_span,
    framework_year,
    indicators_of,
    meanings,
    seed,
)
from ingest.cli.inspectorates import complete_inspectorate, inspectorate_called, last_day, themes_of
from ingest.cli.render import Format, clean, say, show_table, texts, whole_output, write
from ingest.errors import UsageError

if TYPE_CHECKING:
    from psycopg import Connection

Rows = list[dict[str, str]]
_KEY = ("framework_id", "indicator_id", "component")


@app.command(
    epilog="Examples:\n\n"
    "- `nis indicators --ni 186`\n\n"
    "- `nis indicators --missing --year 2008-09`\n\n"
    "- `nis indicators --missing --body Ofsted`\n\n"
    "- `nis indicators --inspectorate cqc`\n\n"
    "- `nis indicators --missing --format csv > missing.csv`"
)
def indicators(
    missing: Annotated[
        bool,
        typer.Option("--missing", help="What is due in the framework's years and has no figure, by body."),
    ] = False,
    body: Annotated[
        str | None, typer.Option(help="Only what this body owes; goes with --missing.", autocompletion=complete_body)
    ] = None,
    year: Annotated[str | None, typer.Option(help="Only this framework year, as 2008-09; goes with --missing.")] = None,
    ni: Annotated[
        int | None, typer.Option("--ni", help="Only this national indicator.", autocompletion=complete_ni)
    ] = None,
    inspectorate: Annotated[
        str | None,
        typer.Option(
            help="Only themes this inspectorate answers for, in the framework's years or at the end of --year.",
            autocompletion=complete_inspectorate,
        ),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Also list indicators that have no component in the catalogue yet.")
    ] = False,
    form: Annotated[Format, typer.Option("--format", help="Shape of the answer.")] = Format.TABLE,
) -> None:
    """List indicators with method, datasets and published values; with --missing, what is due and absent."""
    if (body or year) and not missing:
        raise UsageError("--body and --year go with --missing", hint="add --missing")
    chosen = indicators_of(ni) if ni is not None else list(seed("indicators"))
    if inspectorate:
        days = (framework_year(year),) * 2 if year else framework_span()
        # With a year, who answers is settled on its last day; without, on any day of the framework's years.
        first = last_day(days[0]) if year else last_day(days[0]).replace(year=int(days[0][:4]), month=4, day=1)
        themes = themes_of(inspectorate_called(inspectorate), first, last_day(days[1]))
        chosen = [row for row in chosen if row["theme"] in themes]
    if missing:
        _show_missing(chosen, form, body_called(body) if body else None, framework_year(year) if year else None)
    else:
        _show_indicators(chosen, form, every=every or ni is not None)
    if form is Format.TABLE:
        if ni is not None and not missing:
            _show_details(chosen)
        bare = [int(row["ni"]) for row in chosen if row["set_status"] == "in_set" and not components_of(row)]
        if bare and (missing or not every):
            say(f"{len(bare)} indicators have no component in the catalogue yet: NI {ranges(bare)}")


def _show_indicators(chosen: Rows, form: Format, *, every: bool) -> None:
    from ingest.settings import settings

    counts: dict[tuple[str, ...], tuple[int, int]] = {}
    origin, ran = "", True
    try:
        with reading(settings(), "nis_loader") as connection:
            origin = origin_of(connection, settings())
            for *key, filled, marked in rows_of(
                connection,
                "select framework_id, indicator_id, component, count(value), count(marker) "
                "from published.value_history where upper_inf(known_during) group by 1, 2, 3",
            ):
                counts[tuple(key)] = (filled, marked)
    except NothingYet:
        ran = False
    rows: list[tuple[object, ...]] = []
    for one in chosen:
        parts = components_of(one)
        for part in parts:
            sources = ", ".join(datasets_of(part))
            numbers = counts.get(tuple(part[name] for name in _KEY), (0, 0))
            rows.append((one["ni"], part["component"], part["title"], part["method"], part["unit"], sources, *numbers))
        if every and not parts:
            rows.append((one["ni"], None, one["title"], None, one["unit"], None, 0, 0))
    columns = ("ni", "component", "title", "method", "unit", "datasets", "values", "markers")
    kinds = ("number", "text", "text", "text", "text", "text", "number", "number")
    write(form, "Indicators", columns, kinds, texts(rows), origin=origin, keep=("component", "method"))
    if not ran:
        say("nothing has been run yet, so nothing is published: start with `nis run`")


def _show_details(chosen: Rows) -> None:
    """What the catalogue says of an indicator, below its table."""
    names = (
        "theme",
        "lead_department",
        "set_status",
        "status_note",
        "definition_confidence",
        "formula_note",
        "source_url",
    )
    with whole_output() as out:
        for one in chosen:
            out.write(f"{one['indicator_id']} of {one['framework_id']}: {clean(one['title'])}\n")
            for name in names:
                if one.get(name):
                    out.write(f"  {name.replace('_', ' ')}: {clean(one[name])}\n")
            for part in components_of(one):
                if part["note"]:
                    out.write(f"  note on {part['component']}: {clean(part['note'])}\n")


def _show_missing(chosen: Rows, form: Format, body: str | None, year: str | None) -> None:
    from ingest.settings import settings

    first, last = (year, year) if year else framework_span()
    names = {(row["framework_id"], row["indicator_id"]): int(row["ni"]) for row in chosen}
    parts = {tuple(part[name] for name in _KEY): part for one in chosen for part in components_of(one)}
    cells: Counter[tuple[Any, ...]] = Counter()
    components: dict[tuple[Any, ...], set[str]] = defaultdict(set)
    with reading(settings(), "nis_loader") as connection:
        origin = origin_of(connection, settings())
        source = cells_source(connection)
        ids = sorted({indicator for _, indicator in names})
        for framework, indicator, component, in_year, reason, measures, count in _absent(
            connection, source, ids, first, last
        ):
            if (part := parts.get((framework, indicator, component))) is None:
                continue
            known = datasets_of_measures()
            lacking = list(dict.fromkeys(known[name] for name in measures or () if name in known)) or datasets_of(part)
            owners = tuple(dict.fromkeys(bodies().get(name, name) for name in lacking))
            if body is None or body in owners:
                key = (" + ".join(owners), " + ".join(lacking), names[framework, indicator], in_year, reason)
                cells[key] += count
                components[key].add(component)
    title = f"Due in {first} to {last} and missing, in {source}" if first != last else (
        f"Due in {first} and missing, in {source}"
    )  # fmt: skip
    _write_missing(title, cells, components, form, origin)


def _write_missing(
    title: str,
    cells: Counter[tuple[Any, ...]],
    components: dict[tuple[Any, ...], set[str]],
    form: Format,
    origin: str,
) -> None:
    """Write the gaps; a table for people begins with the sums of the bodies and ends with the meanings."""
    ordered = sorted(cells, key=lambda key: tuple(map(_sortable, key)))
    columns: Sequence[str] = (
        "body", "dataset", "ni", "framework_year", "reason", "components", "cells", "meaning",
    )  # fmt: skip
    kinds: Sequence[str] = ("text", "text", "number", "text", "text", "number", "number", "text")
    rows = ((*key, len(components[key]), cells[key], meanings().get(key[-1] or "", "")) for key in ordered)
    if form is not Format.TABLE:
        write(form, title, columns, kinds, texts(rows), origin=origin)
        return
    by_body: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for key in ordered:
        by_body[key[0]].append(key)
    sums = [
        (name, len({key[1] for key in keys}), len({key[2] for key in keys}), f"{sum(cells[key] for key in keys):,}")
        for name, keys in by_body.items()
    ]
    show_table(
        title,
        ("body", "datasets", "indicators", "cells"),
        sums,
        origin=origin,
        right=("datasets", "indicators", "cells"),
    )
    if not ordered:
        return
    keep = ("dataset", "framework_year", "reason")
    write(form, "By dataset", columns[:-1], kinds[:-1], texts(row[:-1] for row in rows), origin=origin, keep=keep)
    with whole_output() as out:
        for reason in sorted({key[-1] for key in ordered if key[-1]}):
            out.write(f"  {reason}: {clean(meanings().get(reason, ''))}\n")


def _sortable(part: object) -> tuple[int, str]:
    return (part, "") if isinstance(part, int) else (0, str(part))


def cells_source(connection: Connection) -> str:
    """The table to look for gaps in: what is published, or before that what was last built."""
    published = rows_of(connection, "select 1 from published.value_history where upper_inf(known_during) limit 1")
    if not published and "fact_value" in relations(connection, "candidate"):
        return "candidate.fact_value"
    return "published.value_history"


def _absent(connection: Connection, source: str, ids: list[str], first: str, last: str) -> list[Any]:
    """Cells without a figure: component, framework year, reason, the measures that lack one, number of cells."""
    only = "and upper_inf(v.known_during)" if source == "published.value_history" else ""
    built = "component_term" in relations(connection, "indicators")
    built = built and "measure_by_area" in relations(connection, "measures")
    # A stock on a day within the period is as good as a figure of the period.
    measures = (
        "(select g.cell, array_agg(distinct t.measure_id order by t.measure_id) as measures from gap as g "
        "inner join indicators.component_term as t on g.framework_id = t.framework_id "
        "and g.indicator_id = t.indicator_id and g.component = t.component "
        "where not exists (select from measures.measure_by_area as m where m.measure_id = t.measure_id "
        "and m.area_code = g.area_code and m.value is not null "
        "and m.period_end between g.period_start and g.period_end) group by g.cell)"
        if built
        else "(select null::bigint as cell, null::text[] as measures)"
    )
    # Tables that have just been built may lack statistics, and a nested loop over them takes minutes.
    connection.execute("set local enable_nestloop = off")
    return rows_of(
        connection,
        # The pieces are texts of this function; what was asked goes in by parameter.
        "with gap as materialized (select row_number() over () as cell, v.framework_id, v.indicator_id, "  # noqa: S608
        "v.component, v.area_code, v.period_start, v.period_end, v.framework_year, v.reason "
        f"from {source} as v where v.value is null and v.marker = '[x]' and v.indicator_id = any(%s) {only} "
        f"and v.framework_year between %s and %s), lacking as {measures} "
        "select g.framework_id, g.indicator_id, g.component, g.framework_year, g.reason, l.measures, count(*) "
        "from gap as g left join lacking as l on g.cell = l.cell group by 1, 2, 3, 4, 5, 6",
        (ids, first, last),
    )
