"""Made fuel poverty tables for 2011: councils by old ONS code, and counties in a messy sheet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sandbox.areas import Geography
from sandbox.made.dice import clamp, dice, write_csv
from sandbox.made.people import People
from sandbox.made.population import CENSUS_DAY

HEADER = ("la_code", "la_name", "region", "households", "fuel_poor_households", "percent_fuel_poor")
COUNTY_HEADER = (
    "County", "Estimated number of households", "Estimated number of households in fuel poverty",
    "Percent Fuel Poor", "", "",
)  # fmt: skip
# Counties of the map that were not councils in 2011, with households to the nearest thousand.
_CEREMONIAL = {
    "Berkshire": 341_000, "Bristol": 175_000, "Greater London": 3_103_000, "Greater Manchester": 1_106_000,
    "Merseyside": 596_000, "South Yorkshire": 575_000, "Tyne and Wear": 490_000, "West Midlands": 1_077_000,
    "West Yorkshire": 946_000,
}  # fmt: skip


def _poor(seed: int, code: str, households: int) -> tuple[int, float]:
    rng = dice(seed, "fuel poverty", code)
    poor = round(households * clamp(rng.gauss(0.114, 0.025), 0.025, 0.24))
    return poor, round(poor / households, 3)


def write_councils(target: Path, seed: int, geography: Geography, people: People) -> None:
    """One row a council of 2011, keyed by its old ONS code; the percentage is a fraction."""

    def rows() -> Iterator[tuple[object, ...]]:
        for area in sorted(geography.at(CENSUS_DAY), key=lambda area: area.old_ons):
            households = people.households(area.code, 2011)
            poor, share = _poor(seed, area.code, households)
            yield area.old_ons, area.name, geography.region_name(area.code), households, poor, repr(share)

    write_csv(target, HEADER, rows())


def write_counties(target: Path, seed: int, geography: Geography, people: People) -> None:
    """A sheet with a title line and an empty line above the column titles and one below the last row."""
    households = dict(_CEREMONIAL)
    for county in geography.at(CENSUS_DAY, ("county",)):
        households[county.name] = people.households(county.code, 2011)
    with target.open("w", encoding="utf-8", newline="") as file:
        file.write("Fuel Poverty in Counties,,,,,\n,,,,,\n" + ",".join(COUNTY_HEADER) + "\n")
        for name in sorted(households):
            poor, share = _poor(seed, name, households[name])
            file.write(f"{name},{households[name]},{poor},{share!r},,\n")
        file.write(",,,,,\n")
