"""The landing store: every download kept for good under the sha256 of its bytes.

Layout: `objects/ab/abcdef...` holds finished objects, `incoming/` holds what is being written. An object is
made by an atomic link from `incoming/`, so a reader never sees half of one and nothing is ever overwritten.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import stat
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from upath import UPath

from ingest.errors import BadFile, NisError, UsageError
from ingest.logs import logger

CHUNK = 1 << 20
SYNC_EVERY = 32 << 20
SHA256 = re.compile(r"[0-9a-f]{64}")
# Answers of file systems that have no hard links (some mounts of containers, exFAT, network shares).
_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EXDEV, errno.EMLINK}

_log = logger("landing")


class Incoming:
    """A download on its way into the store: a writer that counts and hashes what it is given."""

    def __init__(self, store: LandingStore, folder: Path) -> None:
        self._store = store
        descriptor, name = tempfile.mkstemp(prefix="landing-", dir=folder)
        self._path = Path(name)
        self._file = os.fdopen(descriptor, "w+b", buffering=0)
        self._hash = hashlib.sha256()
        self._committed = False
        self._syncing: threading.Thread | None = None
        self._synced = 0
        self.size = 0
        """Bytes written so far."""

    @property
    def sha256(self) -> str:
        """The sha256 of the bytes written so far, as 64 hexadecimal digits."""
        return self._hash.hexdigest()

    def write(self, data: bytes) -> int:
        """Append bytes; returns how many. Raises OSError when the disk is full."""
        self._hash.update(data)
        view = memoryview(data)
        while view:
            view = view[self._file.write(view) :]
        self.size += len(data)
        if self.size - self._synced >= SYNC_EVERY and not (self._syncing and self._syncing.is_alive()):
            # The disk begins while the download goes on, so that the commit has little left to wait for. Its own
            # fsync, which must succeed, comes at the end.
            self._synced = self.size
            self._syncing = threading.Thread(target=self._sync, daemon=True)
            self._syncing.start()
        return len(data)

    def _sync(self) -> None:
        with suppress(OSError):
            os.fdatasync(self._file.fileno())

    def _settle(self) -> None:
        if self._syncing is not None:
            self._syncing.join()

    def restart(self) -> None:
        """Forget everything written so far: the download begins again."""
        self._file.seek(0)
        self._file.truncate()
        self._hash = hashlib.sha256()
        self.size = 0

    def commit(self) -> bool:
        """Make the bytes an object of the store; True when the store did not hold them before.

        Raises NisError when the store holds another size under the same sha256: that object is damaged.
        """
        self._settle()
        os.fsync(self._file.fileno())
        self._file.close()
        new = self._store._keep(self._path, self.sha256, self.size)
        self._committed = True
        return new

    def discard(self) -> None:
        """Close and remove the temporary file, whatever became of it."""
        self._settle()
        self._file.close()
        self._path.unlink(missing_ok=True)


class LandingStore:
    """Content-addressed store in a local folder or under an address such as `s3://bucket/prefix`.

    Writers of several processes may share one store. Objects of a local store are read-only files.
    Raises UsageError when the driver for the address is not installed.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._root = UPath(url)
        protocol: str = self._root.protocol
        self._folder = Path(self._root.path) if protocol in {"", "file", "local"} else None
        if self._folder is None:
            try:
                _ = self._root.fs
            except ImportError as error:
                raise UsageError(
                    f"the landing store {url} needs a driver that is not installed: {error}",
                    hint="install the extra for it (`s3` for s3://), or set NIS_LANDING to a folder",
                ) from None

    def exists(self, sha256: str) -> bool:
        """Tell whether the store holds an object."""
        return bool(self._object(sha256).exists())

    def size(self, sha256: str) -> int:
        """Bytes of an object. Raises BadFile when the store does not hold it."""
        self._require(sha256)
        return int(self._object(sha256).stat().st_size)

    def open(self, sha256: str) -> BinaryIO:
        """Open an object for reading; the caller closes it. Raises BadFile when the store has none."""
        self._require(sha256)
        file: BinaryIO = self._object(sha256).open("rb")
        return file

    @contextmanager
    def local(self, sha256: str) -> Iterator[Path]:
        """A path on this machine with an object's bytes: the object, or a copy that lasts for the block.

        Raises BadFile when the store does not hold it.
        """
        self._require(sha256)
        if self._folder is not None:
            yield Path(self._object(sha256).path)
            return
        descriptor, name = tempfile.mkstemp(prefix="object-", dir=self._incoming_folder())
        path = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as target, self.open(sha256) as source:
                shutil.copyfileobj(source, target, CHUNK)
            yield path
        finally:
            path.unlink(missing_ok=True)

    def verify(self, sha256: str) -> bool:
        """Read an object again and tell whether its bytes still have its sha256."""
        digest = hashlib.sha256()
        with self.open(sha256) as source:
            while chunk := source.read(CHUNK):
                digest.update(chunk)
        return digest.hexdigest() == sha256

    @contextmanager
    def incoming(self) -> Iterator[Incoming]:
        """A writer for one download. Leaving the block without `commit()` leaves nothing behind."""
        writer = Incoming(self, self._incoming_folder())
        try:
            yield writer
        finally:
            writer.discard()

    def sweep(self, older_than_hours: float = 24.0) -> int:
        """Remove what killed processes left in `incoming/`; returns how many files.

        Files younger than `older_than_hours` may belong to a running download and stay.
        """
        before = time.time() - older_than_hours * 3600
        removed = 0
        for path in self._incoming_folder().iterdir():
            with suppress(FileNotFoundError):  # another process ended, or swept, in the meantime
                if path.is_file() and path.stat().st_mtime <= before:
                    path.unlink()
                    removed += 1
        if removed:
            _log.info("swept unfinished downloads", count=removed, older_than_hours=older_than_hours)
        return removed

    def _object(self, sha256: str) -> UPath:
        if not SHA256.fullmatch(sha256):
            raise UsageError(
                f"{sha256!r} is not the name of a landed object",
                hint="objects are named by their sha256: 64 lower-case hexadecimal digits",
            )
        return self._root / "objects" / sha256[:2] / sha256

    def _require(self, sha256: str) -> None:
        if not self.exists(sha256):
            raise BadFile(
                f"the landing store {self.url} holds no object {sha256}",
                hint="check that NIS_LANDING names the store it was landed in, or land the dataset again",
            )

    def _incoming_folder(self) -> Path:
        if self._folder is not None:
            folder = self._folder / "incoming"
            folder.mkdir(parents=True, exist_ok=True)
            return folder
        # Downloads for a remote store gather in a folder of our own, which must not be someone else's link.
        folder = Path(tempfile.gettempdir()) / f"nis-incoming-{os.getuid()}"
        folder.mkdir(mode=0o700, exist_ok=True)
        held = folder.lstat()
        if not stat.S_ISDIR(held.st_mode) or held.st_uid != os.getuid() or held.st_mode & 0o077:
            raise NisError(
                f"{folder} is not a private folder of this user",
                hint="remove it, or set TMPDIR to a folder that others cannot write to",
            )
        return folder

    def _keep(self, path: Path, sha256: str, size: int) -> bool:
        target = self._object(sha256)
        new = self._link(path, Path(target.path)) if self._folder is not None else self._upload(path, target)
        kept = int(target.stat().st_size)
        if kept != size:
            raise NisError(
                f"landing store {self.url}: object {sha256} has {kept} bytes where {size} were landed",
                hint="the object is damaged: move it out of the store and land the dataset again",
            )
        return new

    def _link(self, path: Path, final: Path) -> bool:
        final.parent.mkdir(parents=True, exist_ok=True)
        path.chmod(0o444)
        try:
            os.link(path, final)
        except FileExistsError:
            return False
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            if final.exists():
                return False
            # A racing writer could only put the same bytes here: the name is their hash.
            path.rename(final)
        _sync_folder(final.parent)
        _sync_folder(final.parent.parent)
        return True

    def _upload(self, path: Path, target: UPath) -> bool:
        if target.exists():
            return False
        target.fs.put_file(str(path), target.path)
        return True


def _sync_folder(folder: Path) -> None:
    """Make the names inside a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
