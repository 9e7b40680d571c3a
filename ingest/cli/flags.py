"""Commands about flags: `nis flag list|show|move`, and `nis good-practice`."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ingest.cli.app import app
from ingest.cli.asking import opened, origin_of, reading, relations, require_tables, rows_of
from ingest.cli.catalogue import area_codes, complete_area, complete_ni, framework_year, indicators_of
from ingest.cli.inspectorates import complete_inspectorate, complete_theme, inspectorate_called, theme_called
from ingest.cli.render import Format, notice, say, show_table, texts, whole_output, write
from ingest.errors import NisError, UsageError

if TYPE_CHECKING:
    from psycopg import Connection

flag = typer.Typer(
    no_args_is_help=True,
    help="Flags of the area assessment: list, show the evidence, move.\n\n"
    "Rules make candidates; only a named person makes more of one, or less.",
)
app.add_typer(flag, name="flag")

ROWS_ON_SCREEN = 100
_COLUMNS = (
    "framework_id", "area_code", "area_name", "theme", "framework_year", "flag_kind", "state", "state_since",
    "decided_by", "has_live_plan", "score", "n_indicators", "indicators", "inspectorates", "rule_version",
    "publication_id", "known_from", "sentence",
)  # fmt: skip
_ON_SCREEN = (
    "area_code", "area_name", "theme", "framework_year", "flag_kind", "state", "score", "indicators", "inspectorates",
)  # fmt: skip
_NUMBERS = ("score", "n_indicators", "publication_id")
_KEY = """
    area_code = any(%(areas)s) and theme = %(theme)s and framework_year = %(year)s and flag_kind = %(kind)s
