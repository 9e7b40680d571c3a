"""Layouts of CSV files that several datasets share: each function makes a dataset, or a table, of one layout."""

from __future__ import annotations

from typing import Literal

from ingest.contract import (
    Body,
    BulkFiles,
    Check,
    Column,
    Dataset,
    Delimited,
    Domain,
    Licence,
    Returns,
    Table,
)

Tier = Literal["upper", "district"]
MIN_AREAS: dict[Tier, int] = {"upper": 140, "district": 300}
"""Fewer areas than this are no full release: there were 150 upper-tier councils and 354 councils in all."""

OLD_ONS = r"^(\d\d[A-Z]{0,2}|921)$"
OLD_ONS_OR_BLANK = r"^(\d\d[A-Z]{0,2})?$"
AREA_NAME = r"\S"
YEAR_OR_QUARTER = r"^\d{4}(/\d\d)?( Q[1-4])?$"
MONTH_SPAN = r"^[A-Z][a-z]{2} \d{4}-[A-Z][a-z]{2} \d{4}$"
ANY_PERIOD = r"^\d{4}(/\d\d( [QT][1-4])?|-\d\d|-\d\d-\d\d)?$"
_CELL = r"^\s*(-?[\d.,]+|[*:-]|\.\.)?\s*$"


def columns(*names: str | tuple[str, str]) -> tuple[Column, ...]:
    """Columns from names, or from (name, header pattern) pairs."""
    return tuple(Column(item) if isinstance(item, str) else Column(item[0], (item[1],)) for item in names)


def titled(*names: str) -> tuple[Column, ...]:
    """Columns whose headers are their names with spaces in place of underscores."""
    return columns(*((name, name.replace("_", " ")) for name in names))


def bulk_files(dataset_id: str, *parts: str) -> BulkFiles:
    """Where data.gov.uk keeps the CSV of a dataset: one file, or one for each part."""
    folder = f"/dataset/{dataset_id.replace('_', '-')}"
    if not parts:
        return BulkFiles((("all", f"{folder}/{dataset_id}.csv"),))
    return BulkFiles(tuple((part, f"{folder}/{dataset_id}_{part}.csv") for part in parts))


def els_table(*, min_rows: int, min_areas: int) -> Table:
    """ONS Explore Local Statistics: long CSV, ISO 8601 intervals as periods, values beside status codes."""
    return Table(
        columns=columns(
            "areacd",
            "areanm",
            "geography",
            "indicator",
            "period",
            "observation",
            "measure",
            "unit",
            "lci_95",
            "uci_95",
            "status",
            "notes",
        ),
        reader=Delimited(),
        check=Check(
            min_rows=min_rows,
            area_column="areacd",
            min_areas=min_areas,
            period_column="period",
            not_empty=("areacd", "period", "indicator"),
            matches=(("areacd", r"^[EKNSW]\d{8}$", 1.0), ("period", r"^\d{4}-\d{2}-\d{2}(/P1Y)?$", 1.0)),
        ),
    )


def long_csv(
    dataset_id: str,
    domain: Domain,
    title: str,
    publisher: str,
    tier: Tier,
    *,
    encoding: str = "utf-8",
    min_rows: int = 500,
) -> Dataset:
    """One row a cell: the measure, and for some the sex and the age band, stand in columns."""
    return Dataset(
        dataset_id=dataset_id,
        domain=domain,
        title=title,
        publisher=publisher,
        body=Body.DATA_GOV,
        source=bulk_files(dataset_id),
        tables=(
            Table(
                columns=columns("period", "area_code", "area_name", "measure", "sex", "age_band", "value"),
                reader=Delimited(encoding=encoding),
                check=Check(
                    min_rows=min_rows,
                    area_column="area_code",
                    min_areas=MIN_AREAS[tier],
                    period_column="period",
                    not_empty=("period", "area_code", "measure"),
                    matches=(
                        ("period", ANY_PERIOD, 1.0),
                        ("area_code", OLD_ONS, 0.98),
                        ("sex", r"^[MFP]?$", 1.0),
                        ("value", _CELL, 0.98),
                    ),
                ),
            ),
        ),
    )


