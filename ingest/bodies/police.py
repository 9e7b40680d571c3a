"""data.police.uk: street-level crime inside a polygon, month by month, as JSON Lines."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ingest.bodies.addresses import with_query
from ingest.bodies.base import Delivered, Known, Offer, Progress
from ingest.bodies.http import Ask, Http
from ingest.bodies.polygons import Polygon, as_text, quarters
from ingest.bodies.retry import TooMuch
from ingest.contract import Dataset, PoliceApi
from ingest.errors import BadFile, BodyError, NotPublished
from ingest.landing import LandingStore

LONGEST_GET = 4094
"""Characters of an address; longer questions go by POST."""
DEEPEST = 6
"""How often a polygon is cut into quarters before we give up: 4,096 pieces."""
MEDIA_TYPE = "application/x-ndjson"


class PoliceConnector:
    """Connector to `crimes-street`: one part for each area and month.

    The interface sends no validators; crimes are written sorted, so the same crimes have the same sha256.
    """

    def __init__(self, source: PoliceApi) -> None:
        self._source = source

    def offers(self, dataset: Dataset, http: Http) -> Iterator[Offer]:
        """One offer for each area and month; nothing is asked over the network."""
        base = http.addresses.of(dataset.body)
        for slug, polygon in self._source.areas:
            for month in self._source.months:
                url = f"{base}/api/crimes-street/{self._source.category}?date={month}"
                yield Offer(f"{slug}/{month}", url, title=f"{slug} {month}", request=(polygon, month))

    def fetch(
        self,
        dataset: Dataset,
        offer: Offer,
        known: Known | None,
        http: Http,
        store: LandingStore,
        progress: Progress,
    ) -> Delivered | None:
        """Bring the crimes of one area and month into the store, one crime a line, sorted by id.

        Raises NotPublished for a month that is not published and for an empty answer, BodyError when an
        answer is not a list of crimes or even small pieces hold too many.
        """
        match offer.request:
            case (tuple() as polygon, str() as month):
                pass
            case _:
                raise TypeError(f"offer {offer.part} was not made by this connector")
        lines: dict[int, bytes] = {}
        self._gather(dataset, http, polygon, month, 0, lines, progress)
        if not lines:
            raise NotPublished(
                f"{dataset.dataset_id}: {offer.url} for {offer.part} answered an empty list, which is not a "
                "count of zero",
                hint="the force may have sent nothing for this month: see the known gaps on the body's site",
            )
        with store.incoming() as incoming:
            for identity in sorted(lines):
                incoming.write(lines[identity])
            new = incoming.commit()
            return Delivered(incoming.sha256, incoming.size, offer.url, {"content-type": MEDIA_TYPE}, MEDIA_TYPE, new)

    def _gather(
        self,
        dataset: Dataset,
        http: Http,
        polygon: Polygon,
        month: str,
        depth: int,
        lines: dict[int, bytes],
        progress: Progress,
    ) -> None:
        """Add the crimes inside a polygon to `lines`, asking for quarters where the whole is too much."""
        about = dataset.dataset_id
        try:
            crimes = http.json(self._ask(dataset, http, polygon, month), limit=dataset.max_bytes)
        except TooMuch as error:
            if depth == DEEPEST:
                raise BodyError(
                    f"{error.message} even for a piece as small as {as_text(polygon)}",
                    hint="the body may be down rather than asked for too much: try again later",
                ) from None
            for quarter in quarters(polygon):
                self._gather(dataset, http, quarter, month, depth + 1, lines, progress)
            return
        if not isinstance(crimes, list):
            raise BodyError(
                f"{about}: crimes-street for {month} answered {type(crimes).__name__} in place of a list",
                hint="the interface may have changed: open the address in a browser",
            )
        for place, crime in enumerate(crimes):
            identity = crime.get("id") if isinstance(crime, dict) else None
            if not isinstance(identity, int):
                raise BodyError(
                    f"{about}: crimes-street for {month}: entry {place} of the list has no number as its id: "
                    f"{str(crime)[:200]}",
                    hint="the interface may have changed: open the address in a browser",
                )
            lines[identity] = _line(crime)
        size = sum(map(len, lines.values()))
        if size > dataset.max_bytes:
            raise BadFile(
                f"{about}: the crimes of {month} are more than the {dataset.max_bytes:,} bytes it accepts",
                hint="use smaller areas, or raise max_bytes of the dataset",
            )
        progress(size, None)

    def _ask(self, dataset: Dataset, http: Http, polygon: Polygon, month: str) -> Ask:
        url = f"{http.addresses.of(dataset.body)}/api/crimes-street/{self._source.category}"
        params = (("date", month), ("poly", as_text(polygon)))
        whole = with_query(url, params)
        if len(whole) > LONGEST_GET:
            return Ask(url, dataset.dataset_id, form=params, too_much_503=True)
        return Ask(whole, dataset.dataset_id, too_much_503=True)


def _line(crime: object) -> bytes:
    return json.dumps(crime, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"
