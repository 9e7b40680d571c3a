"""Files attached to GOV.UK pages, whose addresses change with each edition: found through the content API."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from html.parser import HTMLParser
from urllib.parse import unquote, urljoin, urlsplit

from ingest.bodies.base import Delivered, Known, Offer, Progress
from ingest.bodies.bulk import deliver
from ingest.bodies.http import Ask, Http
from ingest.bodies.sniff import plain_text
from ingest.contract import Body, Dataset, GovUkPage, Maturity
from ingest.errors import BodyError, Withdrawn
from ingest.landing import LandingStore


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that a page offers."""

    filename: str
    url: str
    title: str


class GovUkConnector:
    """Connector to the files of one GOV.UK page."""

    def __init__(self, source: GovUkPage) -> None:
        self._source = source

    def offers(self, dataset: Dataset, http: Http) -> Iterator[Offer]:
        """One offer for each part among the page's files, sorted by part.

        Where several files bear the same part, the last by name is the newest edition.
        Raises NotPublished (404), Withdrawn (410 or a notice on the page), BodyError when no file matches
        or one lies outside the host of GOV.UK's assets.
        """
        url = f"{http.addresses.of(Body.GOVUK)}/api/content{self._source.page}"
        item = http.json(Ask(url, dataset.dataset_id))
        if not isinstance(item, dict):
            raise BodyError(f"{dataset.dataset_id}: {url} is not a content item", hint="check the page's path")
        _require_current(item, dataset.dataset_id, url)
        found = attachments(item, http.addresses.of(Body.GOVUK))
        newest: dict[str, Attachment] = {}
        for attachment in found:
            if match := re.fullmatch(self._source.attachment, attachment.filename):
                part = match.groupdict().get("part") or "all"
                if part not in newest or attachment.filename > newest[part].filename:
                    newest[part] = attachment
        if not newest:
            names = ", ".join(sorted({attachment.filename for attachment in found})) or "none at all"
            raise BodyError(
                f"{dataset.dataset_id}: no file on {url} is named like {self._source.attachment!r}; it has: {names}",
                hint="the body has renamed its files: mend `attachment` of the dataset's source",
            )
        published_on = _day(item.get("public_updated_at"))
        for part, attachment in sorted(newest.items()):
            yield Offer(
                part,
                http.addresses.require_below(attachment.url, Body.GOVUK_ASSETS, dataset.dataset_id),
                published_on,
                _maturity(f"{attachment.title} {attachment.filename}"),
                attachment.title or attachment.filename,
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
        """Stream the file into the store; None when its address is the known one and it has not changed."""
        return deliver(dataset, offer, known, http, store, progress)


def attachments(item: dict[str, object], base: str) -> list[Attachment]:
    """The files of a content item: its attachments, or else the links in its documents and body."""
    details = item.get("details")
    if not isinstance(details, dict):
        return []
    listed = details.get("attachments")
    found = [
        Attachment(
            str(entry.get("filename") or _last_segment(str(entry["url"]))),
            urljoin(base, str(entry["url"])),
            str(entry.get("title") or ""),
        )
        for entry in (listed if isinstance(listed, list) else [])
        if isinstance(entry, dict) and entry.get("url")
    ]
    if found:
        return found
    documents = details.get("documents")
    links = _Links()
    for html in [*(documents if isinstance(documents, list) else []), details.get("body")]:
        if isinstance(html, str):
            links.feed(html)
    links.close()
    return [
        Attachment(name, urljoin(base, href), title)
        for href, title in links.found
        if "." in (name := _last_segment(href))
    ]


class _Links(HTMLParser):
    """Collects the links of a page with their texts."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._href = ""
        self._text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self._href, self._text = dict(attrs).get("href") or "", []

    def handle_data(self, data: str) -> None:
        self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._href:
            self.found.append((self._href, " ".join("".join(self._text).split())))
            self._href = ""


def _require_current(item: dict[str, object], about: str, url: str) -> None:
    """Raise when a page says that it is withdrawn, gone or elsewhere now."""
    notice = item.get("withdrawn_notice")
    if isinstance(notice, dict) and notice:
        day = _day(notice.get("withdrawn_at"))
        words = plain_text(str(notice.get("explanation") or "no explanation given"), 400)
        raise Withdrawn(
            f"{about}: {url} was withdrawn on {day or 'an unknown day'}: {words}",
            hint="what we hold stays; look on the page for a successor",
        )
    kind = item.get("schema_name")
    if kind == "gone":
        raise Withdrawn(f"{about}: {url} is gone", hint="what we hold stays; look for a successor")
    if kind == "redirect":
        moves = item.get("redirects")
        first = moves[0] if isinstance(moves, list) and moves and isinstance(moves[0], dict) else {}
        raise BodyError(
            f"{about}: {url} has moved to {first.get('destination') or 'an unnamed page'}",
            hint="mend `page` of the dataset's source",
        )


def _last_segment(url: str) -> str:
    return unquote(urlsplit(url).path.rpartition("/")[2])


def _day(stamp: object) -> date | None:
    """The day of an ISO 8601 time stamp, in the offset it is written in; None where there is none."""
    try:
        return datetime.fromisoformat(stamp).date() if isinstance(stamp, str) else None
    except ValueError:
        return None


def _maturity(text: str) -> Maturity | None:
    """What a title says of itself; None when it says nothing, or both."""
    words = {
        word for word in ("provisional", "revised") if re.search(rb"\b%b\b" % word.encode(), text.lower().encode())
    }
    return Maturity(words.pop()) if len(words) == 1 else None
