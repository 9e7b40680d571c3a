"""The contract of a dataset: who publishes it, how it is fetched, what its files must look like.

Contracts are plain data without heavy imports: Airflow parses them every few seconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from ingest.errors import ContractError

IDENTIFIER = re.compile(r"[a-z][a-z0-9_]{0,57}")
RAW_TABLE_LENGTH = 50
"""Partitions are named after the table and the release, in at most 63 characters."""


class Domain(StrEnum):
    """A family of bodies with one ingest DAG."""

    POLICE = "police"
    HEALTH = "health"
    EDUCATION = "education"
    ENVIRONMENT = "environment"
    ECONOMY = "economy"
    HOUSING = "housing"
    TRANSPORT = "transport"
    SURVEY = "survey"
    LOCAL_AUTHORITY = "local_authority"


class Licence(StrEnum):
    """Licences under which a body's data reach us."""

    OGL_3 = "OGL-UK-3.0"
    OGL_2 = "OGL-UK-2.0"
    INTERNAL = "internal-return"


class Maturity(StrEnum):
    """How settled a release is, in the body's own words."""

    PROVISIONAL = "provisional"
    FINAL = "final"
    REVISED = "revised"


class Supersedes(StrEnum):
    """What a newer release of the same part replaces."""

    PART = "part"
    """The whole of the older release: record-level files and files that restate their whole series."""
    CELL = "cell"
    """Only the cells it carries: files whose window moves, so that older years live in older releases."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a raw table.

    `name` is ours; `headers` are regular expressions, matched case-insensitively against the whole
    normalised header cell (spaces collapsed, footnote marks kept). No header means: `name` itself.
    """

    name: str
    headers: tuple[str, ...] = ()
    optional: bool = False

    def matches(self, header: str) -> bool:
        """Tell whether a header cell of a delivered file is this column."""
        text = normalise_header(header)
        patterns = self.headers or (re.escape(self.name),)
        return any(re.fullmatch(pattern, text, re.IGNORECASE) for pattern in patterns)


def normalise_header(header: str) -> str:
    """Collapse white space (line breaks and no-break spaces too) in a header cell."""
    return " ".join(header.replace("\ufeff", "").replace("\xa0", " ").split())


@dataclass(frozen=True, slots=True)
class Delimited:
    """Plain CSV, sent to COPY as bytes; one header line, no footnotes."""

    encoding: str = "utf-8"
    delimiter: str = ","
    member: str = ""
    """Regular expression of the members to read where the file is a zip archive."""


@dataclass(frozen=True, slots=True)
class MessyCsv:
    """CSV with title lines, spacer lines or ragged ends, read row by row.

    `header_row` counts from 1. Empty lines are passed over; everything else becomes a row.
    """

    header_row: int
    encoding: str = "utf-8"
    delimiter: str = ","


@dataclass(frozen=True, slots=True)
class WideCsv:
    """CSV with one column a period, turned into one row a cell (`source_column`, `cell`).

    `label` is the regular expression of the headers that are cells.
    """

    label: str
    encoding: str = "utf-8"
    delimiter: str = ","


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of an ODS, XLSX or XLS workbook.

    `header_rows` are 1-based (first, last); cells of merged header rows are joined with ` | `.
    """

    name: str
    """Regular expression of the sheet's name; the first match is read."""
    header_rows: tuple[int, int]
    every: bool = False
    """Read all sheets that match, one after the other, as if they were one."""


@dataclass(frozen=True, slots=True)
class JsonLines:
    """One JSON object a line; `paths` give a dotted path for each column."""

    paths: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Cube:
    """The JSON answer of a Stat-Xplore table: dense arrays, turned into one row a cell.

    `period` and `area` are regular expressions of the labels of the two fields. Rows are (measure, period,
    area_code, area_name, value), `measure` being the label; an area without a code is a total.
    """

    period: str
    area: str


Reader = Delimited | MessyCsv | WideCsv | Sheet | JsonLines | Cube


@dataclass(frozen=True, slots=True)
class Check:
    """What gate 1 expects of one raw table of a release (all on text, before any casting)."""

    min_rows: int = 1
    min_share_of_last: float = 0.5
    """A release with fewer rows than this share of the last good one is refused."""
    area_column: str = ""
    min_areas: int = 0
    period_column: str = ""
    """The largest value of this column must not be smaller than in the last good release."""
    not_empty: tuple[str, ...] = ()
    matches: tuple[tuple[str, str, float], ...] = ()
    """(column, regular expression, smallest share of rows that must match)."""


@dataclass(frozen=True, slots=True)
class Table:
    """One table inside a release: where it stands in the file, its columns, its checks."""

    columns: tuple[Column, ...]
    reader: Reader
    name: str = ""
    """Empty when the dataset has one table; the raw table is then named after the dataset."""
    part: str = ".*"
    """Regular expression of the parts that carry this table."""
    check: Check = field(default_factory=Check)


@dataclass(frozen=True, slots=True)
class GovUkPage:
    """Files attached to a GOV.UK page, found through the content API."""

    page: str
    """Path below /api/content, with a leading slash."""
    attachment: str
    """Regular expression of the file name; a group `part`, if any, names the part."""


@dataclass(frozen=True, slots=True)
class BulkFiles:
    """Files at fixed addresses: (part, path below the body's base URL)."""

    files: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Fingertips:
    """A Fingertips `all_data/csv/by_indicator_id` download (at most 100 indicators a call)."""

    indicator_ids: tuple[int, ...]
    child_area_type_id: int
    parent_area_type_id: int = 15


