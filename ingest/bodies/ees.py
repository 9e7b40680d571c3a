"""Explore Education Statistics: a versioned data set, as its CSV or put together from pages of a query."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from ingest.bodies.addresses import same_resource
from ingest.bodies.base import Delivered, Known, Offer, Progress
from ingest.bodies.bulk import deliver
from ingest.bodies.http import Ask, Http
from ingest.contract import Dataset, Ees
from ingest.errors import BadFile, BodyError, NotPublished, Withdrawn
from ingest.landing import Incoming, LandingStore
from ingest.logs import logger

PAGE_SIZE = 10_000
PLACES = (
    "country_code",
    "country_name",
    "region_code",
    "region_name",
    "old_la_code",
    "new_la_code",
    "la_name",
)
LEVELS = {"NAT": "National", "REG": "Regional", "LA": "Local authority"}
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
IDENTIFIERS = {
    "AY": "Academic year",
    "FY": "Financial year",
    "CY": "Calendar year",
    **{f"M{number}": name for number, name in enumerate(_MONTHS, start=1)},
}

_log = logger("bodies.ees")


class EesConnector:
    """Connector to one data set.

    There are no validators, but each release has a version: the one we hold is not fetched again. It stands in
    the address, and beside the headers of the release.
    """

    def __init__(self, source: Ees) -> None:
        self._source = source

    def offers(self, dataset: Dataset, http: Http) -> Iterator[Offer]:
        """One offer for the newest version.

        Raises NotPublished (404), Withdrawn when the data set says so of itself, BodyError when it is refused or
        is described in another way than the interface promises.
        """
        about = dataset.dataset_id
        url = f"{http.addresses.of(dataset.body)}/statistics/v1/data-sets/{self._source.data_set_id}"
        summary = http.json(Ask(url, about))
        newest = summary.get("latestVersion") if isinstance(summary, dict) else None
        if not isinstance(summary, dict) or not isinstance(newest, dict):
            raise BodyError(f"{about}: {url} is not a data set", hint="check the data set's id in the contract")
        successor = summary.get("supersedingDataSetId")
        if summary.get("status") == "Withdrawn":
            raise Withdrawn(
                f"{about}: {url} is withdrawn",
                hint=f"its successor is {successor}" if successor else "what we hold stays; look for its successor",
            )
        if summary.get("status") == "Deprecated":
            _log.warning("deprecated", dataset=about, successor=successor)
        version = newest.get("version")
        if not isinstance(version, str) or not version:
            raise BodyError(f"{about}: {url} names no version", hint="the interface may have changed")
        yield Offer(
            "all",
            f"{url}/{self._source.mode}?dataSetVersion={version}",
            _day(newest.get("published")),
            title=str(summary.get("title") or dataset.title),
            request=version,
        )

    def fetch(
        self,
        dataset: Dataset,
        offer: Offer,
        known: Known | None,
        http: Http,
        store: LandingStore,
        progress: Progress,
    ) -> Delivered | None:
        """Bring a version into the store as CSV; None when it is the version we hold.

        Raises BodyError when a query's pages do not add up or an indicator is not there, BadFile over the limit.
        """
        if known is not None and same_resource(known.url, offer.url):
            return None
        version = {"data-set-version": str(offer.request)}
        if self._source.mode == "csv":
            delivered = deliver(dataset, offer, None, http, store, progress)
            if delivered is None:
                raise AssertionError("nothing was known, so nothing can be unchanged")
            return Delivered(
                delivered.sha256,
                delivered.size,
                delivered.url,
                delivered.headers | version,
                delivered.media_type,
                delivered.new_object,
            )
        with store.incoming() as incoming:
            self._query(dataset, offer, http, incoming, progress)
            new = incoming.commit()
            return Delivered(incoming.sha256, incoming.size, offer.url, version, "text/csv", new)

    def _query(self, dataset: Dataset, offer: Offer, http: Http, incoming: Incoming, progress: Progress) -> None:
        """Write all pages of the query as one CSV in the layout of the interface's own."""
        about, source = dataset.dataset_id, self._source
        names = self._names(dataset, offer, http)
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(("time_period", "time_identifier", "geographic_level", *PLACES, *source.filters, *source.items))
        rows, page, total = 0, 0, -1
        while total < 0 or rows < total:
            page += 1
            question = {
                "criteria": {"geographicLevels": {"in": names.levels}},
                "indicators": [names.indicators[item] for item in source.items],
                "sorts": [
                    {"field": field, "direction": "Asc"}
                    for field in ("timePeriod", *(f"location|{level}" for level in names.levels))
                ],
                "page": page,
                "pageSize": PAGE_SIZE,
            }
            answer = http.json(Ask(offer.url, about, json=json.dumps(question).encode()), limit=dataset.max_bytes)
            try:
                results, told = answer["results"], int(answer["paging"]["totalResults"])  # type: ignore[index]
                for result in results:
                    writer.writerow(_record(result, names, source))
            except (KeyError, TypeError, ValueError) as error:
                raise BodyError(
                    f"{about}: {offer.url}, page {page}, is not what the meta data promise: "
                    f"{type(error).__name__}: {error}",
                    hint="the interface or the data set may have changed: open the address in a browser",
                ) from None
            if not told:
                raise NotPublished(f"{about}: {offer.url} has no results", hint="see the data set's meta data")
            if not results or (total >= 0 and told != total):
                raise BodyError(
                    f"{about}: {offer.url} sent {rows:,} results and then page {page} with {len(results):,} "
                    f"of {told:,}, where {max(total, told):,} were promised",
                    hint="the body is updating this data set: try again later",
                )
            total, rows = told, rows + len(results)
            incoming.write(text.getvalue().encode())
            text.seek(0)
            text.truncate()
            if incoming.size > dataset.max_bytes:
                raise BadFile(
                    f"{about}: {offer.url} is larger than the {dataset.max_bytes:,} bytes the dataset accepts",
                    hint="if the data set has rightly grown, raise max_bytes of the dataset",
                )
            progress(incoming.size, None)

    def _names(self, dataset: Dataset, offer: Offer, http: Http) -> _Names:
        """What the opaque ids of a version stand for: they change with its major number.

        Raises BodyError when an indicator or filter of the contract is not in the meta data.
        """
        url = offer.url.replace("/query?", "/meta?")
        meta = http.json(Ask(url, dataset.dataset_id))
        try:
            names = _read_meta(meta)
        except (KeyError, TypeError) as error:
            raise BodyError(
                f"{dataset.dataset_id}: {url} is not the meta data of a data set: {error}",
                hint="the interface may have changed: open the address in a browser",
            ) from None
        columns = {column for column, _ in names.options.values()}
        if missing := [item for item in self._source.items if item not in names.indicators] + [
            column for column in self._source.filters if column not in columns
        ]:
            raise BodyError(
                f"{dataset.dataset_id}: {url} has no column {', '.join(map(repr, missing))}; "
                f"it has {', '.join([*names.indicators, *sorted(columns)])}",
                hint="if the body renamed a column, mend the contract",
            )
        return names


