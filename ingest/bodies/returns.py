"""Returns that were sent to us: the return in use of each sender is offered, and its bytes are here already."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.bodies.base import Delivered, Known, Offer, Progress
from ingest.bodies.http import Http
from ingest.contract import Dataset
from ingest.errors import NotPublished, Withdrawn
from ingest.landing import LandingStore
from ingest.returns.record import Receipt, standing


class ReturnsConnector:
    """Connector to what `ops.return` holds; no network is asked."""

    def offers(self, dataset: Dataset, http: Http) -> Iterator[Offer]:
        """One offer for each sender with a return in use, or one that was withdrawn."""
        found = standing(http.settings, dataset.dataset_id)
        if not found:
            raise NotPublished(
                f"{dataset.dataset_id}: nobody has sent a return yet",
                hint="`nis returns submit` sends one; `nis returns list --status refused` shows what was not taken",
            )
        for receipt in found:
            name = f"{receipt.sender}.csv"
            yield Offer(receipt.sender, f"inbox:{dataset.dataset_id}/{name}", title=name, request=receipt)

    def fetch(
        self,
        dataset: Dataset,
        offer: Offer,
        known: Known | None,
        http: Http,
        store: LandingStore,
        progress: Progress,
    ) -> Delivered | None:
        """The bytes of a return, which lie in the store; None when they are those of the newest release.

        Raises Withdrawn for a return that was taken back, BadFile when the store has lost the bytes.
        """
        receipt = offer.request
        assert isinstance(receipt, Receipt), "offers() makes them"
        if receipt.status == "withdrawn":
            raise Withdrawn(
                f"{dataset.dataset_id}: {receipt.sender} has no return in use: {receipt.withdrawn_by} withdrew "
                f"return {receipt.return_id}: {receipt.withdrawn_reason}",
                hint="a new return of the sender takes its place",
            )
        if known is not None and known.sha256 == receipt.sha256:
            return None
        size = store.size(receipt.sha256)
        progress(size, size)
        headers = {
            "return-id": str(receipt.return_id),
            "received-at": receipt.received_at.isoformat(),
            "received-by": receipt.received_by,
        }
        return Delivered(receipt.sha256, size, offer.url, headers, "text/csv", new_object=False)
