"""A temporary file for one page of a paged download, and the joining of pages."""

from __future__ import annotations

import csv
import io
import shutil
import tempfile
from collections.abc import Iterator
from types import TracebackType
from typing import BinaryIO

from ingest.bodies.http import CHUNK, Sink
from ingest.errors import BodyError

BOM = b"\xef\xbb\xbf"


class Scratch:
    """A page on its way: written like a download, then read back. Use it as a context manager."""

    def __init__(self, about: str) -> None:
        self._about = about
        self.file: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115 - closed by __exit__

    def __enter__(self) -> Scratch:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.file.close()

    def write(self, data: bytes) -> int:
        """Append bytes."""
        return self.file.write(data)

    def restart(self) -> None:
        """Forget what was written."""
        self.file.seek(0)
        self.file.truncate()

    def header(self) -> tuple[list[str], int]:
        """The cells of the header record and the place of the byte after it; no cells when the page is empty.

        A cell may hold line breaks, so the record is read as CSV and its lines are counted in bytes.
        """
        self.file.seek(0)
        read = 0

        def lines() -> Iterator[str]:
            nonlocal read
            for line in self.file:
                read += len(line)
                yield line.removeprefix(BOM).decode("utf-8", "replace")

        try:
            return next(csv.reader(lines()), []), read
        except csv.Error as error:
            raise self._not_csv(1, error) from None

    def records(self) -> Iterator[list[str]]:
        """The records after the header; empty lines are passed over."""
        _, start = self.header()
        self.file.seek(start)
        text = io.TextIOWrapper(self.file, encoding="utf-8", errors="replace", newline="")
        reader = csv.reader(text)
        try:
            yield from (record for record in reader if record)
        except csv.Error as error:
            raise self._not_csv(reader.line_num, error) from None
        finally:
            text.detach()

    def append_to(self, sink: Sink, *, with_header: bool) -> None:
        """Write the page to `sink`, its bytes unchanged, with a line end after the last record."""
        start = 0 if with_header else self.header()[1]
        end = self.file.seek(0, io.SEEK_END)
        if end <= start:
            return
        self.file.seek(start)
        shutil.copyfileobj(self.file, sink, CHUNK)
        self.file.seek(-1, io.SEEK_END)
        if self.file.read(1) != b"\n":
            sink.write(b"\r\n" if self._has_crlf() else b"\n")

    def _not_csv(self, line: int, error: csv.Error) -> BodyError:
        return BodyError(
            f"{self._about}: the answer is not CSV near line {line}: {error}",
            hint="the body's answer is damaged: try again later",
        )

    def _has_crlf(self) -> bool:
        self.file.seek(0)
        return self.file.readline().endswith(b"\r\n")
