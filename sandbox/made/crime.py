"""Made recorded crime: London boroughs by month, and street-level crime around Surrey."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from pathlib import Path

from sandbox.areas import Geography
from sandbox.bodies.police import STREET_COLUMNS
from sandbox.made.dice import dice, poisson, write_csv
from sandbox.made.people import CITY_OF_LONDON, People

MONTHS = tuple(f"{year}{month:02}" for year in range(2008, 2012) for month in range(1, 13))
# Major and minor category, offences a year in London in 2008, change a year.
_OFFENCES = (
    ("Burglary", "Burglary in a Dwelling", 57_000, 0.01),
    ("Burglary", "Burglary in Other Buildings", 34_000, -0.02),
    ("Criminal Damage", "Criminal Damage To Dwelling", 24_500, -0.07),
    ("Criminal Damage", "Criminal Damage To Motor Vehicle", 43_000, -0.1),
    ("Criminal Damage", "Criminal Damage To Other Building", 9_700, -0.05),
    ("Criminal Damage", "Other Criminal Damage", 19_000, -0.03),
    ("Drugs", "Drug Trafficking", 4_800, -0.01),
    ("Drugs", "Other Drugs", 420, -0.01),
    ("Drugs", "Possession Of Drugs", 72_000, -0.09),
    ("Fraud or Forgery", "Counted per Victim", 28_000, -0.03),
    ("Fraud or Forgery", "Other Fraud & Forgery", 11_500, 0.01),
    ("Other Notifiable Offences", "Going Equipped", 700, 0.02),
    ("Other Notifiable Offences", "Other Notifiable", 10_500, 0.01),
    ("Robbery", "Business Property", 3_000, 0.01),
    ("Robbery", "Personal Property", 29_500, 0.04),
    ("Sexual Offences", "Other Sexual", 6_600, 0.02),
    ("Sexual Offences", "Rape", 2_200, 0.18),
    ("Theft and Handling", "Handling Stolen Goods", 2_600, -0.17),
    ("Theft and Handling", "Motor Vehicle Interference & Tampering", 4_400, 0.05),
    ("Theft and Handling", "Other Theft", 111_000, 0.02),
    ("Theft and Handling", "Other Theft Person", 28_500, 0.1),
    ("Theft and Handling", "Theft From Motor Vehicle", 80_000, -0.04),
    ("Theft and Handling", "Theft From Shops", 39_000, 0.03),
    ("Theft and Handling", "Theft/Taking Of Motor Vehicle", 29_500, -0.05),
    ("Theft and Handling", "Theft/Taking of Pedal Cycle", 19_500, 0.11),
    ("Violence Against the Person", "Assault with Injury", 60_500, -0.01),
    ("Violence Against the Person", "Common Assault", 41_000, 0.05),
    ("Violence Against the Person", "Grievous Bodily Harm", 5_800, -0.14),
    ("Violence Against the Person", "Harassment", 48_500, -0.03),
    ("Violence Against the Person", "Murder", 150, -0.08),
    ("Violence Against the Person", "Offensive Weapon", 6_500, -0.18),
    ("Violence Against the Person", "Other violence", 8_500, -0.07),
    ("Violence Against the Person", "Wounding/GBH", 5_400, -0.11),
)
STREET_MONTH = "2020-08"
_SURREY = "E10000030"
_CENTRES = (
    (51.32, -0.33), (51.38, -0.38), (51.24, -0.57), (51.23, -0.33), (51.23, -0.2), (51.39, -0.53),
    (51.42, -0.46), (51.33, -0.74), (51.26, -0.02), (51.19, -0.62), (51.32, -0.56),
)  # fmt: skip
_STREETS = (
    "High Street",
    "Station Road",
    "Church Lane",
    "Park/Open Space",
    "Parking Area",
    "Supermarket",
    "Mill Road",
)
_OUTCOMES = (
    "Investigation complete; no suspect identified", "Unable to prosecute suspect", "Status update unavailable",
    "Local resolution", "Awaiting court outcome",
)  # fmt: skip
_TYPES = {
    "Violence and sexual offences": 28, "Anti-social behaviour": 27, "Public order": 10,
    "Criminal damage and arson": 9, "Other theft": 6, "Vehicle crime": 5, "Shoplifting": 4, "Burglary": 3, "Drugs": 2,
    "Other crime": 2, "Bicycle theft": 2, "Possession of weapons": 1, "Theft from the person": 1, "Robbery": 1,
}  # fmt: skip


def write_boroughs(target: Path, seed: int, geography: Geography, people: People) -> None:
    """One row a borough and minor category, one column a month; the City has a force of its own and is left out."""
    boroughs = sorted(
        (area for area in geography.at("2009-03-31", ("london_borough",)) if area.code != CITY_OF_LONDON),
        key=lambda area: area.name,
    )
    london = sum(people.residents(area.code, 2008) for area in boroughs)

    def rows() -> Iterator[tuple[object, ...]]:
        for area in boroughs:
            share = people.residents(area.code, 2008) / london
            busy = dice(seed, "boroughs", area.code).lognormvariate(0, 0.25)
            for major, minor, level, change in _OFFENCES:
                rng = dice(seed, "boroughs", area.code, minor)
                monthly = level / 12 * share * busy * rng.lognormvariate(0, 0.2)
                counts = [
                    poisson(rng, monthly * (1 + change) ** (i / 12) * (1 + 0.06 * math.sin(i * math.pi / 6)))
                    for i in range(len(MONTHS))
                ]
                yield area.name, major, minor, *counts

    write_csv(target, ("Borough", "Major Category", "Minor Category", *MONTHS), rows(), newline="\r\n")


def write_street(target: Path, seed: int, geography: Geography) -> None:
    """About 1,500 crimes of one month: points in Surrey's districts, some without a place."""
    districts = [geography.name(code) for code in geography.districts_of(_SURREY, "2020-08-31")]
    rng = dice(seed, "street")

    def row(number: int) -> tuple[object, ...]:
        kind = rng.choices(tuple(_TYPES), tuple(_TYPES.values()))[0]
        quiet = kind == "Anti-social behaviour"
        crime = "" if quiet else hashlib.sha256(f"{seed}:street:{number}".encode()).hexdigest()
        outcome = "" if quiet else rng.choice(_OUTCOMES)
        force = "Surrey Police"
        place = rng.randrange(len(districts))
        lsoa, lat, lng = rng.randrange(40), rng.gauss(0, 0.018), rng.gauss(0, 0.03)
        street = rng.choice(_STREETS)
        if rng.random() < 0.02:
            return crime, STREET_MONTH, force, force, "", "", "No Location", "", "", kind, outcome, ""
        centre = _CENTRES[place % len(_CENTRES)]
        return (
            crime, STREET_MONTH, force, force, f"{centre[1] + lng:.6f}", f"{centre[0] + lat:.6f}",
            f"On or near {street}", f"E0103{place * 40 + lsoa + 300:04}",
            f"{districts[place]} {lsoa // 5 + 1:03}{'ABCDE'[lsoa % 5]}", kind, outcome, "",
        )  # fmt: skip

    write_csv(target, STREET_COLUMNS, (row(number) for number in range(1_500)))
