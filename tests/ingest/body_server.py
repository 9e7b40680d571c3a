"""A scripted body on a real socket: says exactly what a test tells it to, and remembers what it was asked."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Literal
from urllib.parse import parse_qs, urlsplit

from ingest.contract import Body, BulkFiles, Column, Dataset, Delimited, Domain, Source, Table
from ingest.settings import Settings


@dataclass(frozen=True)
class Request:
    """What the client asked."""

    method: str
    path: str
    query: dict[str, str]
    form: dict[str, str]
    text: str
    headers: dict[str, str]
    at: float


@dataclass(frozen=True)
class Reply:
    """What the body says."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    fault: Literal["", "drop", "chunked", "chunked-break", "hang"] = ""


Answering = Callable[[Request], Reply]


class BodyServer:
    """The server; each path has its replies in order, the last of which is repeated."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self._scripts: dict[str, list[Reply | Answering]] = {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer._serve(self)

            def do_POST(self) -> None:
                outer._serve(self)

            def log_message(self, format: str, *args: object) -> None:
                """Keep the test output clean."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> BodyServer:
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def says(self, path: str, *replies: Reply | Answering | bytes) -> str:
        """Script a path; returns its address."""
        self._scripts[path] = [Reply(body=item) if isinstance(item, bytes) else item for item in replies]
        return self.url + path

    def paths(self) -> list[str]:
        """Paths asked for, in order."""
        return [request.path for request in self.requests]

    def settings(self, **changes: object) -> Settings:
        """Settings that point every body here and hardly wait."""
        values: dict[str, object] = {
            "sandbox_url": self.url,
            "retry_max_wait": 0.05,
            "retry_attempts": 4,
            "read_timeout": 0.4,
            **changes,
        }
        return Settings.model_validate(values)

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        form = handler.rfile.read(int(handler.headers.get("Content-Length", 0))).decode()
        request = Request(
            handler.command,
            parts.path,
            _flat(parts.query),
            _flat(form),
            form,
            {name.lower(): value for name, value in handler.headers.items()},
            time.monotonic(),
        )
        self.requests.append(request)
        script = self._scripts.get(parts.path, [Reply(404, b"no such path")])
        reply = script.pop(0) if len(script) > 1 else script[0]
        if not isinstance(reply, Reply):
            reply = reply(request)
        if reply.fault == "hang":
            time.sleep(0.8)
            handler.close_connection = True
            return
        handler.send_response(reply.status)
        for name, value in reply.headers.items():
            handler.send_header(name, value)
        if reply.fault.startswith("chunked"):
            handler.send_header("Transfer-Encoding", "chunked")
            handler.end_headers()
            for piece in _pieces(reply.body):
                handler.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
                if reply.fault == "chunked-break":
                    handler.close_connection = True
                    return
            handler.wfile.write(b"0\r\n\r\n")
            return
        handler.send_header("Content-Length", str(len(reply.body)))
        handler.end_headers()
        if reply.fault == "drop":
            handler.wfile.write(reply.body[: len(reply.body) // 2])
            handler.close_connection = True
        else:
            handler.wfile.write(reply.body)


def bulk_dataset(*files: tuple[str, str], media: str = "csv", max_bytes: int = 1 << 20) -> Dataset:
    """A dataset of files at fixed addresses."""
    return dataset(BulkFiles(files or (("all", "/file.csv"),)), media=media, max_bytes=max_bytes)


def dataset(source: Source, body: Body = Body.DFT, media: str = "csv", max_bytes: int = 1 << 20) -> Dataset:
    """A dataset with one column, for tests that only move bytes."""
    return Dataset(
        dataset_id="test_series",
        domain=Domain.TRANSPORT,
        title="A series",
        publisher="A body",
        body=body,
        source=source,
        tables=(Table(columns=(Column("a"),), reader=Delimited()),),
        media=media,
        max_bytes=max_bytes,
    )


def _flat(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}


def _pieces(data: bytes) -> Iterable[bytes]:
    size = max(1, len(data) // 3)
    return (data[start : start + size] for start in range(0, len(data), size))
