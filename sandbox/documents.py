"""Files the stand-in hands out: how each is made, kept in a cache folder and stamped as a release."""

from __future__ import annotations

import hashlib
import os
import re
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

from sandbox.archives import write_bomb
from sandbox.edits import Columns, edit_csv, edit_sheets
from sandbox.faults import Fault, FaultBook, FaultError
from sandbox.spreadsheets import SheetData, write_workbook

ASSETS = "/assets.publishing.service.gov.uk/media"


@dataclass(frozen=True, slots=True)
class Document:
    """One file of a body: where its bytes come from and under which addresses it is known.

    Exactly one of `file` (genuine bytes), `write` (writes a made text file) and `sheets` (sheets of a made
    workbook; its argument is the share of areas that a revision changes) is given. `pack` wraps the text into
    the file that is served, for archives.
    """

    name: str
    filename: str
    media_type: str
    addresses: tuple[str, ...] = ()
    page: str = ""
    title: str = ""
    updated: datetime = datetime(2011, 12, 1, 9, 30, tzinfo=UTC)
    file: Path | None = None
    write: Callable[[Path], None] | None = None
    sheets: Callable[[float], list[SheetData]] | None = None
    pack: Callable[[Path, Path], None] | None = None
    columns: Columns = field(default_factory=Columns)

    @property
    def known_as(self) -> tuple[str, ...]:
        """Everything that the glob of a content fault may match."""
        page = (f"/www.gov.uk/api/content{self.page}", f"{ASSETS}/{'0' * 24}/{self.filename}") if self.page else ()
        return (*self.addresses, *page)

    def make(self, path: Path) -> None:
        """Write the made text or workbook, as it is before any edit.

        Raises FaultError for a document that is not made.
        """
        if self.sheets is not None:
            write_workbook(path, self.sheets(0.0))
        elif self.write is not None:
            self.write(path)
        else:
            raise FaultError(f"{self.name}: the document has no source")


Make = Callable[[Document, Path], None]


@dataclass(frozen=True, slots=True)
class Release:
    """The bytes of a document as they stand now."""

    path: Path
    sha256: str
    size: int
    updated: datetime
    revisions: int
    withdrawn: str = ""

    @property
    def etag(self) -> str:
        """Strong validator made from the content."""
        return f'"{self.sha256[:32]}"'

    @property
    def last_modified(self) -> str:
        """HTTP date of the release."""
        return format_datetime(self.updated, usegmt=True)

    @property
    def asset_id(self) -> str:
        """Hexadecimal id in the address of a GOV.UK asset; it rotates with the content."""
        return self.sha256[:24]


