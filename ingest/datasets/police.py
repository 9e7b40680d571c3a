"""Police and justice: recorded crime, street-level crime, re-offending, fires, returns of youth offending teams."""

from __future__ import annotations

from ingest.contract import (
    Body,
    BulkFiles,
    Check,
    Column,
    Dataset,
    Delimited,
    Domain,
    JsonLines,
    PoliceApi,
    Table,
    WideCsv,
)
from ingest.datasets.layouts import AREA_NAME, MONTH_SPAN, columns, hub_return
from ingest.datasets.layouts_of_workbooks import ho_crime_table, ho_force_table, live_table

SURREY = ((51.47, -0.85), (51.47, 0.06), (51.07, 0.06), (51.07, -0.85))

DATASETS = (
    Dataset(
        dataset_id="mps_borough_crime",
        domain=Domain.POLICE,
        title="Recorded crime by London borough, month and offence category",
        publisher="Metropolitan Police Service",
        body=Body.LONDON,
        source=BulkFiles((("all", "/download/recorded_crime_summary/mps_borough_level_crime.csv"),)),
        tables=(
            Table(
                columns=columns(
                    ("borough", "borough"),
                    ("major_category", "major category"),
                    ("minor_category", "minor category"),
                ),
                reader=WideCsv(label=r"\d{6}"),
                check=Check(
                    min_rows=10_000,
                    area_column="borough",
                    min_areas=32,
                    period_column="source_column",
                    not_empty=("borough", "major_category", "minor_category"),
                    matches=(("cell", r"^\s*-?[\d,]+\s*$", 0.98),),
                ),
            ),
        ),
    ),
    Dataset(
        dataset_id="police_street_archive",
        domain=Domain.POLICE,
        title="Street-level crime, monthly archive (Surrey Police)",
        publisher="Home Office, data.police.uk",
        body=Body.POLICE,
        source=BulkFiles((("2020-08", "/data/archive/2020-08.zip"),)),
        media="zip",
        max_bytes=4 * 1024**3,
        # Rows without a place are a feature of the file (2 % in the month we know), not a fault of the load.
        max_fault_share=0.05,
        tables=(
            Table(
                columns=columns(
                    ("crime_id", "crime id"),
                    "month",
                    ("reported_by", "reported by"),
                    ("falls_within", "falls within"),
                    "longitude",
                    "latitude",
                    "location",
                    ("lsoa_code", "lsoa code"),
                    ("lsoa_name", "lsoa name"),
                    ("crime_type", "crime type"),
                    ("last_outcome_category", "last outcome category"),
                    "context",
                ),
                reader=Delimited(member=r".*-surrey-street\.csv"),
                check=Check(
                    min_rows=500,
                    area_column="lsoa_code",
                    min_areas=11,
                    period_column="month",
                    not_empty=("month", "reported_by", "crime_type"),
                    matches=(("month", r"^\d{4}-\d{2}$", 1.0),),
                ),
            ),
        ),
    ),
    Dataset(
        dataset_id="police_street_api",
        domain=Domain.POLICE,
        title="Street-level crime inside a polygon around Surrey, by month",
        publisher="Home Office, data.police.uk",
        body=Body.POLICE,
        source=PoliceApi(areas=(("surrey", SURREY),), months=("2020-08",)),
        media="jsonl",
        tables=(
            Table(
                columns=(
                    Column("api_id"),
                    Column("category"),
                    Column("month"),
                    Column("persistent_id"),
                    Column("location_type", optional=True),
                    Column("latitude", optional=True),
                    Column("longitude", optional=True),
                    Column("street_name", optional=True),
                    Column("outcome", optional=True),
                ),
                reader=JsonLines(
                    paths=(
                        ("api_id", "id"),
                        ("category", "category"),
                        ("month", "month"),
                        ("persistent_id", "persistent_id"),
                        ("location_type", "location_type"),
                        ("latitude", "location.latitude"),
                        ("longitude", "location.longitude"),
                        ("street_name", "location.street.name"),
                        ("outcome", "outcome_status.category"),
                    )
                ),
                check=Check(min_rows=100, period_column="month", not_empty=("api_id", "category", "month")),
            ),
        ),
    ),
    live_table(
        "clg_fire_incidents",
        Domain.POLICE,
        "Arson, primary fires, fatalities and casualties",
        "Communities and Local Government, from fire and rescue services",
        "upper",
        ("fire_casualties_non_fatal_primary", "Non-fatal casualties in primary fires, precautionary checks excluded"),
        ("fire_fatalities_primary", "Fatalities in primary fires"),
        ("fires_deliberate_primary", "Deliberate primary fires"),
        ("fires_deliberate_secondary", "Deliberate secondary fires"),
        ("fires_primary", "Primary fires"),
    ),
    hub_return(
        "crowded_places",
        Domain.POLICE,
        "Crowded places self-assessment",
        "National Counter Terrorism Security Office",
    ),
    hub_return(
        "ho_drug_offending",
        Domain.POLICE,
        "Class A drug offending: actual against predicted",
        "Home Office",
    ),
    ho_force_table(
        "ho_homicide_index",
        "Domestic homicides",
    ),
    ho_force_table(
        "ho_knife_gun_crime",
        "Serious knife and gun crime",
    ),
    hub_return(
        "ho_ppo_reoffending",
        Domain.POLICE,
        "Convictions of prolific and other priority offenders against the cohort baseline",
        "Home Office",
    ),
    ho_crime_table(
        "ho_recorded_crime_csp",
        "Police recorded crime by community safety partnership",
    ),
    hub_return(
        "marac_cases",
        Domain.POLICE,
        "MARAC cases and repeats",
        "Co-ordinated Action Against Domestic Abuse, from police forces",
    ),
    live_table(
        "moj_adult_reoffending",
        Domain.POLICE,
        "Local adult re-offending: caseload, actual and predicted",
        "Ministry of Justice",
        "upper",
        ("probation_caseload", "Offenders on the probation caseload, four quarterly snapshots combined"),
        (
            "probation_caseload_predicted_to_reoffend",
            "Of the probation caseload, number expected to re-offend (sum of predicted probabilities)",
        ),
        ("probation_caseload_reoffended", "Of the probation caseload, offenders who re-offended within three months"),
        period=MONTH_SPAN,
    ),
    live_table(
        "moj_first_time_entrants",
        Domain.POLICE,
        "First time entrants aged 10-17",
        "Ministry of Justice",
        "upper",
        (
            "first_time_entrants_aged_10_17",
            "Young people aged 10-17 with a first reprimand, final warning or conviction",
        ),
    ),
    hub_return(
        "noms_probation_outcomes",
        Domain.POLICE,
        "Order terminations: accommodation and employment",
        "National Offender Management Service",
    ),
    hub_return(
        "sexual_offence_support",
        Domain.POLICE,
        "Specialist support to victims",
        "Specialist providers of support to victims",
    ),
    hub_return(
        "yjb_yot_returns",
        Domain.POLICE,
        "Youth offending team returns",
        "Youth Justice Board",
        area=AREA_NAME,
    ),
)
