"""Returns in a test's hands: sound ones, and ones with one thing changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

HUB = (
    "ni_code", "component", "area_code", "period", "numerator", "denominator", "value", "decimal_places",
    "return_status", "submitted_by", "submitted_at",
)  # fmt: skip
TARGETS = (
    "area_code", "ni_code", "component", "target_class", "kind", "status", "version", "agreed_on",
    "baseline_period", "baseline_value", "year", "target_value", "reward_eligible", "reason",
)  # fmt: skip
MARAC = {
    "ni_code": "NI 032",
    "component": "main",
    "area_code": "00EF",
    "period": "2008/09",
    "numerator": "21",
    "denominator": "84",
    "decimal_places": "1",
    "return_status": "final",
    "submitted_by": "A. Clerk, Cleveland",
    "submitted_at": "2009-06-30T10:00:00Z",
}
NEET = {
    "area_code": "00EF",
    "ni_code": "NI 117",
    "component": "main",
    "target_class": "designated",
    "kind": "absolute",
    "status": "agreed",
    "version": "1",
    "agreed_on": "2008-06-30",
    "baseline_period": "2007/08",
    "baseline_value": "8.0",
    "year": "2010/11",
    "target_value": "6.0",
    "reward_eligible": "yes",
}


def text(columns: Iterable[str], rows: Iterable[Mapping[str, str]], *, end: str = "\n") -> bytes:
    """A CSV of these rows, cells quoted where they must be."""
    names = tuple(columns)

    def cell(value: str) -> str:
        return f'"{value.replace(chr(34), chr(34) * 2)}"' if set(value) & set(',"\r\n') else value

    lines = [",".join(names), *(",".join(cell(row.get(name, "")) for name in names) for row in rows)]
    return (end.join(lines) + end).encode()


def marac(*changes: Mapping[str, str]) -> bytes:
    """A return of `marac_cases`: one row for each set of changes, or the one sound row."""
    return text(HUB, [MARAC | dict(change) for change in changes or ({},)])


def neet(*changes: Mapping[str, str]) -> bytes:
    """A return of `laa_targets`, likewise."""
    return text(TARGETS, [NEET | dict(change) for change in changes or ({},)])
