"""Rules of `indicator_components`: what each method needs, and that all it names exists and fits together."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from ingest.catalogue.methods import COLUMNS_OF_METHODS, METHODS, STRATA, components_below, parts, terms
from ingest.catalogue.seeds import Fault, Faults, Row, Seeds
from ingest.catalogue.shape import nearest, number_of
from ingest.catalogue.tables import FALLS_DUE_BY_DATES

_WHY_PUBLISHED = re.compile(r"cannot be rebuilt|published because", re.IGNORECASE)
_TOGETHER = (
    ("standing_marker", "standing_reason"),
    ("reconcile_measure", "reconcile_tolerance"),
    ("reconcile_measure", "reconcile_min_share"),
    ("example_value", "example_source"),
)
"""Pairs of columns of which both are filled or neither."""


def faults(seeds: Seeds) -> Faults:
    """Faults of components, by themselves and against the files that they name."""
    siblings: dict[tuple[str, ...], dict[str, Row]] = defaultdict(dict)
    for row in seeds.rows("indicator_components"):
        siblings[row.key("framework_id", "indicator_id")][row["component"]] = row
    found = [*_headlines(seeds, siblings)]
    for family in siblings.values():
        found += _circles(family)
        for row in family.values():
            found += [*_method(row), *_limits(row), *_dates_and_reasons(row, seeds)]
            found += [*_measures(row, seeds), *_parts(row, family), *_strata(row, seeds), *_periods(row, seeds)]
    return found


def _headlines(seeds: Seeds, siblings: Mapping[tuple[str, ...], Mapping[str, Row]]) -> Iterator[Fault]:
    for indicator in seeds.rows("indicators"):
        key = indicator.key("framework_id", "indicator_id")
        if indicator["set_status"] == "in_set" and key not in siblings:
            told = "the indicator is in the set and has no component"
            yield indicator.fault("indicator_id", told, "give it rows in indicator_components.csv")
    for family in siblings.values():
        rows = list(family.values())
        headlines = [row for row in rows if row["headline"] == "yes"]
        if not headlines:
            yield rows[0].fault("headline", f"{rows[0]['indicator_id']} has no headline", "say yes in one of its rows")
        for row in headlines[1:]:
            told = f"{row['indicator_id']} has a headline already, in line {headlines[0].line}"
            yield row.fault("headline", told, "say yes in one of its rows only")


def _method(row: Row) -> Iterator[Fault]:
    name = row["method"]
    if (method := METHODS.get(name)) is None:
        if name:
            yield row.fault("method", "the method is not known", nearest(name, set(METHODS)))
        return
    for column in COLUMNS_OF_METHODS:
        if column in method.needs and not row[column]:
            yield row.fault(column, f"method {name} needs it", "fill it, or choose another method")
        if row[column] and column not in (*method.needs, *method.may):
            yield row.fault(column, f"method {name} does not use it", "leave it empty")
    for column in ("numerator_measures", "denominator_measures"):
        if not row[column] or column not in (*method.needs, *method.may):
            continue
        count = row[column].count(";") + 1
        if count != method.expressions:
            told = f"method {name} takes {method.expressions} here, and these are {count}"
            yield row.fault(column, told, "join measures by + and -; only life_table takes two, joined by ;")
    if name == "published":
        if re.search("[-+]", row["numerator_measures"]):
            yield row.fault("numerator_measures", "a published figure is one measure", "name one")
        if row["headline"] == "yes" and not _WHY_PUBLISHED.search(row["note"]):
            told = "the headline is published and its note does not say why it cannot be rebuilt"
            yield row.fault("note", told, "write why it 'cannot be rebuilt', or 'Published because ...'")


def _limits(row: Row) -> Iterator[Fault]:
    low, high = number_of(row, "valid_min"), number_of(row, "valid_max")
    if low is not None and high is not None and low >= high:
        yield row.fault("valid_min", f"it is not below valid_max {high}", "give the lower limit first")
    if number_of(row, "multiplier") == 0:
        yield row.fault("multiplier", "it would make every value zero", "write 1 where nothing is multiplied")
    for one, other in _TOGETHER:
        if bool(row[one]) != bool(row[other]):
            empty = other if row[one] else one
            yield row.fault(empty, f"{one} and {other} go together", "fill both or neither")
    if not row["example_value"]:
        for column in ("example_numerator", "example_denominator"):
            if row[column]:
                yield row.fault(column, "there is no example_value", "fill it, with its source")
    if row["interval_method"] == "survey_design" and row["numerator_measures"] and not row["interval_base_measures"]:
        yield row.fault("interval_base_measures", "survey_design needs the number of people asked", "name the measure")


def _dates_and_reasons(row: Row, seeds: Seeds) -> Iterator[Fault]:
    dated = bool(row["due_from"] or row["due_to"])
    if dated and not row["not_due_reason"]:
        yield row.fault("not_due_reason", "cells outside due_from and due_to need a reason", "name one of reasons.csv")
    if row["not_due_reason"] and not dated:
        yield row.fault("not_due_reason", "there is neither due_from nor due_to", "give a day, or leave it empty")
    kinds = {one["reason"]: one["kind"] for one in seeds.rows("reasons")}
    for column in ("not_due_reason", "standing_reason"):
        if kinds.get(row[column], "value") != "value":
            told = f"it is of kind {kinds[row[column]]}, and cannot stand beside a value"
            yield row.fault(column, told, "choose one of kind value")


def _measures(row: Row, seeds: Seeds) -> Iterator[Fault]:
    measures = seeds.by("measures", "measure_id")
    for column in ("numerator_measures", "denominator_measures", "interval_base_measures"):
        if not row[column]:
            continue
        named = terms(row[column])
        if named is None:
            yield row.fault(column, "it cannot be read", "write measures joined by + and -, without spaces")
            continue
        for name in named:
            if name not in measures:
                yield row.fault(column, f"measure {name} is not in measures.csv", nearest(name, set(measures)))
            elif named.count(name) > 1:
                yield row.fault(column, f"measure {name} comes twice", "name it once")
    if row["method"] == "frozen_list_rate":
        lists = {one.key("numerator_measure", "denominator_measure") for one in seeds.rows("frozen_lists")}
        if row.key("numerator_measures", "denominator_measures") not in lists:
            told = "no list in frozen_lists.csv has these two measures"
            yield row.fault("numerator_measures", told, "add the list, with the rule that it follows")


def _parts(row: Row, family: Mapping[str, Row]) -> Iterator[Fault]:
    named = [(column, row[column]) for column in ("minuend_component", "subtrahend_component") if row[column]]
    if row["part_components"]:
        names = parts(row["part_components"])
        if names is None or len(names) < 2 or len(set(names)) < len(names):
            told = "it is not a list of two or more different components"
            yield row.fault("part_components", told, "write them joined by +, without spaces")
        named += [("part_components", name) for name in names or []]
    units = {family[name]["unit"] for _, name in named if name in family}
    if len(units) > 1:
        told = f"its components have different units ({', '.join(sorted(units))})"
        yield row.fault(named[0][0], told, "bring them to one unit first")
    for column, name in named:
        if name not in family:
            told = f"{row['indicator_id']} has no component {name}"
            yield row.fault(column, told, nearest(name, set(family) - {row["component"]}))
        elif family[name]["period_type"] != row["period_type"]:
            told = f"component {name} is by {family[name]['period_type']}, not by {row['period_type']}"
            yield row.fault(column, told, "use components of one kind of period")
    if row["minuend_component"] and row["minuend_component"] == row["subtrahend_component"]:
        yield row.fault("subtrahend_component", "it is taken from itself", "name another component")


def _circles(family: Mapping[str, Row]) -> Iterator[Fault]:
    """A component that is made of itself, told once at the first of the circle."""
    below = {name: [one for one in components_below(row.cells) if one in family] for name, row in family.items()}
    told: set[str] = set()
    for start in family:
        path, waiting = [start], [iter(below[start])]
        while waiting and start not in told:
            name = next(waiting[-1], None)
            if name is None:
                waiting.pop()
                path.pop()
            elif name == start:
                told.update(path)
                circle = " -> ".join([*path, start])
                yield family[start].fault("component", f"it is made of itself: {circle}", "break the circle")
            elif name not in path:
                path.append(name)
                waiting.append(iter(below[name]))


def _strata(row: Row, seeds: Seeds) -> Iterator[Fault]:
    """Measures in strata go into methods that weigh strata, all by the same ones."""
    if (method := METHODS.get(row["method"])) is None:
        return
    measures = seeds.by("measures", "measure_id")
    kinds: dict[str, str] = {}
    for column in ("numerator_measures", "denominator_measures"):
        for name in terms(row[column]) or []:
            if name not in measures:
                continue
            kinds[name] = strata = measures[name]["strata"]
            if method.strata and not strata:
                yield row.fault(column, f"measure {name} has no strata", f"{row['method']} needs figures by age")
            if strata and not method.strata:
                told = f"measure {name} comes in strata, and {row['method']} does not weigh them"
                yield row.fault(column, told, "use the measure of the total")
    used = {kind for kind in kinds.values() if kind}
    if len(used) > 1:
        told = f"its measures have different strata ({', '.join(sorted(used))})"
        yield row.fault("numerator_measures", told, "use one kind of strata on both sides")
    weights = [one for one in seeds.rows("standard_populations") if one["standard_population"]]
    standard = {one["stratum"] for one in weights if one["standard_population"] == row["standard_population"]}
    for kind in used:
        if strange := sorted(standard - set(STRATA.get(kind, standard))):
            told = f"it weighs strata that {kind} does not have ({', '.join(strange)})"
            yield row.fault("standard_population", told, "choose a standard population by the same strata")


def _periods(row: Row, seeds: Seeds) -> Iterator[Fault]:
    """The measures are of the component's kind of period; below the line a stock on a day within it may stand."""
    kind = row["period_type"]
    known = seeds.values("period_types", "period_type") | set(FALLS_DUE_BY_DATES)
    if kind and kind not in known:
        yield row.fault("period_type", "the kind of period is not known", nearest(kind, known))
        return
    measures = seeds.by("measures", "measure_id")
    datasets = set()
    for column in ("numerator_measures", "denominator_measures"):
        for name in terms(row[column]) or []:
            if name not in measures:
                continue
            datasets.add(measures[name]["dataset_id"])
            grain = measures[name]["reported_as"] or measures[name]["period_type"]
            if grain != kind and not (column == "denominator_measures" and grain == "mid_year"):
                told = f"measure {name} is by {grain}, not by {kind}"
                yield row.fault(column, told, "use a measure of the same kind of period, or say reported_as in its row")
    rounds = seeds.values("survey_waves", "dataset_id")
    if kind == "survey_wave" and datasets and not datasets & rounds and not row["due_to"]:
        told = f"survey_waves.csv has no round of {', '.join(sorted(datasets))}, so it is never due"
        yield row.fault("period_type", told, "add the rounds, or say until when it is due")
