"""Sentences and words of an area's report; every number in a sentence carries the cell it was read from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from ingest.reports.marks import Cell, data, name, some, unit, year
from ingest.reports.read import AreaReport, Figure, Target

CLASSES = {"designated": "Priorities", "statutory": "Statutory education targets", "local": "Local targets"}
COMPARED = {
    "better_998": ("▲▲", "better, very sure"),
    "better_95": ("▲", "better"),
    "similar": ("●", "similar"),
    "worse_95": ("▼", "worse"),
    "worse_998": ("▼▼", "worse, very sure"),
    "higher_998": ("△△", "higher, very sure"),
    "higher_95": ("△", "higher"),
    "lower_95": ("▽", "lower"),
    "lower_998": ("▽▽", "lower, very sure"),
}
"""Sign and word of each class of comparison."""
MOVED = {
    "improving_significant": ("▲", "improving"),
    "improving": ("△", "improving, may be chance"),
    "same": ("●", "no change"),
    "worsening": ("▽", "worsening, may be chance"),
    "worsening_significant": ("▼", "worsening"),
    "increasing_significant": ("↑", "increasing"),
    "increasing": ("↗", "increasing, may be chance"),
    "decreasing": ("↘", "decreasing, may be chance"),
    "decreasing_significant": ("↓", "decreasing"),
}
TRENDS = {
    "improving": ("▲", "improving"),
    "worsening": ("▼", "worsening"),
    "no_change": ("●", "no change"),
    "increasing": ("↑", "increasing"),
    "decreasing": ("↓", "decreasing"),
}
PACE = {
    "met": ("✔", "reached"),
    "on_track": ("▲", "on track"),
    "acceleration_needed": ("△", "must speed up"),
    "limited": ("▽", "limited progress"),
    "deterioration": ("▼", "moving away"),
}
MARKERS = {
    "[c]": "Confidential: withheld because it could tell of single people.",
    "[x]": "Not available.",
    "[z]": "Not applicable: the figure has no meaning here, or none is due.",
    "[low]": "Rounds to nothing, but is not nothing.",
    "[u]": "Unreliable: the sample is small.",
    "[e]": "Estimated.",
    "[p]": "Provisional.",
    "[r]": "Revised since it was first published.",
    "[b]": "Break in the series: not to be compared with earlier periods.",
}
KINDS = {
    "unitary": "unitary authority",
    "county": "county council",
    "london_borough": "London borough",
    "metropolitan_district": "metropolitan district",
    "maa": "Multi Area Agreement",
}
_KEY = ("framework_id", "framework_year", "area_code")


def progress_cell(report: AreaReport) -> Cell:
    """Rows of `v_progress` of an area and year."""
    edition = report.edition
    values = (edition.framework_id, edition.framework_year, report.area.area_code)
    return Cell("v_progress", dict(zip(_KEY, values, strict=True)))


def figure_cell(report: AreaReport, figure: Figure) -> Cell:
    """The row of `v_profile` that a figure was read from."""
    return Cell(
        "v_profile",
        {**progress_cell(report).key, "indicator_id": figure.indicator_id, "component": figure.component},
    )


def target_cell(report: AreaReport, target: Target) -> Cell:
    """The row of `v_laa_review` that a target was read from."""
    return Cell(
        "v_laa_review",
        {
            **progress_cell(report).key, "target_class": target.target_class, "target_id": target.target_id,
            "target_version": target.target_version, "period_end": target.period_end,
        },
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Counts:
    """Marked totals of a report."""

    report: AreaReport
    cell: Cell

    def __call__(self, column: str) -> Markup:
        return data(self.report.total(column), self.cell, column)

    def of(self, column: str, one: str, many: str) -> Markup:
        return some(self(column), self.report.total(column), one, many)


def summary(report: AreaReport) -> list[Markup]:
    """What the year was like, in a handful of sentences, the most telling first."""
    told = _Counts(report, progress_cell(report))
    return [
        *_targets_told(report, told),
        *_moves_told(report, told),
        *_places_told(report, told),
        _figures_told(report, told),
        _flags_told(report),
        *_disputes_told(report, told),
    ]


def _targets_told(report: AreaReport, told: _Counts) -> list[Markup]:
    when = year(report.edition.framework_year)
    if not report.targets:
        return [Markup("No live target of its agreement is published for {}, so none is judged.").format(when)]
    said = [
        Markup("{} of its agreement {} for {}: {} met, {} not met, and {} cannot be judged yet.").format(
            told.of("targets", "target", "targets"),
            "stands" if report.total("targets") == 1 else "stand",
            when,
            told.of("targets_met", "is", "are"),
            told("targets_not_met"),
            told("targets_not_judged"),
        )
    ]
    if report.total("targets_met"):
        said.append(
            Markup("Of those met, {} beyond doubt: the whole interval of the figure lies on the good side.").format(
                told.of("targets_met_beyond_doubt", "is met", "are met")
            )
        )
    if sum(map(report.total, ("targets_on_track", "targets_to_speed_up", "targets_with_limited_progress",
                              "targets_deteriorating"))):  # fmt: skip
        said.append(
            Markup(
                "On the way to the last year of the agreement, {} reached or on track, {} must speed up, "
                "{} limited progress, and {} moving away."
            ).format(
                told.of("targets_on_track", "target is", "targets are"),
                told("targets_to_speed_up"),
                told.of("targets_with_limited_progress", "shows", "show"),
                told.of("targets_deteriorating", "is", "are"),
            )
        )
    return said + _ends_told(report)


def _ends_told(report: AreaReport) -> list[Markup]:
    """The priority that is furthest along, and the one that is furthest behind."""
    judged = sorted(
        (one for one in report.targets if one.achievement is not None and one.target_class == "designated"),
        key=lambda one: (one.achievement or 0, one.target_id),
    )
    if len(judged) < 2:
        return []
    return [
        Markup("Furthest {}: {}, {} against a target of {} ({}&nbsp;% of the way from its baseline).").format(
            where,
            name(target_name(one)),
            target_number(report, one, "actual_value"),
            target_number(report, one, "target_value"),
            data(one.achievement or 0, target_cell(report, one), "achievement", scale=100),
        )
        for where, one in (("along", judged[-1]), ("behind", judged[0]))
    ]


def _moves_told(report: AreaReport, told: _Counts) -> list[Markup]:
    if not report.total("with_direction"):
        return [Markup("Which way figures moved is not told: no figure has been compared with the period before.")]
    return [
        Markup(
            "Since the period before, {} improved and {} worsened by more than chance explains; "
            "{} improved and {} worsened by less, and {} stayed the same."
        ).format(
            told.of("improving_significant", "indicator", "indicators"),
            told("worsening_significant"),
            told("improving"),
            told("worsening"),
            told("unchanged"),
        )
    ]


def _places_told(report: AreaReport, told: _Counts) -> list[Markup]:
    if not report.total("against_neighbours") and not report.total("against_england"):
        return [Markup("How it stands beside its neighbours and England is not told: nothing has been compared.")]
    return [
        Markup("Against {}, it is better on {} and worse on {} of the {} that can be compared.").format(
            whom, told(f"better_than_{one}"), told(f"worse_than_{one}"),
            told.of(f"against_{one}", "indicator", "indicators"),
        )
        for one, whom in (("neighbours", "its nearest neighbours"), ("england", "England"))
        if report.total(f"against_{one}")
    ]  # fmt: skip


def _figures_told(report: AreaReport, told: _Counts) -> Markup:
    said = Markup("Of {}, {} a figure; the others carry a marker with its reason.").format(
        told.of("indicators", "indicator", "indicators"), told.of("with_value", "has", "have")
    )
    if not report.total("graded"):
        return said + Markup(" No grade of quality has been published for them.")
    return said + Markup(" {} of grade D, the lowest for quality, and should carry little weight.").format(
        told.of("grade_d", "is", "are")
    )


def _flags_told(report: AreaReport) -> Markup:
    if not report.edition.has_flags:
        return Markup("No flags are published with these figures.")
    raised = Counter(flag.flag_kind for flag in report.flags)
    if not raised:
        return Markup("No theme has a flag in this year.")
    cell = Cell("v_flag", progress_cell(report).key)
    kinds = [
        Markup("{} {}").format(data(raised[kind], cell.narrowed(flag_kind=kind), "count"), kind)
        for kind in ("urgent", "red", "green")
        if raised[kind]
    ]
    return Markup("Flags that rules raise as candidates, and only a named person makes more of: {}.").format(
        Markup(", ").join(kinds)
    )


def _disputes_told(report: AreaReport, told: _Counts) -> list[Markup]:
    count = report.total("open_disputes")
    if not count:
        return []
    return [
        Markup("{} of its figures {} open; the figures stand until {} resolved.").format(
            told.of("open_disputes", "dispute", "disputes"),
            "is" if count == 1 else "are",
            "it is" if count == 1 else "they are",
        )
    ]


def target_name(target: Target) -> str:
    """A target as people call it: number, title, and the part where it is not the headline's."""
    said = f"NI {target.ni} {target.title}" if target.ni else target.title
    part = target.component_title
    return f"{said} ({part})" if part and part != target.title and part not in said else said


