"""Which documents a sandbox has, for genuine files and for made ones."""

from __future__ import annotations

from pathlib import Path

from sandbox import addresses as at
from sandbox.areas import Geography
from sandbox.documents import Document

_SAMPLE_FILES = (
    (at.CO2, "co2/2005-11_UK_local_authority_CO2_emissions_England.csv"),
    (at.BOROUGH_CRIME, "police/mps_borough_level_crime_200801_201612.csv"),
    (at.STREET, "police/2020-08-surrey-street.csv"),
    (at.COLLISIONS, "roads/dft-road-casualty-statistics-collision-2024-west-yorkshire.csv"),
    (at.CASUALTIES, "roads/dft-road-casualty-statistics-casualty-2024-west-yorkshire.csv"),
    (at.FINGERTIPS, "fingertips/fingertips_93356_county_ua.csv"),
    (at.FUEL_POVERTY, "fuel_poverty/decc_fuel_poverty_la_2011.csv"),
    (at.FUEL_POVERTY_COUNTY, "fuel_poverty/decc_fuel_poverty_county_2011_raw.csv"),
    (at.POPULATION, "population/la_mid_year_population_totals_2005_2019.csv"),
    (at.NOMIS, "population/la_mid_2011_population_single_year_age_sex.csv"),
    *((at.els(indicator), f"els/{indicator}.csv") for indicator in at.ELS),
    (
        at.attachment("waste", at.WASTE_PAGE, "LA_and_Regional_Spreadsheet_201718.ods", "Local authority data"),
        "waste/LA_and_Regional_Spreadsheet_201718.ods",
    ),
    (
        at.attachment("homelessness_201806", at.HOMELESSNESS_PAGE, "DetailedLA_201806.xlsx", "Detailed tables"),
        "homelessness/DetailedLA_201806.xlsx",
    ),
)


def _notes() -> tuple[Document, ...]:
    return (
        at.notes(at.WASTE_PAGE, "ENV18_methodology.txt"),
        at.notes(at.HOMELESSNESS_PAGE, "Homelessness_methodology.txt"),
    )


def sample_documents(samples: Path) -> list[Document]:
    """Documents with the publishers' own bytes from the folder `samples`.

    Raises FileNotFoundError naming the first file that is missing.
    """
    found = []
    for document, name in _SAMPLE_FILES:
        file = samples / name
        if not file.is_file():
            raise FileNotFoundError(f"{file} is missing; give the folder of genuine files with --samples DIR")
        found.append(at.genuine(document, file.resolve(), at.SAMPLE_DAY))
    return [*found, *_notes()]


def made_documents(seed: int, geography: Geography) -> list[Document]:
    """Documents whose figures are invented, the same for the same seed."""
    # Imported here: a server over genuine files needs none of the generators.
    from sandbox.made.every import documents

    return [*documents(seed, geography), *_notes()]
