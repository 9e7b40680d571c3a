"""HTTP towards the bodies: paced, retried where that is right, checked, and never led astray."""

from __future__ import annotations

import http.client
import json
import logging
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from types import TracebackType
from typing import Protocol, TypeVar
from urllib.parse import urljoin, urlsplit

import requests
import urllib3
from pydantic import SecretStr
from requests_ratelimiter import LimiterAdapter

from ingest.bodies.addresses import Addresses, is_loopback, same_resource
from ingest.bodies.base import Known, Progress
from ingest.bodies.retry import TooMuch, Transient, retrying, wait_asked_for
from ingest.bodies.sniff import plain_text, require_media, what_is
from ingest.contract import Body, Dataset
from ingest.errors import BadFile, BodyError, NotPublished, Withdrawn
from ingest.logs import logger
from ingest.settings import Settings

CHUNK = 1 << 20
JSON_LIMIT = 64 << 20
MAX_REDIRECTS = 5
REDIRECTS = frozenset({301, 302, 303, 307, 308})
RETRIED = frozenset({429, 500, 502, 503, 504})
KEPT_HEADERS = ("etag", "last-modified", "content-type", "content-length", "content-encoding", "date")
# (requests a second, burst in seconds of that rate) for the interfaces; downloads of files need no pacing.
PACES = {
    (Body.POLICE, "/api"): (15, 2),
    (Body.FINGERTIPS, "/api"): (2, 1),
    (Body.GOVUK, "/api"): (10, 1),
    (Body.NOMIS, "/api"): (5, 1),
    (Body.EES, "/statistics"): (10, 1),
    (Body.STAT_XPLORE, "/webapi"): (2, 1),
}

T = TypeVar("T")
_log = logger("bodies")


class Sink(Protocol):
    """Where a download is written; `restart` takes back what came of a failed try."""

    def write(self, data: bytes, /) -> int:
        """Take the next bytes; returns how many."""
        ...

    def restart(self) -> None:
        """Forget what came so far."""
        ...


@dataclass(frozen=True, slots=True)
class Ask:
    """One request to a body."""

    url: str
    """Address without secrets."""
    about: str
    """The dataset it is for: error messages begin with it."""
    form: tuple[tuple[str, str], ...] = ()
    """Sent by POST when not empty."""
    json: bytes = b""
    """A JSON document, sent by POST when not empty."""
    secrets: tuple[tuple[str, SecretStr], ...] = ()
    """Query parameters that must not reach a log, a message or a record."""
    headers: Mapping[str, str] = field(default_factory=dict)
    key: tuple[str, SecretStr] | None = None
    """A header that holds a key; no redirect takes it along."""
    key_setting: str = ""
    """The setting the key comes from, named when the body does not accept it."""
    too_much_503: bool = False
    """503 means that too much was asked for, and asking again will not help."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is worth remembering of a finished download."""

    size: int
    """Bytes after any transfer compression was undone."""
    headers: dict[str, str]
    media_type: str


