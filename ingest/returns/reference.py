"""What returns may say, read from the catalogue's seed files: no warehouse and no build is needed."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from ingest.errors import UsageError
from ingest.returns.cells import FIRST_YEAR, STYLES
from ingest.settings import ROOT

SEEDS = ROOT / "dbt_project" / "seeds"
ENGLAND = "921"
"""The code under which old files state England."""
SHARE_METHODS = frozenset({"ratio", "weighted_mean", "mean_of_snapshots"})
NOT_NEGATIVE = frozenset({"count", "weighted_count", "weighted_base", "unweighted_base", "population", "quantity"})
"""Kinds of measures.csv that cannot be below zero."""
_TERM = re.compile(r"([+-]?)([a-z][a-z0-9_]*)")

Cell = tuple[str, str, str]
"""NI code, component and column of a delivered figure."""


@dataclass(frozen=True, slots=True)
class Share:
    """A component that cannot be above 100, with the delivered figures that make it: (sign, cell)."""

    name: str
    numerator: tuple[tuple[int, Cell], ...]
    denominator: tuple[tuple[int, Cell], ...]
    multiplier: Decimal


@dataclass(frozen=True)
class Known:
    """The framework and its areas, as far as any return must agree with them."""

    scheme: str
    areas: frozenset[str]
    style: str
    first_year: int
    last_year: int
    """First and last financial year, each by the calendar year it starts in."""


@dataclass(frozen=True)
class HubKnown(Known):
    """What a `hub_return` dataset may hold."""

    columns: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    """NI code and component to the columns that feed a measure."""
    not_negative: frozenset[Cell] = frozenset()
    bounds: dict[Cell, tuple[Decimal, Decimal]] = field(default_factory=dict)
    """Smallest and largest value of figures that are published as they are."""
    shares: tuple[Share, ...] = ()


@dataclass(frozen=True, slots=True)
class Survey:
    """What a change of a survey's figure can be held against before the survey is made."""

    answers: int
    """Answers that it aims at in each area."""
    design_effect: float
    multiplier: float
    """What the share is multiplied by: 100 for per cent."""


@dataclass(frozen=True)
class TargetsKnown(Known):
    """What `laa_targets_csv` may hold."""

    components: dict[str, frozenset[str]] = field(default_factory=dict)
    """NI code to the names of its components."""
    headlines: dict[str, str] = field(default_factory=dict)
    """NI code to the component that stands for the indicator."""
    surveys: dict[tuple[str, str], Survey] = field(default_factory=dict)
    """NI code and component to the survey that it is a share of."""
    first_target_year: int = 0
    most_designated: int = 0


def _rows(seeds: Path, name: str) -> Iterator[dict[str, str]]:
    path = seeds / f"{name}.csv"
    if not path.exists():
        raise UsageError(f"the catalogue's file {path} is missing", hint="restore it from the repository")
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _declared(seeds: Path, dataset_id: str) -> dict[str, str]:
    for row in _rows(seeds, "datasets"):
        if row["dataset_id"] == dataset_id:
            if row["period_style"] not in STYLES:
                raise UsageError(
                    f"returns of {dataset_id} have the period style {row['period_style']!r}, which is not known",
                    hint=f"correct datasets.csv: one of {', '.join(STYLES)}",
                )
            return row
    raise UsageError(f"datasets.csv has no {dataset_id!r}", hint="add its row to the seed")


def _areas(seeds: Path, scheme: str) -> frozenset[str]:
    """Codes or names that a scheme knows, on whatever day."""
    codes = {row["alias"] for row in _rows(seeds, "area_aliases") if row["alias_kind"] == scheme}
    for row in _rows(seeds, "areas"):
        if scheme == "old_ons" and row["old_ons_code"]:
            codes.add(row["old_ons_code"])
        if scheme == f"{row['area_type']}_name":
            codes.add(row["area_name"])
    return frozenset(codes | ({ENGLAND} if scheme == "old_ons" else set()))


def _framework_years(seeds: Path) -> tuple[int, int, int]:
    """First and last framework year by their first calendar year, and the most designated priorities."""
    frameworks = list(_rows(seeds, "frameworks"))
    return (
        min(int(row["first_framework_year"][:4]) for row in frameworks),
        max(int(row["last_framework_year"][:4]) for row in frameworks),
        max(int(row["max_designated_priorities"] or 0) for row in frameworks),
    )


@lru_cache
def layout(dataset_id: str, seeds: Path = SEEDS) -> str:
    """Layout of a dataset by datasets.csv. Raises UsageError for a dataset that is not in it."""
    return _declared(seeds, dataset_id)["layout"]


