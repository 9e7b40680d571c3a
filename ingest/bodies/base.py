"""What every connector offers and delivers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Protocol

from ingest.contract import Dataset, Maturity

if TYPE_CHECKING:
    from ingest.bodies.http import Http
    from ingest.landing import LandingStore

Progress = Callable[[int, int | None], None]
"""Called with the bytes received so far and, where the body told, the bytes to come in all."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One download that a body offers."""

    part: str
    """Which piece of the dataset: "all", "2020-08", "201806" ..."""
    url: str
    """Address without secrets, fit for the record of the release."""
    published_on: date | None = None
    maturity: Maturity | None = None
    """None where the body does not say: the dataset's own maturity holds."""
    title: str = ""
    request: object = None
    """What the connector itself needs to fetch it."""


@dataclass(frozen=True, slots=True)
class Known:
    """What we hold of a part already: the validators of its newest release."""

    etag: str = ""
    last_modified: str = ""
    url: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Delivered:
    """A download whose bytes are in the landing store."""

    sha256: str
    size: int
    """Bytes as landed, after any transfer compression was undone."""
    url: str
    headers: dict[str, str]
    """Headers worth keeping, names in lower case."""
    media_type: str
    new_object: bool
    """False when the store held the same bytes before."""


class Connector(Protocol):
    """The interface of one kind of source."""

    def offers(self, dataset: Dataset, http: Http) -> Iterator[Offer]:
        """Downloads the body offers for a dataset.

        Raises BodyError, or its kinds NotPublished and Withdrawn.
        """
        ...

    def fetch(
        self,
        dataset: Dataset,
        offer: Offer,
        known: Known | None,
        http: Http,
        store: LandingStore,
        progress: Progress,
    ) -> Delivered | None:
        """Bring one offer into the landing store; None when the body says it has not changed since `known`.

        Raises BodyError (NotPublished, Withdrawn) for the body's failures, BadFile for a file over the limit.
        """
        ...
