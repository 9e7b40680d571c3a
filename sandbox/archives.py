"""Zip archives with fixed timestamps, and an archive that unpacks to far more than it weighs."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path

_EPOCH = (1980, 1, 1, 0, 0, 0)
_DOS_DATE = 0x21  # 1 January 1980
_BLOCK = 1 << 20
_LIMIT = 0xFFFFFFFF


def entry(name: str, *, stored: bool = False) -> zipfile.ZipInfo:
    """A member's header that is the same on every day and machine."""
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    info.create_system = 3
    return info


def write_zip(target: Path, members: Iterable[tuple[str, bytes | Path]]) -> None:
    """Write members (name, bytes or file) in the order given; the same input gives the same bytes."""
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in members:
            info = entry(name)
            if isinstance(content, bytes):
                archive.writestr(info, content)
                continue
            with content.open("rb") as source, archive.open(info, "w") as sink:
                while chunk := source.read(_BLOCK):
                    sink.write(chunk)


def write_bomb(target: Path, unpacked: int, small: Iterable[tuple[str, bytes]], name: str) -> None:
    """Write an archive whose last member unpacks to `unpacked` bytes of zeros (below 4 GiB).

    One block is compressed once and its output repeated, so a gigabyte costs about a megabyte and
    a fraction of a second. Raises ValueError when `unpacked` is 4 GiB or more.
    """
    if not 0 <= unpacked < _LIMIT:
        raise ValueError(f"a bomb of {unpacked} bytes is not possible; ask for 0 to {_LIMIT - 1}")
    zeros = bytes(_BLOCK)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(zeros) + packer.flush(zlib.Z_FULL_FLUSH)
    whole, rest = divmod(unpacked, _BLOCK)
    crc = 0
    for _ in range(whole):
        crc = zlib.crc32(zeros, crc)
    crc = zlib.crc32(bytes(rest), crc)
    last = zlib.compressobj(9, zlib.DEFLATED, -15)
    tail = last.compress(bytes(rest)) + last.flush()
    entries = [(member, 0, zlib.crc32(content), len(content), len(content)) for member, content in small]
    bodies = [content for _, content in small]
    entries.append((name, 8, crc, len(block) * whole + len(tail), unpacked))
    with target.open("wb") as file:
        central = b""
        for index, (member, method, check, packed, size) in enumerate(entries):
            offset, title = file.tell(), member.encode()
            common = struct.pack("<HHHHHIIIHH", 20, 0, method, 0, _DOS_DATE, check, packed, size, len(title), 0)
            file.write(b"PK\x03\x04" + common + title)
            if index < len(bodies):
                file.write(bodies[index])
            else:
                for _ in range(whole):
                    file.write(block)
                file.write(tail)
            central += b"PK\x01\x02\x14\x00" + common + struct.pack("<HHHII", 0, 0, 0, 0, offset) + title
        start = file.tell()
        file.write(central)
        count = len(entries)
        file.write(b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, count, count, len(central), start, 0))
