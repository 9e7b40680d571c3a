"""Zip archives, opened with a limit on what they unpack to."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from ingest.errors import BadFile


@contextmanager
def checked(where: str, file: BinaryIO, limit: int) -> Iterator[zipfile.ZipFile]:
    """An archive whose members together unpack to at most `limit` bytes.

    Raises BadFile for an archive that is broken, encrypted, or too large.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            size = sum(member.file_size for member in archive.infolist())
            if size > limit:
                raise BadFile(
                    f"{where}: the archive unpacks to {size:,} bytes; the contract allows {limit:,}",
                    hint="nothing was unpacked; raise max_bytes in the contract if the body really sends that much",
                )
            if any(member.flag_bits & 0x1 for member in archive.infolist()):
                raise BadFile(f"{where}: the archive is encrypted", hint="ask the body for an open file")
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise BadFile(f"{where}: not a readable archive: {error}", hint="the download was cut short") from error


def members(where: str, archive: zipfile.ZipFile, pattern: str) -> list[str]:
    """Names of the members that match a pattern, sorted.

    Raises BadFile naming what is there when none matches.
    """
    found = sorted(name for name in archive.namelist() if re.fullmatch(pattern, name))
    if not found:
        shown = ", ".join(archive.namelist()[:8])
        raise BadFile(
            f"{where}: no member matches {pattern!r}; the archive has {shown}",
            hint="if the body renamed its files, change the member pattern in the contract",
        )
    return found


class Rewindable(io.RawIOBase):
    """A member of an archive that can be rewound to its start, as the header reader needs."""

    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        self._archive, self._name = archive, name
        self._member = archive.open(name)

    def readable(self) -> bool:
        """Members can be read."""
        return True

    def seekable(self) -> bool:
        """Members can be rewound."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to an offset from the start, by reading the member again."""
        if whence != io.SEEK_SET:
            raise io.UnsupportedOperation("members are only sought from their start")
        self._member.close()
        self._member = self._archive.open(self._name)
        self._member.read(offset)
        return offset

    def read(self, size: int = -1) -> bytes:
        """Read some bytes."""
        return self._member.read(size)

    def readinto(self, buffer: object) -> int:
        """Read into a buffer."""
        view = memoryview(buffer)  # type: ignore[arg-type]
        data = self._member.read(len(view))
        view[: len(data)] = data
        return len(data)
