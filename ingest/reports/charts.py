"""Charts as inline SVG: they need no script and no style sheet, and say in words what they show."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup, escape

from ingest.reports.marks import shown
from ingest.reports.read import Point, Progress, Target

INK, SOFT, GRID = "#1b2733", "#55626e", "#dfe4e8"
AREA, ENGLAND, GOOD, BAD, EVEN = "#0b4f8a", "#7a4b00", "#0b4f8a", "#a8391b", "#c8ced4"
_FONT = Markup("font-family=\"system-ui, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif\"")


@dataclass(frozen=True, slots=True)
class Scale:
    """A straight line from values to places on the drawing."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Place of a value; all values of a scale without width stand in its middle."""
        if self.high == self.low:
            return round((self.start + self.end) / 2, 1)
        return round(self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start), 1)


def ticks(low: float, high: float, about: int = 3) -> list[float]:
    """Round numbers that enclose a range, some `about` of them: steps of 1, 2 or 5 times a power of ten."""
    if low == high:
        low, high = low - (abs(low) * 0.1 or 1), high + (abs(high) * 0.1 or 1)
    rough = (high - low) / max(about, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(number * step, 10) for number in range(first, last + 1)]


def _svg(width: int, height: int, key: str, title: str, told: str, parts: Sequence[str]) -> Markup:
    """An image with its title and description; its parts are markup already: escaping each takes the most time."""
    drawing = Markup("".join(parts))  # noqa: S704 - numbers and colours of ours, and texts that `_text` escaped
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img" '
        'aria-labelledby="{k}-t {k}-d" {font}><title id="{k}-t">{title}</title><desc id="{k}-d">{told}</desc>{parts}'
        "</svg>"
    ).format(w=width, h=height, k=key, title=title, told=told, parts=drawing, font=_FONT)


def _text(x: float, y: float, said: str, *, anchor: str = "start", fill: str = INK, size: int = 11) -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="{fill}" font-size="{size}">{escape(said)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, stroke: str, width: float = 1, dash: str = "") -> str:
    return ('<line x1="{}" y1="{}" x2="{}" y2="{}" stroke="{}" stroke-width="{}"{}/>').format(
        x1, y1, x2, y2, stroke, width, (f' stroke-dasharray="{dash}"') if dash else ""
    )


def _runs(places: Sequence[tuple[float, float] | None]) -> list[list[tuple[float, float]]]:
    """Stretches without a gap: a missing value breaks the line."""
    runs: list[list[tuple[float, float]]] = [[]]
    for place in places:
        if place is None:
            runs.append([])
        else:
            runs[-1].append(place)
    return [run for run in runs if run]


def _path(run: Sequence[tuple[float, float]], stroke: str, dash: str = "") -> str:
    points = " ".join(f"{x},{y}" for x, y in run)
    return ('<polyline points="{}" fill="none" stroke="{}" stroke-width="{}"{}/>').format(
        points, stroke, 1.5 if dash else 2, (f' stroke-dasharray="{dash}"') if dash else ""
    )


def _told(points: Sequence[Point], decimals: int) -> str:
    """The series in words, period by period."""
    said = []
    for point in points:
        here = point.marker or "no figure" if point.value is None else shown(point.value, decimals)
        if point.value is not None and point.lower is not None and point.upper is not None:
            here += f" ({shown(point.lower, decimals)} to {shown(point.upper, decimals)})"
        if point.england is not None:
            here += f", England {shown(point.england, decimals)}"
        said.append(f"{point.label}: {here}")
    return "; ".join(said)