@dataclass(frozen=True, slots=True)
class _Names:
    indicators: dict[str, str]
    """Column to id."""
    options: dict[str, tuple[str, str]]
    """Id of an option of a filter to (column, label)."""
    places: dict[str, tuple[str, str, str]]
    """Id of a location to (code, old code, label)."""
    levels: list[str]


def _read_meta(meta: Any) -> _Names:
    return _Names(
        {indicator["column"]: indicator["id"] for indicator in meta["indicators"]},
        {
            option["id"]: (filter_["column"], option["label"])
            for filter_ in meta["filters"]
            for option in filter_["options"]
        },
        {
            place["id"]: (place.get("code") or "", place.get("oldCode") or "", place["label"])
            for level in meta["locations"]
            for place in level["options"]
        },
        [level["code"] for level in meta["geographicLevels"] if level["code"] in LEVELS],
    )


def _record(result: Any, names: _Names, source: Ees) -> list[str]:
    """A result as a record of the interface's CSV layout. Raises KeyError for an id that the meta data lack."""
    code, period = result["timePeriod"]["code"], result["timePeriod"]["period"]
    first, _, second = period.partition("/")
    nowhere = ("", "", "")
    country, region, council = (
        names.places[result["locations"][level]] if level in result["locations"] else nowhere for level in LEVELS
    )
    chosen = dict(names.options[option] for option in result["filters"].values())
    return [
        first + second[2:],
        IDENTIFIERS.get(code, code),
        LEVELS[result["geographicLevel"]],
        country[0],
        country[2],
        region[0],
        region[2],
        council[1],
        council[0],
        council[2],
        *(chosen[column] for column in source.filters),
        *(result["values"][names.indicators[item]] for item in source.items),
    ]


def _day(stamp: object) -> date | None:
    try:
        return datetime.fromisoformat(stamp).date() if isinstance(stamp, str) else None
    except ValueError:
        return None
