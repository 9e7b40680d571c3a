"""`nis publish` and `nis plan`: hand the newest build to the readers, or tell first what that would change."""

from __future__ import annotations

from typing import Annotated

import typer

from ingest.cli.app import app
from ingest.cli.render import Format, say, texts, write
from ingest.cli.running import build_at_hand, chosen_settings, execute
from ingest.cli.values import moment

Despite = Annotated[
    list[str], typer.Option("--despite", help="Publish this indicator although gate 2 held it; may be repeated.")
]


@app.command(
    epilog="Examples:\n\n- `nis publish`\n\n- `nis publish --despite ni_192`, when a held indicator is right\n\n"
    "- `nis publish --publish-at 2030-12-09T09:30 --reason 'results of the assessment' --by 'Jane Smith'`"
)
def publish(
    despite: Despite = [],  # noqa: B006 - typer reads the default
    publish_at: Annotated[
        str | None, typer.Option(help="Embargo: readers see it from then, UTC unless it says otherwise.")
    ] = None,
    reason: Annotated[str | None, typer.Option(help="Why values change; told from the releases otherwise.")] = None,
    by: Annotated[str | None, typer.Option(help="Who publishes, where a person decided it.")] = None,
) -> None:
    """Publish the newest build that has been through gate 2; only what changed is written."""
    from ingest.pipeline import publish_stage

    chosen = chosen_settings()
    day = moment(publish_at) if publish_at else None
    execute(
        "publish",
        chosen,
        lambda work, _: publish_stage(
            chosen, work, build_at_hand(chosen), despite, publish_at=day, reason=reason, by=by
        ),
    )


@app.command(epilog="Examples: `nis plan` · `nis plan --format json` · `nis plan --despite ni_192`")
def plan(
    despite: Despite = [],  # noqa: B006
    form: Annotated[Format, typer.Option("--format", help="Shape of the answer.")] = Format.TABLE,
) -> None:
    """Tell what publishing the newest build would change: values, target states, flags. Nothing is written."""
    from ingest import database
    from ingest.publication import planned
    from ingest.publication.plan import told
    from ingest.settings import settings

    chosen = settings()
    database.upgrade(chosen)
    with planned(chosen, build_at_hand(chosen), despite) as (connection, publication):
        rows = [(line.of, line.was, line.becomes, str(line.count)) for line in told(connection)]
    names = ("of", "was", "becomes", "count")
    write(
        form,
        "What publication would change",
        names,
        ("text", "text", "text", "number"),
        texts(rows),
        origin=chosen.source,
    )
    for held in publication.held:
        say(f"held by gate 2, stays as it is: {held}")
    if not any(publication.changes):
        say("nothing: all of it is published")
    else:
        say(f"values: {publication.opened:,} opened, {publication.closed:,} closed; next: nis publish")
