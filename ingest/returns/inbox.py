"""The inbox: a drop folder or a bucket, `<inbox>/<dataset_id>/<sender>.csv`.

A file is taken out once it is recorded; `<sender>.receipt.json` then tells the sender what became of it.
Names that begin with a dot are passed over: write under such a name and rename, so that no half file is read.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from upath import UPath

from ingest.contract import Dataset, Returns
from ingest.errors import NisError, UsageError
from ingest.logs import logger
from ingest.returns.record import Receipt, receive, too_large
from ingest.returns.validate import SENDER, pushed
from ingest.settings import Settings

SUFFIX = ".csv"
_log = logger("returns")


@dataclass
class Taken:
    """What was in the inbox."""

    accepted: int = 0
    already: int = 0
    refused: list[str] = field(default_factory=list)
    """For people: who sent it and what is wrong."""


class Inbox:
    """Files that wait to be taken in, in a folder or under an address such as `s3://bucket/prefix`.

    Raises UsageError when the driver for the address is not installed.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._root = UPath(url)
        try:
            _ = self._root.fs
        except ImportError as error:
            raise UsageError(
                f"the inbox {url} needs a driver that is not installed: {error}",
                hint="install the extra for it (`s3` for s3://), or set NIS_RETURNS to a folder",
            ) from None

    def waiting(self, dataset_id: str) -> Iterator[tuple[str, UPath]]:
        """Name without suffix, and path, of the files that wait for a dataset."""
        for path in _entries(self._root / dataset_id):
            if path.name.endswith(SUFFIX) and not path.name.startswith("."):
                yield path.name.removesuffix(SUFFIX), path

    def strays(self) -> list[str]:
        """Folders of no dataset that anybody sends."""
        known = pushed()
        return [path.name for path in _entries(self._root) if not path.name.startswith(".") and path.name not in known]

    def put(self, dataset_id: str, name: str, data: bytes) -> None:
        """Write a file whole: a reader sees all of it or nothing."""
        folder = self._root / dataset_id
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / name
        if target.protocol not in {"", "file", "local"}:
            target.write_bytes(data)
            return
        descriptor, temporary = tempfile.mkstemp(prefix=".", dir=folder.path)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(target.path)


def _entries(folder: UPath) -> list[UPath]:
    try:
        return sorted(folder.iterdir(), key=lambda path: str(path.name))
    except (FileNotFoundError, NotADirectoryError):
        return []


def take_in(settings: Settings, datasets: Sequence[Dataset]) -> Taken:
    """Judge and record what waits in the inbox for some datasets.

    A refused file does not stop the others. One that changes while it is read is left for the next time.
    """
    taken = Taken()
    sent = [dataset for dataset in datasets if isinstance(dataset.source, Returns)]
    if not sent:
        return taken
    inbox = Inbox(settings.inbox_url)
    for name in inbox.strays():
        _log.warning("nobody reads this folder of the inbox", folder=name, known=sorted(pushed()))
    for dataset in sent:
        for sender, path in inbox.waiting(dataset.dataset_id):
            try:
                receipt = _take(settings, inbox, dataset.dataset_id, sender, path)
            except FileNotFoundError:
                continue  # taken back in the meantime
            except (NisError, OSError) as error:
                taken.refused.append(f"{dataset.dataset_id}/{sender}: {error}")
                continue
            if receipt is None:
                continue
            taken.already += receipt.already
            taken.accepted += not receipt.refused and not receipt.already
            if receipt.refused and not receipt.already:
                taken.refused.append(_told(receipt))
    return taken


def _take(settings: Settings, inbox: Inbox, dataset_id: str, sender: str, path: UPath) -> Receipt | None:
    before = path.stat()
    if not SENDER.fullmatch(sender):
        raise UsageError(
            f"the file name {path.name!r} names no sender",
            hint="name it <sender>.csv: lower-case letters, digits and dashes, at most 63",
        )
    if before.st_size > settings.returns_max_bytes:
        raise too_large(dataset_id, before.st_size, settings)
    data = path.read_bytes()
    if _changed(before, path):
        _log.info("still being written", dataset=dataset_id, sender=sender)
        return None
    receipt = receive(settings, dataset_id, sender, data, "inbox")
    inbox.put(dataset_id, f"{sender}.receipt.json", json.dumps(receipt.as_dict(), indent=2).encode() + b"\n")
    if not _changed(before, path):
        path.unlink()
    return receipt


def _changed(before: os.stat_result, path: UPath) -> bool:
    now = path.stat()
    return (before.st_size, before.st_mtime) != (now.st_size, now.st_mtime)


def _told(receipt: Receipt) -> str:
    first = receipt.faults[0]
    more = f"; {receipt.fault_count - 1} more" if receipt.fault_count > 1 else ""
    where = f"row {first['row']}" if first["row"] else "file"
    return (
        f"{receipt.dataset_id} from {receipt.sender}: {where}, column {first['column']!r}, value {first['value']!r}: "
        f"{first['way_out']}{more}\n  way out: `nis returns show {receipt.return_id}` lists all; the sender corrects "
        "the file and sends it again, and its last good return stays in use"
    )
