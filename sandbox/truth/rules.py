"""Rules of the made measures, read from `sandbox/made/measures.csv`, with what the seeds say of each measure."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

RULES = Path(__file__).resolve().parent.parent / "made" / "measures.csv"
STRATA_RULES = RULES.with_name("strata.csv")
AGE_BANDS = ("0", "1-4", *(f"{age}-{age + 4}" for age in range(5, 85, 5)), "85+")
CARE_BANDS = ("18-64", "65-74", "75-84", "85+")
_STRATA = {"": ("",), "age_band": AGE_BANDS, "care_age_band": CARE_BANDS}
_KINDS = ("people", "share", "rate", "number", "total", "sum", "split", "score")
_TERM = re.compile(r"([+-]?)([a-z0-9_]+)")
_AGES = re.compile(r"([*MF]):(\d+)-(\d+)")


@dataclass(frozen=True, slots=True)
class Ages:
    """A run of single years of age of one sex or both (`*`)."""

    sex: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Rule:
    """How one measure comes about; README.md of this folder's sandbox explains the columns."""

    measure_id: str
    kind: str
    base: tuple[tuple[int, str], ...]
    ages: Ages | None
    level: float
    spread: float
    trend: float
    tie: float
    low: float
    high: float
    decimals: int
    suppress_below: int
    family: str
    room: str
    profile: dict[str, float]
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class Measure:
    """What the seeds say of a measure; measures that only the sandbox knows have no dataset."""

    measure_id: str
    dataset_id: str
    title: str
    additive: bool
    strata: tuple[str, ...]
    item: str
    breakdown: str
    period_type: str
    reported_as: str
    over_time: str
    person_count: bool


@dataclass(frozen=True, slots=True)
class Dataset:
    """What the seeds say of a dataset."""

    dataset_id: str
    body: str
    title: str
    layout: str
    area_codes: str
    period_style: str
    native_level: str


def table(path: Path) -> Iterator[dict[str, str]]:
    """Rows of a CSV file by column; raises FileNotFoundError when it is missing."""
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _rule(row: dict[str, str], profiles: dict[str, dict[str, float]]) -> Rule:
    kind = row["rule"]
    if kind not in _KINDS:
        raise ValueError(f"the rule is {kind!r}; rules are {', '.join(_KINDS)}")
    ages: Ages | None = None
    base: tuple[tuple[int, str], ...] = ()
    if kind == "people":
        found = _AGES.fullmatch(row["base"])
        if found is None:
            raise ValueError(f"the base is {row['base']!r}; people are written sex:first-last, as F:15-17")
        ages = Ages(found[1], int(found[2]), int(found[3]))
    else:
        base = tuple((-1 if sign == "-" else 1, name) for sign, name in _TERM.findall(row["base"]))
    if row["profile"] and row["profile"] not in profiles:
        raise ValueError(f"there is no profile {row['profile']!r} in {STRATA_RULES.name}")
    return Rule(
        row["measure_id"],
        kind,
        base,
        ages,
        float(row["level"] or 0),
        float(row["spread"] or 0),
        float(row["trend"] or 0),
        float(row["tie"] or 0),
        float(row["low"] or "-inf"),
        float(row["high"] or "inf"),
        int(row["decimals"] or 0),
        int(row["suppress_below"] or 0),
        row["family"],
        row["room"],
        profiles.get(row["profile"], {}),
        row["first"],
        row["last"],
    )


def read_rules(others: frozenset[str] = frozenset(), path: Path = RULES) -> dict[str, Rule]:
    """Rules by measure; `others` are bases that need none.

    Raises ValueError naming file and line of a row that cannot be read.
    """
    profiles: dict[str, dict[str, float]] = {}
    for row in table(STRATA_RULES):
        profiles.setdefault(row["profile"], {})[row["stratum"]] = float(row["level"])
    rules: dict[str, Rule] = {}
    for line, row in enumerate(table(path), start=2):
        try:
            rules[row["measure_id"]] = _rule(row, profiles)
        except ValueError as error:
            raise ValueError(f"{path.name} line {line}, {row['measure_id']}: {error}") from error
    named = {name for rule in rules.values() for _, name in rule.base} | {rule.room for rule in rules.values()} - {""}
    if unknown := sorted(named - set(rules) - others):
        raise ValueError(f"{path.name}: measures are named as a base and have no rule: {', '.join(unknown)}")
    return rules


def read_measures(seeds: Path) -> dict[str, Measure]:
    """Measures of the catalogue by id."""
    return {
        row["measure_id"]: Measure(
            row["measure_id"],
            row["dataset_id"],
            row["title"],
            row["additive"] == "yes",
            _STRATA[row["strata"]],
            row["item"],
            row["breakdown"],
            row["period_type"],
            row["reported_as"],
            row["over_time"],
            row["person_count"] == "yes",
        )
        for row in table(seeds / "measures.csv")
    }


def read_datasets(seeds: Path) -> dict[str, Dataset]:
    """Datasets of the catalogue by id."""
    return {
        row["dataset_id"]: Dataset(
            row["dataset_id"],
            row["body"],
            row["title"],
            row["layout"],
            row["area_codes"],
            row["period_style"],
            row["native_level"],
        )
        for row in table(seeds / "datasets.csv")
    }


def read_waves(seeds: Path) -> dict[str, list[tuple[str, str, str]]]:
    """Waves of each survey as (name, first day, last day), in order of time."""
    waves: dict[str, list[tuple[str, str, str]]] = {}
    for row in table(seeds / "survey_waves.csv"):
        waves.setdefault(row["dataset_id"], []).append((row["wave"], row["period_start"], row["period_end"]))
    return {dataset: sorted(found, key=lambda wave: wave[2]) for dataset, found in waves.items()}
