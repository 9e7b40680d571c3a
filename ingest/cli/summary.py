"""What a run tells at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest import database
from ingest.cli.completeness import completeness, share
from ingest.database.origin import NOTICES
from ingest.errors import ExitCode
from ingest.settings import ROOT, Settings

if TYPE_CHECKING:
    from ingest.runs import Run

PUBLISHED = """
select
    count(distinct indicator_key) filter (where value is not null) as indicators,
    count(distinct area_key) filter (where value is not null) as areas,
    count(distinct period_key) filter (where value is not null) as periods,
    count(value) as values,
    count(*) - count(value) as markers
from published.fact_value
where known_to > now() and lower(known_during) <= now()
"""


def show(settings: Settings, run: Run) -> None:
    """Print what the run did and what is published, and what to do next, on standard error."""
    from rich.console import Console
    from rich.table import Table

    console = Console(stderr=True)
    with database.connect(settings, "nis_loader") as connection:
        indicators, areas, periods, values, markers = connection.execute(PUBLISHED).fetchone() or (0, 0, 0, 0, 0)
        years = [one for one in completeness(connection) if not one.own_areas]
        faults, scope = connection.execute(
            "select count(*) filter (where reject_kind = 'fault'), count(*) filter (where reject_kind = 'scope') "
            "from ops.quarantine inner join ops.release_in_use using (release_id)"
        ).fetchone() or (0, 0)
    for problem in run.problems:
        console.print(problem, style="red", markup=False, highlight=False, soft_wrap=True)
    did = run.counts
    new = did.get("landed", 0) + did.get("loaded", 0) + did.get("accepted", 0) + did.get("values_opened", 0)
    if not new and not run.problems and "land" in run.seconds:
        console.print(f"nothing new: {did.get('unchanged', 0)} of {did.get('offered', 0)} offers are as we hold them")
    table = Table(title=f"Published  ({NOTICES[settings.source]})", show_header=False, title_justify="left")
    table.add_column("what", style="bold")
    table.add_column("count", justify="right")
    table.add_column("note")
    table.add_row("indicators", f"{indicators:,}", "with at least one value")
    table.add_row("areas", f"{areas:,}", "")
    table.add_row("periods", f"{periods:,}", "")
    table.add_row("values", f"{values:,}", f"and {markers:,} cells with a marker and a reason")
    due, lacking = sum(one.due for one in years), sum(one.lacking for one in years)
    table.add_row("complete", share(due - lacking, due), f"of {due:,} cells due are a value or an explained marker")
    table.add_row(
        "changed", f"{did.get('values_opened', 0):,}", f"written by this run; {did.get('values_closed', 0):,} closed"
    )
    table.add_row("held", f"{did.get('held', 0):,}", "indicators that failed gate 2 in this run")
    table.add_row("quarantined", f"{faults:,}", f"faulty rows; {scope:,} more are out of scope")
    console.print(table)
    console.print("seconds  " + "  ".join(f"{name} {seconds:.1f}" for name, seconds in run.seconds.items()))
    usual = settings.source == "made" and settings.home == ROOT / ".nis" / "made"
    if not usual:
        console.print(
            f"here     export NIS_HOME={settings.home} NIS_SOURCE={settings.source}", highlight=False, soft_wrap=True
        )
    if run.exit_code is ExitCode.DONE and values:
        console.print(
            "next     nis status · nis values --ni 192 --area E06000004 · "
            'nis sql "select * from published.value_current limit 5"',
            markup=False,
            highlight=False,
        )
    elif run.exit_code is not ExitCode.DONE:
        docs = settings.artifacts / f"run-{run.run_id}" / "data_docs"
        console.print("next     nis status · nis releases --status refused · nis quarantine", markup=False)
        if docs.exists():
            console.print(f"         Data Docs: {docs}", markup=False, soft_wrap=True)