def series(
    key: str, title: str, points: Sequence[Point], decimals: int, target: tuple[date, float] | None = None
) -> Markup:
    """A series with England, 95 % limits and the target of the year; a sentence where there is nothing to draw."""
    drawn = [float(p.value) for p in points if p.value is not None]
    if not drawn:
        return Markup('<p class="none">No period has a figure, so there is nothing to draw.</p>')
    # A series of many short periods is drawn from its last twelve.
    points = points[-12:]
    drawn += [float(v) for p in points for v in (p.england, p.lower, p.upper) if v is not None]
    if target:
        drawn.append(target[1])
    steps = ticks(min(drawn), max(drawn))
    width, height, left, right, top, bottom = 340, 168, 44, 56, 12, 138
    days = [p.period_end for p in points] + ([target[0]] if target else [])
    x = Scale(min(days).toordinal(), max(days).toordinal(), left + 8, width - right)
    y = Scale(steps[0], steps[-1], bottom, top)
    places = max(0, -math.floor(math.log10(steps[1] - steps[0]) + 1e-9))
    parts = [
        part
        for step in steps
        for part in (
            _line(left, y.at(step), width - right + 8, y.at(step), GRID),
            _text(left - 6, y.at(step) + 4, shown(step, places), anchor="end", fill=SOFT),
        )
    ]
    own = [None if p.value is None else (x.at(p.period_end.toordinal()), y.at(float(p.value))) for p in points]
    theirs = [None if p.england is None else (x.at(p.period_end.toordinal()), y.at(float(p.england))) for p in points]
    parts += [_path(run, ENGLAND, "5 3") for run in _runs(theirs) if len(run) > 1]
    parts += [
        (f'<rect x="{px - 2}" y="{py - 2}" width="4" height="4" fill="{ENGLAND}"/>') for px, py in filter(None, theirs)
    ]
    for point, place in zip(points, own, strict=True):
        at = x.at(point.period_end.toordinal())
        if place is None:
            parts.append(_text(at, bottom - 4, point.marker or "?", anchor="middle", fill=SOFT, size=10))
        elif point.lower is not None and point.upper is not None:
            parts.append(_line(at, y.at(float(point.lower)), at, y.at(float(point.upper)), AREA, 1.2))
    parts += [_path(run, AREA) for run in _runs(own) if len(run) > 1]
    parts += [(f'<circle cx="{px}" cy="{py}" r="3.5" fill="{AREA}"/>') for px, py in filter(None, own)]
    if target:
        tx, ty = x.at(target[0].toordinal()), y.at(target[1])
        parts.append(f'<path d="M{tx} {ty - 5}l5 5l-5 5l-5 -5z" fill="#fff" stroke="{INK}" stroke-width="2"/>')
    parts += _ends(own, theirs, target and y.at(target[1]), width - right + 12, (top + 4, bottom))
    parts += _labels(points, x, bottom + 16, width)
    told = _told(points, decimals)
    if target:
        told += f". Target: {shown(target[1], decimals)}"
    return _svg(width, height, key, title, told + ".", parts)


def _ends(
    own: Sequence[tuple[float, float] | None],
    theirs: Sequence[tuple[float, float] | None],
    target: float | None,
    x: float,
    between: tuple[float, float],
) -> list[str]:
    """Names at the right end of each line, moved apart so that none lies on another."""
    wanted = [
        (next((place[1] for place in reversed(run) if place), None), said, fill)
        for run, said, fill in ((own, "Area", AREA), (theirs, "England", ENGLAND))
    ]
    wanted.append((target, "Target", INK))
    names = sorted((at, said, fill) for at, said, fill in wanted if at is not None)
    places = [min(max(at + 4, between[0]), between[1]) for at, _, _ in names]
    for index in range(1, len(places)):
        places[index] = max(places[index], places[index - 1] + 12)
    if places and (over := places[-1] - between[1]) > 0:
        places = [place - over for place in places]
    return [_text(x, round(at, 1), said, fill=fill) for at, (_, said, fill) in zip(places, names, strict=True)]


def _labels(points: Sequence[Point], x: Scale, y: float, width: int) -> list[str]:
    """Labels of the periods, long ones by their end: as many as there is room for, first and last always."""
    last = len(points) - 1
    if last < 1:
        return [_text(x.at(p.period_end.toordinal()), y, p.label, anchor="middle", fill=SOFT) for p in points]
    names = [p.label.rpartition(" to ")[2] for p in points]
    room = max(1, math.ceil((max(map(len, names)) * 6.2 + 10) / ((x.end - x.start) / last)))
    chosen = [i for i in range(last, -1, -room) if i >= room or i == last]
    chosen += [0] if last >= 1 and 0 not in chosen else []
    said = []
    for index in chosen:
        at, label = x.at(points[index].period_end.toordinal()), names[index]
        half = len(label) * 3.1
        said.append(_text(min(max(at, half), width - half), y, label, anchor="middle", fill=SOFT))
    return said


