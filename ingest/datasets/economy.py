"""Economy and population: employment, pay, residents."""

from __future__ import annotations

from ingest.contract import Body, BulkFiles, Check, Column, Dataset, Delimited, Domain, Nomis, Table
from ingest.datasets.layouts import columns, els_table

_NOMIS_SELECT = (
    "DATE_NAME",
    "GEOGRAPHY_CODE",
    "GEOGRAPHY_NAME",
    "GENDER_NAME",
    "C_AGE_NAME",
    "OBS_VALUE",
    "OBS_STATUS",
    "RECORD_OFFSET",
    "RECORD_COUNT",
)

DATASETS = (
    Dataset(
        dataset_id="ons_employment_rate",
        domain=Domain.ECONOMY,
        title="Employment rate and economic inactivity, ages 16 to 64",
        publisher="Office for National Statistics, Explore Local Statistics",
        body=Body.ONS,
        source=BulkFiles((("all", "/explore-local-statistics/indicators/employment-rate.csv"),)),
        tables=(els_table(min_rows=1_000, min_areas=140),),
    ),
    Dataset(
        dataset_id="ons_weekly_pay",
        domain=Domain.ECONOMY,
        title="Gross median weekly pay",
        publisher="Office for National Statistics, Explore Local Statistics",
        body=Body.ONS,
        source=BulkFiles((("all", "/explore-local-statistics/indicators/gross-median-weekly-pay.csv"),)),
        tables=(els_table(min_rows=1_000, min_areas=140),),
    ),
    Dataset(
        dataset_id="ons_population",
        domain=Domain.ECONOMY,
        title="Mid-year population of councils, thousands",
        publisher="Office for National Statistics",
        body=Body.ONS,
        source=BulkFiles((("all", "/population/la_mid_year_population_totals.csv"),)),
        tables=(
            Table(
                columns=columns("la_code", "la_name", "year", "la_population", "la_area"),
                reader=Delimited(),
                check=Check(
                    min_rows=1_000,
                    area_column="la_code",
                    min_areas=300,
                    period_column="year",
                    not_empty=("la_code", "year"),
                    matches=(("la_population", r"^\s*[\d.,]+\s*$", 0.99),),
                ),
            ),
        ),
    ),
    Dataset(
        dataset_id="nomis_population",
        domain=Domain.ECONOMY,
        title="Residents by single year of age and sex (NM_2002_1), mid-2011",
        publisher="Office for National Statistics, Nomis",
        body=Body.NOMIS,
        source=Nomis(
            dataset="NM_2002_1",
            query=(
                ("geography", "TYPE464"),
                ("date", "2011"),
                ("gender", "1,2"),
                ("c_age", "101...191"),
                ("measures", "20100"),
            ),
            select=_NOMIS_SELECT,
        ),
        tables=(
            Table(
                columns=tuple(Column(name.lower()) for name in _NOMIS_SELECT),
                reader=Delimited(),
                check=Check(
                    min_rows=20_000,
                    area_column="geography_code",
                    min_areas=300,
                    period_column="date_name",
                    not_empty=("geography_code", "date_name", "c_age_name"),
                    matches=(("date_name", r"^\d{4}$", 1.0),),
                ),
            ),
        ),
    ),
)
