"""Files at fixed addresses: asked for conditionally, streamed into the landing store."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.bodies.base import Delivered, Known, Offer, Progress
from ingest.bodies.http import Ask, Http
from ingest.contract import BulkFiles, Dataset
from ingest.landing import LandingStore


def deliver(
    dataset: Dataset, offer: Offer, known: Known | None, http: Http, store: LandingStore, progress: Progress
) -> Delivered | None:
    """Stream one file into the store; None when the body answers 304.

    Raises as `Http.download` does.
    """
    with store.incoming() as incoming:
        answer = http.download(Ask(offer.url, dataset.dataset_id), incoming, dataset, known=known, progress=progress)
        if answer is None:
            return None
        new = incoming.commit()
        return Delivered(incoming.sha256, incoming.size, offer.url, answer.headers, answer.media_type, new)


class BulkConnector:
    """Connector to files whose addresses do not change."""

    def __init__(self, source: BulkFiles) -> None:
        self._source = source

    def offers(self, dataset: Dataset, http: Http) -> Iterator[Offer]:
        """One offer for each declared file; nothing is asked over the network."""
        base = http.addresses.of(dataset.body)
        for part, path in self._source.files:
            yield Offer(part, base + path, title=path.rpartition("/")[2])

    def fetch(
        self,
        dataset: Dataset,
        offer: Offer,
        known: Known | None,
        http: Http,
        store: LandingStore,
        progress: Progress,
    ) -> Delivered | None:
        """Stream the file into the store; None when it has not changed since `known`."""
        return deliver(dataset, offer, known, http, store, progress)
