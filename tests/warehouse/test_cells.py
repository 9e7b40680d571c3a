"""Checks how the warehouse reads single cells and period labels, against the bodies' documented notations."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import psycopg
import pytest
from psycopg import Connection

pytestmark = pytest.mark.warehouse

NUMBERS = [
    ("0", "0"),
    ("-1", "-1"),
    ("1203514", "1203514"),
    (" 1,203,514 ", "1203514"),
    ("1 203 514", "1203514"),
    ("1\u00a0203\u00a0514", "1203514"),
    ("1\u2009203", "1203"),
    ("£12.3m", "12.3"),
    ("£1,200", "1200"),
    ("45.6%", "45.6"),
    ("45.6 %", "45.6"),
    ("(12)", "-12"),
    ("(1,234.5)", "-1234.5"),
    ("123r", "123"),
    ("123R", "123"),
    ("12.3 [P]", "12.3"),
    ("12.3(p)", "12.3"),
    ("12.3 (p)", "12.3"),
    ("7.5 [e]", "7.5"),
    ("7.5 [r][e]", "7.5"),
    ("1,203 [p]", "1203"),
    ("\u22123.5", "-3.5"),
    (".5", "0.5"),
    ("1.5E-3", "0.0015"),
    ("73.60000000000001", "73.60000000000001"),
]

# A mark means what the body says it means: here it is only no number.
NO_NUMBERS = [
    "",
    " ",
    "-",
    "\u2013",
    "\u2212",
    ".",
    "..",
    ":",
    "~",
    "!",
    "*",
    "<",
    "<5",
    "c",
    "x",
    "z",
    "k",
    "low",
    "[c]",
    "[x]",
    "[z]",
    "[low]",
    "NULL",
    "N/A",
    "n/a",
    "#REF!",
    "5,6",
    "1,2,3",
    "12 34",
    "1.2.3",
    "12..5",
    "1-2",
    "12a b",
    "3o",
    "Total",
]

MARKERS = [
    ("12.3", None),
    ("", None),
    ("c", None),
    ("..", None),
    ("(12)", None),
    ("12 [note 4]", None),
    ("[c]", "[c]"),
    ("[x]", "[x]"),
    ("[z]", "[z]"),
    ("[low]", "[low]"),
    ("7.5 [e]", "[e]"),
    ("7.5 [r][e]", "[r][e]"),
    ("7.5 [p] [b]", "[p][b]"),
    ("123r", "[r]"),
    ("123R", "[r]"),
    ("12.3 [P]", "[p]"),
    ("3o", None),
    ("12.3(p)", "[p]"),
    ("12.3 [u]", "[u]"),
]


def day(text: str) -> date:
    """A day written 2008-04-01."""
    return date.fromisoformat(text)


PERIODS = [
    # label, declared style, first day, last day
    ("200809", "academic_year", "2008-09-01", "2009-08-31"),
    ("200809", "academic_year_august", "2008-08-01", "2009-07-31"),
    ("200809", "financial_year", "2008-04-01", "2009-03-31"),
    ("2008-09", "financial_year", "2008-04-01", "2009-03-31"),
    ("2008-09", "academic_year", "2008-09-01", "2009-08-31"),
    ("2008-09", "month", "2008-09-01", "2008-09-30"),
    ("2008-09", "year_ending", "2007-10-01", "2008-09-30"),
    ("2008/09", "financial_year", "2008-04-01", "2009-03-31"),
    ("2008/2009", "financial_year", "2008-04-01", "2009-03-31"),
    ("1999/00", "financial_year", "1999-04-01", "2000-03-31"),
    ("2015_16", "financial_year", "2015-04-01", "2016-03-31"),
    ("government-year/2012-2013", "financial_year", "2012-04-01", "2013-03-31"),
    ("200809", "month", "2008-09-01", "2008-09-30"),
    ("June 2018", "month", "2018-06-01", "2018-06-30"),
    ("Mar-18", "month", "2018-03-01", "2018-03-31"),
    ("2024-02", "month", "2024-02-01", "2024-02-29"),
    ("2008 Q1", "quarter", "2008-01-01", "2008-03-31"),
    ("2008Q1", "quarter", "2008-01-01", "2008-03-31"),
    ("2008/09 Q4", "financial_quarter", "2009-01-01", "2009-03-31"),
    ("2008/09 Q1", "financial_quarter", "2008-04-01", "2008-06-30"),
    ("201806", "quarter_ending", "2018-04-01", "2018-06-30"),
    ("2009-03", "year_ending", "2008-04-01", "2009-03-31"),
    ("Apr 2008-Mar 2009", "month_span", "2008-04-01", "2009-03-31"),
    ("Apr 2009 - Mar 2010", "month_span", "2009-04-01", "2010-03-31"),
    ("Apr 22 - Jun 22", "month_span", "2022-04-01", "2022-06-30"),
    ("2008", "calendar_year", "2008-01-01", "2008-12-31"),
    ("2008.0", "calendar_year", "2008-01-01", "2008-12-31"),
    ("2008", "mid_year", "2008-06-30", "2008-06-30"),
    ("2008-01-01/P1Y", "iso_interval", "2008-01-01", "2008-12-31"),
    ("2008-08-01/P1Y", "iso_interval", "2008-08-01", "2009-07-31"),
    ("2013-04-17", "iso_interval", "2013-04-17", "2013-04-17"),
    ("May 2008", "quarter_date", "2008-04-01", "2008-06-30"),
    ("Feb 2009", "quarter_date", "2009-01-01", "2009-03-31"),
    ("2008/09 T1", "tranche", "2008-04-01", "2008-07-31"),
    ("2008/09 T2", "tranche", "2008-08-01", "2008-11-30"),
    ("2008/09 T3", "tranche", "2008-12-01", "2009-03-31"),
    ("2008-04-06", "week_ending", "2008-03-31", "2008-04-06"),
    ("200809 Academic year", "ees", "2008-09-01", "2009-08-31"),
    ("200809 Financial year", "ees", "2008-04-01", "2009-03-31"),
    ("2008 Calendar year", "ees", "2008-01-01", "2008-12-31"),
    ("2008 November", "ees", "2008-11-01", "2008-11-30"),
    ("2008", "fingertips", "2008-01-01", "2008-12-31"),
    ("2008/09", "fingertips", "2008-04-01", "2009-03-31"),
    ("2008 Q1", "fingertips", "2008-01-01", "2008-03-31"),
    ("2008/09 Q4", "fingertips", "2009-01-01", "2009-03-31"),
    ("Aug 2006 - Jul 2007", "fingertips", "2006-08-01", "2007-07-31"),
    ("2001 - 03", "fingertips", "2001-01-01", "2003-12-31"),
    ("2009 - 11", "fingertips", "2009-01-01", "2011-12-31"),
    ("1998 - 00", "fingertips", "1998-01-01", "2000-12-31"),
    ("2006 - 07", "fingertips", "2006-01-01", "2007-12-31"),
    ("2006/07 - 08/09", "fingertips", "2006-04-01", "2009-03-31"),
    ("1998/99 - 00/01", "fingertips", "1998-04-01", "2001-03-31"),
    ("2006/07 Q1-Q2", "fingertips", "2006-04-01", "2006-09-30"),
    ("2006 Q2 - 2007 Q1", "fingertips", "2006-04-01", "2007-03-31"),
]

NO_PERIODS = [
    ("2008-10", "financial_year"),  # October, or a slip: never a year
    ("2008-13", "month"),
    ("2008-00", "month"),
    ("2008", "financial_year"),
    ("2008/09", "calendar_year"),
    ("2008/09", "month"),
    ("2008/10 Q1", "financial_quarter"),
    ("2008 Q5", "quarter"),
    ("201807", "quarter_ending"),
    ("2008-02-30", "iso_interval"),
    ("2008-04-01/P2Y", "iso_interval"),
    ("2008/09", "quarter_date"),
    ("2008/09 T4", "tranche"),
    ("2008/10 T1", "tranche"),
    ("2008/09", "tranche"),
    ("2008-04-06/P1Y", "week_ending"),
    ("2008-04", "week_ending"),
    ("200809 Academic year Q1", "ees"),
    ("2008 Week 13", "ees"),
    ("2008", "ees"),
    ("Total", "calendar_year"),
    ("", "calendar_year"),
    ("2006 to 2007", "fingertips"),
]


@pytest.mark.parametrize(("cell", "expected"), NUMBERS)
def test_numbers_are_read(functions: Connection, cell: str, expected: str) -> None:
    row = functions.execute("select staging.number_of(%s)", (cell,)).fetchone()
    assert row == (Decimal(expected),)


@pytest.mark.parametrize("cell", NO_NUMBERS)
def test_what_is_no_number_gives_none(functions: Connection, cell: str) -> None:
    assert functions.execute("select staging.number_of(%s)", (cell,)).fetchone() == (None,)


@pytest.mark.parametrize(("cell", "expected"), MARKERS)
def test_markers_are_split_from_their_number(functions: Connection, cell: str, expected: str | None) -> None:
    assert functions.execute("select staging.markers_of(%s)", (cell,)).fetchone() == (expected,)


@pytest.mark.parametrize(("label", "style", "first", "last"), PERIODS)
def test_period_labels_are_read_by_their_declared_style(
    functions: Connection, label: str, style: str, first: str, last: str
) -> None:
    row = functions.execute(
        "select lower(days), upper(days) - 1 from staging.period_of(%s, %s) as days", (label, style)
    ).fetchone()
    assert row == (day(first), day(last))


@pytest.mark.parametrize(("label", "style"), NO_PERIODS)
def test_label_of_another_style_gives_none(functions: Connection, label: str, style: str) -> None:
    assert functions.execute("select staging.period_of(%s, %s)", (label, style)).fetchone() == (None,)


@pytest.mark.parametrize("style", ["", "year", "financial year"])
def test_undeclared_style_is_refused(functions: Connection, style: str) -> None:
    with pytest.raises(psycopg.errors.RaiseException, match="is not declared"):
        functions.execute("select staging.period_of('2008-09', %s)", (style,))
