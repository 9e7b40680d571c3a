"""Rules of the layout `hub_return`: parts of indicators by area and period."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from ingest.returns import cells
from ingest.returns.faults import Fault, listed
from ingest.returns.reference import Cell, HubKnown, Share

FIGURES = ("numerator", "denominator", "value")
STATUSES = ("", "provisional", "final", "revised")
Row = tuple[int, dict[str, str]]
Figures = dict[Cell, tuple[int, Decimal]]
"""Delivered figures of one area and period, each with the row it stands in."""


def faults(rows: Sequence[Row], known: HubKnown) -> list[Fault]:
    """Everything that is wrong with the rows of a return."""
    found: list[Fault] = []
    seen: dict[tuple[str, str, str, str], int] = {}
    groups: dict[tuple[str, str], Figures] = {}
    for number, row in rows:
        found += _row(number, row, known, groups.setdefault((row["area_code"], row["period"]), {}))
        key = (row["ni_code"], row["component"], row["area_code"], row["period"])
        if first := seen.get(key):
            found.append(
                Fault(number, "ni_code", " / ".join(key), "duplicate", f"row {first} says the same: keep one of them")
            )
        else:
            seen[key] = number
    for figures in groups.values():
        for share in known.shares:
            if fault := _above_whole(share, figures):
                found.append(fault)
    return found


def _row(number: int, row: dict[str, str], known: HubKnown, figures: Figures) -> list[Fault]:
    found: list[Fault | None] = [
        area(number, row["area_code"], known.areas, known.scheme),
        cells.period(number, "period", row["period"], known.style, known.first_year, known.last_year),
        _component(number, row, known),
    ]
    of = known.columns.get((row["ni_code"], row["component"]), [])
    fed = [column for column in FIGURES if column in of]
    for column in FIGURES:
        read = cells.number(number, column, row[column])
        if isinstance(read, Fault):
            found.append(read)
        elif read is not None:
            cell = (row["ni_code"], row["component"], column)
            found.append(_impossible(number, row[column], read, cell, known))
            figures.setdefault(cell, (number, read))
    if fed and not any(row[column] for column in fed):
        way_out = f"give the {' and the '.join(fed)}; `..` where it is not available, `*` where it is suppressed"
        found.append(Fault(number, fed[0], "", "no_figure", way_out))
    if row["decimal_places"] and not re.fullmatch(r"\d", row["decimal_places"]):
        found.append(
            Fault(number, "decimal_places", row["decimal_places"], "not_a_number", "write a whole number from 0 to 9")
        )
    found.append(cells.one_of(number, "return_status", row["return_status"], STATUSES))
    found.append(cells.formula(number, "submitted_by", row["submitted_by"]))
    found.append(cells.iso_moment(number, "submitted_at", row["submitted_at"]))
    return [fault for fault in found if fault is not None]


def area(number: int, text: str, areas: frozenset[str], scheme: str) -> Fault | None:
    """The fault of an area that the scheme does not know."""
    if text in areas:
        return None
    if fault := cells.formula(number, "area_code", text):
        return fault
    if scheme == "old_ons":
        way_out = "write the ONS code of 2008, such as 00EF for Stockton-on-Tees"
        if re.fullmatch(r"[EKNSW]\d{8}", text):
            way_out += ", not the nine-character code"
        elif re.fullmatch(r"\d+[EF]\d+|\d\.\d+E[+-]?\d+", text, re.IGNORECASE) or text.isdigit():
            way_out += "; a spreadsheet may have taken the code for a number: format the column as text"
    else:
        way_out = f"write a {scheme.replace('_', ' ')} as the body lists them"
    return Fault(number, "area_code", text, "unknown_area", way_out)


def _component(number: int, row: dict[str, str], known: HubKnown) -> Fault | None:
    ni_code, component = row["ni_code"], row["component"]
    if (ni_code, component) in known.columns:
        return None
    for column in ("ni_code", "component"):
        if fault := cells.formula(number, column, row[column]):
            return fault
    of = [name for code, name in known.columns if code == ni_code]
    if of:
        return Fault(number, "component", component, "unknown_component", f"{ni_code} has {listed(of)}")
    codes = sorted({code for code, _ in known.columns})
    return Fault(number, "ni_code", ni_code, "unknown_ni", f"this return takes {listed(codes)}")


def _impossible(number: int, text: str, read: Decimal, cell: Cell, known: HubKnown) -> Fault | None:
    if read < 0 and cell in known.not_negative:
        return Fault(number, cell[2], text, "negative", "a count cannot be below zero")
    if cell in known.bounds:
        least, most = known.bounds[cell]
        if not least <= read <= most:
            return Fault(number, cell[2], text, "out_of_range", f"{cell[0]} {cell[1]} lies between {least} and {most}")
    return None


def _above_whole(share: Share, figures: Figures) -> Fault | None:
    """The fault of a share above 100 %, told where its first numerator stands."""
    if not all(cell in figures for _, cell in share.numerator + share.denominator):
        return None
    above = sum((sign * figures[cell][1] for sign, cell in share.numerator), Decimal())
    below = sum((sign * figures[cell][1] for sign, cell in share.denominator), Decimal())
    if share.multiplier * above <= 100 * below:
        return None
    first = share.numerator[0][1]
    number, value = figures[first]
    whole = share.denominator[0][1]
    limit = "" if share.multiplier == 100 else f" ({share.multiplier} x {above} / {below} is above 100)"
    way_out = (
        f"{share.name} is a share: {above} cannot be more than {below}{limit}; "
        f"check it against the {whole[2]} of {whole[0]} {whole[1]} in row {figures[whole][0]}"
    )
    return Fault(number, first[2], str(value), "numerator_above_denominator", way_out)
