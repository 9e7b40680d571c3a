"""Economy and population: employment, pay, benefits, enterprises, residents."""

from __future__ import annotations

from ingest.contract import Body, BulkFiles, Check, Dataset, Delimited, Domain, Nomis, NomisQuery, Table
from ingest.datasets.layouts import columns, els_table, long_csv, survey
from ingest.datasets.layouts_of_interfaces import NOMIS_SELECT, PEOPLE_SELECT, nomis_table, stat_xplore

# Which data set holds what, and the codes of its dimensions, are our reading of the help pages: not confirmed live.
RESIDENTS = NomisQuery(
    "NM_2002_1",
    (
        ("geography", "TYPE464"),
        ("date", "1998,2003,2004,2005,2006,2007,2008,2009,2010,2011"),
        ("gender", "1,2"),
        ("c_age", "101...191"),
        ("measures", "20100"),
    ),
    PEOPLE_SELECT,
    part="residents",
)
RESIDENTS_OF_NEIGHBOURHOODS = NomisQuery(
    "NM_2010_1",
    (("geography", "TYPE298"), ("time", "2004,2011"), ("variable", "1"), ("measures", "20100")),
    NOMIS_SELECT,
    part="neighbourhoods",
)
LABOUR_MARKET = NomisQuery(
    "NM_17_5",
    (
        ("geography", "2092957699,TYPE480,TYPE464"),
        ("time", "2004-12,2011-03"),
        ("variable", "45,249,290,335,344"),
        ("measures", "21001,21002"),
    ),
    NOMIS_SELECT,
)
# The stock of claimants is counted on a day in February, May, August and November.
CLAIMANTS = NomisQuery(
    "NM_105_1",
    (("geography", "TYPE464"), ("time", "2004-05,2011-02"), ("statistical_group", "1,2,3,5"), ("measures", "20100")),
    NOMIS_SELECT,
    part="claimants",
)
CLAIMANTS_OF_NEIGHBOURHOODS = NomisQuery(
    "NM_102_1",
    (("geography", "TYPE298"), ("time", "2004-05,2011-02"), ("statistical_group", "1,2,3,5"), ("measures", "20100")),
    NOMIS_SELECT,
    part="neighbourhoods",
)
FLOWS = NomisQuery(
    "NM_111_1",
    (("geography", "TYPE464"), ("time", "2005,2011"), ("measures", "20100")),
    NOMIS_SELECT,
    part="flows",
)
EARNINGS = NomisQuery(
    "NM_30_1",
    (("geography", "2092957699,TYPE480,TYPE464"), ("time", "2004,2010"), ("pay", "1"), ("measures", "20100")),
    NOMIS_SELECT,
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
        title="Residents by single year of age and sex, councils; of working age, neighbourhoods",
        publisher="Office for National Statistics, Nomis",
        body=Body.NOMIS,
        source=Nomis((RESIDENTS, RESIDENTS_OF_NEIGHBOURHOODS)),
        tables=(
            nomis_table(RESIDENTS, name="residents", min_rows=20_000, min_areas=300),
            nomis_table(RESIDENTS_OF_NEIGHBOURHOODS, name="neighbourhoods", min_rows=1_000, min_areas=1_000),
        ),
    ),
    Dataset(
        dataset_id="nomis_labour_market",
        domain=Domain.ECONOMY,
        title="Annual Population Survey: employment and qualifications",
        publisher="Office for National Statistics, Nomis",
        body=Body.NOMIS,
        source=Nomis((LABOUR_MARKET,)),
        tables=(nomis_table(LABOUR_MARKET, min_rows=1_000, min_areas=300),),
    ),
    Dataset(
        dataset_id="ons_earnings",
        domain=Domain.ECONOMY,
        title="Annual Survey of Hours and Earnings, workplace",
        publisher="Office for National Statistics, Nomis",
        body=Body.NOMIS,
        source=Nomis((EARNINGS,)),
        tables=(nomis_table(EARNINGS, min_rows=1_000, min_areas=300),),
    ),
    Dataset(
        dataset_id="dwp_benefits",
        domain=Domain.ECONOMY,
        title="Working-age client group, councils and neighbourhoods; flows on to incapacity benefits",
        publisher="Department for Work and Pensions, through Nomis",
        body=Body.NOMIS,
        source=Nomis((CLAIMANTS, CLAIMANTS_OF_NEIGHBOURHOODS, FLOWS)),
        tables=(
            nomis_table(CLAIMANTS, name="claimants", min_rows=1_000, min_areas=300),
            nomis_table(CLAIMANTS_OF_NEIGHBOURHOODS, name="neighbourhoods", min_rows=1_000, min_areas=1_000),
            nomis_table(FLOWS, name="flows", min_rows=300, min_areas=300),
        ),
    ),
    # The ids of database, measures and fields are our reading too.
    stat_xplore(
        "dwp_housing_benefit",
        Domain.ECONOMY,
        "Housing and council tax benefit changes and processing days",
        "Department for Work and Pensions",
        "SHBE",
        "MEAN_CASELOAD",
        "CHANGE_EVENTS_DECIDED",
        "CHANGES_AFFECTING_ENTITLEMENT",
        "NEW_CLAIMS_DECIDED",
        "DAYS_OVER_CHANGE_EVENTS",
        "DAYS_OVER_NEW_CLAIMS",
    ),
    long_csv(
        "hmrc_child_poverty",
        Domain.ECONOMY,
        "Children in poverty; formal childcare take-up",
        "HM Revenue & Customs",
        "district",
    ),
    survey(
        "lsc_employer_skills",
        "National Employers Skills Survey",
        "Learning and Skills Council",
        "upper",
        domain=Domain.ECONOMY,
    ),
    long_csv(
        "ons_business_demography",
        Domain.ECONOMY,
        "Births of enterprises; small firms growing",
        "Office for National Statistics",
        "district",
    ),
)
