"""Addresses, titles and column patterns of every document, the same for made and genuine bytes."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from sandbox.archives import write_zip
from sandbox.documents import Document
from sandbox.edits import Columns
from sandbox.spreadsheets import SheetData

WASTE_PAGE = "/government/statistical-data-sets/env18-local-authority-collected-waste-annual-results-tables"
HOMELESSNESS_PAGE = "/government/statistical-data-sets/live-tables-on-homelessness"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ELS = ("employment-rate", "gross-median-weekly-pay", "net-additions-to-the-housing-stock",
       "persistent-absences-for-all-pupils")  # fmt: skip
STREET_MONTH = "2020-08"
UNKNOWN_OLD = "99ZZ"
"""An old ONS code that no area has."""

_ELS_COLUMNS = Columns({"observation": "", "lci_95": "", "uci_95": ""}, "areacd", "areanm")


def _csv(name: str, address: str, columns: Columns) -> Document:
    return Document(name, address.rsplit("/", 1)[-1], "text/csv", (address,), columns=columns)


def els(indicator: str) -> Document:
    """A series of ONS Explore Local Statistics."""
    return _csv(
        f"els_{indicator}",
        f"/www.ons.gov.uk/explore-local-statistics/indicators/{indicator}.csv",
        _ELS_COLUMNS,
    )


POPULATION = _csv(
    "population_totals",
    "/www.ons.gov.uk/population/la_mid_year_population_totals.csv",
    Columns({"la_population": ""}, "la_code", "la_name"),
)
NOMIS = _csv(
    "population_by_age",
    "/www.nomisweb.co.uk/api/v01/dataset/NM_2002_1.data.csv",
    Columns({"population": ""}, "gss_code", "gss_code"),
)
CO2 = _csv(
    "la_co2",
    "/data.gov.uk/dataset/local-authority-co2-emissions/2005-11_UK_local_authority_CO2_emissions.csv",
    Columns({r"territorial emissions.*": "", r"emissions within.*": ""}, "local authority code", "local authority"),
)
FUEL_POVERTY = _csv(
    "fuel_poverty",
    "/data.gov.uk/dataset/sub-regional-fuel-poverty/fuel_poverty_la_2011.csv",
    Columns({"fuel_poor_households": "", "percent_fuel_poor": ""}, "la_code", "la_name", "99ZZ"),
)
FUEL_POVERTY_COUNTY = _csv(
    "fuel_poverty_county",
    "/data.gov.uk/dataset/sub-regional-fuel-poverty/fuel_poverty_county_2011.csv",
    Columns(
        {"estimated number of households in fuel poverty": "", "percent fuel poor": ""},
        "county",
        "county",
        "Atlantis",
        header_row=3,
    ),
)
BOROUGH_CRIME = _csv(
    "borough_crime",
    "/data.london.gov.uk/download/recorded_crime_summary/mps_borough_level_crime.csv",
    Columns({r"\d{6}": ""}, "borough", "borough", "Atlantis"),
)
COLLISIONS = _csv(
    "collisions",
    "/data.dft.gov.uk/road-accidents-safety-data/dft-road-casualty-statistics-collision.csv",
    Columns({"collision_severity": "2"}, "local_authority_highway", "local_authority_highway"),
)
CASUALTIES = _csv(
    "casualties",
    "/data.dft.gov.uk/road-accidents-safety-data/dft-road-casualty-statistics-casualty.csv",
    Columns({"casualty_severity": "2"}, "lsoa_of_casualty", "lsoa_of_casualty"),
)
FINGERTIPS = _csv(
    "fingertips",
    "/fingertips.phe.org.uk/api/all_data/csv/by_indicator_id",
    Columns({"value": "", r"lower ci 95.*": "", r"upper ci 95.*": "", "count": ""}, "area code", "area name"),
)


def _street_archive(text: Path, target: Path) -> None:
    outcomes = [
        "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Outcome type",
        f"{'0' * 63}1,{STREET_MONTH},Surrey Police,Surrey Police,,,No Location,,,Local resolution",
    ]
    write_zip(
        target,
        [
            (f"{STREET_MONTH}/{STREET_MONTH}-surrey-outcomes.csv", ("\n".join(outcomes) + "\n").encode()),
            (f"{STREET_MONTH}/{STREET_MONTH}-surrey-street.csv", text),
        ],
    )


STREET = Document(
    "street_crime",
    f"{STREET_MONTH}.zip",
    "application/zip",
    (f"/data.police.uk/data/archive/{STREET_MONTH}.zip", "/data.police.uk/api/crimes-street/all-crime"),
    pack=_street_archive,
    columns=Columns({"crime type": "Other crime"}, "lsoa code", "location"),
)


def attachment(name: str, page: str, filename: str, title: str) -> Document:
    """A workbook attached to a GOV.UK page."""
    media = ODS if filename.endswith(".ods") else XLSX
    # The homelessness sheet gives its code column no title at all.
    figures = r"total number of households in ta.*|household - total waste.*|residual household waste.*|landfilled"
    columns = Columns({figures: ""}, r"ons code|", r"local authority|authority")
    return Document(name, filename, media, page=page, title=title, columns=columns)


def bulk(name: str, columns: Columns) -> Document:
    """A plain CSV file of the open data catalogue."""
    return _csv(name, f"/data.gov.uk/dataset/{name.replace('_', '-')}/{name}.csv", columns)


def long_file(name: str, encoding: str) -> Document:
    """A long CSV file: one row a figure."""
    return bulk(name, Columns({"value": ""}, "area_code", "area_name", UNKNOWN_OLD, encoding=encoding))


def survey(name: str) -> Document:
    """A survey's file: one row a question, area and wave."""
    return bulk(name, Columns({"numerator": "", "score": ""}, "area_code", "area_name", UNKNOWN_OLD))


