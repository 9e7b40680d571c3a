"""Words and charts of reports, without a warehouse: scales, gaps, signs, rounding, escaping."""

from __future__ import annotations

import datetime as dt
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from markupsafe import Markup

from ingest.reports import charts, words, words_run
from ingest.reports.marks import Cell, data, day, exact, shown, year
from ingest.reports.pages import area_page
from ingest.reports.read import Area, AreaReport, Edition, Figure, Flag, Point, Progress, Target
from ingest.reports.read_run import RunReport
from tests.ingest.pages import Page, require_accessible, require_marked

SVG = "{http://www.w3.org/2000/svg}"


def point(y: int, value: float | None, **more: Any) -> Point:
    told: dict[str, Any] = {"marker": None, "lower": None, "upper": None, "england": None, **more}
    return Point(
        dt.date(y, 3, 31), f"{y - 1}-{y % 100:02}", None if value is None else Decimal(str(value)),
        told["marker"], *(None if told[name] is None else Decimal(str(told[name])) for name in ("lower", "upper", "england")),
    )  # fmt: skip


def target(**changes: Any) -> Target:
    told: dict[str, Any] = dict.fromkeys(Target.__dataclass_fields__)
    told |= {
        "area_code": "E06000010", "target_class": "designated", "target_id": "ni_117/main", "target_version": 1,
        "title": "NEET", "ni": 117, "period_end": dt.date(2010, 3, 31), "period_label": "2009-10", "kind": "absolute",
        "status": "agreed",
    }  # fmt: skip
    return Target(**(told | changes))


def progress(**changes: Any) -> Progress:
    told: dict[str, Any] = dict.fromkeys(Progress.__dataclass_fields__, 0)
    return Progress(**(told | {"area_code": "E06000010", "theme": "Safer"} | changes))


def report(**changes: Any) -> AreaReport:
    edition = Edition("nis_2008", "Set", "2009-10", "made", dt.datetime(2026, 11, 20, tzinfo=dt.UTC), (), False)
    return AreaReport(edition, Area("E06000010", "Hull", "unitary", None), **changes)


def figure(**changes: Any) -> Figure:
    told: dict[str, Any] = dict.fromkeys(Figure.__dataclass_fields__)
    return Figure(**(told | {"open_disputes": 0} | changes))


def drawn(svg: Markup) -> ET.Element:
    return ET.fromstring(svg)


# Numbers


@pytest.mark.parametrize(
    ("value", "decimals", "scale", "said"),
    [
        (Decimal("6.25"), 1, 1, "6.3"),
        (Decimal("-1.05"), 1, 1, "−1.1"),
        (Decimal("-0.04"), 1, 1, "0.0"),
        (Decimal("1234567.5"), 0, 1, "1,234,568"),
        (Decimal("0.545"), 0, 100, "55"),
        (0.1 + 0.2, 2, 1, "0.30"),
        (Decimal("1E+3"), 0, 1, "1,000"),
    ],
)
def test_numbers_are_rounded_half_up(value: Decimal | float, decimals: int, scale: int, said: str) -> None:
    assert shown(value, decimals, scale=scale) == said


def test_a_marked_number_keeps_every_digit_and_its_cell() -> None:
    cell = Cell("v_laa_review", {"area_code": "E06000010", "target_id": 'local/Trees & "hedges"'})
    assert data(Decimal("6.2500"), cell, "actual_value", 1) == (
        '<data value="6.25" data-cell="v_laa_review?area_code=E06000010&amp;target_id=local%2FTrees+%26+%22hedges%22'
        '&amp;column=actual_value">6.3</data>'
    )
    assert exact(Decimal("1E+3")) == "1000"
    assert exact(Decimal("0.00")) == "0"
    assert year("2009-10") == '<time datetime="2009">2009–10</time>'
    assert day(dt.date(2010, 3, 1)) == '<time datetime="2010-03-01">1 March 2010</time>'


