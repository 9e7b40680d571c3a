"""Fingertips: all data of some indicators as one CSV, at most 100 indicators a call."""

from __future__ import annotations

import csv
from collections.abc import Iterator

from ingest.bodies.addresses import with_query
from ingest.bodies.base import Delivered, Known, Offer, Progress
from ingest.bodies.http import Ask, Http
from ingest.bodies.scratch import Scratch
from ingest.contract import Dataset, Fingertips
from ingest.errors import BodyError, NotPublished
from ingest.landing import LandingStore

IDS_A_CALL = 100
FIRST_CELL = "Indicator ID"


class FingertipsConnector:
    """Connector to `all_data/csv/by_indicator_id`.

    The interface sends no validators: whether anything changed shows in the sha256 only.
    """

    def __init__(self, source: Fingertips) -> None:
        self._source = source

    def offers(self, dataset: Dataset, http: Http) -> Iterator[Offer]:
        """One offer for all indicators of the dataset; nothing is asked over the network."""
        yield Offer("all", self._address(dataset, http, self._source.indicator_ids), title=dataset.title)

    def fetch(
        self,
        dataset: Dataset,
        offer: Offer,
        known: Known | None,
        http: Http,
        store: LandingStore,
        progress: Progress,
    ) -> Delivered | None:
        """Fetch the indicators a hundred at a time and join the answers under one header.

        Raises BodyError when an answer does not begin with the header, or answers differ in it, NotPublished when
        there is nothing below it: the body knows nothing of these indicators for this type of area.
        """
        about, ids = dataset.dataset_id, self._source.indicator_ids
        header: list[str] = []
        headers: dict[str, str] = {}
        empty = True
        with store.incoming() as incoming:
            for start in range(0, len(ids), IDS_A_CALL):
                url = self._address(dataset, http, ids[start : start + IDS_A_CALL])
                done = incoming.size

                def check(head: bytes, url: str = url) -> None:
                    _require_header(head, about, url)

                def tell(size: int, total: int | None, done: int = done) -> None:
                    progress(done + size, total if len(ids) <= IDS_A_CALL else None)

                with Scratch(about) as page:
                    answer = http.download(
                        Ask(url, about),
                        page,
                        dataset,
                        progress=tell,
                        check=check,
                        already=done,
                    )
                    if answer is not None:
                        headers = answer.headers
                    cells, _ = page.header()
                    if start and cells != header:
                        raise BodyError(
                            f"{about}: {url} has the columns {cells}, the call before it had {header}",
                            hint="the body changed its layout between two calls: try again",
                        )
                    header = cells
                    empty = empty and next(page.records(), None) is None
                    page.append_to(incoming, with_header=start == 0)
            if empty:
                raise NotPublished(
                    f"{about}: {offer.url} has no data",
                    hint="check the indicators and the type of area in the dataset's source",
                )
            new = incoming.commit()
            return Delivered(incoming.sha256, incoming.size, offer.url, headers, "text/csv", new)

    def _address(self, dataset: Dataset, http: Http, ids: tuple[int, ...]) -> str:
        return with_query(
            f"{http.addresses.of(dataset.body)}/api/all_data/csv/by_indicator_id",
            (
                ("indicator_ids", ",".join(map(str, ids))),
                ("child_area_type_id", str(self._source.child_area_type_id)),
                ("parent_area_type_id", str(self._source.parent_area_type_id)),
                ("include_sortable_time_periods", "yes"),
            ),
        )


def _require_header(head: bytes, about: str, url: str) -> None:
    """Raise BodyError unless a body begins with the header: complaints come as text, even with status 200."""
    first_line = head.decode("utf-8-sig", "replace").splitlines()[0]
    cells = next(csv.reader([first_line]), [""])
    if cells[0] != FIRST_CELL:
        raise BodyError(
            f"{about}: {url} begins with {first_line[:200]!r} in place of the header {FIRST_CELL!r}",
            hint="the text is the body's own complaint: check the indicator and area type ids of the dataset",
        )
