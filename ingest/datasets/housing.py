"""Housing: new homes, homelessness."""

from __future__ import annotations

from ingest.contract import Body, BulkFiles, Check, Dataset, Domain, GovUkPage, Sheet, Table
from ingest.datasets.layouts import columns, els_table

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
)
