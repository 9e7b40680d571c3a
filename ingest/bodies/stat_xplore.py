"""Stat-Xplore: a table asked for by POST and answered as a dense cube of JSON."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime

from pydantic import SecretStr

from ingest.bodies.base import Delivered, Known, Offer, Progress
from ingest.bodies.http import Ask, Http
from ingest.contract import Dataset, StatXplore
from ingest.errors import BodyError
from ingest.landing import LandingStore

KEY_HEADER = "APIKey"
KEY_SETTING = "NIS_STAT_XPLORE_KEY"
SANDBOX_KEY = SecretStr("sandbox")


class StatXploreConnector:
    """Connector to one table.

    `/table` sends no validators: whether anything changed shows in the sha256 only.
    """

    def __init__(self, source: StatXplore) -> None:
        self._source = source

    def offers(self, dataset: Dataset, http: Http) -> Iterator[Offer]:
        """One offer for the whole table; nothing is asked over the network."""
        yield Offer("all", f"{http.addresses.of(dataset.body)}/webapi/rest/v1/table", title=dataset.title)

    def fetch(
        self,
        dataset: Dataset,
        offer: Offer,
        known: Known | None,
        http: Http,
        store: LandingStore,
        progress: Progress,
    ) -> Delivered | None:
        """Ask for the table, after a pause where the hour's requests are used up.

        Raises BodyError when there is no key, it is not accepted, or the pause would be longer than
        NIS_RETRY_MAX_WAIT.
        """
        key = (KEY_HEADER, _key(dataset, http))
        self._wait_for_turn(dataset, http, key)
        question = {
            "database": self._source.database,
            "measures": list(self._source.measures),
            "dimensions": [[dimension] for dimension in self._source.dimensions],
        }
        ask = Ask(offer.url, dataset.dataset_id, json=json.dumps(question).encode(), key=key, key_setting=KEY_SETTING)
        with store.incoming() as incoming:
            answer = http.download(ask, incoming, dataset, progress=progress)
            headers = answer.headers if answer is not None else {}
            new = incoming.commit()
            return Delivered(incoming.sha256, incoming.size, offer.url, headers, "application/json", new)

    def _wait_for_turn(self, dataset: Dataset, http: Http, key: tuple[str, SecretStr]) -> None:
        """Sleep until the hour's count of requests starts anew, where none is left; asking how many is free."""
        url = f"{http.addresses.of(dataset.body)}/webapi/rest/v1/rate_limit"
        limits = http.json(Ask(url, dataset.dataset_id, key=key, key_setting=KEY_SETTING))
        remaining, reset = (limits.get("remaining"), limits.get("reset")) if isinstance(limits, dict) else (None, None)
        if remaining != 0 or not isinstance(reset, int):
            return
        seconds = max(0.0, reset / 1000 - time.time())
        if seconds > http.settings.retry_max_wait:
            again = datetime.fromtimestamp(reset / 1000, UTC).isoformat(timespec="seconds")
            raise BodyError(
                f"{dataset.dataset_id}: the requests that {url} allows an hour are used up until {again}",
                hint="run again then, or raise NIS_RETRY_MAX_WAIT to wait for it",
            )
        time.sleep(seconds)


def _key(dataset: Dataset, http: Http) -> SecretStr:
    key = http.settings.stat_xplore_key
    if key is not None:
        return key
    if http.settings.source == "live":
        raise BodyError(
            f"{dataset.dataset_id}: Stat-Xplore answers only to a key, and none is set",
            hint=f"register on its site and set {KEY_SETTING}",
        )
    return SANDBOX_KEY
