"""Rules of the layout `laa_targets_csv`: priorities and targets of local area agreements."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.returns import cells
from ingest.returns.faults import Fault
from ingest.returns.hub import Row, area
from ingest.returns.reference import TargetsKnown

CLASSES = ("designated", "local", "statutory")
KINDS = ("absolute", "relative_to", "gap", "maintain")
STATUSES = ("agreed", "placeholder", "deferred", "withdrawn")
TEXTS = ("component", "baseline_period", "reason")
KEY = ("area_code", "ni_code", "component", "target_class", "year", "version")


def faults(rows: Sequence[Row], known: TargetsKnown) -> list[Fault]:
    """Everything that is wrong with the rows of a return of targets."""
    found: list[Fault] = []
    seen: dict[tuple[str, ...], int] = {}
    for number, row in rows:
        found += _row(number, row, known)
        key = tuple(row[column] for column in KEY)
        if first := seen.get(key):
            told = " / ".join(key)
            found.append(Fault(number, "ni_code", told, "duplicate", f"row {first} says the same: keep one of them"))
        else:
            seen[key] = number
    return found + _too_many(rows, known.most_designated)


def _row(number: int, row: dict[str, str], known: TargetsKnown) -> list[Fault]:
    found = [
        area(number, row["area_code"], known.areas, known.scheme),
        _indicator(number, row, known),
        cells.one_of(number, "target_class", row["target_class"], CLASSES),
        cells.one_of(number, "kind", row["kind"], KINDS),
        cells.one_of(number, "status", row["status"], STATUSES),
        cells.iso_date(number, "agreed_on", row["agreed_on"]),
        _baseline(number, row["baseline_period"], known),
        cells.period(number, "year", row["year"], known.style, known.first_target_year, known.last_year),
        cells.one_of(number, "reward_eligible", row["reward_eligible"], ("yes", "no")),
        *(cells.formula(number, column, row[column]) for column in TEXTS),
    ]
    if not re.fullmatch(r"[1-9]\d{0,3}", row["version"]):
        found.append(Fault(number, "version", row["version"], "not_a_number", "number the versions 1, 2, 3 ..."))
    for column in ("baseline_value", "target_value"):
        read = cells.number(number, column, row[column], symbols=False)
        if isinstance(read, Fault):
            found.append(read)
    if row["status"] == "agreed" and not row["target_value"]:
        way_out = "an agreed target has a value; until there is one its status is placeholder"
        found.append(Fault(number, "target_value", "", "no_figure", way_out))
    return [fault for fault in found if fault is not None]


def _indicator(number: int, row: dict[str, str], known: TargetsKnown) -> Fault | None:
    ni_code, component = row["ni_code"], row["component"]
    if fault := cells.formula(number, "ni_code", ni_code):
        return fault
    if not ni_code:
        if row["target_class"] != "local":
            return Fault(number, "ni_code", "", "unknown_ni", "only a local target has no national indicator")
        if not component:
            return Fault(number, "component", "", "unknown_component", "name the local target here")
        return None
    if ni_code not in known.components:
        return Fault(number, "ni_code", ni_code, "unknown_ni", "write a national indicator such as NI 117")
    if component and row["target_class"] != "local" and component not in known.components[ni_code]:
        of = ", ".join(sorted(known.components[ni_code])) or "no components"
        way_out = f"{ni_code} has {of}; leave it empty for the indicator as a whole"
        return Fault(number, "component", component, "unknown_component", way_out)
    return None


def _baseline(number: int, text: str, known: TargetsKnown) -> Fault | None:
    """A baseline may be a financial year, a calendar year, or the name of a survey's wave."""
    if re.fullmatch(r"\d{4}", text):
        if known.first_year <= int(text) <= known.last_year:
            return None
        way_out = f"calendar years are {known.first_year} to {known.last_year}"
        return Fault(number, "baseline_period", text, "period_outside", way_out)
    if re.fullmatch(r"\d{4}/.*", text):
        return cells.period(number, "baseline_period", text, "financial_year", known.first_year, known.last_year)
    return None


def _too_many(rows: Sequence[Row], most: int) -> list[Fault]:
    """Areas with more live designated indicators than a framework allows.

    Of each target the newest version counts; an indicator counts once, and not when it is withdrawn in all
    its years.
    """
    newest: dict[tuple[str, str, str, str], tuple[int, str]] = {}
    first_row: dict[str, int] = {}
    for number, row in rows:
        if row["target_class"] != "designated":
            continue
        first_row.setdefault(row["area_code"], number)
        key = (row["area_code"], row["ni_code"], row["component"], row["year"])
        version = int(row["version"]) if row["version"].isdecimal() else 0
        if key not in newest or version > newest[key][0]:
            newest[key] = (version, row["status"])
    live: dict[str, set[str]] = {}
    for (area_code, ni_code, _, _), (_, status) in newest.items():
        if status != "withdrawn":
            live.setdefault(area_code, set()).add(ni_code)
    return [
        Fault(
            first_row[area_code],
            "target_class",
            ", ".join(sorted(codes)),
            "too_many_designated",
            f"{area_code} has {len(codes)} live designated indicators where {most} are allowed: "
            f"withdraw {len(codes) - most} of them",
        )
        for area_code, codes in live.items()
        if len(codes) > most
    ]
