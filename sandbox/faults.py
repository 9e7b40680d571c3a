"""Faults on demand: which requests go wrong, and which releases differ from the usual ones."""

from __future__ import annotations

import itertools
import re
import threading
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatchcase
from typing import Any

STATUS_KINDS = {
    "401": 401,
    "403": 403,
    "404": 404,
    "410": 410,
    "429": 429,
    "500": 500,
    "503": 503,
    "504": 504,
}
WIRE_KINDS = frozenset({*STATUS_KINDS, "303", "timeout", "drop", "short", "empty", "html", "gzip", "chunked"})
"""Kinds that spoil single answers; the release stays what it is."""

CONTENT_KINDS = frozenset(
    {
        "revise", "rename_column", "withdraw", "bad_number", "unknown_area", "cp1252", "missing_sheet", "bomb",
        "permute", "bom", "crlf", "pages",
    }
)  # fmt: skip
"""Kinds that make a new release: other bytes, other validators, another asset id."""

_ASSET_ID = re.compile(r"(?<=/media/)[0-9a-f]{24}(?=/)")


class FaultError(ValueError):
    """A fault that was asked for cannot be made; the message says why."""


@dataclass(slots=True)
class Fault:
    """One fault: a glob on `/host/path`, its kind, and how often it strikes."""

    id: int
    path: str
    kind: str
    times: int
    after: int = 0
    args: dict[str, Any] = field(default_factory=dict)
    seen: int = 0
    struck: int = 0

    def key(self) -> tuple[str, str]:
        """What a release's bytes depend on."""
        return self.kind, repr(sorted(self.args.items()))


def _whole(body: dict[str, Any], name: str, default: int) -> int:
    value = body.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise FaultError(f"{name} is {value!r}; it must be a whole number, 0 or more")
    return value


class FaultBook:
    """The faults in force; safe to use from several threads."""

    def __init__(self) -> None:
        """Start without faults."""
        self._lock = threading.Lock()
        self._ids = itertools.count(1)
        self._faults: list[Fault] = []

    def add(self, body: object) -> dict[str, Any]:
        """Add a fault from a decoded JSON object and give it back as stored.

        Keys: path (glob on /host/path), kind, times (0 = for ever; default 1 for faults of single answers),
        after (requests that pass first), args. Raises FaultError when a key is missing or wrong.
        """
        if not isinstance(body, dict):
            raise FaultError("the body must be a JSON object with at least path and kind")
        if unknown := set(body) - {"path", "kind", "times", "after", "args"}:
            raise FaultError(f"unknown keys {sorted(unknown)}; known are path, kind, times, after, args")
        path, kind, args = body.get("path"), str(body.get("kind", "")), body.get("args", {})
        if not isinstance(path, str) or not path:
            raise FaultError("path is missing: give a glob on /host/path, such as /www.nomisweb.co.uk/*")
        if kind not in WIRE_KINDS | CONTENT_KINDS:
            raise FaultError(f"kind {kind!r} is unknown; known are {', '.join(sorted(WIRE_KINDS | CONTENT_KINDS))}")
        if not isinstance(args, dict):
            raise FaultError("args must be a JSON object")
        needed = {"rename_column": ("from", "to"), "303": ("location",)}.get(kind, ())
        if missing := [name for name in needed if not isinstance(args.get(name), str)]:
            raise FaultError(f"{kind} needs args {missing} as text")
        times, after = _whole(body, "times", 1), _whole(body, "after", 0)
        if kind in CONTENT_KINDS:
            # A release stays until it is deleted, and the glob must go on matching when the asset id rotates.
            times, after, path = 0, 0, _ASSET_ID.sub("*", path)
        with self._lock:
            fault = Fault(next(self._ids), path, kind, times, after, dict(args))
            self._faults.append(fault)
            return asdict(fault)

    def all(self) -> list[dict[str, Any]]:
        """All faults with how often they were met and struck."""
        with self._lock:
            return [asdict(fault) for fault in self._faults]

    def clear(self, fault_id: int | None = None) -> int:
        """Remove one fault, or all; returns how many went."""
        with self._lock:
            kept = [fault for fault in self._faults if fault_id is not None and fault.id != fault_id]
            gone = len(self._faults) - len(kept)
            self._faults = kept
            return gone

    def strike(self, path: str) -> Fault | None:
        """The fault that spoils the answer to this request, if any; counts the request."""
        with self._lock:
            for fault in self._faults:
                if fault.kind not in WIRE_KINDS or not fnmatchcase(path, fault.path):
                    continue
                fault.seen += 1
                if fault.seen > fault.after and (fault.times == 0 or fault.struck < fault.times):
                    fault.struck += 1
                    return fault
            return None

    def edits(self, addresses: Iterable[str]) -> tuple[Fault, ...]:
        """Content faults whose glob matches one of a document's addresses, oldest first."""
        addresses = list(addresses)
        with self._lock:
            return tuple(
                fault
                for fault in self._faults
                if fault.kind in CONTENT_KINDS and any(fnmatchcase(address, fault.path) for address in addresses)
            )
