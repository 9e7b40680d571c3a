"""Layouts that several datasets share."""

from __future__ import annotations

from ingest.contract import Check, Column, Delimited, Table


def columns(*names: str | tuple[str, str]) -> tuple[Column, ...]:
    """Columns from names, or from (name, header pattern) pairs."""
    return tuple(Column(item) if isinstance(item, str) else Column(item[0], (item[1],)) for item in names)


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
