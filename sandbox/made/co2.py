"""Made carbon dioxide emissions: long form, whole series, the councils of mid-2011."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sandbox.areas import ENGLAND, Geography
from sandbox.made.dice import dice, write_csv
from sandbox.made.people import People
from sandbox.made.population import CENSUS_DAY, YEARS

HEADER = (
    "Country", "Country Code", "Region", "Region Code", "Second Tier Authority", "Local Authority",
    "Local Authority Code", "Calendar Year", "LA CO2 Sector", "LA CO2 Sub-sector", "Territorial emissions (kt CO2)",
    "Emissions within the scope of influence of LAs (kt CO2)", "Mid-year Population (thousands)", "Area (km2)",
)  # fmt: skip
# Sector, sub-sector, tonnes a head in 2005, change a year, share of influence, share of councils that have it.
_PARTS = (
    ("Commercial", "Commercial Electricity", 0.86, -0.018, 1.0, 1.0),
    ("Commercial", "Commercial Gas", 0.27, -0.024, 1.0, 1.0),
    ("Commercial", "Commercial 'Other Fuels'", 0.01, -0.06, 1.0, 1.0),
    ("Domestic", "Domestic Electricity", 1.03, -0.016, 1.0, 1.0),
    ("Domestic", "Domestic Gas", 1.28, -0.021, 1.0, 1.0),
    ("Domestic", "Domestic 'Other Fuels'", 0.16, -0.01, 1.0, 1.0),
    ("Industry", "Industry Electricity", 0.64, -0.03, 1.0, 1.0),
    ("Industry", "Industry Gas", 0.31, -0.03, 1.0, 1.0),
    ("Industry", "Large Industrial Installations", 0.85, -0.06, 0.0, 0.77),
    ("Industry", "Industry 'Other Fuels'", 0.34, -0.03, 1.0, 1.0),
    ("Industry", "Agriculture", 0.08, -0.03, 0.7, 1.0),
    ("Transport", "Road Transport (A roads)", 1.0, -0.025, 1.0, 1.0),
    ("Transport", "Road Transport (Motorways)", 0.55, -0.02, 0.0, 0.56),
    ("Transport", "Road Transport (Minor roads)", 0.64, -0.016, 1.0, 1.0),
    ("Transport", "Diesel Railways", 0.035, 0.003, 0.0, 0.98),
    ("Transport", "Transport Other", 0.032, 0.01, 1.0, 1.0),
    ("LULUCF", "LULUCF Net Emissions: Forest land", -0.16, 0.006, 0.0, 1.0),
    ("LULUCF", "LULUCF Net Emissions: Cropland", 0.18, -0.005, 0.0, 1.0),
    ("LULUCF", "LULUCF Net Emissions: Grassland", -0.04, 0.04, 0.0, 1.0),
    ("LULUCF", "LULUCF Net Emissions: Settlements", 0.05, -0.01, 0.0, 1.0),
    ("Public Sector", "Public Sector Electricity", 0.2, -0.018, 1.0, 1.0),
    ("Public Sector", "Public Sector Gas", 0.18, -0.027, 1.0, 1.0),
    ("Public Sector", "Public Sector 'Other Fuels'", 0.01, -0.1, 1.0, 1.0),
)
# Recession and cold winters, common to all councils.
_YEAR = {2005: 1.0, 2006: 1.005, 2007: 0.995, 2008: 0.985, 2009: 0.935, 2010: 0.975, 2011: 0.92}


def write(target: Path, seed: int, geography: Geography, people: People) -> None:
    """One row a council, year and sub-sector; influence leaves out motorways, large plant, railways and land."""

    def rows() -> Iterator[tuple[object, ...]]:
        for area in geography.at(CENSUS_DAY):
            rng = dice(seed, "co2", area.code)
            whole = rng.lognormvariate(0, 0.14)
            parts = [
                (sector, name, level * whole * rng.lognormvariate(0, 0.2), change, influence)
                for sector, name, level, change, influence, share in _PARTS
                if rng.random() < share
            ]
            place = (geography.region_name(area.code), area.region, "", area.name, area.code)
            ground = repr(people.square_km(area.code))
            for year in YEARS:
                thousands = people.residents(area.code, year) / 1000
                for sector, name, level, change, influence in parts:
                    trend = _YEAR[year] * (1 + change) ** (year - 2005) * rng.uniform(0.985, 1.015)
                    territorial = round(level * trend * thousands, 4)
                    within = round(territorial * influence, 4) if influence else 0.0
                    yield (
                        "England", ENGLAND, *place, year, sector, name, repr(territorial), repr(within),
                        repr(thousands), ground,
                    )  # fmt: skip

    write_csv(target, HEADER, rows(), newline="\r\n")