def data_set(name: str, address: str, items: Sequence[str]) -> Document:
    """A data set of Explore Education Statistics, as its CSV file."""
    figures = {re.escape(item): "" for item in items}
    return Document(
        name, f"{name}.csv", "text/csv", (address,), columns=Columns(figures, "new_la_code|time_period", "la_name")
    )


def profile(name: str, address: str) -> Document:
    """Indicators of one dataset in Fingertips' download layout."""
    columns = Columns({"value": "", "count": ""}, "area code", "area name")
    return Document(name, f"{name}.csv", "text/csv", (address,), columns=columns)


def live_table(name: str, title: str, titles: Sequence[str]) -> Document:
    """A workbook with a single table, alone on its page."""
    figures = {re.escape(" ".join(text.split())): "" for text in titles}
    columns = Columns(figures, "ons code", "authority", UNKNOWN_OLD, areas=r"\d\d[A-Z]{0,2}")
    page = f"/government/statistical-data-sets/{name.replace('_', '-')}"
    return Document(name, f"{name}.ods", ODS, page=page, title=title, columns=columns)


def _method(target: Path) -> None:
    target.write_text(
        "Methodology\n\nThese notes stand beside the tables; they hold no figures.\n",
        encoding="utf-8",
        newline="\n",
    )


def notes(page: str, filename: str) -> Document:
    """A text attachment without figures: what a connector must pass over."""
    name = filename.partition(".")[0]
    return Document(name, filename, "text/plain", page=page, title="Methodology note", write=_method)


def genuine(document: Document, file: Path, updated: datetime) -> Document:
    """The document with the publisher's own bytes."""
    return replace(document, file=file, updated=updated)


def made(document: Document, write: Callable[[Path], None]) -> Document:
    """The document with made text."""
    return replace(document, write=write)


def made_book(document: Document, sheets: Callable[[float], list[SheetData]]) -> Document:
    """The document as a made workbook; the argument of `sheets` is the share of areas to revise."""
    return replace(document, sheets=sheets)


SAMPLE_DAY = datetime(2019, 12, 19, 9, 30, tzinfo=UTC)