# Scales


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 1, [0, 0.5, 1]),
        (6.2, 8.1, [6, 7, 8, 9]),
        (0, 100, [0, 50, 100]),
        (-3, 3, [-4, -2, 0, 2, 4]),
        (5, 5, [4.5, 5, 5.5]),
        (0, 0, [-1, 0, 1]),
        (12_000, 61_000, [0, 20_000, 40_000, 60_000, 80_000]),
    ],
)
def test_ticks_are_round_and_enclose_the_range(low: float, high: float, expected: list[float]) -> None:
    assert charts.ticks(low, high) == expected


def test_scales_are_straight_and_stand_still_without_a_range() -> None:
    scale = charts.Scale(0, 10, 100, 200)
    assert [scale.at(0), scale.at(5), scale.at(10), scale.at(-10)] == [100, 150, 200, 0]
    assert charts.Scale(10, 20, 138, 12).at(15) == 75
    assert charts.Scale(3, 3, 0, 50).at(3) == 25


# Series


def test_a_series_without_figures_is_a_sentence() -> None:
    for points in ([], [point(2009, None, marker="[x]")]):
        assert charts.series("k", "NEET", points, 1).startswith('<p class="none">')


def test_a_single_point_is_a_dot_without_a_line() -> None:
    svg = drawn(charts.series("k", "NEET", [point(2010, 6.9)], 1))
    assert len(svg.findall(f"{SVG}circle")) == 1
    assert svg.findall(f"{SVG}polyline") == []
    assert [text.text for text in svg.findall(f"{SVG}text")][-1] == "2009-10"


def test_a_missing_value_breaks_the_line_and_shows_its_marker() -> None:
    points = [point(2006, 8), point(2007, 8.1), point(2008, None, marker="[c]"), point(2009, 7), point(2010, 6.9)]
    svg = drawn(charts.series("k", "NEET", points, 1))
    lines = svg.findall(f"{SVG}polyline")
    assert [len(str(line.get("points")).split()) for line in lines] == [2, 2]
    assert "[c]" in [text.text for text in svg.findall(f"{SVG}text")]
    assert len(svg.findall(f"{SVG}circle")) == 4


def test_a_series_lies_within_its_frame_and_says_what_it_shows() -> None:
    points = [
        point(2008, 8, lower=7.5, upper=8.5, england=6.6),
        point(2009, 7.4, lower=6.9, upper=7.9),
        point(2010, 6.9, lower=6.4, upper=7.4, england=6.25),
    ]
    svg = drawn(charts.series("k", "NEET <&>", points, 1, (dt.date(2010, 3, 31), 6.0)))
    title, desc = svg.find(f"{SVG}title"), svg.find(f"{SVG}desc")
    assert title is not None
    assert desc is not None
    assert title.text == "NEET <&>"
    assert desc.text == (
        "2007-08: 8.0 (7.5 to 8.5), England 6.6; 2008-09: 7.4 (6.9 to 7.9); "
        "2009-10: 6.9 (6.4 to 7.4), England 6.3. Target: 6.0."
    )
    assert svg.get("aria-labelledby") == "k-t k-d"
    assert (title.get("id"), desc.get("id"), svg.get("role")) == ("k-t", "k-d", "img")
    for circle in svg.findall(f"{SVG}circle"):
        assert 44 <= float(str(circle.get("cx"))) <= 340
        assert 12 <= float(str(circle.get("cy"))) <= 138
    ends = [text for text in svg.findall(f"{SVG}text") if text.text in {"Area", "England", "Target"}]
    heights = sorted(float(str(text.get("y"))) for text in ends)
    assert len(heights) == 3
    assert min(after - before for before, after in pairwise(heights)) >= 12


def test_a_long_series_is_drawn_from_its_last_twelve() -> None:
    svg = drawn(charts.series("k", "Long", [point(y, y - 1990) for y in range(1991, 2011)], 0))
    assert len(svg.findall(f"{SVG}circle")) == 12


# Achievement


