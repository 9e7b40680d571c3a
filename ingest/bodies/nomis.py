"""Nomis: queries answered as CSV, cut silently at a row limit and therefore read page by page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ingest.bodies.addresses import with_query
from ingest.bodies.base import Delivered, Known, Offer, Progress
from ingest.bodies.http import Ask, Http
from ingest.bodies.scratch import Scratch
from ingest.contract import Dataset, Nomis
from ingest.errors import BodyError, ContractError, NotPublished
from ingest.landing import Incoming, LandingStore

COUNT, OFFSET = "RECORD_COUNT", "RECORD_OFFSET"
STARTS = 3


class _Changed(Exception):
    """The number of records changed between two pages: the data were replaced under our hands."""


@dataclass(frozen=True, slots=True)
class _Page:
    header: list[str]
    rows: int
    first_offset: int | None
    counts: set[str]


class NomisConnector:
    """Connector to `.data.csv` queries, each of them one part.

    The interface sends no validators: whether anything changed shows in the sha256 only.
    """

    def __init__(self, source: Nomis) -> None:
        self._source = source

    def offers(self, dataset: Dataset, http: Http) -> Iterator[Offer]:
        """One offer for each query; nothing is asked over the network.

        Raises ContractError when a query does not select the columns that paging needs.
        """
        for query in self._source.queries:
            if missing := {COUNT, OFFSET} - set(query.select):
                raise ContractError(
                    f"dataset {dataset.dataset_id}: the query {query.part!r} does not select {sorted(missing)}",
                    hint="without them nobody can tell whether all rows came",
                )
        for query in self._source.queries:
            url = with_query(
                f"{http.addresses.of(dataset.body)}/api/v01/dataset/{query.dataset}.data.csv",
                (*query.query, ("select", ",".join(query.select))),
            )
            yield Offer(query.part, url, title=dataset.title)

    def fetch(
        self,
        dataset: Dataset,
        offer: Offer,
        known: Known | None,
        http: Http,
        store: LandingStore,
        progress: Progress,
    ) -> Delivered | None:
        """Read pages until all records have come, and join them under one header.

        Raises NotPublished when the query has no data, BodyError when records are missing or the number of
        records keeps changing.
        """
        about = dataset.dataset_id
        with store.incoming() as incoming:
            for _ in range(STARTS):
                incoming.restart()
                try:
                    headers = self._pages(dataset, offer.url, http, incoming, progress)
                except _Changed:
                    continue
                new = incoming.commit()
                return Delivered(incoming.sha256, incoming.size, offer.url, headers, "text/csv", new)
        raise BodyError(
            f"{about}: {offer.url}: the number of records changed between pages, {STARTS} times in a row",
            hint="the body is updating this dataset: try again later",
        )

    def _pages(self, dataset: Dataset, url: str, http: Http, incoming: Incoming, progress: Progress) -> dict[str, str]:
        about, rows, expected = dataset.dataset_id, 0, -1
        header: list[str] = []
        headers: dict[str, str] = {}
        uid = http.settings.nomis_uid
        while expected < 0 or rows < expected:
            done = incoming.size

            def tell(size: int, total: int | None, done: int = done) -> None:
                progress(done + size, None)

            with Scratch(about) as scratch:
                answer = http.download(
                    Ask(
                        f"{url}&RecordOffset={rows}",
                        about,
                        secrets=(("uid", uid),) if uid is not None else (),
                    ),
                    scratch,
                    dataset,
                    progress=tell,
                    already=done,
                    allow_empty=True,
                )
                page = _read(scratch, about, url)
                if page.rows == 0:
                    if rows == 0:
                        raise NotPublished(
                            f"{about}: {url} answered with no data for this query",
                            hint="check the query's dates, geography and codes against the definitions",
                        )
                    break
                headers = answer.headers if answer is not None else headers
                if len(page.counts) != 1 or (expected >= 0 and page.counts != {str(expected)}):
                    raise _Changed
                expected = int(page.counts.pop())
                if page.first_offset != rows:
                    raise BodyError(
                        f"{about}: {url} answered from record {page.first_offset} where {rows} was asked for",
                        hint="the interface no longer honours RecordOffset: look at its help pages",
                    )
                if rows and page.header != header:
                    raise BodyError(
                        f"{about}: {url} has the columns {page.header} on a later page, not {header}",
                        hint="the body changed its layout between two calls: try again",
                    )
                header = page.header
                scratch.append_to(incoming, with_header=rows == 0)
                rows += page.rows
        if rows != expected:
            raise BodyError(
                f"{about}: {url} sent {rows:,} records where RECORD_COUNT promises {expected:,}",
                hint="the body's answer is incomplete: try again later",
            )
        return headers


def _read(scratch: Scratch, about: str, url: str) -> _Page:
    """Count the records of a page and read what it says about paging.

    Raises BodyError when the paging columns are missing or not numbers.
    """
    header, _ = scratch.header()
    if not header:
        return _Page([], 0, None, set())
    try:
        count, offset = header.index(COUNT), header.index(OFFSET)
    except ValueError:
        raise BodyError(
            f"{about}: {url} lacks the columns {COUNT} and {OFFSET}; it has {header}",
            hint="the body's answer is not the table that was asked for: open the address in a browser",
        ) from None
    rows, first, counts = 0, None, set()
    for number, record in enumerate(scratch.records(), start=2):
        if len(record) != len(header) or not (record[count].isdigit() and record[offset].isdigit()):
            raise BodyError(
                f"{about}: {url}: record {number} of a page is {record}; it should have {len(header)} cells, "
                f"with numbers in {COUNT} and {OFFSET}",
                hint="the body's answer is damaged: try again later",
            )
        first = int(record[offset]) if first is None else first
        counts.add(record[count])
        rows += 1
    return _Page(header, rows, first, counts)
