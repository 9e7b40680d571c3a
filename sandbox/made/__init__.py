"""Made figures: invented, seeded, plausible, in the layouts of the genuine files."""

from __future__ import annotations

from functools import partial

from sandbox import addresses as at
from sandbox.areas import Geography
from sandbox.documents import Document
from sandbox.made import co2, crime, els, fingertips, fuel_poverty, homelessness, population, roads, waste
from sandbox.made.people import People


def documents(seed: int, geography: Geography) -> list[Document]:
    """Every made document for a seed; nothing is computed before its first request but sizes of councils."""
    people = People(seed, geography)
    streets = roads.Roads(seed, geography, people)
    series = dict(
        zip(
            at.ELS,
            (els.write_employment, els.write_pay, els.write_net_additions, els.write_absence),
            strict=True,
        )
    )
    texts = [
        at.made(at.POPULATION, partial(population.write_totals, geography=geography, people=people)),
        at.made(at.NOMIS, partial(population.write_ages, seed=seed, geography=geography, people=people)),
        at.made(at.CO2, partial(co2.write, seed=seed, geography=geography, people=people)),
        at.made(
            at.FUEL_POVERTY,
            partial(fuel_poverty.write_councils, seed=seed, geography=geography, people=people),
        ),
        at.made(
            at.FUEL_POVERTY_COUNTY,
            partial(fuel_poverty.write_counties, seed=seed, geography=geography, people=people),
        ),
        at.made(at.BOROUGH_CRIME, partial(crime.write_boroughs, seed=seed, geography=geography, people=people)),
        at.made(at.STREET, partial(crime.write_street, seed=seed, geography=geography)),
        at.made(at.COLLISIONS, streets.write_collisions),
        at.made(at.CASUALTIES, streets.write_casualties),
        at.made(at.FINGERTIPS, partial(fingertips.write, seed=seed, geography=geography, people=people)),
        *(
            at.made(at.els(indicator), partial(write, seed=seed, geography=geography))
            for indicator, write in series.items()
        ),
    ]
    books = [
        at.made_book(
            at.attachment("waste", at.WASTE_PAGE, waste.FILENAME, "Local authority data 2007-08 to 2010-11"),
            partial(waste.sheets, seed, geography, people),
        )
    ]
    books += [
        at.made_book(
            at.attachment(
                f"homelessness_{quarter}",
                at.HOMELESSNESS_PAGE,
                homelessness.filename(quarter),
                f"Detailed tables {quarter}",
            ),
            partial(homelessness.sheets, seed, geography, people, quarter),
        )
        for quarter in homelessness.QUARTERS
    ]
    return [*texts, *books]