def achievement(key: str, title: str, targets: Sequence[Target]) -> Markup:
    """How far each target is: a dot for each on the way from baseline (0) to target (100 %), furthest first."""
    judged = sorted(
        (t for t in targets if t.achievement is not None), key=lambda t: (-float(t.achievement or 0), t.target_id)
    )
    if not judged:
        return Markup('<p class="none">No target has a share of the way gone, so there is nothing to draw.</p>')
    step, top, left, width = 20, 30, 284, 720
    height = top + step * len(judged) + 10
    x = Scale(-50, 150, left, width - 76)
    parts = [
        part
        for share, said in ((-50, ""), (0, "baseline"), (50, "half way"), (100, "target"), (150, ""))
        for part in (
            _line(x.at(share), top - 8, x.at(share), height - 8, INK if share in (0, 100) else GRID),
            _text(x.at(share), top - 14, said, anchor="middle", fill=SOFT),
        )
    ]
    for row, target in enumerate(judged):
        share = float(target.achievement or 0) * 100
        at, y = x.at(min(max(share, -50), 150)), top + step * row + 10
        name = (f"NI {target.ni} " if target.ni else "") + target.title
        parts.append(_text(left - 12, y + 4, _cut(name, 42), anchor="end"))
        parts.append(_line(x.at(0), y, at, y, GOOD if target.met else BAD if share < 0 else SOFT, 3))
        # The shape tells what the colour tells: full for met, hollow for not met, a cross for the wrong way.
        if share < 0:
            parts.append(f'<path d="M{at - 4} {y - 4}l8 8m0 -8l-8 8" stroke="{BAD}" stroke-width="2.5"/>')
        else:
            parts.append(
                ('<circle cx="{}" cy="{}" r="5" fill="{}" stroke="{}" stroke-width="2"/>').format(
                    at, y, GOOD if target.met else "#fff", GOOD if target.met else SOFT
                )
            )
        beyond = "‹ " if share < -50 else ""
        more = " ›" if share > 150 else ""
        parts.append(_text(width - 4, y + 4, f"{beyond}{shown(share)} %{more}", anchor="end"))
    told = "; ".join(
        f"{f'NI {t.ni}' if t.ni else t.title}: {shown(t.achievement or 0, scale=100)} % of the way, "
        f"{'met' if t.met else 'not met'}"
        for t in judged
    )
    return _svg(width, height, key, title, told + ".", parts)


def directions(key: str, title: str, themes: Sequence[Progress]) -> Markup:
    """Indicators by theme: worsening to the left, improving to the right; full colour beyond what chance explains."""
    told = [one for one in themes if one.with_direction]
    if not told:
        return Markup('<p class="none">No figure has a direction, so there is nothing to draw.</p>')
    most = max(
        max(one.improving + one.improving_significant, one.worsening + one.worsening_significant) for one in told
    )
    step, top, left, width = 24, 26, 300, 720
    height = top + step * len(told) + 6
    middle = left + (width - left) / 2
    unit = (width - left - 110) / 2 / max(most, 1)
    parts = [
        _text(middle - 8, 14, "◀ worsening", anchor="end", fill=BAD, size=12),
        _text(middle + 8, 14, "improving ▶", fill=GOOD, size=12),
    ]
    for row, one in enumerate(told):
        y = top + step * row
        parts.append(_text(left - 10, y + 14, _cut(one.theme, 44), anchor="end", size=12))
        for side, sure, maybe, fill in (
            (1, one.improving_significant, one.improving, GOOD),
            (-1, one.worsening_significant, one.worsening, BAD),
        ):
            if sure:
                begin = middle if side > 0 else middle - sure * unit
                parts.append(_bar(begin, y + 3, sure * unit, fill, 1))
            if maybe:
                begin = middle + sure * unit if side > 0 else middle - (sure + maybe) * unit
                parts.append(_bar(begin, y + 3, maybe * unit, fill, 0.15))
            end = middle + side * ((sure + maybe) * unit + 6)
            parts.append(_text(round(end, 1), y + 14, f"{sure} + {maybe}", anchor="start" if side > 0 else "end"))
    parts.append(_line(middle, top - 4, middle, height - 4, INK))
    words = "; ".join(
        f"{one.theme}: {one.improving_significant} improved and {one.worsening_significant} worsened beyond chance, "
        f"{one.improving} and {one.worsening} within it"
        for one in told
    )
    return _svg(width, height, key, title, words + ".", parts)


def _bar(x: float, y: float, width: float, fill: str, opacity: float) -> str:
    return (
        f'<rect x="{round(x, 1)}" y="{y}" width="{round(width, 1)}" height="15" fill="{fill}" '
        f'fill-opacity="{opacity}" stroke="{fill}" stroke-width="1"/>'
    )


def seconds(key: str, title: str, stages: Sequence[tuple[str, float]]) -> Markup:
    """How long each stage took."""
    if not stages:
        return Markup('<p class="none">No stage was timed, so there is nothing to draw.</p>')
    step, left, width = 24, 130, 720
    x = Scale(0, max(took for _, took in stages) or 1, left, width - 90)
    parts = []
    for row, (stage, took) in enumerate(stages):
        y = row * step + 4
        parts.append(_text(left - 10, y + 12, stage, anchor="end", size=12))
        parts.append(_bar(left, y, max(x.at(took) - left, 1), AREA, 1))
        parts.append(_text(x.at(took) + 8, y + 12, f"{shown(took, 1)} s", size=12))
    told = "; ".join(f"{stage}: {shown(took, 1)} seconds" for stage, took in stages)
    return _svg(width, step * len(stages) + 8, key, title, told + ".", parts)


def _cut(text: str, most: int) -> str:
    """A text of at most so many letters, cut between words."""
    if len(text) <= most:
        return text
    head = text[: most - 1].rsplit(" ", 1)[0].rstrip(" ,;:(-")
    return f"{head}…"
