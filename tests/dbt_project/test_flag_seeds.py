"""Seeds of flags: who answers for which theme on which day, and rules that are whole in every version."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

import pytest

from ingest.cli.inspectorates import inspectorate_called, last_day, spans_of, theme_called, themes_of
from ingest.errors import UsageError
from tests.dbt_project.test_seeds import in_force, overlap, rows_of

YEARS = ("2008-09", "2009-10", "2010-11")


def answering(theme: str, day: date) -> set[str]:
    """Inspectorates that answer for a theme on a day."""
    return {
        row["inspectorate_id"] for row in rows_of("inspectorate_themes") if row["theme"] == theme and in_force(row, day)
    }


def test_care_quality_commission_took_the_place_of_two_in_april_2009() -> None:
    known = {row["inspectorate_id"]: row for row in rows_of("inspectorates")}
    assert len(known) == 8
    assert known["cqc"]["valid_from"] == "2009-04-01"
    for former in ("csci", "healthcare_commission"):
        assert (known[former]["valid_to"], known[former]["successor_id"]) == ("2009-03-31", "cqc")
    care = "Adult health and wellbeing"
    assert answering(care, date(2009, 3, 31)) == {"csci", "healthcare_commission"}
    assert answering(care, date(2009, 4, 1)) == {"cqc"}


def test_every_theme_has_a_leading_inspectorate_in_force_in_every_year() -> None:
    known = {row["inspectorate_id"]: row for row in rows_of("inspectorates")}
    themes = {row["theme"] for row in rows_of("indicators")}
    rows = rows_of("inspectorate_themes")
    assert {row["theme"] for row in rows} == themes
    assert all(overlap(row, known[row["inspectorate_id"]]) for row in rows)
    for theme in themes:
        for year in YEARS:
            leads = [row for row in rows if row["theme"] == theme and row["part"] == "lead"]
            assert any(in_force(row, last_day(year)) for row in leads), (theme, year)
            assert all(in_force(known[name], last_day(year)) for name in answering(theme, last_day(year)))


def test_versions_of_the_rules_are_whole_and_begin_on_one_day() -> None:
    versions = defaultdict(list)
    for row in rows_of("assessment_rules"):
        versions[row["rule_version"]].append(row)
    names = [{row["name"] for row in rows} for rows in versions.values()]
    assert all(one == names[0] for one in names)
    assert all(len({row["valid_from"] for row in rows}) == 1 for rows in versions.values())
    first = {row["name"]: row["value"] for row in versions["2008.1"]}
    assert (first["benjamini_hochberg_q"], first["comparison_level"]) == ("0.05", "0.998")
    assert (first["red_grade_floor"], first["green_grade_floor"], first["jump_standard_deviations"]) == ("C", "B", "3")


def test_staying_safe_is_tagged_as_a_whole() -> None:
    themes = {row["indicator_id"]: row["theme"] for row in rows_of("indicators")}
    tagged = {row["indicator_id"] for row in rows_of("safety_tags")}
    assert {name for name, theme in themes.items() if theme == "Children and young people: stay safe"} <= tagged


def test_money_is_in_pounds() -> None:
    units = {
        (row["indicator_id"], row["component"]): row["unit"] for row in rows_of("indicator_components")
    }  # fmt: skip
    for row in rows_of("money_components"):
        unit = units[row["indicator_id"], row["component"]]
        assert (unit, row["gbp"]) in {("GBP thousand", "1000"), ("GBP", "1")}


def test_inspectorates_are_found_by_id_name_and_day() -> None:
    assert inspectorate_called("Ofsted") == inspectorate_called("ofsted")
    assert inspectorate_called("care quality commission")["inspectorate_id"] == "cqc"
    assert inspectorate_called("hmi-probation")["inspectorate_id"] == "hmi_probation"
    with pytest.raises(UsageError, match="no inspectorate 'ofstd'") as caught:
        inspectorate_called("ofstd")
    assert "ofsted" in caught.value.hint
    care = "Adult health and wellbeing"
    assert spans_of(inspectorate_called("csci"), care) == [(date(2008, 4, 1), date(2009, 3, 31))]
    with pytest.raises(UsageError, match="does not answer"):
        spans_of(inspectorate_called("hmic"), care)
    assert care in themes_of(inspectorate_called("csci"), date(2008, 4, 1), date(2011, 3, 31))
    assert care not in themes_of(inspectorate_called("csci"), date(2010, 3, 31), date(2010, 3, 31))
    assert theme_called("STAY safe") == "Children and young people: stay safe"
    with pytest.raises(UsageError, match="several themes"):
        theme_called("children")