@lru_cache
def hub(dataset_id: str, seeds: Path = SEEDS) -> HubKnown:
    """What a `hub_return` dataset may hold. Raises UsageError where the catalogue does not say."""
    declared = _declared(seeds, dataset_id)
    cells: dict[str, Cell] = {}
    kinds: dict[Cell, str] = {}
    columns: dict[tuple[str, str], list[str]] = {}
    for row in _rows(seeds, "measures"):
        if row["dataset_id"] == dataset_id:
            ni_code, component, column = row["item"].split("/")
            cells[row["measure_id"]] = cell = (ni_code, component, column)
            kinds[cell] = row["kind"]
            columns.setdefault((ni_code, component), []).append(column)
    shares, bounds = [], {}
    for row in _rows(seeds, "indicator_components"):
        above, below = _terms(row["numerator_measures"]), _terms(row["denominator_measures"])
        if not above or not all(measure in cells for _, measure in above + below):
            continue
        numerator = tuple((sign, cells[measure]) for sign, measure in above)
        if row["method"] == "published":
            bounds[numerator[0][1]] = (Decimal(row["valid_min"] or "-inf"), Decimal(row["valid_max"] or "inf"))
        elif row["method"] in SHARE_METHODS and row["valid_max"] == "100" and below:
            denominator = tuple((sign, cells[measure]) for sign, measure in below)
            ni_code = f"NI {row['indicator_id'].removeprefix('ni_')}"
            shares.append(
                Share(f"{ni_code} {row['component']}", numerator, denominator, Decimal(row["multiplier"] or 1))
            )
    _, last, _ = _framework_years(seeds)
    return HubKnown(
        scheme=declared["area_codes"],
        areas=_areas(seeds, declared["area_codes"]),
        style=declared["period_style"],
        first_year=FIRST_YEAR,
        last_year=last,
        columns=columns,
        not_negative=frozenset(cell for cell, kind in kinds.items() if kind in NOT_NEGATIVE),
        bounds=bounds,
        shares=tuple(shares),
    )


@lru_cache
def targets(dataset_id: str, seeds: Path = SEEDS) -> TargetsKnown:
    """What a `laa_targets_csv` dataset may hold. Raises UsageError where the catalogue does not say."""
    declared = _declared(seeds, dataset_id)
    names: dict[str, str] = {row["indicator_id"]: f"NI {int(row['ni']):03}" for row in _rows(seeds, "indicators")}
    components: dict[str, set[str]] = {ni_code: set() for ni_code in names.values()}
    headlines: dict[str, str] = {}
    for row in _rows(seeds, "indicator_components"):
        components[names[row["indicator_id"]]].add(row["component"])
        if row["headline"] == "yes":
            headlines[names[row["indicator_id"]]] = row["component"]
    first, last, most = _framework_years(seeds)
    return TargetsKnown(
        scheme=declared["area_codes"],
        areas=_areas(seeds, declared["area_codes"]) - {ENGLAND},
        style=declared["period_style"],
        first_year=FIRST_YEAR,
        last_year=last,
        components={ni_code: frozenset(known) for ni_code, known in components.items()},
        headlines=headlines,
        surveys=_surveys(seeds, names),
        first_target_year=first,
        most_designated=most,
    )


def _surveys(seeds: Path, names: dict[str, str]) -> dict[tuple[str, str], Survey]:
    """Components that are shares of a survey whose size is known."""
    answers = {row["dataset_id"]: int(row["answers"]) for row in _rows(seeds, "survey_samples")}
    effects = {row["dataset_id"]: float(row["design_effect"]) for row in _rows(seeds, "design_effects")}
    of = {row["measure_id"]: row["dataset_id"] for row in _rows(seeds, "measures")}
    found = {}
    for row in _rows(seeds, "indicator_components"):
        survey = of.get(row["interval_base_measures"], "")
        if row["interval_method"] == "survey_design" and row["method"] == "ratio" and survey in answers:
            found[names[row["indicator_id"]], row["component"]] = Survey(
                answers[survey], effects.get(survey, 1.0), float(row["multiplier"] or 1)
            )
    return found


def _terms(expression: str) -> list[tuple[int, str]]:
    """Signed measures of `a+b-c`; nothing for an expression of another shape."""
    if not re.fullmatch(r"[a-z0-9_+-]*", expression):
        return []
    return [(-1 if sign == "-" else 1, measure) for sign, measure in _TERM.findall(expression)]
