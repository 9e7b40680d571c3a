"""Every made document, and every made return."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from sandbox import addresses as at
from sandbox.areas import Geography
from sandbox.bodies import ees as ees_body
from sandbox.bodies import fingertips as fingertips_body
from sandbox.documents import Document
from sandbox.made import (
    co2,
    crime,
    cubes,
    els,
    fingertips,
    fuel_poverty,
    homelessness,
    neighbourhoods,
    population,
    recorded_crime,
    roads,
    schools,
    waste,
)
from sandbox.made.ees import DataSet
from sandbox.made.live_tables import LiveTable
from sandbox.made.long import LongFile
from sandbox.made.people import People
from sandbox.made.places import Places
from sandbox.made.profiles import Profile
from sandbox.made.returns import Returns, Sent
from sandbox.made.surveys import Survey
from sandbox.made.targets import Targets
from sandbox.truth import Truth

_OWN_FILES = frozenset({"decc_fuel_poverty", "decc_fuel_poverty_county", "ons_population", "clg_homelessness",
                        "fingertips_campylobacter"})  # fmt: skip
"""Datasets of the shared layouts whose made files are older and have the layout of a genuine file."""


def documents(seed: int, geography: Geography) -> list[Document]:
    """Every made document for a seed; nothing is computed before its first request but sizes of councils."""
    people = People(seed, geography)
    truth = Truth(seed, geography, people=people)
    return [
        *_of_genuine_layouts(seed, geography, people),
        *_of_shared_layouts(truth, Places(geography)),
        *recorded_crime.documents(truth, geography),
        *schools.documents(truth, geography),
        *neighbourhoods.documents(truth, geography),
        *cubes.documents(truth, geography),
    ]


def returns(seed: int, geography: Geography) -> Iterator[Sent]:
    """Every return that councils and national bodies send, dataset by dataset."""
    truth, places = Truth(seed, geography), Places(geography)
    for dataset in truth.datasets.values():
        if dataset.layout == "hub_return":
            yield from Returns(truth, places, dataset.dataset_id).sent()
        elif dataset.layout == "laa_targets_csv":
            yield from Targets(truth, places).sent()


def write_returns(folder: Path, seed: int, geography: Geography) -> int:
    """Write each return as `<folder>/<dataset>/<sender>.csv`, whole or not at all; returns how many there are."""
    count = 0
    for sent in returns(seed, geography):
        target = folder / sent.dataset_id / f"{sent.sender}.csv"
        target.parent.mkdir(parents=True, exist_ok=True)
        rough = target.with_suffix(".tmp")
        rough.write_bytes(sent.content)
        rough.replace(target)
        count += 1
    return count


def _of_shared_layouts(truth: Truth, places: Places) -> Iterator[Document]:
    for dataset in truth.datasets.values():
        name = dataset.dataset_id
        if name in _OWN_FILES:
            continue
        if dataset.layout == "ees_csv":
            data_set = DataSet(truth, places, name)
            address = ees_body.address(str(uuid.uuid5(uuid.NAMESPACE_URL, f"ees:{name}")))
            yield at.made(at.data_set(name, address, data_set.items), data_set.write)
        elif dataset.layout == "long_csv":
            file = LongFile(truth, places, name)
            yield at.made(at.long_file(name, file.encoding), file.write)
        elif dataset.layout == "survey_csv" and name in truth.waves:  # one that was called off has no file
            yield at.made(at.survey(name), Survey(truth, places, name).write)
        elif dataset.layout == "fingertips_csv":
            yield at.made(at.profile(name, fingertips_body.address(name)), Profile(truth, places, name).write)
        elif dataset.layout == "live_table":
            live = LiveTable(truth, places, name)
            yield at.made_book(at.live_table(name, dataset.title, live.titles), live.sheets)


def _of_genuine_layouts(seed: int, geography: Geography, people: People) -> Iterator[Document]:
    streets = roads.Roads(seed, geography, people)
    series = zip(
        at.ELS,
        (els.write_employment, els.write_pay, els.write_net_additions, els.write_absence),
        strict=True,
    )
    yield at.made(at.POPULATION, partial(population.write_totals, geography=geography, people=people))
    yield at.made(at.NOMIS, partial(population.write_ages, geography=geography, people=people))
    yield at.made(at.CO2, partial(co2.write, seed=seed, geography=geography, people=people))
    yield at.made(at.FUEL_POVERTY, partial(fuel_poverty.write_councils, seed=seed, geography=geography, people=people))
    yield at.made(
        at.FUEL_POVERTY_COUNTY, partial(fuel_poverty.write_counties, seed=seed, geography=geography, people=people)
    )
    yield at.made(at.BOROUGH_CRIME, partial(crime.write_boroughs, seed=seed, geography=geography, people=people))
    yield at.made(at.STREET, partial(crime.write_street, seed=seed, geography=geography))
    yield at.made(at.COLLISIONS, streets.write_collisions)
    yield at.made(at.CASUALTIES, streets.write_casualties)
    yield at.made(at.FINGERTIPS, partial(fingertips.write, seed=seed, geography=geography, people=people))
    for indicator, write in series:
        yield at.made(at.els(indicator), partial(write, seed=seed, geography=geography))
    yield at.made_book(
        at.attachment("waste", at.WASTE_PAGE, waste.FILENAME, "Local authority data 2007-08 to 2010-11"),
        partial(waste.sheets, seed, geography, people),
    )
    for quarter in homelessness.QUARTERS:
        yield at.made_book(
            at.attachment(
                f"homelessness_{quarter}",
                at.HOMELESSNESS_PAGE,
                homelessness.filename(quarter),
                f"Detailed tables {quarter}",
            ),
            partial(homelessness.sheets, seed, geography, people, quarter),
        )
