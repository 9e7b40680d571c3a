"""`nis indicators`: what the catalogue holds, and what is due and missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ingest.cli.app import app
from ingest.cli.asking import NothingYet, origin_of, reading, relations, rows_of
from ingest.cli.catalogue import (
    complete_ni,
    components_of,
    datasets_of,
    datasets_of_measures,
    framework_span,
    indicators_of,
    meanings,
    publisher,
    seed,
)
from ingest.cli.render import Format, clean, say, texts, whole_output, write
from ingest.cli.values import period_label

if TYPE_CHECKING:
    from psycopg import Connection

Rows = list[dict[str, str]]
_KEY = ("framework_id", "indicator_id", "component")


@app.command(
    epilog="Examples:\n\n"
    "- `nis indicators --ni 186`\n\n"
    "- `nis indicators --missing`\n\n"
    "- `nis indicators --missing --format csv > missing.csv`"
)
def indicators(
    missing: Annotated[
        bool,
        typer.Option("--missing", help="What is due in the framework's years and has no figure, by body."),
    ] = False,
    ni: Annotated[
        int | None, typer.Option("--ni", help="Only this national indicator.", autocompletion=complete_ni)
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Also list indicators that have no component in the catalogue yet.")
    ] = False,
    form: Annotated[Format, typer.Option("--format", help="Shape of the answer.")] = Format.TABLE,
) -> None:
    """List indicators with method, datasets and published values; with --missing, what is due and absent."""
    chosen = indicators_of(ni) if ni is not None else list(seed("indicators"))
    if missing:
        _show_missing(chosen, form)
    else:
        _show_indicators(chosen, form, every=every or ni is not None)
    if form is Format.TABLE:
        if ni is not None and not missing:
            _show_details(chosen)
        bare = [int(row["ni"]) for row in chosen if not components_of(row)]
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
                "from published.value where upper_inf(known_during) group by 1, 2, 3",
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


def _show_missing(chosen: Rows, form: Format) -> None:
    from ingest.settings import settings

    first, last = framework_span()
    names = {(row["framework_id"], row["indicator_id"]): int(row["ni"]) for row in chosen}
    parts = {tuple(part[name] for name in _KEY): part for one in chosen for part in components_of(one)}
    grouped: Counter[tuple[Any, ...]] = Counter()
    with reading(settings(), "nis_loader") as connection:
        origin = origin_of(connection, settings())
        source = cells_source(connection)
        for framework, indicator, component, start, end, style, year, reason, measures, areas in _absent(
            connection, source, sorted({indicator for _, indicator in names}), first, last
        ):
            if (part := parts.get((framework, indicator, component))) is None:
                continue
            known = datasets_of_measures()
            lacking = list(dict.fromkeys(known[name] for name in measures or () if name in known)) or datasets_of(part)
            bodies = " + ".join(dict.fromkeys(map(publisher, lacking)))
            key = (bodies, " + ".join(lacking), names[framework, indicator], component)
            grouped[(*key, period_label(style, start, end, year), reason)] += areas
    rows = (
        (*key, areas, *([] if form is Format.TABLE else [meanings().get(key[-1] or "", "")]))
        for key, areas in sorted(grouped.items(), key=lambda item: tuple(map(_sortable, item[0])))
    )
    columns: Sequence[str] = ("body", "dataset", "ni", "component", "period", "reason", "areas", "meaning")
    kinds: Sequence[str] = ("text", "text", "number", "text", "text", "text", "number", "text")
    if form is Format.TABLE:  # below it the meanings are told once, not in every line
        columns, kinds = columns[:-1], kinds[:-1]
    title = f"Due in {first} to {last} and missing, in {source}"
    write(
        form,
        title,
        columns,
        kinds,
        texts(rows),
        origin=origin,
        keep=("dataset", "component", "period", "reason"),
    )
    if form is Format.TABLE:
        with whole_output() as out:
            for reason in sorted({key[-1] for key in grouped if key[-1]}):
                out.write(f"  {reason}: {clean(meanings().get(reason, ''))}\n")


def _sortable(part: object) -> tuple[int, str]:
    return (part, "") if isinstance(part, int) else (0, str(part))


def cells_source(connection: Connection) -> str:
    """The table to look for gaps in: what is published, or before that what was last built."""
    published = rows_of(connection, "select 1 from published.value where upper_inf(known_during) limit 1")
    if not published and "fact_value" in relations(connection, "candidate"):
        return "candidate.fact_value"
    return "published.value"


def _absent(connection: Connection, source: str, ids: list[str], first: str, last: str) -> list[Any]:
    """Cells without a figure: component, period, reason, the measures that lack one, number of areas."""
    only = "and upper_inf(v.known_during)" if source == "published.value" else ""
    built = {"component_term"} <= relations(connection, "indicators")
    built = built and "measure_by_area" in relations(connection, "measures")
    lacking = (
        "left join lateral (select null) as none on true "
        if not built
        else "left join indicators.component_term as t on v.framework_id = t.framework_id "
        "and v.indicator_id = t.indicator_id and v.component = t.component "
        "left join measures.measure_by_area as m on t.measure_id = m.measure_id "
        "and v.area_code = m.area_code and v.period_start = m.period_start and v.period_end = m.period_end "
    )
    measures = (
        "array_agg(distinct t.measure_id) filter (where m.value is null and t.measure_id is not null)"
        if built
        else "null::text[]"
    )
    # Tables that have just been built may lack statistics, and a nested loop over them takes minutes.
    connection.execute("set local enable_nestloop = off")
    return rows_of(
        connection,
        # The pieces are texts of this function; what was asked goes in by parameter.
        "select framework_id, indicator_id, component, period_start, period_end, period_type, "  # noqa: S608
        "framework_year, reason, measures, count(*) from (select v.framework_id, v.indicator_id, "
        "v.component, v.area_code, v.period_start, v.period_end, v.period_type, v.framework_year, v.reason, "
        f"{measures} as measures from {source} as v {lacking}"
        f"where v.value is null and v.marker = '[x]' and v.indicator_id = any(%s) {only} "
        "and v.framework_year between %s and %s group by 1, 2, 3, 4, 5, 6, 7, 8, 9) as cell "
        "group by 1, 2, 3, 4, 5, 6, 7, 8, 9",
        (ids, first, last),
    )


def ranges(numbers: Iterable[int]) -> str:
    """Numbers as ranges: 1-3, 7, 9-10."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(str(low) if low == high else f"{low}-{high}" for low, high in runs)
