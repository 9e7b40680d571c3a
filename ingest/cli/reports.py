"""`nis report`: what is published of an area and a year, or what a run did, as one page for people."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ingest.cli.app import app
from ingest.cli.asking import nothing_yet, origin_of, reading
from ingest.cli.catalogue import (
    area_codes,
    complete_area,
    framework_areas,
    framework_year,
    meanings,
    seed,
)
from ingest.cli.render import notice, say
from ingest.errors import UsageError

if TYPE_CHECKING:
    from ingest.settings import Settings

report = typer.Typer(no_args_is_help=True, help="Reports as HTML pages: areas and runs.")
app.add_typer(report, name="report")

Out = Annotated[Path | None, typer.Option(help="Folder to write to; below the home's artifacts by default.")]


@report.command(
    name="area",
    epilog="Examples:\n\n- `nis report area E06000010 --year 2009-10`\n\n"
    "- `nis report area 'Kingston upon Hull, City of' --year 2009-10 --out reports`\n\n"
    "- `nis report area --all --year 2009-10`, every area of the framework",
)
def area_report(
    area: Annotated[
        str | None, typer.Argument(help="Code or name of an area of the framework.", autocompletion=complete_area)
    ] = None,
    year: Annotated[str, typer.Option(help="Framework year, as 2009-10.")] = "",
    every: Annotated[bool, typer.Option("--all", help="A page for every area of the framework.")] = False,
    framework: Annotated[str | None, typer.Option(help="Framework; needed where there are several.")] = None,
    out: Out = None,
) -> None:
    """Write the annual progress report of an area, or of all, each as one self-contained HTML page.

    The pages say what readers may read. The paths written go to standard output.
    """
    from ingest.cli.progress import counted
    from ingest.reports.pages import area_page
    from ingest.reports.read import read
    from ingest.settings import settings

    if (area is None) != every:
        raise UsageError("name one area, or ask for --all", hint="nis report area E06000010 --year 2009-10")
    chosen = _framework(framework)
    when = _year(chosen, year)
    own = [code for of, code in framework_areas() if of == chosen["framework_id"]]
    wanted = own if area is None else _area(area, own, chosen["title"])
    with reading(settings(), "reader") as connection:
        origin = origin_of(connection, settings())
        # One question for all areas at once may last as long as an inspector's.
        connection.execute("set local statement_timeout = '120s'")
        reports = read(connection, (chosen["framework_id"], chosen["title"]), when, wanted, origin)
    if not reports:
        raise _nothing(settings(), when, area)
    folder = out or settings().artifacts / "reports" / f"{chosen['framework_id']}-{when}"
    folder.mkdir(parents=True, exist_ok=True)
    for one in counted(reports, "writing pages"):
        path = folder / f"{one.area.area_code}.html"
        path.write_text(area_page(one, notice(origin), meanings()), encoding="utf-8")
        if not every:
            typer.echo(path)
    if every:
        typer.echo(folder)
        say(f"{len(reports)} reports of {when}")
        if lacking := sorted(set(own) - {one.area.area_code for one in reports}):
            say(f"nothing is published for {when} of {len(lacking)} areas of the framework: {', '.join(lacking)}")
    if said := notice(origin):
        say(said)


@report.command(
    name="run",
    epilog="Examples: `nis report run`, the newest run · `nis report run 12 --out reports`",
)
def run_report(
    run_id: Annotated[int | None, typer.Argument(help="Number of a run; the newest by default.")] = None,
    out: Out = None,
) -> None:
    """Write what a run did on one page that a manager can read."""
    from ingest.cli.completeness import completeness, share
    from ingest.registry import datasets
    from ingest.reports.pages import run_page
    from ingest.reports.read_run import Complete, read_run
    from ingest.settings import settings

    with reading(settings(), "nis_loader") as connection:
        origin = origin_of(connection, settings())
        complete = tuple(
            Complete(one.framework_year, one.due, one.filled, one.explained, share(one.due - one.lacking, one.due))
            for one in completeness(connection)
            if one.own_areas
        )
        done = read_run(connection, run_id, complete, {name: one.domain.value for name, one in datasets().items()})
    folder = out or settings().artifacts / "reports"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"run-{done.run_id}.html"
    titles = {name: one.title for name, one in datasets().items()}
    path.write_text(run_page(done, notice(origin), titles), encoding="utf-8")
    typer.echo(path)
    if said := notice(origin):
        say(said)


def _framework(wanted: str | None) -> dict[str, str]:
    frameworks = {row["framework_id"]: row for row in seed("frameworks")}
    if wanted is None and len(frameworks) == 1:
        return next(iter(frameworks.values()))
    if wanted not in frameworks:
        told = "there are several frameworks" if wanted is None else f"there is no framework {wanted!r}"
        raise UsageError(told, hint=f"--framework takes {', '.join(frameworks)}")
    return frameworks[wanted]


def _year(framework: dict[str, str], text: str) -> str:
    first, last = framework["first_framework_year"], framework["last_framework_year"]
    if not text:
        raise UsageError("a report is of a framework year", hint=f"add --year, from {first} to {last}")
    if not first <= (when := framework_year(text)) <= last:
        raise UsageError(f"{when} is no year of {framework['title']}", hint=f"its years go from {first} to {last}")
    return when


def _area(text: str, own: list[str], title: str) -> list[str]:
    if codes := [code for code in area_codes(text) if code in own]:
        return codes
    raise UsageError(
        f"{text} is no area that {title} judges",
        hint=f"it judges {len(own)} areas; `nis report area --all` writes a page for each, and "
        "`nis values --area` shows the figures of any other",
    )


def _nothing(chosen: Settings, when: str, area: str | None) -> Exception:
    with reading(chosen, "reader") as connection:
        rows = connection.execute("select distinct framework_year from published.dim_period order by 1").fetchall()
    if not rows:
        return nothing_yet(chosen)
    return UsageError(
        f"nothing is published of {area or 'any area'} for {when}",
        hint="the area may not have existed then, or no run has published the year: `nis status` tells",
    )
