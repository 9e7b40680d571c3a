"""Made returns: the sandbox stands in for the senders, and each of its returns is sent once."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from ingest import database, processes
from ingest.returns.inbox import SUFFIX, Inbox
from ingest.settings import ROOT, Settings

STAMP = ".stamp"
MAKERS = ("sandbox", "dbt_project/seeds")
"""What the made returns depend on."""


def send_made(settings: Settings) -> int:
    """Put what is new of the sandbox's returns into the inbox; returns how many.

    What was sent before is not sent again, so that a correction or a withdrawal by hand is not undone.
    """
    sent = settings.home / "sandbox" / "returns"
    stamp = _stamp()
    if not _any_received(settings):
        shutil.rmtree(sent, ignore_errors=True)  # a new warehouse knows nothing of them
    elif (sent / STAMP).is_file() and (sent / STAMP).read_text() == stamp:
        return 0
    made = sent.with_name("returns.new")
    shutil.rmtree(made, ignore_errors=True)
    processes.make_returns(settings, made)
    inbox, count = Inbox(settings.inbox_url), 0
    for path in sorted(made.glob(f"*/*{SUFFIX}")):
        known = sent / path.relative_to(made)
        data = path.read_bytes()
        if known.is_file() and known.read_bytes() == data:
            continue
        inbox.put(path.parent.name, path.name, data)
        known.parent.mkdir(parents=True, exist_ok=True)
        path.replace(known)
        count += 1
    shutil.rmtree(made, ignore_errors=True)
    sent.mkdir(parents=True, exist_ok=True)
    (sent / STAMP).write_text(stamp)
    return count


def _any_received(settings: Settings) -> bool:
    with database.connect(settings, "nis_loader") as connection:
        row = connection.execute("select exists (select from ops.return)").fetchone()
    return row is not None and bool(row[0])


def _stamp(root: Path = ROOT) -> str:
    """A text that changes with the files the made returns depend on."""
    digest = hashlib.sha256()
    for folder in MAKERS:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in {".py", ".csv"}:
                status = path.stat()
                digest.update(f"{path.relative_to(root)}:{status.st_size}:{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()
