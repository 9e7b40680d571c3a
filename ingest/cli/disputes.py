"""`nis dispute`: comments and disputes of councils, attached to a value until they are resolved."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from ingest.cli.app import app
from ingest.cli.catalogue import (
    area_codes,
    complete_area,
    complete_component,
    complete_ni,
    framework_year,
    indicators_of,
)
from ingest.cli.render import Format, say, texts, write
from ingest.errors import UsageError

dispute = typer.Typer(no_args_is_help=True, help="Comments and disputes of councils, attached to published values.")
app.add_typer(dispute, name="dispute")


class Kind(StrEnum):
    """Whether something is asked to be put right, or only said."""

    DISPUTE = "dispute"
    COMMENT = "comment"


@dispute.command(
    name="raise",
    epilog="Example: `nis dispute raise --ni 192 --area E06000010 --year 2008-09 --said 'May is missing' "
    "--by 'Jane Smith' --organisation 'Hull City Council'`",
)
def raise_(
    ni: Annotated[int, typer.Option("--ni", help="National indicator number.", autocompletion=complete_ni)],
    area: Annotated[str, typer.Option(help="Code or name of an area.", autocompletion=complete_area)],
    year: Annotated[str, typer.Option(help="Framework year, as 2008-09.")],
    said: Annotated[str, typer.Option(help="What is disputed, and why.")],
    by: Annotated[str, typer.Option(help="Who says it.")],
    organisation: Annotated[str, typer.Option(help="For whom.")],
    component: Annotated[
        str | None, typer.Option(help="Part of the indicator.", autocompletion=complete_component)
    ] = None,
    kind: Annotated[Kind, typer.Option(help="A dispute stays open until it is resolved.")] = Kind.DISPUTE,
) -> None:
    """Attach a dispute or a comment to a published value."""
    from ingest.publication.disputes import attach
    from ingest.settings import settings

    indicators_of(ni)
    codes = area_codes(area)
    if len(codes) != 1:
        raise UsageError(f"{area!r} names {len(codes)} areas", hint=f"write one of the codes: {', '.join(codes)}")
    number = attach(settings(), (ni, component, codes[0], framework_year(year)), kind.value, said, (by, organisation))
    say(f"{kind.value} {number} is attached to NI {ni} of {codes[0]}, {year}")


@dispute.command(epilog="Example: `nis dispute resolve 3 --by 'John Brown' --resolution 'release 2 has the tonnage'`")
def resolve(
    number: Annotated[int, typer.Argument(help="Number of the comment.")],
    by: Annotated[str, typer.Option(help="Who resolved it.")],
    resolution: Annotated[str, typer.Option(help="How.")],
) -> None:
    """Resolve a dispute or comment; what was said stays readable."""
    from ingest.publication.disputes import resolve as resolved
    from ingest.settings import settings

    resolved(settings(), number, by, resolution)
    say(f"{number} is resolved")


@dispute.command(name="list", epilog="Examples: `nis dispute list --open` · `nis dispute list --area E06000010`")
def list_disputes(
    area: Annotated[str | None, typer.Option(help="Code or name of an area.", autocompletion=complete_area)] = None,
    only_open: Annotated[bool, typer.Option("--open", help="Only those that are not resolved.")] = False,
    form: Annotated[Format, typer.Option("--format", help="Shape of the answer.")] = Format.TABLE,
) -> None:
    """List disputes and comments, oldest first."""
    from ingest.publication.disputes import COLUMNS, attached
    from ingest.settings import settings

    chosen = settings()
    codes: list[str | None] = [*area_codes(area)] if area else [None]
    rows = [row for code in codes for row in attached(chosen, code, only_open=only_open)]
    kinds = ["number" if name == "comment_id" else "text" for name in COLUMNS]
    write(form, "Comments of councils", COLUMNS, kinds, texts(rows), origin=chosen.source, limit=None)
