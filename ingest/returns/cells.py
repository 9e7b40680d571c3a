"""Rules of single cells, the same for every return: numbers, formulas, periods, dates, closed lists."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal

from ingest.returns.faults import Fault, listed

NUMBER = re.compile(r"-?\d{1,18}(\.\d{1,12})?")
SYMBOLS = {"*": "suppressed", "..": "not available"}
SPREADSHEET_ERROR = re.compile(r"#([A-Z][A-Z_/0]*[!?]?|#*)", re.IGNORECASE)
# Spreadsheets run a cell that begins so; a dash before a space is a dash.
FORMULA = re.compile(r"\s*([=+@]|-[\w(.])")
FIRST_YEAR = 2004
"""The earliest financial year a return may be about: 2004/05, the first year of any baseline."""
# Styles of datasets.csv: what follows the financial year, and an example.
STYLES = {
    "financial_year": ("", "2008/09"),
    "financial_quarter": (" Q[1-4]", "2008/09 Q1"),
    "survey_tranche": (" T[1-3]", "2008/09 T1"),
    "tranche": (" T[1-3]", "2008/09 T1"),
    "framework_year": ("", "2008/09"),
}
_YEAR = r"(\d{4})/(\d{2})"


def formula(row: int, column: str, text: str) -> Fault | None:
    """The fault of a cell that a spreadsheet would run, or that holds a spreadsheet's error."""
    if NUMBER.fullmatch(text):
        return None
    if SPREADSHEET_ERROR.fullmatch(text):
        return Fault(row, column, text, "spreadsheet_error", "mend the formula and send the figure that it gives")
    if FORMULA.match(text):
        return Fault(row, column, text, "formula", "send the figure or the text, not a formula")
    return None


def number(row: int, column: str, text: str, *, symbols: bool = True) -> Fault | Decimal | None:
    """A cell's number; None where it is empty or a symbol; or the fault of a cell that is none of these."""
    if not text or (symbols and text in SYMBOLS):
        return None
    if NUMBER.fullmatch(text):
        return Decimal(text)
    if fault := formula(row, column, text):
        return fault
    plain = text.replace(",", "").rstrip("%").strip()
    if NUMBER.fullmatch(plain):
        way_out = f"write {plain}: no thousands mark, no per cent sign, no space"
    else:
        way_out = "write a plain number such as 12.5"
        if symbols:
            way_out += "; `*` where it is suppressed, `..` where it is not available"
    return Fault(row, column, text, "not_a_number", way_out)


def period(row: int, column: str, text: str, style: str, first_year: int, last_year: int) -> Fault | None:
    """The fault of a period that is not of its style, or outside the financial years from first to last start."""
    if fault := formula(row, column, text):
        return fault
    suffix, example = STYLES[style]
    found = re.fullmatch(_YEAR + suffix, text)
    if found is None or (int(found[1]) + 1) % 100 != int(found[2]):
        return Fault(row, column, text, "period_style", f"write a {style.replace('_', ' ')} such as {example}")
    if not first_year <= int(found[1]) <= last_year:
        bounds = f"{first_year}/{(first_year + 1) % 100:02} to {last_year}/{(last_year + 1) % 100:02}"
        return Fault(row, column, text, "period_outside", f"periods are of {bounds}")
    return None


def one_of(row: int, column: str, text: str, allowed: Collection[str]) -> Fault | None:
    """The fault of a cell that is not in a closed list."""
    if text in allowed:
        return None
    if fault := formula(row, column, text):
        return fault
    shown = listed(repr(name) if name else "nothing" for name in allowed)
    return Fault(row, column, text, f"unknown_{column}", f"one of: {shown}")


def iso_date(row: int, column: str, text: str) -> Fault | None:
    """The fault of a cell that is neither empty nor an ISO 8601 date."""
    try:
        if text:
            date.fromisoformat(text)
    except ValueError:
        return Fault(row, column, text, "not_a_date", "write the date as 2009-06-30")
    return None


def iso_moment(row: int, column: str, text: str) -> Fault | None:
    """The fault of a cell that is neither empty nor an ISO 8601 date or time."""
    try:
        if text:
            datetime.fromisoformat(text)
    except ValueError:
        return Fault(row, column, text, "not_a_date", "write the time as 2009-06-30T09:30:00 or 2009-06-30")
    return None