def test_achievement_is_ordered_and_shapes_tell_what_colours_tell() -> None:
    targets = [
        target(target_id="a", ni=1, achievement=Decimal("0.55"), met=False),
        target(target_id="b", ni=2, achievement=Decimal("1.3125"), met=True),
        target(target_id="c", ni=3, achievement=Decimal("-0.3"), met=False),
        target(target_id="d", ni=4),
    ]
    svg = drawn(charts.achievement("k", "Achievement", targets))
    desc = svg.find(f"{SVG}desc")
    assert desc is not None
    assert desc.text == (
        "NI 2: 131 % of the way, met; NI 1: 55 % of the way, not met; NI 3: −30 % of the way, not met."
    )
    full, hollow = svg.findall(f"{SVG}circle")
    assert (full.get("fill"), hollow.get("fill")) == (charts.GOOD, "#fff")
    assert len(svg.findall(f"{SVG}path")) == 1
    # From -50 % at 284 to 150 % at 644.
    assert float(str(hollow.get("cx"))) == pytest.approx(284 + (55 + 50) / 200 * 360, abs=0.06)


def test_achievement_without_a_share_is_a_sentence() -> None:
    assert charts.achievement("k", "Achievement", [target()]).startswith('<p class="none">')


def test_what_lies_beyond_the_drawing_says_so() -> None:
    svg = charts.achievement("k", "A", [target(achievement=Decimal(9), met=True), target(achievement=Decimal(-9))])
    assert "900 % ›" in svg
    assert "‹ −900 %" in svg


def test_directions_and_seconds_without_anything_are_sentences() -> None:
    assert charts.directions("k", "D", [progress()]).startswith('<p class="none">')
    assert charts.seconds("k", "S", []).startswith('<p class="none">')
    bars = drawn(charts.directions("k", "D", [progress(with_direction=3, improving=2, worsening_significant=1)]))
    assert len(bars.findall(f"{SVG}rect")) == 2


@pytest.mark.parametrize("colour", [charts.INK, charts.SOFT, charts.AREA, charts.ENGLAND, charts.GOOD, charts.BAD])
def test_colours_of_text_and_lines_stand_out_from_white(colour: str) -> None:
    # WCAG 2.2, relative luminance and contrast ratio; 4.5 for text.
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    assert 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05) >= 4.5


# Words


def test_what_is_absent_is_said_and_not_counted() -> None:
    said = " ".join(words.summary(report()))
    assert "No live target of its agreement is published" in said
    assert "Which way figures moved is not told" in said
    assert "How it stands beside its neighbours and England is not told" in said
    assert "No flags are published" in said


def test_one_and_many_agree_with_their_verbs() -> None:
    of_one = report(targets=[target()], progress=[progress(targets=1, targets_met=1, targets_on_track=1)])
    said = re.sub("<[^>]+>", "", " ".join(words.summary(of_one)))
    assert "1 target of its agreement stands for 2009–10: 1 is met, 0 not met, and 0 cannot be judged yet." in said
    assert "1 target is reached or on track, 0 must speed up, 0 show limited progress, and 0 are moving away." in said


def test_targets_are_called_by_number_title_and_part() -> None:
    assert words.target_name(target()) == "NI 117 NEET"
    assert words.target_name(target(component_title="NEET")) == "NI 117 NEET"
    assert words.target_name(target(component_title="aged 16")) == "NI 117 NEET (aged 16)"
    assert words.target_name(target(ni=None, title="Trees")) == "Trees"


@pytest.mark.parametrize(
    ("changes", "decimals"),
    [
        ({"decimals": 1, "target_value": Decimal("6.25")}, 1),
        ({"target_value": Decimal("6.250"), "baseline_value": Decimal(7)}, 2),
        ({"target_value": Decimal(1000)}, 0),
        ({}, 0),
    ],
)
def test_local_targets_show_as_many_decimals_as_were_agreed(changes: dict[str, Any], decimals: int) -> None:
    assert words.target_decimals(target(**changes)) == decimals


