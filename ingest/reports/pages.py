"""Reports as self-contained HTML pages: one file each, without script, font or picture from elsewhere."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ingest.reports import charts, words, words_run
from ingest.reports.marks import Cell, data, day, exact, name, shown
from ingest.reports.read import AreaReport, Target
from ingest.reports.read_run import RunReport

TEMPLATES = Path(__file__).parent / "templates"
MOST_INDICATORS = 12
"""Indicators whose changes a run's page lists."""
COLUMNS = (
    ("indicators", "Indicators"),
    ("with_value", "With a figure"),
    ("improving_significant", "Improved"),
    ("worsening_significant", "Worsened"),
    ("better_than_neighbours", "Better than neighbours"),
    ("worse_than_neighbours", "Worse than neighbours"),
    ("better_than_england", "Better than England"),
    ("worse_than_england", "Worse than England"),
    ("targets", "Targets"),
    ("targets_met", "Met"),
    ("targets_not_met", "Not met"),
    ("targets_on_track", "On track"),
)


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The templates, with everything escaped that is not marked as safe, and no name left undefined."""
    made = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    made.filters.update(shown=shown, exact=exact, plain=words.plain)
    made.globals["style"] = Markup((TEMPLATES / "style.css").read_text(encoding="utf-8"))  # noqa: S704 - our own file
    return made


def area_page(report: AreaReport, notice: str, meanings: dict[str, str]) -> str:
    """The page of one area and year.

    `notice` is what must be said of the data, `meanings` tells what the reasons of markers mean.
    """
    cell = words.progress_cell(report)
    return (
        environment()
        .get_template("area.html.j2")
        .render(
            report=report,
            notice=notice,
            known_on=day(report.edition.known_at.date()),
            facts=_facts(report),
            sentences=words.summary(report),
            groups=_groups(report.targets),
            priorities=_priorities(report),
            rewards=_rewards(report),
            achievement=charts.achievement("achieved", "How far each target is", report.targets),
            directions=charts.directions("moved", "Indicators that improved and worsened, by theme", report.progress),
            themes=words.by_theme(report.figures),
            columns=COLUMNS,
            markers=words.markers_met(report),
            reasons=words.reasons_met(report, meanings),
            kinds=words.KINDS,
            compared=words.COMPARED,
            moved=words.MOVED,
            trends=words.TRENDS,
            pace=words.PACE,
            decimals=words.target_decimals,
            target_name=words.target_name,
            target_row=lambda one: _row(words.target_cell(report, one)),
            figure_row=lambda one: _row(words.figure_cell(report, one)),
            progress_row=lambda one: _row(cell.narrowed(theme=one.theme)),
        )
    )


def _row(cell: Cell) -> str:
    """Address of a row, without a column."""
    return str(cell.column("")).removesuffix("&column=")


def _facts(report: AreaReport) -> list[dict[str, Any]]:
    """The four counts at the head of a page; a marker where nothing could be counted."""
    cell = words.progress_cell(report)
    told = (
        ("targets_met", "targets", "targets met for the year"),
        ("targets_on_track", "targets", "targets reached or on track for the last year"),
        ("improving_significant", "with_direction", "indicators improved beyond chance"),
        ("worsening_significant", "with_direction", "indicators worsened beyond chance"),
    )
    return [
        {"count": data(report.total(column), cell, column) if report.total(among) else "[x]", "said": said}
        for column, among, said in told
    ]


def _groups(targets: list[Target]) -> list[dict[str, Any]]:
    return [
        {"title": title, "targets": [one for one in targets if one.target_class == kind]}
        for kind, title in words.CLASSES.items()
        if any(one.target_class == kind for one in targets)
    ]


def _priorities(report: AreaReport) -> list[dict[str, Any]]:
    """A small series for each designated target, with a sentence."""
    shown_targets = []
    for number, one in enumerate(t for t in report.targets if t.target_class == "designated"):
        points = report.series.get((one.indicator_id or "", one.component or ""), [])
        aim = (one.period_end, float(one.target_value)) if one.target_value is not None else None
        title = words.target_name(one)
        said = Markup("<strong>{}</strong><br>").format(name(title))
        if one.actual_value is None or one.target_value is None:
            said += Markup("No judgement for the year: {}.").format(words.plain(one.target_note) or "no figure")
        else:
            said += Markup("{} against a target of {}: {}.").format(
                words.target_number(report, one, "actual_value"),
                words.target_number(report, one, "target_value"),
                "not judged" if one.met is None else "met" if one.met else "not met",
            )
        chart = charts.series(f"p{number}", title, points, words.target_decimals(one), aim)
        shown_targets.append({"said": said, "chart": chart})
    return shown_targets


def _rewards(report: AreaReport) -> list[Markup]:
    key = {name: value for name, value in words.progress_cell(report).key.items() if name != "framework_year"}
    said = []
    for one in report.rewards:
        cell = Cell("fact_reward", {**key, "scheme": one.scheme})
        if one.mean_achievement is None or one.targets_counted is None:
            said.append(Markup("Scheme {}: no result ({}).").format(one.scheme, one.note or "nothing could be judged"))
            continue
        said.append(
            Markup(
                "Scheme {}: over {} targets of the last year, mean achievement {}&nbsp;%; {}. What became of it: {}."
            ).format(
                one.scheme,
                data(one.targets_counted, cell, "targets_counted"),
                data(one.mean_achievement, cell, "mean_achievement", scale=100),
                "it would have paid" if one.pays else "it would not have paid",
                one.status or "not known",
            )
        )
    return said


def run_page(report: RunReport, notice: str, titles: dict[str, str]) -> str:
    """The page of one run, for a manager; `titles` names the datasets."""
    stages = [(words_run.STAGES.get(stage, stage), took) for stage, took in report.seconds.items()]
    return (
        environment()
        .get_template("run.html.j2")
        .render(
            run=report,
            notice=notice,
            titles=titles,
            sentences=words_run.told(report),
            steps=words_run.next_steps(report),
            chart=charts.seconds("took", "Seconds by stage", stages),
            most=MOST_INDICATORS,
        )
    )
