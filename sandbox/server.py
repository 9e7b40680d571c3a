"""The HTTP server: sockets, validators, faults on the wire, and the control addresses."""

from __future__ import annotations

import gzip
import json
import socketserver
import sys
import threading
from contextlib import suppress
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sandbox.bodies.answers import Answer, Request, as_json, as_text
from sandbox.faults import STATUS_KINDS, Fault, FaultError
from sandbox.site import Site

HOST = "127.0.0.1"
_MAX_FORM = 1 << 20
_CHUNK = 1 << 20
_HTML = b"<!DOCTYPE html>\n<html><head><title>Service unavailable</title></head><body>Try later.</body></html>\n"


class SandboxServer(ThreadingHTTPServer):
    """A threading server, on the loopback address unless told otherwise, that serves one site."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, site: Site, port: int = 0, *, verbose: bool = False, host: str = HOST, url: str = "") -> None:
        """Bind `host` at `port` (0 = a free one); documents name `url`, or else that address.

        Raises OSError when the port is taken.
        """
        self.site, self.verbose = site, verbose
        self.host, self._url = host, url.rstrip("/")
        self.stopping = threading.Event()
        super().__init__((host, port), Handler)

    def server_bind(self) -> None:
        """Bind without a name look-up, which can take seconds on a machine without a network."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.host, self.server_address[1]

    def handle_error(self, request: object, client_address: object) -> None:
        """Pass over clients that went away; print anything else."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]

    @property
    def url(self) -> str:
        """Base address, without a trailing slash."""
        return self._url or f"http://{self.host}:{self.server_port}"

    def stop(self) -> None:
        """End the server, also where requests are being held back."""
        self.stopping.set()
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    """Turns a request into an answer of the site and sends it, spoilt or not."""

    protocol_version = "HTTP/1.1"
    server_version = "sandbox"
    sys_version = ""
    disable_nagle_algorithm = True
    server: SandboxServer

    def log_message(self, format: str, *args: object) -> None:
        """Write the request log to stderr, only when asked for."""
        if self.server.verbose:
            super().log_message(format, *args)

    def do_GET(self) -> None:
        """Answer a GET."""
        self._respond()

    def do_HEAD(self) -> None:
        """Answer a HEAD: headers only."""
        self._respond()

    def do_POST(self) -> None:
        """Answer a POST: forms, queries in JSON, and faults."""
        self._respond()

    def do_DELETE(self) -> None:
        """Answer a DELETE: of faults."""
        self._respond()

    def _respond(self) -> None:
        parts = urlsplit(self.path)
        body = self._body()
        if body is None:
            return
        if parts.path.startswith("/__control/"):
            self._send(self._control(parts.path.removeprefix("/__control/"), body))
            return
        fault = self.server.site.faults.strike(parts.path)
        if fault is not None and fault.kind == "timeout":
            self.server.stopping.wait(float(fault.args.get("seconds", 120)))
        if fault is not None and (refusal := _refusal(fault)) is not None:
            self._send(refusal)
            return
        answer = self._answer(parts.path, parts.query, body)
        if fault is None or fault.kind == "timeout" or self.command == "HEAD":
            self._send(self._validated(answer))
        else:
            self._send_spoilt(answer, fault)

    def _body(self) -> bytes | None:
        try:
            length = int(self.headers.get("Content-Length") or 0)
        except ValueError:
            length = -1
        if length < 0 or length > _MAX_FORM:
            self.close_connection = True
            self._send(as_text(f"The body must be between 0 and {_MAX_FORM} bytes", 413))
            return None
        return self.rfile.read(length)

    def _answer(self, path: str, query: str, body: bytes) -> Answer:
        if self.command == "DELETE":
            return as_text("Method Not Allowed", 405)
        if path.startswith("/__files/"):
            return self.server.site.shared_file(unquote(path.removeprefix("/__files/")))
        host, _, rest = path.lstrip("/").partition("/")
        form = body.decode("utf-8", errors="replace") if self.command == "POST" else ""
        method = "GET" if self.command == "HEAD" else self.command
        named = {name.lower(): value for name, value in self.headers.items()}
        request = Request(method, host, f"/{unquote(rest)}", query, form, named)
        try:
            return self.server.site.answer(request, self.server.url)
        except (FaultError, ValueError) as error:
            return as_text(f"The fault that was asked for cannot be made: {error}", 500)

    def _control(self, what: str, body: bytes) -> Answer:
        # A page in a browser must not steer the sandbox through a name that resolves to this address.
        named = self.headers.get("Host", "").partition(":")[0]
        if named not in (HOST, "localhost") or self.client_address[0] != HOST:
            return as_json({"error": "control is for 127.0.0.1 only"}, 403)
        site = self.server.site
        name, _, number = what.partition("/")
        if (self.command, what) == ("GET", "identity"):
            return as_json({"origin": site.origin, "seed": site.seed})
        if name == "faults" and self.command == "GET":
            return as_json(site.faults.all())
        if name == "faults" and self.command == "DELETE" and (not number or number.isdigit()):
            return as_json({"removed": site.faults.clear(int(number) if number else None)})
        if (self.command, what) == ("POST", "faults"):
            try:
                return as_json(site.add_fault(json.loads(body)), 201)
            except (FaultError, ValueError) as error:
                return as_json({"error": str(error)}, 400)
        return as_json({"error": "known are GET identity, and GET, POST and DELETE faults"}, 404)

    def _validated(self, answer: Answer) -> Answer:
        """Turn a 200 into a 304 where the request's validators still hold."""
        if answer.status != 200 or not (answer.etag or answer.last_modified):
            return answer
        known, since = self.headers.get("If-None-Match"), self.headers.get("If-Modified-Since")
        fresh = False
        if known is not None and answer.etag:
            tags = {tag.strip().removeprefix("W/") for tag in known.split(",")}
            fresh = bool({answer.etag, "*"} & tags)
        elif since is not None and answer.last_modified:
            with suppress(ValueError, TypeError):
                fresh = parsedate_to_datetime(answer.last_modified) <= parsedate_to_datetime(since)
        if not fresh:
            return answer
        kept = {name: value for name, value in answer.headers.items() if name != "Content-Type"}
        return Answer(304, kept, b"", answer.etag, answer.last_modified)

    def _head(self, answer: Answer, length: int | None) -> None:
        self.send_response(answer.status, HTTPStatus(answer.status).phrase)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.etag:
            self.send_header("ETag", answer.etag)
        if answer.last_modified:
            self.send_header("Last-Modified", answer.last_modified)
        if length is not None and answer.status != 304:
            self.send_header("Content-Length", str(length))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()

    def _send(self, answer: Answer) -> None:
        size = _size(answer.body)
        self._head(answer, size)
        if self.command != "HEAD" and answer.status != 304:
            self._send_body(answer.body, size)

    def _send_body(self, body: bytes | Path, count: int) -> None:
        if isinstance(body, bytes):
            self.wfile.write(body[:count])
        elif count:
            with body.open("rb") as file:
                self.connection.sendfile(file, 0, count)

    def _send_spoilt(self, answer: Answer, fault: Fault) -> None:
        size = _size(answer.body)
        part = int(size * float(fault.args.get("share", 0.5)))
        if fault.kind == "drop":
            self.close_connection = True
            self._head(answer, size)
            self._send_body(answer.body, min(part, max(0, size - 1)))
        elif fault.kind == "short":
            self._head(answer, part)
            self._send_body(answer.body, part)
        elif fault.kind == "empty":
            self._send(Answer(200, answer.headers))
        elif fault.kind == "html":
            self._send(Answer(200, {"Content-Type": "text/html; charset=utf-8"}, _HTML))
        elif fault.kind == "gzip" and "Content-Encoding" in answer.headers:
            self._send(answer)
        elif fault.kind == "gzip":
            packed = gzip.compress(_read(answer.body), mtime=0)
            headers = {**answer.headers, "Content-Encoding": "gzip"}
            self._send(Answer(answer.status, headers, packed, answer.etag, answer.last_modified))
        else:
            self._send_chunked(answer)

    def _send_chunked(self, answer: Answer) -> None:
        answer.headers["Transfer-Encoding"] = "chunked"
        self._head(answer, None)
        body = _read(answer.body)
        for start in range(0, len(body), _CHUNK):
            piece = body[start : start + _CHUNK]
            self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        self.wfile.write(b"0\r\n\r\n")


def _size(body: bytes | Path) -> int:
    return len(body) if isinstance(body, bytes) else body.stat().st_size


def _read(body: bytes | Path) -> bytes:
    return body if isinstance(body, bytes) else body.read_bytes()


def _refusal(fault: Fault) -> Answer | None:
    """The answer of a fault that refuses the request outright."""
    if fault.kind == "303":
        return Answer(303, {"Location": str(fault.args["location"])})
    if fault.kind not in STATUS_KINDS:
        return None
    status = STATUS_KINDS[fault.kind]
    answer = as_text(HTTPStatus(status).phrase, status)
    if "retry_after" in fault.args:
        answer.headers["Retry-After"] = str(fault.args["retry_after"])
    if "reset_ms" in fault.args:
        answer.headers["X-RateLimit-Reset"] = str(fault.args["reset_ms"])
    return answer
