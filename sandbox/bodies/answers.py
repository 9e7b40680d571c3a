"""What a request asks and what is sent back, free of sockets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs


@dataclass(frozen=True, slots=True)
class Request:
    """A request below a host: method, host, path (with a leading slash), query, body text and headers by lower name."""

    method: str
    host: str
    path: str
    query: str
    form: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def target_length(self) -> int:
        """Length of the URL as the real body would see it."""
        return len(f"https://{self.host}{self.path}") + (len(self.query) + 1 if self.query else 0)

    def fields(self, *, lower: bool = False) -> dict[str, str]:
        """Query and form fields; a field given twice is joined with commas."""
        parsed = parse_qs(self.query, keep_blank_values=True)
        for name, values in parse_qs(self.form, keep_blank_values=True).items():
            parsed.setdefault(name, []).extend(values)
        return {(name.lower() if lower else name): ",".join(values) for name, values in parsed.items()}


@dataclass(slots=True)
class Answer:
    """A status, headers and a body: bytes, or a file that is streamed."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | Path = b""
    etag: str = ""
    last_modified: str = ""


def as_json(value: object, status: int = 200, **headers: str) -> Answer:
    """A JSON answer."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return Answer(status, {"Content-Type": "application/json", **headers}, body)


def as_text(text: str, status: int = 200) -> Answer:
    """A plain text answer."""
    return Answer(status, {"Content-Type": "text/plain; charset=utf-8"}, text.encode())
