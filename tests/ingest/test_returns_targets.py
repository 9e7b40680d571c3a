"""The validator of targets of local area agreements, rule by rule."""

from __future__ import annotations

import pytest

from ingest.registry import datasets
from ingest.returns.detectability import smallest_change
from ingest.returns.faults import Fault
from ingest.returns.reference import Survey
from ingest.returns.validate import validate
from tests.ingest.returns import neet


def target_warnings(*changes: dict[str, str]) -> list[Fault]:
    verdict = validate(datasets()["laa_targets"], neet(*changes))
    assert verdict.accepted
    assert verdict.warning_count == len(verdict.warnings)
    return list(verdict.warnings)


def target_faults(*changes: dict[str, str]) -> list[Fault]:
    return list(validate(datasets()["laa_targets"], neet(*changes)).faults)


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"status": "placeholder", "target_value": "", "baseline_value": "", "baseline_period": ""},
        {"target_class": "local", "ni_code": "", "component": "Visits to the museum"},
        {"baseline_period": "2007"},
        {"baseline_period": "Place Survey 2008"},
        {"component": ""},
        {"version": "2", "reason": "- refreshed in March 2009"},
    ],
)
def test_sound_targets(change: dict[str, str]) -> None:
    assert target_faults(change) == []


@pytest.mark.parametrize(
    ("change", "column", "rule"),
    [
        ({"target_class": "desired"}, "target_class", "unknown_target_class"),
        ({"kind": "rough"}, "kind", "unknown_kind"),
        ({"status": "live"}, "status", "unknown_status"),
        ({"year": "2007/08"}, "year", "period_outside"),
        ({"year": "2011/12"}, "year", "period_outside"),
        ({"year": "2010"}, "year", "period_style"),
        ({"area_code": "921"}, "area_code", "unknown_area"),
        ({"area_code": "#N/A"}, "area_code", "spreadsheet_error"),
        ({"ni_code": "NI 200"}, "ni_code", "unknown_ni"),
        ({"ni_code": ""}, "ni_code", "unknown_ni"),
        ({"ni_code": "", "component": "", "target_class": "local"}, "component", "unknown_component"),
        ({"component": "iv"}, "component", "unknown_component"),
        ({"target_value": ""}, "target_value", "no_figure"),
        ({"target_value": "6 %"}, "target_value", "not_a_number"),
        ({"target_value": "=B2*0.9"}, "target_value", "formula"),
        ({"baseline_value": "*"}, "baseline_value", "not_a_number"),
        ({"baseline_period": "2003/04"}, "baseline_period", "period_outside"),
        ({"baseline_period": "2007/09"}, "baseline_period", "period_style"),
        ({"baseline_period": "1998"}, "baseline_period", "period_outside"),
        ({"version": "1.1"}, "version", "not_a_number"),
        ({"agreed_on": "June 2008"}, "agreed_on", "not_a_date"),
        ({"reward_eligible": "1"}, "reward_eligible", "unknown_reward_eligible"),
        ({"reason": "=cmd|' /C calc'!A0"}, "reason", "formula"),
    ],
)
def test_faulty_targets(change: dict[str, str], column: str, rule: str) -> None:
    found = target_faults({}, {"year": "2009/10"} | change)
    assert [(fault.row, fault.column, fault.rule) for fault in found] == [(2, column, rule)]
    assert found[0].value == change[column]


def designated(count: int, **changes: str) -> list[dict[str, str]]:
    """Designated targets on that many indicators (NI 1 to 30 and 40 to 59 have rows in the catalogue)."""
    numbers = [*range(1, 31), *range(40, 60)][:count]
    return [{"ni_code": f"NI {number:03}", "component": ""} | changes for number in numbers]


def test_thirty_five_designated_targets_are_the_most() -> None:
    """Three years of an indicator count once; local and statutory targets do not count."""
    every_year = [row | {"year": year} for row in designated(35) for year in ("2008/09", "2009/10", "2010/11")]
    others = designated(50, target_class="local") + designated(16, target_class="statutory")
    assert target_faults(*every_year, *others) == []
    (fault,) = target_faults({"area_code": "00EC"}, *designated(36))
    assert (fault.row, fault.column, fault.rule) == (2, "target_class", "too_many_designated")
    assert fault.value.split(", ") == sorted(row["ni_code"] for row in designated(36))
    assert "00EF has 36 live designated indicators where 35 are allowed: withdraw 1" in fault.way_out


def test_a_withdrawn_target_makes_room_and_its_newest_version_counts() -> None:
    rows = designated(36)
    withdrawn = rows[0] | {"status": "withdrawn", "version": "2"}
    assert target_faults(*rows, withdrawn) == []
    assert len(target_faults(*rows, withdrawn, rows[0] | {"version": "3"})) == 1


def test_the_same_target_twice() -> None:
    assert [fault.rule for fault in target_faults({}, {"target_value": "5.5"})] == ["duplicate"]
    assert target_faults({}, {"target_value": "5.5", "version": "2"}) == []


# Place Survey: 1,100 answers, near a half the smallest change is 4.2 points; a design effect of 1.3 makes it 4.76.
SATISFIED = {"ni_code": "NI 005", "baseline_period": "2008/09", "baseline_value": "50.0"}


def test_the_smallest_change_of_a_survey_is_the_published_one() -> None:
    assert smallest_change(0.5, Survey(1100, 1.0, 100)) == pytest.approx(0.042, abs=0.0005)
    assert smallest_change(0.5, Survey(1100, 1.3, 100)) == pytest.approx(0.042 * 1.3**0.5, abs=0.0005)


@pytest.mark.parametrize(
    ("change", "count"),
    [
        ({"target_value": "54.7"}, 1),
        ({"target_value": "54.8"}, 0),
        ({"target_value": "45.3"}, 1),
        ({"target_value": "50.0", "kind": "maintain"}, 0),
        ({"target_value": "52.0", "component": ""}, 1),
        ({"target_value": "52.0", "baseline_value": ""}, 0),
        ({"target_value": "52.0", "status": "withdrawn"}, 0),
        ({"target_value": "52.0", "ni_code": "NI 117"}, 0),
        ({"target_value": "2.0", "baseline_value": "-1.0", "kind": "relative_to"}, 1),
    ],
)
def test_a_change_that_the_survey_could_not_show_is_told(change: dict[str, str], count: int) -> None:
    found = target_warnings(SATISFIED | change)
    assert [(warning.row, warning.column, warning.rule) for warning in found] == [
        (1, "target_value", "undetectable_change")
    ] * count
    assert all("1,100 answers" in warning.way_out and "more than chance" in warning.way_out for warning in found)


def test_a_target_is_warned_of_once_in_its_last_year() -> None:
    years = [SATISFIED | {"year": year, "target_value": aim} for year, aim in (("2009/10", "52"), ("2010/11", "56"))]
    assert target_warnings(*years) == []
    refreshed = years[1] | {"version": "2", "target_value": "53"}
    (warning,) = target_warnings(*years, refreshed)
    assert (warning.row, warning.value) == (3, "53")
    assert target_warnings(*years, refreshed | {"status": "withdrawn", "target_value": ""}) == []