class Shelf:
    """Keeps the documents' bytes in a cache folder; each is made once, at its first request."""

    def __init__(self, cache: Path, stamp: str, seed: str, faults: FaultBook, make: Make = Document.make) -> None:
        """Use `cache` for files; `stamp` keeps files of other code, seeds or origins apart; `make` writes one."""
        self._folder = cache / stamp
        self._folder.mkdir(parents=True, exist_ok=True)
        self._seed, self._faults, self._make = seed, faults, make
        self._lock = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}
        self._digests: dict[str, tuple[str, int]] = {}

    def edits(self, document: Document) -> tuple[Fault, ...]:
        """Content faults in force for a document; a note without figures can only be withdrawn."""
        found = self._faults.edits(document.known_as)
        if document.media_type == "text/plain":
            return tuple(fault for fault in found if fault.kind == "withdraw")
        return found

    def text(self, document: Document, *skip: str) -> Path:
        """The document's text or workbook with its edits but for the kinds to skip, before it is packed.

        Raises FaultError when an edit cannot be made on this kind of file.
        """
        edits = [fault for fault in self.edits(document) if fault.kind not in ("withdraw", "bomb", "pages", *skip)]
        base = self._base(document)
        if not edits:
            return base
        seed = f"{self._seed}:{document.name}"
        if document.sheets is not None:
            build = document.sheets
            return self._made(
                document.name,
                _key(edits) + Path(document.filename).suffix,
                lambda path: write_workbook(path, edit_sheets(build, edits, document.columns, seed)),
            )
        if base.suffix != ".csv":
            raise FaultError(f"{document.filename}: genuine workbooks are served as they are; edit CSV files")
        if any(fault.kind == "missing_sheet" for fault in edits):
            raise FaultError(f"{document.filename}: a CSV file has no sheets")
        return self._made(
            document.name,
            _key(edits) + ".csv",
            lambda path: edit_csv(base, path, edits, document.columns, seed),
        )

    def kept(self, source: Path, purpose: str, asked: str, make: Callable[[Path], None]) -> Path:
        """A file drawn from the text or workbook at `source`, written by `make` at its first request.

        `purpose` names and ends the file; `asked` tells apart what is drawn from one source.
        """
        status = source.stat()
        stated = f"{source}:{status.st_size}:{status.st_mtime_ns}:{asked}"
        return self._made(source.stem, f"{hashlib.sha256(stated.encode()).hexdigest()[:16]}.{purpose}", make)

    def release(self, document: Document) -> Release:
        """The bytes that are served now, with their validators."""
        edits = self.edits(document)
        withdrawn = next((f for f in reversed(edits) if f.kind == "withdraw"), None)
        bomb = next((f for f in reversed(edits) if f.kind == "bomb"), None)
        if bomb is not None:
            path = self._made(document.name, _key([bomb]) + ".zip", lambda target: _bomb(target, document, bomb))
        else:
            path = self.text(document)
            if document.pack is not None:
                pack, source = document.pack, path
                path = self._made(document.name, f"{source.stem}.packed", lambda target: pack(source, target))
        sha256, size = self._digest(path)
        return Release(
            path,
            sha256,
            size,
            document.updated + timedelta(days=sum(1 for f in edits if f.kind != "withdraw")),
            len(edits),
            str(withdrawn.args.get("explanation", "These figures were withdrawn.")) if withdrawn else "",
        )

    def _base(self, document: Document) -> Path:
        if document.file is not None:
            return document.file
        suffix = ".csv" if document.sheets is None else Path(document.filename).suffix
        return self._made(document.name, f"base{suffix}", lambda path: self._make(document, path))

    def _made(self, name: str, variant: str, make: Callable[[Path], None]) -> Path:
        target = self._folder / f"{name}-{variant}"
        with self._lock:
            lock = self._locks.setdefault(target.name, threading.Lock())
        with lock:
            if not target.exists():
                # The name keeps its ending (writers go by it); a killed run leaves no half file under the real name.
                rough = target.with_name(f"{os.getpid()}.tmp.{target.name}")
                try:
                    make(rough)
                    rough.replace(target)
                finally:
                    with suppress(FileNotFoundError):
                        rough.unlink()
        return target

    def _digest(self, path: Path) -> tuple[str, int]:
        status = path.stat()
        key = f"{path}:{status.st_size}:{status.st_mtime_ns}"
        if key not in self._digests:
            with path.open("rb") as file:
                self._digests[key] = (hashlib.file_digest(file, "sha256").hexdigest(), status.st_size)
        return self._digests[key]


def _key(edits: Sequence[Fault]) -> str:
    text = repr([fault.key() for fault in edits])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _bomb(target: Path, document: Document, fault: Fault) -> None:
    size = int(fault.args.get("bytes", 1 << 30))
    suffix = Path(document.filename).suffix
    if suffix == ".ods":
        write_bomb(target, size, [("mimetype", b"application/vnd.oasis.opendocument.spreadsheet")], "content.xml")
    elif suffix == ".xlsx":
        write_bomb(target, size, [("[Content_Types].xml", b"<Types/>")], "xl/worksheets/sheet1.xml")
    else:
        write_bomb(target, size, [], str(fault.args.get("member", "2020-08/2020-08-surrey-street.csv")))


def stamp_of(*parts: str, files: Sequence[Path]) -> str:
    """A short name for everything made files depend on: settings, code and seeds."""
    digest = hashlib.sha256("\n".join(parts).encode())
    for path in sorted(files):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return f"{re.sub(r'[^a-z0-9]+', '-', parts[0].lower())}-{digest.hexdigest()[:16]}"