"""


class Kind(StrEnum):
    """Kinds of flags."""

    RED = "red"
    GREEN = "green"
    URGENT = "urgent"


class State(StrEnum):
    """States of a flag."""

    CANDIDATE = "candidate"
    UNDER_REVIEW = "under_review"
    RAISED = "raised"
    KNOWN = "known_and_being_acted_on"
    DISMISSED = "dismissed"
    CLOSED = "closed"


class Move(StrEnum):
    """States that a person can move a flag to."""

    UNDER_REVIEW = "under_review"
    RAISED = "raised"
    KNOWN = "known_and_being_acted_on"
    DISMISSED = "dismissed"
    CLOSED = "closed"


class Plan(StrEnum):
    """How an action plan stands."""

    ON_COURSE = "on-course"
    OFF_COURSE = "off-course"


class Output(StrEnum):
    """Shapes of one flag."""

    TEXT = "text"
    JSON = "json"


AreaArgument = Annotated[str, typer.Argument(help="Code or name of the area.", autocompletion=complete_area)]
ThemeArgument = Annotated[
    str, typer.Argument(help="Theme, or a part of its name that no other has.", autocompletion=complete_theme)
]
YearArgument = Annotated[str, typer.Argument(help="Framework year, as 2009-10.")]
KindArgument = Annotated[Kind, typer.Argument(help="Kind of flag.")]


@flag.command(
    name="list",
    epilog="Examples:\n\n"
    "- `nis flag list --area Stockton-on-Tees`\n\n"
    "- `nis flag list --inspectorate ofsted --year 2009-10 --kind red --state candidate`\n\n"
    "- `nis flag list --format csv > flags.csv`",
)
def list_flags(
    area: Annotated[str | None, typer.Option(help="Code or name of an area.", autocompletion=complete_area)] = None,
    theme: Annotated[
        str | None, typer.Option(help="Theme, or a part of its name.", autocompletion=complete_theme)
    ] = None,
    inspectorate: Annotated[
        str | None,
        typer.Option(
            help="Only flags this inspectorate answers for at the end of their year.",
            autocompletion=complete_inspectorate,
        ),
    ] = None,
    kind: Annotated[Kind | None, typer.Option(help="Kind of flag.")] = None,
    state: Annotated[State | None, typer.Option(help="State it is in.")] = None,
    year: Annotated[str | None, typer.Option(help="Framework year, as 2009-10.")] = None,
    limit: Annotated[
        int | None,
        typer.Option(min=0, help=f"Most rows to show, 0 for all; a table stops at {ROWS_ON_SCREEN} by itself."),
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="Shape of the answer.")] = Format.TABLE,
) -> None:
    """List the flags that stand, with their states; beside them, how many chance alone would give."""
    from ingest.settings import settings

    asked = {
        "areas": area_codes(area) if area else None,
        "theme": theme_called(theme) if theme else None,
        "inspectorate": inspectorate_called(inspectorate)["inspectorate_id"] if inspectorate else None,
        "kind": kind.value if kind else None,
        "state": state.value if state else None,
        "year": framework_year(year) if year else None,
    }
    names = _ON_SCREEN if form is Format.TABLE else _COLUMNS
    if limit is None:
        limit = ROWS_ON_SCREEN if form is Format.TABLE else 0
    with reading(settings(), "reader") as connection:
        origin = origin_of(connection, settings())
        rows = rows_of(
            connection,
            # Column names are texts of this module; what was asked goes in by parameter.
            f"select {', '.join(f'v.{name}' for name in names)} from published.v_flag as v "  # noqa: S608
            "where (%(areas)s::text[] is null or v.area_code = any(%(areas)s)) "
            "and (%(theme)s::text is null or v.theme = %(theme)s) "
            "and (%(inspectorate)s::text is null or %(inspectorate)s = any(v.inspectorate_ids)) "
            "and (%(kind)s::text is null or v.flag_kind = %(kind)s) "
            "and (%(state)s::text is null or v.state = %(state)s) "
            "and (%(year)s::text is null or v.framework_year = %(year)s) "
            "order by array_position(array['urgent', 'red', 'green'], v.flag_kind), v.score desc, v.framework_year, "
            "v.area_code, v.theme limit %(limit)s",
            asked | {"limit": limit + 1 if limit else None},
        )
        kinds = ["number" if name in _NUMBERS else "boolean" if name == "has_live_plan" else "text" for name in names]
        keep = ("area_code", "framework_year", "flag_kind", "state")
        write(form, "Flags", names, kinds, texts(rows), origin=origin, limit=limit or None, keep=keep)
        if form is Format.TABLE:
            show_chance(connection, origin)


def show_chance(connection: Connection, origin: str) -> None:
    """Print what was compared each year beside what chance alone would give, and the flags raised; nothing if none."""
    if "flag_summary" not in relations(connection, "published"):
        return
    rows = rows_of(
        connection,
        "select framework_year, comparisons_possible, comparisons_made, round(expected_by_chance, 1), significant, "
        "significant_adjusted, worse, better, red_candidates, urgent_candidates, green_candidates "
        "from published.flag_summary where known_to > now() and lower(known_during) <= now() "
        "order by framework_id, framework_year",
    )
    if not rows:
        return
    columns = (
        "year", "possible", "compared", "by chance alone", "significant", "after correction", "worse", "better", "red",
        "urgent", "green",
    )  # fmt: skip
    shown = ((row[0], *(f"{number:,}" for number in row[1:])) for row in rows)
    show_table(
        "Comparisons with nearest neighbours at 99.8 %, and the flags drawn from them",
        columns,
        shown,
        origin=origin,
        right=columns[1:],
    )


@flag.command(
    epilog="Examples:\n\n"
    '- `nis flag show Stockton-on-Tees "Safer communities" 2009-10 red`\n\n'
    "- `nis flag show E06000004 safer 2009-10 red --format json > evidence.json`"
)
def show(
    area: AreaArgument,
    theme: ThemeArgument,
    year: YearArgument,
    kind: KindArgument,
    form: Annotated[Output, typer.Option("--format", help="Shape of the answer.")] = Output.TEXT,
) -> None:
    """Show a flag with its evidence: values, tests, rules, releases, quality, revisions, decisions, disputes."""
    from ingest.settings import settings

    asked = _asked(area, theme, year, kind)
    with reading(settings(), "reader") as connection:
        origin = origin_of(connection, settings())
        code = _standing(connection, asked)
        ((pack,),) = rows_of(
            connection,
            "select published.flag_evidence(%(code)s, %(theme)s, %(year)s, %(kind)s)",
            asked | {"code": code},
        )
    if form is Output.JSON:
        if said := notice(origin):
            say(said)
        with whole_output() as out:
            out.write(json.dumps(pack, ensure_ascii=False, indent=2) + "\n")
        return
    _show_pack(pack, origin)


@flag.command(
    epilog="Examples:\n\n"
    '- `nis flag move E06000004 safer 2009-10 red --to under_review --by "Ann Example"`\n\n'
    '- `nis flag move E06000004 safer 2009-10 red --to dismissed --by "Ann Example" --reason "recounted"`\n\n'
    "- `nis flag move E06000004 safer 2009-10 red --to known_and_being_acted_on "
    '--action-plan on-course --by "Ann Example" --organisation "Audit Commission"`'
)
def move(
    area: AreaArgument,
    theme: ThemeArgument,
    year: YearArgument,
    kind: KindArgument,
    to: Annotated[Move, typer.Option("--to", help="State to move it to.")],
    by: Annotated[str, typer.Option("--by", help="Who decides: the name of a person.")],
    organisation: Annotated[str | None, typer.Option(help="For whom.")] = None,
    reason: Annotated[str | None, typer.Option(help="Why; a dismissal needs one.")] = None,
    action_plan: Annotated[
        Plan | None,
        typer.Option("--action-plan", help="How the action plan stands; goes with known_and_being_acted_on."),
    ] = None,
) -> None:
    """Move a flag to another state; who, when and why are written down for good."""
    import psycopg

    from ingest.settings import settings

    if not by.strip():
        raise UsageError("only a named person moves a flag", hint='say who decides: --by "First Last"')
    if (to is Move.KNOWN) != (action_plan is not None):
        raise UsageError(
            "--action-plan goes with known_and_being_acted_on, and that with it",
            hint="say --action-plan on-course or --action-plan off-course, or leave it out for another state",
        )
    asked = _asked(area, theme, year, kind)
    with opened(settings(), "nis_publisher") as connection:
        require_tables(connection, settings())
        code = _standing(connection, asked)
        try:
            row = connection.execute(
                "insert into published.flag_decision (framework_id, area_code, theme, framework_year, flag_kind, "
                "state, reason, action_plan_on_course, decided_by, organisation) "
                "select framework_id, area_code, theme, framework_year, flag_kind, %(to)s, %(reason)s, %(plan)s, "
                "%(by)s, %(organisation)s from published.v_flag where area_code = %(code)s and theme = %(theme)s "
                "and framework_year = %(year)s and flag_kind = %(kind)s order by framework_id limit 1 "
                "returning decision_id",
                asked
                | {
                    "code": code,
                    "to": to.value,
                    "by": by,
                    "reason": (reason or "").strip() or None,
                    "organisation": (organisation or "").strip() or None,
                    "plan": None if action_plan is None else action_plan is Plan.ON_COURSE,
                },
            ).fetchone()
        except psycopg.errors.DatabaseError as error:
            if error.diag.message_primary is None:
                raise
            raise NisError(error.diag.message_primary, hint=error.diag.message_hint or "") from None
    assert row is not None, "insert ... returning gives a row"
    say(f"decision {row[0]}: {kind.value} flag of {asked['theme']} in {code}, {asked['year']}, is {to.value}")


@app.command(name="good-practice", epilog="Example: `nis good-practice --area Stockton-on-Tees --ni 192`")
def good_practice(
    area: Annotated[str, typer.Option(help="Code or name of the area.", autocompletion=complete_area)],
    ni: Annotated[int, typer.Option("--ni", help="National indicator number.", autocompletion=complete_ni)],
    form: Annotated[Format, typer.Option("--format", help="Shape of the answer.")] = Format.TABLE,
) -> None:
    """List similar areas that were as weak as this one is now, and have improved significantly since."""
    from ingest.settings import settings

    codes, indicator = area_codes(area), indicators_of(ni)[0]
    columns = (
        "area_code", "area_name", "relation", "rank", "distance", "own_period_end", "own_value", "then_period_end",
        "then_value", "now_period_end", "now_value", "improvement", "z",
    )  # fmt: skip
    kinds = [
        "text" if name in ("area_code", "area_name", "relation") or "period" in name else "number" for name in columns
    ]
    with reading(settings(), "reader") as connection:
        origin = origin_of(connection, settings())
        rows = rows_of(
            connection,
            "select g.* from unnest(%s::text[]) as asked (code) "
            "cross join lateral published.good_practice(asked.code, %s) as g",
            (codes, indicator["indicator_id"]),
        )
    title = f"NI {ni} {indicator['title']}: as weak once as {area} is now, and significantly better since"
    write(form, title, columns, kinds, texts(rows), origin=origin, keep=("area_code",))
    if not rows:
        say(
            f"nobody: NI {ni} is not among the weak ones of {area} (worst fifth, or worse than its neighbours), or no "
            f"similar area that was as weak has improved beyond chance; `nis values --ni {ni} --area {codes[0]}`"
        )


def _asked(area: str, theme: str, year: str, kind: Kind) -> dict[str, Any]:
    return {
        "areas": area_codes(area),
        "theme": theme_called(theme),
        "year": framework_year(year),
        "kind": kind.value,
    }


def _standing(connection: Connection, asked: dict[str, Any]) -> str:
    """Code of the area, of those asked for, that has the flag.

    Raises UsageError when none has, with the flags that the area does have.
    """
    if found := rows_of(connection, f"select area_code from published.v_flag where {_KEY} order by 1", asked):  # noqa: S608
        return str(found[0][0])
    others = rows_of(
        connection,
        "select flag_kind, theme, framework_year from published.v_flag where area_code = any(%(areas)s) "
        "order by theme = %(theme)s desc, framework_year = %(year)s desc, theme, framework_year limit 3",
        asked,
    )
    named = "; ".join(f"{kind} {theme!r} {year}" for kind, theme, year in others)
    raise UsageError(
        f"no {asked['kind']} flag of {asked['theme']!r} stands for {', '.join(asked['areas'])} in {asked['year']}",
        hint=f"those that do: {named}" if named else "no flag stands for this area: `nis flag list`",
    )


def _show_pack(pack: dict[str, Any], origin: str) -> None:
    """Print an evidence pack for people."""
    told = pack["flag"]
    say(f"{told['flag_kind']} flag, {told['state']}: {told['sentence']}")
    answering = told["inspectorates"] or "nobody"
    say(f"answers: {answering}; rules {told['rule_version']}; data as of {str(pack['data_as_of'])[:19]}")
    if told["plan_of_year"]:
        say(f"an action plan made for {told['plan_of_year']} is on course")
    for title, part, columns in (
        (
            "Indicators", "indicators",
            ("indicator_id", "component", "period_end", "value", "lower_998", "upper_998", "neighbours_value",
             "vs_neighbours", "p_adjusted", "direction", "grade", "because"),
        ),
        ("Releases", "releases", ("dataset_id", "part", "sha256", "url")),
        ("Quality", "quality", ("indicator_id", "component", "grade", "score", "freshness_state")),
        ("Revisions", "revisions", ("indicator_id", "period_end", "old_value", "new_value", "revised_at", "reason")),
        ("Decisions", "decisions", ("decided_at", "state", "decided_by", "organisation", "reason")),
        ("Disputes", "disputes", ("indicator_id", "period_end", "kind", "said", "organisation", "resolution")),
    ):  # fmt: skip
        rows = [[_cell(item.get(name)) for name in columns] for item in pack[part]]
        show_table(title, columns, rows, origin=origin if part == "indicators" else "")


def _cell(value: object) -> object:
    return ", ".join(map(str, value)) if isinstance(value, list) else value
