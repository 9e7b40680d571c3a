"""Layouts of programming interfaces that several datasets share: EES, Fingertips, Nomis, Stat-Xplore."""

from __future__ import annotations

from typing import Literal

from ingest.contract import (
    Body,
    Check,
    Column,
    Cube,
    Dataset,
    Delimited,
    Domain,
    Ees,
    Fingertips,
    MessyCsv,
    NomisQuery,
    StatXplore,
    Table,
)
from ingest.datasets.layouts import MIN_AREAS, OLD_ONS_OR_BLANK, YEAR_OR_QUARTER, columns, titled

_EES_CELL = r"^\s*(-?[\d.,]+|[cxzu:~k]|low)?\s*$"

NOMIS_SELECT = (
    "DATE_NAME",
    "GEOGRAPHY_CODE",
    "GEOGRAPHY_NAME",
    "VARIABLE_NAME",
    "MEASURES_NAME",
    "OBS_VALUE",
    "OBS_STATUS",
    "RECORD_OFFSET",
    "RECORD_COUNT",
)
PEOPLE_SELECT = (
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


def ees(
    dataset_id: str,
    data_set_id: str,
    title: str,
    publisher: str,
    *items: str,
    mode: Literal["csv", "query"] = "csv",
    domain: Domain = Domain.EDUCATION,
) -> Dataset:
    """Explore Education Statistics: one column an item, levels mixed, breakdowns in two filter columns."""
    return Dataset(
        dataset_id=dataset_id,
        domain=domain,
        title=title,
        publisher=publisher,
        body=Body.EES,
        source=Ees(data_set_id, items, filters=("breakdown_topic", "breakdown"), mode=mode),
        tables=(
            Table(
                columns=columns(
                    "time_period",
                    "time_identifier",
                    "geographic_level",
                    "country_code",
                    "country_name",
                    "region_code",
                    "region_name",
                    "old_la_code",
                    "new_la_code",
                    "la_name",
                    "breakdown_topic",
                    "breakdown",
                    *items,
                ),
                reader=Delimited(),
                check=Check(
                    min_rows=300,
                    area_column="new_la_code",
                    min_areas=MIN_AREAS["upper"],
                    period_column="time_period",
                    not_empty=("time_period", "time_identifier", "geographic_level", "breakdown_topic", "breakdown"),
                    matches=(
                        ("time_period", r"^\d{4}(\d\d)?$", 1.0),
                        ("geographic_level", r"^(National|Regional|Local authority)$", 1.0),
                        ("new_la_code", r"^(E\d{8}|[xz])?$", 1.0),
                        *((item, _EES_CELL, 0.98) for item in items),
                    ),
                ),
            ),
        ),
    )


def fingertips_table(*, min_rows: int = 140) -> Table:
    """A Fingertips download: count, denominator, value and limits of an indicator, sex and age in a row."""
    return Table(
        columns=(
            *titled(
                "indicator_id",
                "indicator_name",
                "parent_code",
                "parent_name",
                "area_code",
                "area_name",
                "area_type",
                "sex",
                "age",
                "category_type",
                "category",
                "time_period",
                "value",
            ),
            *columns(
                ("lower_ci_95", r"lower ci 95\.0 limit"),
                ("upper_ci_95", r"upper ci 95\.0 limit"),
                ("lower_ci_99_8", r"lower ci 99\.8 limit"),
                ("upper_ci_99_8", r"upper ci 99\.8 limit"),
            ),
            *titled("count", "denominator", "value_note", "recent_trend"),
            Column("compared_to_england", ("compared to england value or percentiles",)),
            # The name of this column follows the parent area type of the request.
            Column("compared_to_parent", (r"compared to (?!england|goal).*",)),
            *titled("time_period_sortable", "new_data", "compared_to_goal"),
            Column("time_period_range", ("time period range",), optional=True),
        ),
        # Rows end before `Compared to goal` where a profile has no goals.
        reader=MessyCsv(header_row=1),
        check=Check(
            min_rows=min_rows,
            area_column="area_code",
            min_areas=MIN_AREAS["upper"],
            period_column="time_period_sortable",
            not_empty=("indicator_id", "area_code", "time_period"),
            matches=(("area_code", r"^E\d{8}$", 0.95),),
        ),
    )


def fingertips(dataset_id: str, title: str, publisher: str, *indicator_ids: int, area_type_id: int = 102) -> Dataset:
    """Fingertips indicators; area type 102 is upper-tier councils before April 2019, 152 primary care trusts."""
    return Dataset(
        dataset_id=dataset_id,
        domain=Domain.HEALTH,
        title=title,
        publisher=publisher,
        body=Body.FINGERTIPS,
        source=Fingertips(indicator_ids, child_area_type_id=area_type_id),
        tables=(fingertips_table(),),
    )


def nomis_table(query: NomisQuery, *, name: str = "", min_rows: int, min_areas: int) -> Table:
    """The answer to a Nomis query: its selected columns, text in quotes, numbers bare."""
    known = {column.lower() for column in query.select}
    kind = "variable_name" if "variable_name" in known else "c_age_name"
    return Table(
        name=name,
        part=query.part,
        columns=columns(*(column.lower() for column in query.select)),
        reader=Delimited(),
        check=Check(
            min_rows=min_rows,
            area_column="geography_code",
            min_areas=min_areas,
            not_empty=("geography_code", "geography_name", "date_name", kind),
            matches=(("date_name", r"\d{4}$", 1.0), ("obs_value", r"^(-?[\d.]+)?$", 0.99)),
        ),
    )


def stat_xplore(dataset_id: str, domain: Domain, title: str, publisher: str, database: str, *measures: str) -> Dataset:
    """A Stat-Xplore table of some measures of a database, by period and local authority."""
    return Dataset(
        dataset_id=dataset_id,
        domain=domain,
        title=title,
        publisher=publisher,
        body=Body.STAT_XPLORE,
        source=StatXplore(
            database=f"str:database:{database}",
            measures=tuple(f"str:measure:{database}:{measure}" for measure in measures),
            dimensions=(f"str:field:{database}:PERIOD", f"str:field:{database}:LA"),
        ),
        media="json",
        tables=(
            Table(
                columns=columns("measure", "period", "area_code", "area_name", "value"),
                reader=Cube(period=r"period|quarter|year|date", area=r"local authority|geography"),
                check=Check(
                    min_rows=1_000,
                    area_column="area_code",
                    min_areas=MIN_AREAS["district"],
                    period_column="period",
                    not_empty=("measure", "period", "area_name"),
                    matches=(
                        ("period", YEAR_OR_QUARTER, 1.0),
                        ("area_code", OLD_ONS_OR_BLANK, 0.98),
                        ("value", r"^(-?[\d.]+)?$", 1.0),
                    ),
                ),
            ),
        ),
    )