@dataclass(frozen=True, slots=True)
class NomisQuery:
    """A Nomis `.data.csv` query, paged by RecordOffset until RECORD_COUNT rows have been read."""

    dataset: str
    query: tuple[tuple[str, str], ...]
    select: tuple[str, ...]
    part: str = "all"


@dataclass(frozen=True, slots=True)
class Nomis:
    """One or more Nomis queries, each a part of the dataset."""

    queries: tuple[NomisQuery, ...]


@dataclass(frozen=True, slots=True)
class Ees:
    """A data set of the Explore Education Statistics API, as its CSV or put together from query pages.

    `items` are the column names of its indicators; a query asks for them and `filters`, whose opaque ids are
    looked up at run time.
    """

    data_set_id: str
    items: tuple[str, ...]
    filters: tuple[str, ...] = ()
    mode: Literal["csv", "query"] = "csv"


@dataclass(frozen=True, slots=True)
class StatXplore:
    """A Stat-Xplore table: one POST of measures and dimensions of a database."""

    database: str
    measures: tuple[str, ...]
    dimensions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Returns:
    """Files that are pushed to us: one part for each sender, waiting in the inbox."""


@dataclass(frozen=True, slots=True)
class PoliceApi:
    """Street-level crime from data.police.uk: one part for each (area, month).

    `areas` are (slug, ((lat, lng), ...)) polygons; `months` are YYYY-MM.
    """

    areas: tuple[tuple[str, tuple[tuple[float, float], ...]], ...]
    months: tuple[str, ...]
    category: str = "all-crime"


Source = GovUkPage | BulkFiles | Fingertips | Nomis | PoliceApi | Ees | StatXplore | Returns


class Body(StrEnum):
    """Hosts we pull from, each with a base URL in the settings; INBOX stands for what is pushed to us."""

    GOVUK = "www.gov.uk"
    GOVUK_ASSETS = "assets.publishing.service.gov.uk"
    POLICE = "data.police.uk"
    FINGERTIPS = "fingertips.phe.org.uk"
    NOMIS = "www.nomisweb.co.uk"
    DFT = "data.dft.gov.uk"
    ONS = "www.ons.gov.uk"
    LONDON = "data.london.gov.uk"
    DATA_GOV = "data.gov.uk"
    EES = "api.education.gov.uk"
    STAT_XPLORE = "stat-xplore.dwp.gov.uk"
    INBOX = "inbox.invalid"


@dataclass(frozen=True, slots=True)
class Dataset:
    """One series a body publishes, with one layout."""

    dataset_id: str
    domain: Domain
    title: str
    publisher: str
    """The organisation, as it should be cited."""
    body: Body
    source: Source
    tables: tuple[Table, ...]
    licence: Licence = Licence.OGL_3
    maturity: Maturity = Maturity.FINAL
    supersedes: Supersedes = Supersedes.PART
    owner: str = "data-engineering"
    """Who mends it when its gate fails."""
    max_bytes: int = 512 * 1024**2
    """Largest download, and largest unpacked size, that is accepted."""
    max_fault_share: float = 0.02
    """Share of rows that may be quarantined as faulty before a run ends with exit code 3."""
    media: str = "csv"
    """What the first bytes must look like: csv, zip, ods, xlsx, json or jsonl."""

    def __post_init__(self) -> None:
        if not IDENTIFIER.fullmatch(self.dataset_id):
            raise ContractError(
                f"dataset id {self.dataset_id!r} is not a lower-case SQL identifier",
                hint="use letters, digits and underscores, at most 58",
            )
        names = [table.name for table in self.tables]
        if not names or len(set(names)) != len(names) or (len(names) > 1 and "" in names):
            raise ContractError(
                f"dataset {self.dataset_id}: tables {names} need distinct names",
                hint="leave the name empty only when there is a single table",
            )
        for table in self.tables:
            raw_table = self.raw_table(table)
            if not IDENTIFIER.fullmatch(raw_table) or len(raw_table) > RAW_TABLE_LENGTH:
                raise ContractError(
                    f"dataset {self.dataset_id}: {raw_table!r} cannot name a table in schema raw",
                    hint=f"use lower-case letters, digits and underscores, at most {RAW_TABLE_LENGTH} in all",
                )
            known = {column.name for column in table.columns}
            bad = [name for name in known if not IDENTIFIER.fullmatch(name)]
            if bad or len(known) != len(table.columns):
                raise ContractError(
                    f"dataset {self.dataset_id}, table {table.name or '(only)'}: bad or repeated columns {bad}",
                    hint="column names are lower-case SQL identifiers, each once",
                )
            used = {table.check.area_column, table.check.period_column, *table.check.not_empty}
            used |= {column for column, _, _ in table.check.matches}
            if unknown := used - known - {"", "source_column", "cell"}:
                raise ContractError(
                    f"dataset {self.dataset_id}: check names unknown columns {sorted(unknown)}",
                    hint=f"the table has {sorted(known)}",
                )

    def raw_table(self, table: Table) -> str:
        """Name of the table in schema `raw` that holds this table's rows."""
        return f"{self.dataset_id}__{table.name}" if table.name else self.dataset_id

    def tables_of(self, part: str) -> Iterable[Table]:
        """Tables that a release of this part carries."""
        return (table for table in self.tables if re.fullmatch(table.part, part))


def raw_columns(table: Table) -> tuple[str, ...]:
    """Text columns of the raw table in order, after `release_id` and `row_number`."""
    names = tuple(column.name for column in table.columns)
    return (*names, "source_column", "cell") if isinstance(table.reader, WideCsv) else names