class Http:
    """A session towards the bodies; close it, or use it as a context manager."""

    def __init__(self, settings: Settings) -> None:
        self.addresses = Addresses(settings)
        self.settings = settings
        self._session = requests.Session()
        self._session.headers["User-Agent"] = settings.user_agent
        # The empty hook keeps `requests` from looking for passwords in ~/.netrc.
        self._session.auth = lambda request: request
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.trust_env = not is_loopback(settings.sandbox_url)
        for (body, path), (rate, burst) in PACES.items():
            self._session.mount(
                self.addresses.of(body) + path,
                LimiterAdapter(per_second=rate, burst=burst, per_host=False, limit_statuses=()),
            )
        if settings.nomis_uid is not None:
            # urllib3 writes whole addresses at debug level, and the unique id travels in one.
            logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)

    def __enter__(self) -> Http:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._session.close()

    def json(self, ask: Ask, limit: int = JSON_LIMIT) -> object:
        """Fetch and decode a JSON document of at most `limit` bytes.

        Raises BodyError (NotPublished on 404, Withdrawn on 410) and BadFile over the limit.
        """

        def receive(response: requests.Response) -> object:
            body = bytearray()
            for chunk in _chunks(response, ask):
                body += chunk
                _within(len(body), limit, ask)
            try:
                return json.loads(body)
            except ValueError:
                _, description = what_is(bytes(body[:CHUNK]))
                raise BodyError(
                    f"{ask.about}: {ask.url} sent {description} in place of JSON",
                    hint="open the address in a browser: the interface may have changed or be down",
                ) from None

        return self._try(ask, {"Accept": "application/json"}, receive)

    def download(
        self,
        ask: Ask,
        sink: Sink,
        dataset: Dataset,
        *,
        known: Known | None = None,
        progress: Progress | None = None,
        check: Callable[[bytes], None] | None = None,
        already: int = 0,
        allow_empty: bool = False,
    ) -> Answer | None:
        """Stream a download into `sink`; None when the body answers that it has not changed since `known`.

        The first bytes must be of `dataset.media`, and `check`, if given, may refuse them too. With the
        bytes that came `already` (earlier pages) at most `dataset.max_bytes` are accepted, and an empty body
        only with `allow_empty`.
        Raises BodyError (NotPublished on 404, Withdrawn on 410, TooMuch) and BadFile over the limit.
        """
        headers = {"Accept-Encoding": "gzip" if dataset.media in {"csv", "json", "jsonl"} else "identity"}
        # Validators belong to one address: sent to another they could wrongly say "unchanged".
        if known is not None and same_resource(known.url, ask.url):
            if known.etag:
                headers["If-None-Match"] = known.etag
            if known.last_modified:
                headers["If-Modified-Since"] = known.last_modified
        conditional = "If-None-Match" in headers or "If-Modified-Since" in headers

        def receive(response: requests.Response) -> Answer | None:
            if response.status_code == 304:
                if not conditional:
                    raise BodyError(
                        f"{ask.about}: {ask.url} answered 304 (not modified) to a request without conditions",
                        hint="a cache between us and the body misbehaves: try again later",
                    )
                return None
            sink.restart()
            size, total = 0, _content_length(response)
            if total is not None:
                _within(already + total, dataset.max_bytes, ask)
            for chunk in _chunks(response, ask):
                if not size:
                    require_media(chunk, dataset.media, ask.about, ask.url)
                    if check is not None:
                        check(chunk)
                size += len(chunk)
                _within(already + size, dataset.max_bytes, ask)
                sink.write(chunk)
                if progress is not None:
                    progress(size, total)
            if not size and not allow_empty:
                raise BodyError(
                    f"{ask.about}: {ask.url} sent an empty body",
                    hint="try again later; if it stays empty, ask the body",
                )
            _log.debug("received", about=ask.about, url=ask.url, bytes=size)
            kept = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
            return Answer(size, kept, kept.get("content-type", "").partition(";")[0].strip().lower())

        return self._try(ask, headers, receive)

    def _try(self, ask: Ask, headers: Mapping[str, str], receive: Callable[[requests.Response], T]) -> T:
        """Ask, and ask again after failures that may pass; `receive` gets an answer of 200 or 304."""
        attempts = self.settings.retry_attempts

        def warn(error: Transient, attempt: int, seconds: float) -> None:
            _log.warning(
                "trying again", about=ask.about, url=ask.url, attempt=attempt, of=attempts,
                wait_seconds=round(seconds, 2), reason=error.message,
            )  # fmt: skip

        def once() -> T:
            with self._answer(ask, {**ask.headers, **headers}) as response:
                return receive(response)

        try:
            return retrying(once, attempts, self.settings.retry_max_wait, warn)
        except Transient as error:
            raise BodyError(
                f"{error.message}; given up after {attempts} tries",
                hint="the body or the network is down: try again later, or raise NIS_RETRY_ATTEMPTS",
            ) from None

    @contextmanager
    def _answer(self, ask: Ask, headers: Mapping[str, str]) -> Iterator[requests.Response]:
        """One answer of 200 or 304, after redirects that may be followed."""
        url, form, document = ask.url, ask.form, ask.json
        if ask.key is not None:
            headers = {**headers, ask.key[0]: ask.key[1].get_secret_value()}
        secrets = tuple((name, secret.get_secret_value()) for name, secret in ask.secrets)
        for _ in range(MAX_REDIRECTS + 1):
            response = self._send(ask, url, form, document, secrets, headers)
            try:
                if response.status_code not in REDIRECTS:
                    _require_good(response, ask)
                    yield response
                    return
                target = urljoin(url, response.headers.get("location", ""))
                url, secrets = self.addresses.require_redirect(url, target, ask.about), ()
                if ask.key is not None:
                    headers = {name: value for name, value in headers.items() if name != ask.key[0]}
                if response.status_code in {301, 302, 303}:
                    form, document = (), b""
            finally:
                response.close()
        raise BodyError(
            f"{ask.about}: {ask.url} redirects more than {MAX_REDIRECTS} times, last to {url}",
            hint="open the address in a browser and mend the dataset's source",
        )

    def _send(
        self,
        ask: Ask,
        url: str,
        form: tuple[tuple[str, str], ...],
        document: bytes,
        secrets: tuple[tuple[str, str], ...],
        headers: Mapping[str, str],
    ) -> requests.Response:
        started = time.monotonic()
        method = "POST" if form or document else "GET"
        try:
            response = self._session.request(
                method,
                url,
                params=secrets or None,
                data=form or document or None,
                headers={**headers, **({"Content-Type": "application/json"} if document else {})},
                timeout=(self.settings.connect_timeout, self.settings.read_timeout),
                allow_redirects=False,
                stream=True,
            )
        except (
            requests.ConnectionError,
            requests.Timeout,
            requests.exceptions.ChunkedEncodingError,
        ) as error:
            # The cause names the whole address, secrets and all: it is described, not chained.
            if _is_certificate_failure(error):
                raise BodyError(
                    f"{ask.about}: the TLS certificate of {urlsplit(url).hostname} was not accepted",
                    hint="if a company proxy re-signs traffic, name its CA file in REQUESTS_CA_BUNDLE; "
                    "there is no switch that turns verification off",
                ) from None
            raise Transient(f"{ask.about}: {url}: {_failure(error)}") from None
        except requests.RequestException as error:
            raise BodyError(
                f"{ask.about}: {url} cannot be asked: {type(error).__name__}",
                hint="check the dataset's source and NIS_BASE_URLS",
            ) from None
        _log.debug(
            "asked", about=ask.about, method=method, url=url,
            status=response.status_code, seconds=round(time.monotonic() - started, 3),
        )  # fmt: skip
        return response


