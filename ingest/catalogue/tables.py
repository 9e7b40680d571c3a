"""Rules of measures, look-ups and lists: cells that must agree with each other or with another file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations

from ingest.catalogue.methods import STRATA, parts
from ingest.catalogue.seeds import Fault, Faults, Row, Seeds
from ingest.catalogue.shape import nearest, number_of

FALLS_DUE_BY_DATES = ("survey_date", "survey_wave")
"""Kinds of period without a rule: the dates come with the survey."""
ONLY_DELIVERED = ("mid_year", "month", "survey_tranche", "week")
"""Kinds of period that bodies deliver and that no indicator is reported for."""


def faults(seeds: Seeds) -> Faults:
    """Faults of every file but `indicator_components`."""
    found: Faults = []
    for rule in (_measures, _items, _age_groups, _datasets_of_codes, _offence_codes, _corrections, _components):
        found += rule(seeds)
    return found


def _measures(seeds: Seeds) -> Iterator[Fault]:
    known = seeds.values("period_types", "period_type") | {*FALLS_DUE_BY_DATES, *ONLY_DELIVERED}
    for row in seeds.rows("measures"):
        if row["period_type"] and row["period_type"] not in known:
            yield row.fault("period_type", "the kind of period is not known", nearest(row["period_type"], known))
        if bool(row["over_time"]) != bool(row["reported_as"]):
            empty = "over_time" if row["reported_as"] else "reported_as"
            yield row.fault(empty, "over_time and reported_as go together", "fill both or neither")
        if row["parts"] and not row["over_time"]:
            yield row.fault("parts", "there is no over_time for the parts", "fill it, or leave parts empty")
        if row["breakdown"] and not row["item"]:
            yield row.fault("breakdown", "a group of no item", "name the item that the group lies in")


def _items(seeds: Seeds) -> Iterator[Fault]:
    """A delivered cell feeds one measure; the files of one dataset name no two measures alike."""
    first: dict[tuple[str, ...], Row] = {}
    for row in seeds.rows("measures"):
        if not row["item"]:
            continue
        key = row.key("dataset_id", "item", "breakdown", "period_type")
        if key in first:
            told = f"measure {first[key]['measure_id']} has the same item, breakdown and period type"
            yield row.fault("item", told, "name the item or the group that is its own")
        first.setdefault(key, row)


def _age_groups(seeds: Seeds) -> Iterator[Fault]:
    measures = seeds.by("measures", "measure_id")
    spans: dict[str, list[Row]] = defaultdict(list)
    for row in seeds.rows("age_groups"):
        if number_of(row, "age_from") is None or number_of(row, "age_to") is None:
            continue
        spans[row["measure_id"]].append(row)
        low, high = int(row["age_from"]), int(row["age_to"])
        if low > high:
            yield row.fault("age_to", f"it is below age_from {low}", "give the lower age first")
        strata = measures[row["measure_id"]]["strata"] if row["measure_id"] in measures else ""
        label = "" if not strata else f"{low}+" if high >= 999 else str(low) if low == high else f"{low}-{high}"
        if row["stratum"] != label:
            yield row.fault("stratum", f"ages {low} to {high} make the stratum {label!r}", "name it so")
        elif strata and label not in STRATA.get(strata, ()):
            yield row.fault("stratum", f"{strata} has no such stratum", f"known: {', '.join(STRATA.get(strata, ()))}")
    for rows in spans.values():
        for one, other in combinations(rows, 2):
            same_people = "*" in (one["sex"], other["sex"]) or one["sex"] == other["sex"]
            apart = int(one["age_to"]) < int(other["age_from"]) or int(other["age_to"]) < int(one["age_from"])
            if same_people and not apart:
                told = f"ages of line {one.line} are counted here again"
                yield other.fault("age_from", told, "let the spans of a measure lie apart")


def _datasets_of_codes(seeds: Seeds) -> Iterator[Fault]:
    measures = seeds.by("measures", "measure_id")
    for name in ("offence_categories", "offence_codes"):
        for row in seeds.rows(name):
            measure = measures.get(row["measure_id"])
            if measure is not None and measure["dataset_id"] != row["dataset_id"]:
                told = f"measure {row['measure_id']} is of dataset {measure['dataset_id']}"
                yield row.fault("measure_id", told, f"name a measure of {row['dataset_id']}")


def _offence_codes(seeds: Seeds) -> Iterator[Fault]:
    by_code: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in seeds.rows("offence_codes"):
        by_code[row.key("dataset_id", "offence_code")].append(row)
    for rows in by_code.values():
        for one, other in combinations(rows, 2):
            starts = max(one["valid_from"], other["valid_from"])
            ends = min(one["valid_to"] or "9999-12-31", other["valid_to"] or "9999-12-31")
            if starts <= ends:
                told = f"the code counts on these days already, in line {one.line}"
                yield other.fault("offence_code", told, "let the days of a code lie apart")


def _corrections(seeds: Seeds) -> Iterator[Fault]:
    for row in seeds.rows("corrections"):
        if (row["action"] == "override") != bool(row["value"]):
            yield row.fault("value", "it goes with the action override", "fill both or neither")


def _components(seeds: Seeds) -> Iterator[Fault]:
    """Published figures and sets of parts name components that there are."""
    known: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for row in seeds.rows("indicator_components"):
        known[row.key("framework_id", "indicator_id")].add(row["component"])
    for row in seeds.rows("published_figures"):
        yield from _known(row, "component", [row["component"]], known)
        if row["comparable"] == "no" and not row["note"]:
            yield row.fault("note", "it does not say why the figure is not comparable", "say how it differs")
    for row in seeds.rows("part_sets"):
        names = parts(row["components"])
        if names is None or len(names) < 2 or len(set(names)) < len(names):
            told = "it is not a list of two or more different components"
            yield row.fault("components", told, "write them joined by +, without spaces")
        yield from _known(row, "components", names or [], known)


def _known(row: Row, column: str, names: list[str], known: dict[tuple[str, ...], set[str]]) -> Iterator[Fault]:
    there = known[row.key("framework_id", "indicator_id")]
    for name in names:
        if name and name not in there:
            yield row.fault(column, f"{row['indicator_id']} has no component {name}", nearest(name, there))