def target_number(report: AreaReport, target: Target, column: str) -> Markup:
    """A figure of a target with its unit."""
    value = getattr(target, column)
    return data(value, target_cell(report, target), column, target_decimals(target)) + unit(target.unit)


def target_decimals(target: Target) -> int:
    """Decimals to show: the component's, or for a local target as many as were agreed on."""
    if target.decimals is not None:
        return target.decimals
    exponents = [
        one.normalize().as_tuple().exponent
        for one in (target.target_value, target.baseline_value)
        if one is not None and one.is_finite()
    ]
    return max([0, *(-one for one in exponents if isinstance(one, int))])


def markers_met(report: AreaReport) -> list[tuple[str, str]]:
    """Markers that stand in the report, each with its meaning."""
    seen = {marker for one in report.figures for marker in (one.marker,) if marker}
    seen |= {marker for one in report.targets for marker in (one.actual_marker, one.target_marker) if marker}
    seen |= {point.marker for points in report.series.values() for point in points if point.marker}
    return [(marker, meaning) for marker, meaning in MARKERS.items() if any(marker in one for one in seen)]


def reasons_met(report: AreaReport, meanings: dict[str, str]) -> list[tuple[str, str]]:
    """Reasons that stand in the report, each with its meaning where it has one."""
    seen = {one.reason for one in report.figures if one.reason and one.value is None}
    seen |= {one.target_note for one in report.targets if one.target_note}
    return [(plain(one), meanings.get(one, "")) for one in sorted(seen)]


def plain(word: str | None) -> str:
    """A word of the tables as people write it."""
    return (word or "").replace("_", " ")


def by_theme(figures: Sequence[Figure]) -> dict[str, list[Figure]]:
    """Figures by theme, themes by the number of their first indicator."""
    themes: dict[str, list[Figure]] = {}
    for figure in figures:
        themes.setdefault(figure.theme, []).append(figure)
    return themes