def _chunks(response: requests.Response, ask: Ask) -> Iterator[bytes]:
    """The decoded body in pieces of at most 1 MiB. Raises Transient when it breaks off."""
    raw: urllib3.HTTPResponse = response.raw
    while True:
        try:
            chunk = raw.read(CHUNK, decode_content=True)
        except (urllib3.exceptions.HTTPError, http.client.HTTPException, OSError) as error:
            raise Transient(
                f"{ask.about}: {ask.url} broke off after {raw.tell()} bytes: {type(error).__name__}"
            ) from None
        if not chunk:
            break
        yield chunk
    promised = _content_length(response)
    if promised is not None and raw.tell() < promised:
        raise Transient(f"{ask.about}: {ask.url} sent {raw.tell()} bytes where {promised} were promised")


def _content_length(response: requests.Response) -> int | None:
    value: str = response.headers.get("content-length", "")
    return int(value) if value.isascii() and value.isdigit() else None


def _within(size: int, limit: int, ask: Ask) -> None:
    if size > limit:
        raise BadFile(
            f"{ask.about}: {ask.url} is larger than the {limit:,} bytes the dataset accepts",
            hint="if the file has rightly grown, raise max_bytes of the dataset",
        )


def _require_good(response: requests.Response, ask: Ask) -> None:
    """Raise the error that a status means; 200 and 304 pass."""
    status = response.status_code
    if status in {200, 304}:
        return
    where = f"{ask.about}: {ask.url} answered {status}"
    if status == 503 and ask.too_much_503:
        raise TooMuch(where, hint="ask for less at once")
    if status in RETRIED:
        raise Transient(where, wait=wait_asked_for(response.headers, time.time()))
    said = _excerpt(response)
    where += f" ({said})" if said else ""
    if status == 404:
        raise NotPublished(where, hint="it is not published yet, or has moved: look at the body's site")
    if status == 410:
        raise Withdrawn(where, hint="the body has withdrawn it: what we hold stays, look for its successor")
    if status == 401 and ask.key_setting:
        raise BodyError(f"{where}: it does not accept the key", hint=f"set {ask.key_setting} to a key that is in force")
    if status in {401, 403}:
        raise BodyError(
            where, hint="the body refuses us: check keys, NIS_USER_AGENT and whether our address is blocked"
        )
    raise BodyError(where, hint="the request is at odds with the interface: check the dataset's source")


def _excerpt(response: requests.Response) -> str:
    """The beginning of an error's text, for the message; nothing when it cannot be read."""
    try:
        data = response.raw.read(4096, decode_content=True)
    except (urllib3.exceptions.HTTPError, http.client.HTTPException, OSError):
        return ""
    return plain_text(data.decode("utf-8", "replace"))


def _is_certificate_failure(error: BaseException | None) -> bool:
    """Look for a refused certificate among an error, its arguments and its causes."""
    seen: set[int] = set()
    stack: list[object] = [error]
    while stack:
        item = stack.pop()
        if id(item) in seen or not isinstance(item, BaseException):
            continue
        seen.add(id(item))
        if isinstance(item, ssl.SSLCertVerificationError):
            return True
        stack += [*item.args, getattr(item, "reason", None), item.__cause__, item.__context__]
    return False


def _failure(error: requests.RequestException) -> str:
    if isinstance(error, requests.ConnectTimeout):
        return "no connection in time"
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    return "the connection failed"