def test_markers_and_reasons_are_explained_once_each() -> None:
    of = report(
        figures=[
            figure(marker="[p]", value=Decimal(1), reason="revised_later"),
            figure(marker="[z]", reason="no_survey"),
            figure(marker="[z]", reason="no_survey"),
        ],
        targets=[target(target_marker="[x]", target_note="target_not_measured")],
        series={("ni_117", "main"): [point(2009, None, marker="[c]")]},
    )
    assert [marker for marker, _ in words.markers_met(of)] == ["[c]", "[x]", "[z]", "[p]"]
    assert words.reasons_met(of, {"no_survey": "No round"}) == [("no survey", "No round"), ("target not measured", "")]


def test_every_class_of_the_tables_has_a_sign_and_a_word() -> None:
    assert set(words.PACE) == {"met", "on_track", "acceleration_needed", "limited", "deterioration"}
    for kinds in (words.COMPARED, words.MOVED, words.TRENDS, words.PACE):
        assert len(set(kinds.values())) == len(kinds)
        assert len({sign for sign, _ in kinds.values()}) == len(kinds)


def test_flags_are_told_with_what_became_of_them() -> None:
    of = report(
        flags=[Flag("E06000010", "Safer", "red", "NI 20: 12.1 against 8.2 <b>.", "raised", "Jane Smith", "HMIC")],
        figures=[figure(theme="Safer", ni=20, title="Assault", unit="per 1,000", decimals=1, period_label="2009-10",
                        period_end=dt.date(2010, 3, 31), indicator_id="ni_020", component="main")],
        progress=[progress()],
    )  # fmt: skip
    of.edition = replace(of.edition, has_flags=True)
    page = Page(area_page(of, "", {}))
    require_accessible(page)
    require_marked(page)
    (mark,) = [one for one in page.marks if one.cell.startswith("v_flag?")]
    assert mark.cell.endswith("area_code=E06000010&flag_kind=red&column=count")
    text = " ".join(page.text.split())
    assert "only a named person makes more of: 1 red." in text
    assert (
        "Red: Safer. NI 20: 12.1 against 8.2 <b>. Raised, decided by Jane Smith · answers for the theme: HMIC" in text
    )
    of.flags = []
    assert "No theme has a flag in this year." in area_page(of, "", {})


# Runs


def run(**changes: Any) -> RunReport:
    told: dict[str, Any] = dict.fromkeys(RunReport.__dataclass_fields__, ())
    started = dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC)
    told |= {
        "run_id": 7, "command": "run", "origin": "made", "status": "done", "started_at": started,
        "finished_at": started + dt.timedelta(seconds=50), "seconds": {}, "counts": {}, "error": None,
        "usual_seconds": 50.0, "warnings": 0,
    }  # fmt: skip
    return RunReport(**(told | changes))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "ended well. It took 50 seconds, as usual."),
        ({"usual_seconds": 20.0}, "longer than usual."),
        ({"usual_seconds": 200.0}, "quicker than usual."),
        ({"usual_seconds": None}, "It took 50 seconds."),
        ({"finished_at": None, "status": "running"}, "it is at work, or it was killed."),
        ({"counts": {"offered": 112, "landed": 0}}, "nothing new: all of 112 files offered are as we hold them."),
    ],
)
def test_a_run_is_told_in_plain_words(changes: dict[str, Any], said: str) -> None:
    assert said in re.sub("<[^>]+>", "", " ".join(words_run.told(run(**changes))))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "Nothing needs doing."),
        ({"status": "failed"}, "Mend the cause above"),
        ({"status": "running"}, "See whether it is still at work"),
        ({"counts": {"returns_refused": 1}}, "Tell the councils"),
    ],
)
def test_what_to_do_next_follows_from_what_happened(changes: dict[str, Any], said: str) -> None:
    (step,) = words_run.next_steps(run(**changes))
    assert said in step
