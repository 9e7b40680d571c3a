"""Health: Fingertips profiles."""

from __future__ import annotations

from ingest.contract import Body, Check, Column, Dataset, Domain, Fingertips, MessyCsv, Table
from ingest.datasets.layouts import columns

DATASETS = (
    Dataset(
        dataset_id="fingertips_campylobacter",
        domain=Domain.HEALTH,
        title="Campylobacter incidence per 100,000 (indicator 93356)",
        publisher="Office for Health Improvement and Disparities",
        body=Body.FINGERTIPS,
        source=Fingertips(indicator_ids=(93356,), child_area_type_id=102),
        tables=(
            Table(
                columns=(
                    *columns(
                        ("indicator_id", "indicator id"),
                        ("indicator_name", "indicator name"),
                        ("parent_code", "parent code"),
                        ("parent_name", "parent name"),
                        ("area_code", "area code"),
                        ("area_name", "area name"),
                        ("area_type", "area type"),
                        "sex",
                        "age",
                        ("category_type", "category type"),
                        "category",
                        ("time_period", "time period"),
                        "value",
                        ("lower_ci_95", r"lower ci 95\.0 limit"),
                        ("upper_ci_95", r"upper ci 95\.0 limit"),
                        ("lower_ci_99_8", r"lower ci 99\.8 limit"),
                        ("upper_ci_99_8", r"upper ci 99\.8 limit"),
                        "count",
                        "denominator",
                        ("value_note", "value note"),
                        ("recent_trend", "recent trend"),
                        ("compared_to_england", "compared to england value or percentiles"),
                    ),
                    # The name of this column follows the parent area type of the request.
                    Column("compared_to_parent", (r"compared to (?!england|goal).*",)),
                    *columns(
                        ("time_period_sortable", "time period sortable"),
                        ("new_data", "new data"),
                        ("compared_to_goal", "compared to goal"),
                    ),
                    Column("time_period_range", ("time period range",), optional=True),
                ),
                # Rows end before `Compared to goal` where a profile has no goals.
                reader=MessyCsv(header_row=1),
                check=Check(
                    min_rows=300,
                    area_column="area_code",
                    min_areas=140,
                    period_column="time_period_sortable",
                    not_empty=("indicator_id", "area_code", "time_period"),
                    matches=(("area_code", r"^E\d{8}$", 0.95),),
                ),
            ),
        ),
    ),
)
