"""`nis values`: values of one indicator, as known now or as known on another day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ingest.cli.app import app
from ingest.cli.asking import origin_of, reading, rows_of
from ingest.cli.catalogue import (
    area_codes,
    complete_area,
    complete_component,
    complete_ni,
    components_of,
    framework_year,
    indicators_of,
    meanings,
)
from ingest.cli.inspectorates import complete_inspectorate, inspectorate_called, spans_of
from ingest.cli.render import Format, say, texts, write
from ingest.errors import UsageError

if TYPE_CHECKING:
    from psycopg import Connection

ROWS_ON_SCREEN = 100
_COLUMNS = (
    "framework_id", "indicator_id", "ni", "component", "headline", "area_code", "area_name", "area_type",
    "period_start", "period_end", "period_type", "framework_year", "value", "decimals", "unit", "marker",
    "reason", "meaning", "numerator", "denominator", "coverage", "maturity", "publication_id", "known_from",
    "origin",
)  # fmt: skip
_NUMBERS = ("ni", "value", "decimals", "numerator", "denominator", "coverage", "publication_id")
_FIELDS = """
    v.framework_id, v.indicator_id, v.ni, v.component, v.headline, v.area_code, v.area_name, v.area_type,
    v.period_start, v.period_end, v.period_type, v.framework_year, trim_scale(v.value)::text, c.decimals,
    v.unit, v.marker, v.reason, trim_scale(v.numerator)::text, trim_scale(v.denominator)::text,
    trim_scale(v.coverage)::text,
    v.maturity, v.publication_id, to_char(v.known_from at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    round(v.value, c.decimals)::text
"""
_NATURAL = (
    "framework_id, indicator_id, ni, component, headline, area_code, area_name, area_type, period_start, period_end, "
    "period_type, framework_year, numerator, denominator, value, unit, marker, reason, coverage, maturity, "
    "publication_id, known_from"
)
_NOW, _THEN = "published.value_current", "published.value_as_of(%(at)s)"
# Reading what is under embargo is recorded, so it is read only for whoever asks for it.
_SOON = f"(select {_NATURAL} from {_NOW} union all select {_NATURAL} from published.embargoed())"  # noqa: S608
_WHERE = """
    v.ni = %(ni)s
    and (%(areas)s::text[] is null or v.area_code = any(%(areas)s))
    and (%(component)s::text is null or v.component = %(component)s)
    and (%(year)s::text is null or v.framework_year = %(year)s)
    and (%(first_days)s::date[] is null or exists (
        select from unnest(%(first_days)s::date[], %(last_days)s::date[]) as answers (first_day, last_day)
        where v.period_end between answers.first_day and answers.last_day
    ))
"""


class Reader(StrEnum):
    """Roles that values can be read as."""

    READER = "reader"
    INSPECTOR = "inspector"


@app.command(
    epilog="Examples:\n\n"
    "- `nis values --ni 186 --area E06000004`\n\n"
    "- `nis values --ni 192 --period 2008-09 --format csv > ni_192.csv`\n\n"
    "- `nis values --ni 130 --inspectorate cqc`\n\n"
    "- `nis values --ni 186 --area Durham --as-of 2026-11-22T10:00`"
)
def values(
    ni: Annotated[int, typer.Option("--ni", help="National indicator number.", autocompletion=complete_ni)],
    area: Annotated[str | None, typer.Option(help="Code or name of an area.", autocompletion=complete_area)] = None,
    component: Annotated[
        str | None, typer.Option(help="Part of the indicator.", autocompletion=complete_component)
    ] = None,
    period: Annotated[str | None, typer.Option(help="Framework year that holds the period's end, as 2008-09.")] = None,
    inspectorate: Annotated[
        str | None,
        typer.Option(
            help="Only periods at whose end this inspectorate answers for the theme.",
            autocompletion=complete_inspectorate,
        ),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", help="What was known then: a day (its end) or a time, UTC unless it says otherwise."),
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="Shape of the answer.")] = Format.TABLE,
    limit: Annotated[
        int | None,
        typer.Option(min=0, help=f"Most rows to show, 0 for all; a table stops at {ROWS_ON_SCREEN} by itself."),
    ] = None,
    role: Annotated[
        Reader, typer.Option("--as", help="inspector also sees values under embargo, and that is recorded.")
    ] = Reader.READER,
) -> None:
    """Show the values of an indicator, or the marker and the reason where there is none.

    A table shows each value with the decimals of its component; CSV and JSON give every digit.
    """
    from ingest.settings import settings

    indicators = indicators_of(ni)
    known = list(dict.fromkeys(row["component"] for one in indicators for row in components_of(one)))
    if component is not None and known and component not in known:
        raise UsageError(f"NI {ni} has no component {component!r}", hint=f"one of: {', '.join(known)}")
    spans = [
        span
        for theme in dict.fromkeys(one["theme"] for one in indicators)
        for span in (spans_of(inspectorate_called(inspectorate), theme) if inspectorate else ())
    ]
    asked: dict[str, Any] = {
        "first_days": [first for first, _ in spans] or None,
        "last_days": [last for _, last in spans] or None,
        "ni": ni,
        "areas": area_codes(area) if area else None,
        "component": component,
        "year": framework_year(period) if period else None,
        "at": moment(as_of) if as_of else None,
    }
    if limit is None:
        limit = ROWS_ON_SCREEN if form is Format.TABLE else 0
    with reading(settings(), role.value) as connection:
        origin = origin_of(connection, settings())
        rows = rows_of(
            connection,
            # The pieces are texts of this module; what was asked goes in by parameter.
            f"select {_FIELDS} from {_THEN if as_of else _SOON if role is Reader.INSPECTOR else _NOW} as v "  # noqa: S608
            "inner join published.dim_component as c on v.framework_id = c.framework_id "
            f"and v.indicator_id = c.indicator_id and v.component = c.component where {_WHERE} "
            "order by v.area_code, v.framework_id, v.headline desc, v.component, v.period_end, "
            "v.period_start limit %(limit)s",
            asked | {"limit": limit + 1 if limit else None},
        )
        title = f"NI {ni} {indicators[0]['title']}"
        if asked["at"]:
            title += f", as known at {asked['at']:%Y-%m-%d %H:%M:%S} UTC"
        if form is Format.TABLE:
            _show(title, rows, origin, limit)
        else:
            whole = ([*row[:17], meanings().get(row[16] or ""), *row[17:23], origin] for row in rows)
            kinds = ["number" if name in _NUMBERS else "boolean" if name == "headline" else "text" for name in _COLUMNS]
            write(form, title, _COLUMNS, kinds, texts(whole), origin=origin, limit=limit or None)
        if not rows:
            say(_why_none(connection, ni, known, asked))


def moment(text: str) -> datetime:
    """The moment that a day or a time names; a day means its end, and a time without a zone is UTC.

    Raises UsageError when it is neither.
    """
    try:
        if len(text) == 10:
            return datetime.combine(date.fromisoformat(text), time.max, tzinfo=UTC)
        found = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"{text!r} is neither a day nor a time",
            hint="write 2026-11-22, 2026-11-22T10:00 or 2026-11-22T10:00+01:00",
        ) from None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def period_label(period_type: str, period_start: date, period_end: date, year: str) -> str:
    """A short name of a period: 2008 (calendar year), 2008-09 (financial year), else first and last day."""
    if period_type == "calendar_year":
        return str(period_start.year)
    if period_type == "financial_year":
        return year
    return f"{period_start} to {period_end}"


def _show(title: str, rows: list[Any], origin: str, limit: int) -> None:
    """Print the table: the columns that are the same in every row go into the title."""
    units = {row[14] for row in rows}
    components = {row[3] for row in rows}
    if len(units) == 1:
        title += f", {units.pop()}"
        units = set()
    columns = [
        "area",
        "name",
        "period",
        "component",
        "value",
        "unit",
        "marker",
        "coverage",
        "known from (UTC)",
        "reason",
    ]
    dropped = {name for name, drop in (("unit", not units), ("component", len(components) < 2)) if drop}
    shown = []
    for row in rows:
        cells = {
            "area": row[5],
            "name": row[6],
            "period": period_label(row[10], row[8], row[9], row[11]),
            "component": row[3],
            "value": row[23],
            "unit": row[14],
            "marker": row[15],
            # Never rounded up: 1.00 means that no part is lacking.
            "coverage": row[19] and str(Decimal(row[19]).quantize(Decimal("0.01"), ROUND_DOWN)),
            "known from (UTC)": row[22][:19].replace("T", " "),
            "reason": meanings().get(row[16] or "", row[16]),
        }
        shown.append([cells[name] for name in columns if name not in dropped])
    names = [name for name in columns if name not in dropped]
    kinds = ["number" if name in ("value", "coverage") else "text" for name in names]
    keep = ("area", "period", "marker", "known from (UTC)")
    write(Format.TABLE, title, names, kinds, texts(shown), origin=origin, limit=limit or None, keep=keep)


def _why_none(connection: Connection, ni: int, known: list[str], asked: dict[str, Any]) -> str:
    """Why a question has no answer, and what could be asked."""
    if not known:
        return f"NI {ni} has no component in the catalogue yet, so it has no values: `nis indicators --all`"
    source = _THEN if asked["at"] else _NOW
    ((cells, first, last, areas),) = rows_of(
        connection,
        "select count(*), min(framework_year), max(framework_year), count(distinct area_code) "  # noqa: S608
        f"from {source} where ni = %(ni)s",
        asked,
    )
    if not cells:
        then = f" as known at {asked['at']:%Y-%m-%d %H:%M} UTC" if asked["at"] else ""
        return f"nothing is published of NI {ni}{then}: `nis status` tells what is"
    return f"NI {ni} has {cells:,} cells for {areas} areas and framework years {first} to {last}; none fits all options"
