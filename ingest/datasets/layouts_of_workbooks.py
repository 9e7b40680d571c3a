"""Layouts of workbooks that several datasets share: live tables and open data tables on GOV.UK pages."""

from __future__ import annotations

import re

from ingest.contract import Body, Check, Column, Dataset, Domain, GovUkPage, Sheet, Table
from ingest.datasets.layouts import MIN_AREAS, MONTH_SPAN, OLD_ONS_OR_BLANK, YEAR_OR_QUARTER, Tier, columns, titled

_TABLE_CELL = r"^\s*(-?[\d.,]+\s*[RP]?|[*:-]|\.\.)?\s*$"


def _page(dataset_id: str) -> GovUkPage:
    return GovUkPage(
        page=f"/government/statistical-data-sets/{dataset_id.replace('_', '-')}",
        attachment=rf"{dataset_id}\.(ods|xlsx)",
    )


def live_table(
    dataset_id: str,
    domain: Domain,
    title: str,
    publisher: str,
    tier: Tier,
    *items: tuple[str, str],
    period: str = YEAR_OR_QUARTER,
    period_share: float = 0.9,
) -> Dataset:
    """A department's live table: title lines, one column a measure (item, header), footnotes below.

    `period_share` is the share of rows whose period must be of the form `period`: a year or a quarter, or runs of
    months, which are not compared with those of the last release since their names do not sort.
    """
    return Dataset(
        dataset_id=dataset_id,
        domain=domain,
        title=title,
        publisher=publisher,
        body=Body.GOVUK,
        source=_page(dataset_id),
        media="ods",
        tables=(
            Table(
                columns=columns(
                    "period",
                    ("ons_code", "ons code"),
                    "authority",
                    *((item, re.escape(header)) for item, header in items),
                ),
                reader=Sheet(name="Data", header_rows=(4, 4)),
                check=Check(
                    min_rows=MIN_AREAS[tier],
                    area_column="ons_code",
                    min_areas=MIN_AREAS[tier],
                    period_column="" if period == MONTH_SPAN else "period",
                    matches=(
                        ("period", period, period_share),
                        ("ons_code", OLD_ONS_OR_BLANK, 0.98),
                        *((item, _TABLE_CELL, 0.98) for item, _ in items),
                    ),
                ),
            ),
        ),
    )


def ho_force_table(dataset_id: str, title: str) -> Dataset:
    """A Home Office open data table by police force: one row an offence and year."""
    return Dataset(
        dataset_id=dataset_id,
        domain=Domain.POLICE,
        title=title,
        publisher="Home Office",
        body=Body.GOVUK,
        source=_page(dataset_id),
        media="ods",
        tables=(
            Table(
                columns=titled("financial_year", "force_name", "offence", "number"),
                reader=Sheet(name="Data", header_rows=(1, 1)),
                check=Check(
                    min_rows=38,
                    area_column="force_name",
                    min_areas=38,
                    period_column="financial_year",
                    not_empty=("financial_year", "force_name", "offence"),
                    matches=(("financial_year", r"^\d{4}/\d\d$", 1.0), ("number", _TABLE_CELL, 0.98)),
                ),
            ),
        ),
    )


def ho_crime_table(dataset_id: str, title: str) -> Dataset:
    """The Home Office's open data table of recorded crime: one sheet a year, one row an offence code and quarter."""
    return Dataset(
        dataset_id=dataset_id,
        domain=Domain.POLICE,
        title=title,
        publisher="Home Office",
        body=Body.GOVUK,
        source=_page(dataset_id),
        media="ods",
        max_bytes=1024**3,
        tables=(
            Table(
                columns=(
                    *titled("financial_year", "financial_quarter"),
                    Column("force_name", ("force name", "police force")),
                    *titled("csp_name", "offence_description", "offence_group", "offence_subgroup", "offence_code"),
                    Column("offence_count", ("offence count", "number of offences")),
                ),
                reader=Sheet(name=r"\d{4}[-_]\d\d", header_rows=(1, 1), every=True),
                check=Check(
                    min_rows=10_000,
                    area_column="csp_name",
                    min_areas=MIN_AREAS["district"],
                    period_column="financial_year",
                    not_empty=("financial_year", "financial_quarter", "force_name", "csp_name", "offence_code"),
                    matches=(
                        ("financial_year", r"^\d{4}/\d\d$", 1.0),
                        ("financial_quarter", r"^Q?[1-4]$", 1.0),
                        ("offence_count", r"^-?\d+$", 0.99),
                    ),
                ),
            ),
        ),
    )