def survey(
    dataset_id: str,
    title: str,
    publisher: str,
    tier: Tier,
    *,
    domain: Domain = Domain.SURVEY,
    min_areas: int | None = None,
) -> Dataset:
    """One row a question, area and wave: weighted numerator and base, unweighted base, or a score."""
    return Dataset(
        dataset_id=dataset_id,
        domain=domain,
        title=title,
        publisher=publisher,
        body=Body.DATA_GOV,
        source=bulk_files(dataset_id),
        tables=(
            Table(
                columns=columns(
                    "wave",
                    "area_code",
                    "area_name",
                    "question",
                    "numerator",
                    "weighted_base",
                    "unweighted_base",
                    "score",
                    "status",
                ),
                reader=Delimited(),
                check=Check(
                    min_rows=min_areas or MIN_AREAS[tier],
                    area_column="area_code",
                    min_areas=min_areas or MIN_AREAS[tier],
                    not_empty=("wave", "area_code", "question"),
                    matches=(
                        ("area_code", OLD_ONS, 0.98),
                        *((name, _CELL, 0.98) for name in ("numerator", "weighted_base", "unweighted_base", "score")),
                    ),
                ),
            ),
        ),
    )


def hub_return(
    dataset_id: str, domain: Domain, title: str, publisher: str, *, area: str = OLD_ONS, period: str = ANY_PERIOD
) -> Dataset:
    """A return of indicators' parts, as councils and bodies keyed them into the Data Interchange Hub."""
    return _pushed(
        dataset_id,
        domain,
        title,
        publisher,
        Table(
            columns=columns(
                "ni_code",
                "component",
                "area_code",
                "period",
                "numerator",
                "denominator",
                "value",
                "decimal_places",
                "return_status",
                "submitted_by",
                "submitted_at",
            ),
            reader=Delimited(),
            check=Check(
                area_column="area_code",
                min_areas=1,
                not_empty=("ni_code", "component", "area_code", "period"),
                matches=(
                    ("ni_code", r"^NI \d{3}$", 1.0),
                    ("area_code", area, 1.0),
                    ("period", period, 1.0),
                    *((name, _CELL, 1.0) for name in ("numerator", "denominator", "value")),
                ),
            ),
        ),
    )


def laa_targets(dataset_id: str, domain: Domain, title: str, publisher: str) -> Dataset:
    """Priorities and targets of local area agreements: one row a target and year."""
    return _pushed(
        dataset_id,
        domain,
        title,
        publisher,
        Table(
            columns=columns(
                "area_code",
                "ni_code",
                "component",
                "target_class",
                "kind",
                "status",
                "version",
                "agreed_on",
                "baseline_period",
                "baseline_value",
                "year",
                "target_value",
                "reward_eligible",
                "reason",
            ),
            reader=Delimited(),
            check=Check(
                area_column="area_code",
                min_areas=1,
                not_empty=("area_code", "target_class", "kind", "status"),
                matches=(("area_code", OLD_ONS, 1.0), ("ni_code", r"^(NI \d{3})?$", 1.0)),
            ),
        ),
    )


def _pushed(dataset_id: str, domain: Domain, title: str, publisher: str, table: Table) -> Dataset:
    return Dataset(
        dataset_id=dataset_id,
        domain=domain,
        title=title,
        publisher=publisher,
        body=Body.INBOX,
        source=Returns(),
        tables=(table,),
        licence=Licence.INTERNAL,
        max_bytes=32 * 1024**2,
    )


def performance_table(dataset_id: str, title: str, publisher: str, *extra: str, parts: tuple[str, ...] = ()) -> Dataset:
    """School performance tables: tab separated although named .csv, schools, councils and England mixed."""
    return Dataset(
        dataset_id=dataset_id,
        domain=Domain.EDUCATION,
        title=title,
        publisher=publisher,
        body=Body.DATA_GOV,
        source=bulk_files(dataset_id, *parts),
        tables=(
            Table(
                columns=columns("year", "rectype", "lea", "estab", "urn", "schname", *extra),
                reader=Delimited(delimiter="\t"),
                check=Check(
                    min_rows=500,
                    area_column="lea",
                    min_areas=MIN_AREAS["upper"],
                    period_column="year",
                    not_empty=("year", "rectype"),
                    matches=(
                        ("year", r"^\d{4}/\d\d$", 1.0),
                        ("rectype", r"^[1-5]$", 1.0),
                        ("lea", r"^(\d{3})?$", 1.0),
                    ),
                ),
            ),
        ),
    )
