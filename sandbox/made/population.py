"""Made population files: totals by council and year, and single years of age."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sandbox.areas import Geography
from sandbox.made.dice import write_csv
from sandbox.made.people import People
from sandbox.truth.periods import MID_YEARS

YEARS = range(2005, 2012)
CENSUS_DAY = "2011-06-30"
TOTALS_HEADER = ("LA_CODE", "LA_NAME", "YEAR", "LA_POPULATION", "LA_AREA")
AGES_HEADER = ("year", "gss_code", "sex", "age", "population")


def write_totals(target: Path, geography: Geography, people: People) -> None:
    """Residents in thousands for the councils of mid-2011, every year."""

    def rows() -> Iterator[tuple[object, ...]]:
        for area in geography.at(CENSUS_DAY):
            for year in YEARS:
                thousands = people.residents(area.code, year) / 1000
                yield area.code, area.name, year, repr(thousands), repr(people.square_km(area.code))

    write_csv(target, TOTALS_HEADER, rows())


def write_ages(target: Path, geography: Geography, people: People) -> None:
    """Residents by single year of age and sex at each mid-year, for the councils of that day; they add up to totals."""

    def rows() -> Iterator[tuple[object, ...]]:
        for year in MID_YEARS:
            for area in geography.at(f"{year}-06-30"):
                for sex, age, count in people.by_age(area.code, year):
                    yield year, area.code, sex, age, count

    write_csv(target, AGES_HEADER, rows())
