"""Housing: new homes, council homes, planning, homelessness, supported living."""

from __future__ import annotations

from ingest.contract import Body, BulkFiles, Check, Dataset, Domain, GovUkPage, Sheet, Table
from ingest.datasets.layouts import columns, els_table, hub_return
from ingest.datasets.layouts_of_workbooks import live_table

DATASETS = (
    Dataset(
        dataset_id="ons_net_additions",
        domain=Domain.HOUSING,
        title="Net additions to the housing stock, per 1,000 dwellings",
        publisher="Ministry of Housing, Communities & Local Government, through ONS Explore Local Statistics",
        body=Body.ONS,
        source=BulkFiles((("all", "/explore-local-statistics/indicators/net-additions-to-the-housing-stock.csv"),)),
        tables=(els_table(min_rows=1_000, min_areas=140),),
    ),
    Dataset(
        dataset_id="clg_homelessness",
        domain=Domain.HOUSING,
        title="Statutory homelessness, detailed local authority tables: households in temporary accommodation",
        publisher="Ministry of Housing, Communities & Local Government",
        body=Body.GOVUK,
        source=GovUkPage(
            page="/government/statistical-data-sets/live-tables-on-homelessness",
            attachment=r"DetailedLA_(?P<part>\d{6})\.(xlsx|ods)",
        ),
        media="xlsx",
        tables=(
            Table(
                name="ta1",
                columns=columns(
                    # The first four columns of the sheet have no title: they stand by their place.
                    ("area_code", r"column 1"),
                    ("area_name", r"column 2"),
                    ("region_name", r"column 3"),
                    ("region_code", r"column 4"),
                    ("households", r"(.* \| )?total number of households in ta\s?[\d,]*"),
                    ("households_thousands", r"number of households \(.*\)\d* \(000s\)"),
                    ("households_per_thousand", r"total number of households in ta per \(000s\) households( \| .*)?"),
                    ("households_with_children", r"total number of households in ta with children"),
                    ("children", r"total number of children in ta"),
                ),
                # The quarter stands in the file's name, which is the part of the release.
                reader=Sheet(name=r"TA1 - .*", header_rows=(2, 3)),
                check=Check(
                    min_rows=300,
                    area_column="area_code",
                    min_areas=300,
                    matches=(("area_code", r"^E\d{8}$", 0.9),),
                ),
            ),
        ),
    ),
    live_table(
        "clg_council_homes",
        Domain.HOUSING,
        "Non-decent council homes; tenant satisfaction",
        "Communities and Local Government",
        "district",
        ("council_homes", "Council homes at 31 March (1 April)"),
        ("council_homes_non_decent", "Council homes failing the Decent Homes Standard at 31 March (1 April)"),
        (
            "survey_unweighted_base_council_tenants_satisfied",
            "Council tenants giving a valid answer on the overall service (number of respondents)",
        ),
        (
            "survey_weight_base_council_tenants_satisfied",
            "Council tenants giving a valid answer on the overall service (weighted, grossed to the council tenancies)",
        ),
        (
            "survey_weight_council_tenants_satisfied",
            "Council tenants very or fairly satisfied with the overall service of the landlord "
            "(weighted, grossed to the council tenancies)",
        ),
        period_share=0.5,
    ),
    live_table(
        "clg_housing_supply",
        Domain.HOUSING,
        "Net additional homes and affordable homes",
        "Communities and Local Government",
        "district",
        (
            "affordable_homes_intermediate",
            "Additional intermediate affordable homes (intermediate rent and low cost home "
            "ownership), new build and acquisitions",
        ),
        ("affordable_homes_social_rent", "Additional social rented homes, new build and acquisitions"),
        ("homes_net_additional", "Net additional dwellings: new build, conversions and change of use less demolitions"),
    ),
    live_table(
        "clg_planning",
        Domain.HOUSING,
        "Planning decisions and land supply",
        "Communities and Local Government",
        "district",
        (
            "homes_deliverable_in_five_years",
            "Net additional homes deliverable on identified sites in the next five years",
        ),
        ("homes_planned_in_five_years", "Planned housing provision for the same five years"),
        ("planning_decisions_major", "Major planning applications decided"),
        ("planning_decisions_major_within_13_weeks", "Major planning applications decided within 13 weeks"),
        ("planning_decisions_minor", "Minor planning applications decided"),
        ("planning_decisions_minor_within_8_weeks", "Minor planning applications decided within 8 weeks"),
        ("planning_decisions_other", "Other planning applications decided"),
        ("planning_decisions_other_within_8_weeks", "Other planning applications decided within 8 weeks"),
    ),
    live_table(
        "hca_land_use",
        Domain.HOUSING,
        "Previously developed land",
        "Homes and Communities Agency",
        "district",
        ("land_ha_developed", "All developed land"),
        (
            "land_ha_vacant_or_derelict_over_5_years",
            "Previously developed land vacant or derelict for more than five years",
        ),
    ),
    hub_return(
        "supporting_people",
        Domain.HOUSING,
        "Independent living achieved and maintained",
        "Supporting People teams of councils",
    ),
)
