"""Environment: waste, carbon dioxide, fuel poverty, street cleanliness, adaptation."""

from __future__ import annotations

from ingest.contract import (
    Body,
    BulkFiles,
    Check,
    Dataset,
    Delimited,
    Domain,
    GovUkPage,
    MessyCsv,
    Sheet,
    Supersedes,
    Table,
)
from ingest.datasets.layouts import columns, hub_return
from ingest.datasets.layouts_of_workbooks import live_table

_YEAR = r"^20\d\d-\d\d$"

DATASETS = (
    Dataset(
        dataset_id="defra_waste",
        domain=Domain.ENVIRONMENT,
        title="Local authority collected waste, annual results (ENV18)",
        publisher="Department for Environment, Food & Rural Affairs",
        body=Body.GOVUK,
        source=GovUkPage(
            page="/government/statistical-data-sets/env18-local-authority-collected-waste-annual-results-tables",
            attachment=r"LA_and_Regional_Spreadsheet_\d{6}\.(ods|xlsx)",
        ),
        media="ods",
        # Each edition carries the last few years only; older years stay in older releases.
        supersedes=Supersedes.CELL,
        tables=(
            Table(
                name="table_1",
                columns=columns(
                    ("financial_year", "financial year"),
                    "region",
                    ("ons_code", "ons code"),
                    ("jpp_order", "jpp order"),
                    ("local_authority", "local authority"),
                    ("authority_type", "authority type"),
                    ("total_tonnes", r"(.* \| )?total local authority collected waste \(tonnes\)"),
                    ("household_tonnes", r"(.* \| )?household - total waste \(tonnes\)"),
                    (
                        "household_recycled_tonnes",
                        r"(.* \| )?household - waste sent for recycling/composting/reuse \(tonnes\)",
                    ),
                    ("household_dry_tonnes", r"(.* \| )?household dry recycling/reuse \(tonnes\)"),
                    ("household_green_tonnes", r"(.* \| )?household green recycling/reuse \(tonnes\)"),
                    (
                        "household_not_recycled_tonnes",
                        r"(.* \| )?household - waste not sent for recycling \(tonnes\)",
                    ),
                    (
                        "household_regular_tonnes",
                        r"(.* \| )?household - regular collection \(not recycled\) \(tonnes\)",
                    ),
                    (
                        "household_civic_amenity_tonnes",
                        r"(.* \| )?household - civic amenity sites \(not recycled\) \(tonnes\)",
                    ),
                    ("household_other_tonnes", r"(.* \| )?household - other sources \(not recycled\) \(tonnes\)"),
                    ("household_rejects_tonnes", r"(.* \| )?household - estimated rejects \(tonnes\)"),
                    ("non_household_tonnes", r"(.* \| )?non-household - total waste \(tonnes\)"),
                    (
                        "non_household_recycled_tonnes",
                        r"(.* \| )?non-household - waste sent for recycling/composting/reuse \(tonnes\)",
                    ),
                    (
                        "non_household_not_recycled_tonnes",
                        r"(.* \| )?non-household - waste not sent for recycling \(tonnes\)",
                    ),
                    ("non_household_rejects_tonnes", r"(.* \| )?non-household - estimated rejects \(tonnes\)"),
                    (
                        "total_recycled_tonnes",
                        r"(.* \| )?local authority collected waste - sent for recycling/composting/reuse \(tonnes\)",
                    ),
                    (
                        "total_not_recycled_tonnes",
                        r"(.* \| )?local authority collected waste - not sent for recycling \(tonnes\)",
                    ),
                    ("total_rejects_tonnes", r"(.* \| )?local authority collected - estimated rejects \(tonnes\)"),
                ),
                reader=Sheet(name=r"Table[_ ]1", header_rows=(3, 4)),
                check=Check(
                    min_rows=300,
                    area_column="ons_code",
                    min_areas=140,
                    matches=(("financial_year", _YEAR, 0.97), ("ons_code", r"^E\d{8}$", 0.97)),
                ),
            ),
            Table(
                name="table_2",
                columns=columns(
                    "year",
                    "region",
                    ("geographical_code", "geographical code"),
                    ("ons_code", "ons code"),
                    ("jpp_order", "jpp order"),
                    "authority",
                    ("authority_type", "authority type"),
                    ("landfilled_tonnes", "landfilled"),
                    ("incineration_with_efw_tonnes", "incineration with efw"),
                    ("incineration_without_efw_tonnes", r"incineration without efw ?\d?"),
                    ("recycled_tonnes", "recycled/ composted"),
                    ("other_tonnes", r"other\d?"),
                    ("total_tonnes", r"total\d?"),
                    ("intermediate_tonnes", r"input to intermediate plants\d?"),
                ),
                reader=Sheet(name=r"Table[_ ]2", header_rows=(4, 4)),
                check=Check(
                    min_rows=100,
                    area_column="ons_code",
                    min_areas=100,
                    matches=(("year", _YEAR, 0.9),),
                ),
            ),
            Table(
                name="table_3",
                columns=columns(
                    "year",
                    "region",
                    ("ons_code", "ons code"),
                    ("jpp_order", "jpp order"),
                    "authority",
                    ("authority_type", "authority type"),
                    ("residual_kg_per_household", r"residual household waste per household .*\(ex ni191\)"),
                    ("household_recycled_share", r"percentage of household waste .*\(ex ni192\)"),
                    ("municipal_landfilled_share", r"percentage of municipal waste .*\(ex ni193\)"),
                    ("collected_kg_per_person", r"collected household waste per person .*\(ex bvpi 84a\)"),
                ),
                reader=Sheet(name=r"Table[_ ]3", header_rows=(4, 4)),
                check=Check(
                    min_rows=300,
                    area_column="ons_code",
                    min_areas=140,
                    matches=(("year", _YEAR, 0.97),),
                ),
            ),
        ),
    ),
    Dataset(
        dataset_id="decc_la_co2",
        domain=Domain.ENVIRONMENT,
        title="Local authority carbon dioxide emissions, within the scope of influence of councils",
        publisher="Department of Energy & Climate Change",
        body=Body.DATA_GOV,
        source=BulkFiles(
            (("all", "/dataset/local-authority-co2-emissions/2005-11_UK_local_authority_CO2_emissions.csv"),)
        ),
        tables=(
            Table(
                columns=columns(
                    "country",
                    ("country_code", "country code"),
                    "region",
                    ("region_code", "region code"),
                    ("second_tier_authority", "second tier authority"),
                    ("local_authority", "local authority"),
                    ("local_authority_code", "local authority code"),
                    ("calendar_year", "calendar year"),
                    ("sector", "la co2 sector"),
                    ("sub_sector", "la co2 sub-sector"),
                    ("territorial_kt", r"territorial emissions \(kt co2\)"),
                    ("influence_kt", r"emissions within the scope of influence of las \(kt co2\)"),
                    ("population_thousands", r"mid-year population \(thousands\)"),
                    ("area_km2", r"area \(km2\)"),
                ),
                reader=Delimited(),
                check=Check(
                    min_rows=20_000,
                    area_column="local_authority_code",
                    min_areas=300,
                    period_column="calendar_year",
                    not_empty=("calendar_year", "sector", "sub_sector"),
                    matches=(("calendar_year", r"^\d{4}(\.0)?$", 1.0), ("influence_kt", r"^\s*-?[\d.,]+\s*$", 0.98)),
                ),
            ),
        ),
    ),
    Dataset(
        dataset_id="decc_fuel_poverty",
        domain=Domain.ENVIRONMENT,
        title="Sub-regional fuel poverty by council, 2011 (10 % definition)",
        publisher="Department of Energy & Climate Change",
        body=Body.DATA_GOV,
        source=BulkFiles((("2011", "/dataset/sub-regional-fuel-poverty/fuel_poverty_la_2011.csv"),)),
        tables=(
            Table(
                columns=columns(
                    "la_code", "la_name", "region", "households", "fuel_poor_households", "percent_fuel_poor"
                ),
                reader=Delimited(),
                check=Check(
                    min_rows=300,
                    area_column="la_code",
                    min_areas=300,
                    not_empty=("la_code",),
                    matches=(("la_code", r"^\d\d[A-Z]{0,2}$", 1.0),),
                ),
            ),
        ),
    ),
    Dataset(
        dataset_id="decc_fuel_poverty_county",
        domain=Domain.ENVIRONMENT,
        title="Sub-regional fuel poverty by county, 2011 (10 % definition)",
        publisher="Department of Energy & Climate Change",
        body=Body.DATA_GOV,
        source=BulkFiles((("2011", "/dataset/sub-regional-fuel-poverty/fuel_poverty_county_2011.csv"),)),
        # Ceremonial and metropolitan counties are not areas of the framework: they are set aside as out of scope.
        tables=(
            Table(
                columns=columns(
                    "county",
                    ("households", r"estimated number of households"),
                    ("fuel_poor_households", r"estimated number of households in fuel poverty"),
                    ("percent_fuel_poor", r"percent fuel poor"),
                ),
                reader=MessyCsv(header_row=3),
                check=Check(min_rows=30, area_column="county", min_areas=30),
            ),
        ),
    ),
    hub_return(
        "animal_health",
        Domain.ENVIRONMENT,
        "Framework assessment",
        "Animal Health",
    ),
    hub_return(
        "climate_adaptation",
        Domain.ENVIRONMENT,
        "Adaptation level 0-4",
        "Local authorities in England",
    ),
    live_table(
        "defra_flycapture",
        Domain.ENVIRONMENT,
        "Fly-tipping incidents and enforcement",
        "Department for Environment, Food & Rural Affairs",
        "district",
        ("fly_tipping_enforcement_actions", "Fly-tipping enforcement actions in the year"),
        ("fly_tipping_incidents", "Fly-tipping incidents in the year"),
        ("score_fly_tipping_grade", "Fly-tipping grade"),
    ),
    hub_return(
        "defra_street_cleanliness",
        Domain.ENVIRONMENT,
        "Litter, detritus, graffiti and fly-posting transects",
        "Local authorities in England",
    ),
    hub_return(
        "ea_flood_actions",
        Domain.ENVIRONMENT,
        "Flood and coastal plan actions",
        "Environment Agency",
    ),
    hub_return(
        "fuel_poverty_survey",
        Domain.ENVIRONMENT,
        "Benefit households by SAP rating",
        "Local authorities in England",
    ),
    hub_return(
        "la_estate_emissions",
        Domain.ENVIRONMENT,
        "CO2, NOx and PM10 from council operations",
        "Local authorities in England",
    ),
    hub_return(
        "local_sites",
        Domain.ENVIRONMENT,
        "Local Sites in positive management",
        "Local Sites partnerships",
    ),
)
