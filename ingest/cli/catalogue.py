"""The catalogue as the command line needs it: read from the seeds, so that it answers before any run."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from functools import lru_cache

from ingest.catalogue.methods import measures_of
from ingest.catalogue.shape import nearest
from ingest.errors import UsageError

FRAMEWORK_YEAR = re.compile(r"(\d{4})-(\d{2})")


@lru_cache
def seed(name: str) -> tuple[dict[str, str], ...]:
    """Rows of a seed of the catalogue, each a dictionary of text.

    Raises UsageError when the file is not there.
    """
    from ingest.settings import ROOT

    path = ROOT / "dbt_project" / "seeds" / f"{name}.csv"
    if not path.exists():
        raise UsageError(f"the catalogue's file {path} is missing", hint="restore it from the repository")
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@lru_cache(maxsize=1)
def meanings() -> dict[str, str]:
    """Reason to its meaning."""
    return {row["reason"]: row["meaning"] for row in seed("reasons")}


@lru_cache(maxsize=1)
def datasets_of_measures() -> dict[str, str]:
    """Measure to the dataset it comes from."""
    return {row["measure_id"]: row["dataset_id"] for row in seed("measures")}


def datasets_of(component: dict[str, str]) -> list[str]:
    """Datasets that a component rests on, through the components it is made of; those of numerators first."""
    known = datasets_of_measures()
    return list(
        dict.fromkeys(known[name] for name in measures_of(component, components_of(component)) if name in known)
    )


@lru_cache(maxsize=1)
def bodies() -> dict[str, str]:
    """Dataset to the body that publishes or returns it."""
    return {row["dataset_id"]: row["body"] for row in seed("datasets")}


def body_called(text: str) -> str:
    """A body as given on the command line, in its own spelling.

    Raises UsageError with near matches when no dataset is of a body of that name.
    """
    names = {name.casefold(): name for name in bodies().values()}
    if (wanted := text.strip().casefold()) not in names:
        raise UsageError(f"there is no body {text!r} with datasets", hint=nearest(text, set(names.values())))
    return names[wanted]


def indicators_of(ni: int) -> list[dict[str, str]]:
    """Indicators with a national indicator number, one for each framework.

    Raises UsageError when no framework has it.
    """
    found = [row for row in seed("indicators") if row["ni"] == str(ni)]
    if not found:
        numbers = [int(row["ni"]) for row in seed("indicators")]
        raise UsageError(
            f"there is no NI {ni} in the catalogue",
            hint=f"numbers go from {min(numbers)} to {max(numbers)}; `nis indicators` lists them",
        )
    return found


def components_of(indicator: dict[str, str]) -> list[dict[str, str]]:
    """Components of an indicator, the headline first."""
    rows = [
        row
        for row in seed("indicator_components")
        if (row["framework_id"], row["indicator_id"]) == (indicator["framework_id"], indicator["indicator_id"])
    ]
    return sorted(rows, key=lambda row: (row["headline"] != "yes", row["component"]))


def framework_span() -> tuple[str, str]:
    """First and last framework year of all frameworks, as 2008-09."""
    rows = seed("frameworks")
    return min(row["first_framework_year"] for row in rows), max(row["last_framework_year"] for row in rows)


def framework_areas() -> list[tuple[str, str]]:
    """The areas that each framework judges: pairs of framework and area code."""
    frameworks = {row["area_set"]: row["framework_id"] for row in seed("frameworks")}
    return [
        (frameworks[row["area_set"]], row["area_code"]) for row in seed("area_sets") if row["area_set"] in frameworks
    ]


def framework_year(text: str) -> str:
    """A framework year as given on the command line, checked: 2008-09.

    Raises UsageError when it is not one.
    """
    found = FRAMEWORK_YEAR.fullmatch(text.strip().replace("/", "-"))
    if found is None or (int(found[1]) + 1) % 100 != int(found[2]):
        raise UsageError(
            f"{text!r} is not a framework year",
            hint="write the financial year that holds the period's end: 2008-09",
        )
    return f"{found[1]}-{found[2]}"


def area_codes(text: str) -> list[str]:
    """Codes of an area given by code or by name; a name can have had several codes over the years.

    Raises UsageError with near matches when nobody has that code or name.
    """
    import difflib

    wanted = text.strip()
    areas = seed("areas")
    if codes := [row["area_code"] for row in areas if row["area_code"] == wanted.upper()]:
        return codes
    called = {row["area_code"] for row in areas if row["area_name"].casefold() == wanted.casefold()}
    called |= {
        row["area_code"]
        for row in seed("area_aliases")
        if row["alias_kind"] == "name" and row["alias"].casefold() == wanted.casefold()
    }
    if called:
        return sorted(called)
    names = {row["area_name"].casefold(): row for row in areas}
    near = [names[name] for name in difflib.get_close_matches(wanted.casefold(), names, n=3)]
    listed = ", ".join(f"{row['area_name']} ({row['area_code']})" for row in near)
    raise UsageError(
        f"there is no area {text!r}",
        hint=f"near it: {listed}" if listed else "give a GSS code such as E06000004",
    )


def complete_dataset(incomplete: str) -> list[str]:
    """Shell completion of dataset ids."""
    from ingest.registry import datasets

    return [dataset_id for dataset_id in datasets() if dataset_id.startswith(incomplete)]


def complete_body(incomplete: str) -> list[str]:
    """Shell completion of bodies."""
    return [name for name in sorted(set(bodies().values())) if name.casefold().startswith(incomplete.casefold())]


def complete_domain(incomplete: str) -> list[str]:
    """Shell completion of domains that have datasets."""
    from ingest.registry import by_domain

    return [domain.value for domain in by_domain() if domain.value.startswith(incomplete)]


def complete_ni(incomplete: str) -> Iterator[tuple[str, str]]:
    """Shell completion of national indicator numbers, with their titles."""
    for row in seed("indicators"):
        if row["ni"].startswith(incomplete):
            yield row["ni"], row["title"]


def complete_area(incomplete: str) -> Iterator[tuple[str, str]]:
    """Shell completion of area codes, with their names."""
    for row in seed("areas"):
        if row["area_code"].startswith(incomplete.upper()):
            yield row["area_code"], row["area_name"]


def complete_component(incomplete: str) -> list[str]:
    """Shell completion of components."""
    names = sorted({row["component"] for row in seed("indicator_components")})
    return [name for name in names if name.startswith(incomplete)]
