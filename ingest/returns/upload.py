"""Upload of returns over HTTP: the same validator and the same record as the inbox and the command line.

    PUT or POST /returns/<dataset_id>/<sender>   the CSV: 201 and a receipt, 200 for a second copy, 422 and faults
    GET         /returns                         receipts of the sender, newest first
    DELETE      /returns/<dataset_id>/<sender>   {"reason": "...", "by": "..."}: takes the return back
    GET         /health

Senders show `Authorization: Bearer <token>`. Plain HTTP: anything beyond this machine needs a proxy with TLS before it.
"""

from __future__ import annotations

import hmac
import json
import re
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg

from ingest import database
from ingest.errors import BadFile, NisError, UsageError
from ingest.logs import logger
from ingest.returns.record import NoSuchReturn, receipts, receive, withdraw
from ingest.returns.validate import SENDER, pushed
from ingest.settings import Settings

HOST = "127.0.0.1"
PORT = 8651
PATIENCE = 30.0
"""Seconds that a sender may stay silent in the middle of a request."""
MOST_RECEIPTS = 1000
MOST_JSON = 64 * 1024
DRAINED = 1 << 20
"""Bytes of an unwanted body that are read, so that the sender gets to see the answer."""
_log = logger("returns")


class Answered(Exception):
    """The request has its answer: a status, and what is wrong."""

    def __init__(self, status: HTTPStatus, told: str, way_out: str, **headers: str) -> None:
        super().__init__(told)
        self.status = status
        self.body = {"error": told, "way_out": way_out}
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class UploadServer(ThreadingHTTPServer):
    """The server; `open_to_all` lets everybody send in every sender's name, for tests only.

    Raises UsageError where no sender has a token.
    """

    daemon_threads = True

    def __init__(self, settings: Settings, *, host: str = HOST, port: int = PORT, open_to_all: bool = False) -> None:
        if not open_to_all:
            _require_tokens(settings)
        self.settings = settings
        self.open_to_all = open_to_all
        super().__init__((host, port), _Handler)

    @property
    def url(self) -> str:
        """Address of the server."""
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A sender that goes away is no news; anything else is a fault of ours."""
        error = sys.exception()
        if not isinstance(error, OSError):
            _log.error("upload failed", client=client_address[0], exc_info=True)


def _require_tokens(settings: Settings) -> None:
    if not settings.returns_tokens:
        raise UsageError(
            "no sender has a token", hint='set NIS_RETURNS_TOKENS, such as {"government-office-london": "..."}'
        )
    values = [token.get_secret_value() for token in settings.returns_tokens.values()]
    if any(len(value) < 16 for value in values) or len(set(values)) < len(values):
        raise UsageError(
            "a token is shorter than 16 characters, or two senders share one", hint="`openssl rand -hex 24`"
        )
    for sender in settings.returns_tokens:
        if not SENDER.fullmatch(sender):
            raise UsageError(
                f"NIS_RETURNS_TOKENS: {sender!r} cannot be the name of a sender",
                hint="use lower-case letters, digits and dashes",
            )


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server_version = "nis-returns"
    sys_version = ""
    timeout = PATIENCE
    server: UploadServer

    def do_GET(self) -> None:
        """Tell the receipts of a sender, or that we are well."""
        self._answer(self._get)

    def do_PUT(self) -> None:
        """Take a return."""
        self._answer(self._put)

    def do_POST(self) -> None:
        """Take a return."""
        self._answer(self._put)

    def do_DELETE(self) -> None:
        """Withdraw a return."""
        self._answer(self._delete)

    def handle_expect_100(self) -> bool:
        """Refuse before the body is sent what would be refused after it."""
        try:
            self._addressed()
            self._length(self.server.settings.returns_max_bytes)
        except Answered as answer:
            self._say(answer.status, answer.body, answer.headers)
            self.close_connection = True
            return False
        return super().handle_expect_100()

    def _answer(self, work: Callable[[], tuple[HTTPStatus, Any]]) -> None:
        try:
            status, body = work()
            self._say(status, body)
        except Answered as answer:
            self._refuse(answer)
        except (DatabaseDown, psycopg.Error) as error:
            _log.error("the warehouse cannot be reached", error=str(error).splitlines()[0])
            self._refuse(
                Answered(
                    HTTPStatus.SERVICE_UNAVAILABLE, "nothing was recorded: the warehouse cannot be reached",
                    "send it again later", Retry_After="60",
                )
            )  # fmt: skip

    def _get(self) -> tuple[HTTPStatus, Any]:
        path = self._path()
        if path == ["health"]:
            return HTTPStatus.OK, {"status": "ok"}
        sender = self._who()
        if path != ["returns"]:
            raise _nothing_here()
        with _warehouse(), database.connect(self.server.settings, "nis_loader") as connection:
            found = receipts(connection, sender=sender, limit=MOST_RECEIPTS)
        return HTTPStatus.OK, [receipt.as_dict() for receipt in found]

    def _put(self) -> tuple[HTTPStatus, Any]:
        dataset_id, sender = self._addressed()
        data = self._body(self.server.settings.returns_max_bytes)
        try:
            with _warehouse():
                receipt = receive(self.server.settings, dataset_id, sender, data, "http")
        except BadFile as error:
            raise Answered(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, error.message, error.hint) from error
        if receipt.refused:
            return HTTPStatus.UNPROCESSABLE_ENTITY, receipt.as_dict()
        return HTTPStatus.OK if receipt.already else HTTPStatus.CREATED, receipt.as_dict()

    def _delete(self) -> tuple[HTTPStatus, Any]:
        dataset_id, sender = self._addressed()
        try:
            asked = json.loads(self._body(MOST_JSON))
            by, reason = str(asked.get("by") or sender), str(asked.get("reason") or "")
        except (ValueError, AttributeError):
            reason = by = ""
        if not reason.strip():
            raise Answered(
                HTTPStatus.UNPROCESSABLE_ENTITY,
                "a return is withdrawn for a reason",
                'send {"reason": "...", "by": "..."}',
            )
        try:
            with _warehouse():
                return HTTPStatus.OK, withdraw(self.server.settings, dataset_id, sender, by, reason).as_dict()
        except NoSuchReturn as error:
            raise Answered(HTTPStatus.NOT_FOUND, error.message, "GET /returns lists what you sent") from error

    def _path(self) -> list[str]:
        return [unquote(part) for part in urlsplit(self.path).path.strip("/").split("/")]

    def _who(self) -> str | None:
        """The sender whose token was shown; None where everybody may send."""
        if self.server.open_to_all:
            return None
        scheme, _, shown = self.headers.get("Authorization", "").partition(" ")
        known = None
        for sender, token in self.server.settings.returns_tokens.items():
            # All are compared, so that the time taken tells nothing.
            if hmac.compare_digest(shown.strip().encode(), token.get_secret_value().encode()):
                known = sender
        if known is None or scheme.lower() != "bearer":
            raise Answered(
                HTTPStatus.UNAUTHORIZED, "no token of a sender was shown", "send `Authorization: Bearer <token>`",
                WWW_Authenticate='Bearer realm="returns"',
            )  # fmt: skip
        return known

    def _addressed(self) -> tuple[str, str]:
        """Dataset and sender of the path, which the token must allow."""
        who = self._who()
        match self._path():
            case ["returns", dataset_id, sender] if dataset_id in pushed() and SENDER.fullmatch(sender):
                if who is not None and who != sender:
                    raise Answered(
                        HTTPStatus.FORBIDDEN, f"the token is that of {who}, not of {sender}", "send in your own name"
                    )
                return dataset_id, sender
        raise _nothing_here()

    def _length(self, most: int) -> int:
        text = self.headers.get("Content-Length", "")
        if not text or self.headers.get("Transfer-Encoding"):
            raise Answered(
                HTTPStatus.LENGTH_REQUIRED, "the request does not say how long it is", "send it with Content-Length"
            )
        if not re.fullmatch(r"[0-9]{1,18}", text):
            raise Answered(
                HTTPStatus.BAD_REQUEST, f"{text[:20]!r} is no length", "send the bytes of the body as a number"
            )
        if int(text) > most:
            raise Answered(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"{int(text):,} bytes are more than the {most:,} that are taken",
                "send the return in parts, each by a sender of its own",
            )  # fmt: skip
        return int(text)

    def _body(self, most: int) -> bytes:
        length = self._length(most)
        data = self.rfile.read(length)
        self._read = True
        if len(data) < length:
            _log.warning("an upload broke off", path=self.path, bytes=len(data), promised=length)
            raise Answered(
                HTTPStatus.BAD_REQUEST, f"{len(data):,} bytes came where {length:,} were promised", "send it again"
            )
        return data

    def _refuse(self, answer: Answered) -> None:
        unread = not getattr(self, "_read", False) and self.headers.get("Content-Length", "0") != "0"
        unread |= "Transfer-Encoding" in self.headers
        self.close_connection |= unread
        self._say(answer.status, answer.body, answer.headers)
        if unread:
            self._drain()
        _log.info("refused", path=self.path, status=int(answer.status), told=answer.body["error"])

    def _drain(self) -> None:
        """Let the answer reach a sender that is still sending: a connection cut at once would swallow it."""
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(2)
            left = DRAINED
            while left > 0 and (chunk := self.rfile.read1(min(left, 1 << 16))):
                left -= len(chunk)

    def _say(self, status: HTTPStatus, body: Any, headers: dict[str, str] | None = None) -> None:
        text = json.dumps(body, ensure_ascii=False, indent=2).encode() + b"\n"
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(text)))
        self.send_header("Cache-Control", "no-store")
        if self.close_connection:
            self.send_header("Connection", "close")
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)
        self._read = False

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        """Requests go to our own log; headers, which hold tokens, never do."""
        _log.debug("asked", client=self.client_address[0], told=format % args)


class DatabaseDown(Exception):
    """The warehouse or the landing store could not take it."""


@contextmanager
def _warehouse() -> Iterator[None]:
    """Tell failures of our own stores from faults of the request."""
    try:
        yield
    except (BadFile, UsageError):
        raise
    except (NisError, OSError) as error:
        raise DatabaseDown(str(error)) from error


def _nothing_here() -> Answered:
    return Answered(
        HTTPStatus.NOT_FOUND,
        "there is no such address",
        f"PUT /returns/<dataset>/<sender>; datasets: {', '.join(pushed())}",
    )
