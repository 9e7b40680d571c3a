"""Periods that bodies deliver, and how each style writes them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

FIRST, LAST = "2004-04-01", "2011-03-31"
"""Periods that end within these days are delivered."""
MID_YEARS = (1998, *range(2003, 2012))
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_YEAR_STARTS = {"financial_year": 4, "academic_year": 9, "academic_year_august": 8, "calendar_year": 1}
_STEPS = {"quarter": 3, "survey_tranche": 4, "month": 1}
_SNAPSHOT_MONTHS = (11, 12, 1)


class Period(NamedTuple):
    """First and last day (ISO dates)."""

    start: str
    end: str


def span(year: int, month: int, months: int) -> Period:
    """The period of so many whole months from the first day of a month."""
    total = year * 12 + month - 1 + months
    last = date(total // 12, total % 12 + 1, 1) - timedelta(days=1)
    return Period(date(year, month, 1).isoformat(), last.isoformat())


def _every(kind: str) -> Iterator[Period]:
    if kind in _YEAR_STARTS:
        for year in range(2004, 2012):
            yield span(year, _YEAR_STARTS[kind], 12)
    elif kind in _STEPS:
        step = _STEPS[kind]
        for months in range(2004 * 12 + 3, 2011 * 12 + 3, step):
            found = span(months // 12, months % 12 + 1, step)
            if kind != "month" or months % 12 + 1 in _SNAPSHOT_MONTHS:
                yield found
    elif kind == "week":
        day = date(2004, 4, 4)
        while day.isoformat() <= LAST:
            yield Period((day - timedelta(days=6)).isoformat(), day.isoformat())
            day += timedelta(days=7)
    elif kind != "survey_date":
        raise ValueError(f"period type {kind!r} is not known to the sandbox")


def delivered(kind: str, waves: tuple[Period, ...] = ()) -> tuple[Period, ...]:
    """Periods of a type, in order; a survey has those of its waves, months are those of the NEET count.

    Raises ValueError for an unknown type.
    """
    if kind == "survey_wave":
        return waves
    if kind == "mid_year":
        return tuple(Period(f"{year}-06-30", f"{year}-06-30") for year in MID_YEARS)
    return tuple(period for period in _every(kind) if FIRST <= period.end <= LAST)


def label(period: tuple[str, str], style: str) -> str:
    """A period as a body writes it: 2008/09, 2008/09 Q1, 2008-11, Apr 2008-Mar 2009 and so on.

    Raises ValueError for an unknown style.
    """
    start, end = (date.fromisoformat(day) for day in period)
    if style in ("financial_year", "academic_year", "academic_year_august"):
        return f"{start.year}/{(start.year + 1) % 100:02}"
    if style in ("calendar_year", "mid_year"):
        return str(end.year)
    if style in ("quarter", "survey_tranche"):
        year = start.year if start.month > 3 else start.year - 1
        months = (start.year - year) * 12 + start.month - 4
        letter, step = ("Q", 3) if style == "quarter" else ("T", 4)
        return f"{year}/{(year + 1) % 100:02} {letter}{months // step + 1}"
    if style == "month":
        return f"{start.year}-{start.month:02}"
    if style == "week":
        return end.isoformat()
    if style == "month_span":
        return f"{_MONTHS[start.month - 1]} {start.year}-{_MONTHS[end.month - 1]} {end.year}"
    raise ValueError(f"period style {style!r} is not known to the sandbox")
