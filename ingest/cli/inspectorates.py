"""Inspectorates and themes as the command line needs them: who answers for what, and when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ingest.catalogue.shape import nearest
from ingest.cli.catalogue import seed
from ingest.errors import UsageError


def inspectorate_called(text: str) -> dict[str, str]:
    """An inspectorate given by id or by name.

    Raises UsageError with near matches when there is none.
    """
    known = {row[column].casefold(): row for row in seed("inspectorates") for column in row if column in _NAMES}
    if (wanted := text.strip().casefold().replace("-", "_")) in known:
        return known[wanted]
    if (wanted := text.strip().casefold()) in known:
        return known[wanted]
    ids = {row["inspectorate_id"] for row in seed("inspectorates")}
    raise UsageError(
        f"there is no inspectorate {text!r}",
        hint=f"{nearest(text, ids)}; all: {', '.join(sorted(ids))}",
    )


_NAMES = ("inspectorate_id", "inspectorate")


def spans_of(inspectorate: dict[str, str], theme: str) -> list[tuple[date, date]]:
    """First and last days between which an inspectorate answers for a theme.

    Raises UsageError with those who do when it never does.
    """
    rows = [row for row in seed("inspectorate_themes") if row["theme"] == theme]
    spans = [_span(row) for row in rows if row["inspectorate_id"] == inspectorate["inspectorate_id"]]
    if not spans:
        who = ", ".join(sorted({row["inspectorate_id"] for row in rows})) or "nobody"
        raise UsageError(f"{inspectorate['inspectorate']} does not answer for {theme}", hint=f"these do: {who}")
    return spans


def themes_of(inspectorate: dict[str, str], first: date, last: date) -> set[str]:
    """Themes that an inspectorate answers for on some day from the first to the last."""
    return {
        row["theme"]
        for row in seed("inspectorate_themes")
        if row["inspectorate_id"] == inspectorate["inspectorate_id"]
        and _span(row)[0] <= last
        and _span(row)[1] >= first
    }


def _span(row: dict[str, str]) -> tuple[date, date]:
    begins = date.fromisoformat(row["valid_from"]) if row["valid_from"] else date.min
    return begins, date.fromisoformat(row["valid_to"]) if row["valid_to"] else date.max


def last_day(framework_year: str) -> date:
    """Last day of a framework year written 2008-09."""
    return date(int(framework_year[:4]) + 1, 3, 31)


def theme_called(text: str) -> str:
    """A theme given by its name, or by a part of it that no other has.

    Raises UsageError with the themes when there is none, or more than one.
    """
    themes = sorted({row["theme"] for row in seed("indicators")})
    wanted = text.strip().casefold()
    for found in (
        [one for one in themes if one.casefold() == wanted],
        [one for one in themes if wanted in one.casefold()],
    ):
        if len(found) == 1:
            return found[0]
        if found:
            raise UsageError(f"{text!r} is part of several themes", hint=f"one of: {'; '.join(found)}")
    raise UsageError(f"there is no theme {text!r}", hint=f"one of: {'; '.join(themes)}")


def complete_inspectorate(incomplete: str) -> Iterator[tuple[str, str]]:
    """Shell completion of inspectorates, with their names."""
    for row in seed("inspectorates"):
        if row["inspectorate_id"].startswith(incomplete.casefold()):
            yield row["inspectorate_id"], row["inspectorate"]


def complete_theme(incomplete: str) -> list[str]:
    """Shell completion of themes."""
    return [
        one for one in sorted({row["theme"] for row in seed("indicators")})
        if one.casefold().startswith(incomplete.casefold())
    ]  # fmt: skip
