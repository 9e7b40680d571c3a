"""Archives: opened only when they are whole, open and of a size that the contract allows."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable

import pytest

from ingest.contract import Column, Delimited, Table
from ingest.errors import BadFile
from ingest.readers import archive
from ingest.readers.delimited import copy_header

MEGABYTE = 1 << 20


def message(action: Callable[[], object]) -> str:
    """The message of a refusal, which must name a way out too."""
    with pytest.raises(BadFile) as caught:
        action()
    assert caught.value.hint
    assert caught.value.message.startswith("ds/all (f.csv): ")
    return caught.value.message.removeprefix("ds/all (f.csv): ")


def zipped(members: dict[str, bytes]) -> bytearray:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in members.items():
            made.writestr(name, data)
    return bytearray(target.getvalue())


def open_archive(data: bytes | bytearray, limit: int = MEGABYTE) -> list[str]:
    with archive.checked("ds/all (f.csv)", io.BytesIO(data), limit) as opened:
        return archive.members("ds/all (f.csv)", opened, r".*\.csv")


def test_members_are_found_by_pattern_in_their_order() -> None:
    assert open_archive(zipped({"b.csv": b"", "notes.txt": b"", "a.csv": b""})) == ["a.csv", "b.csv"]


def test_archive_without_a_member_lists_what_it_has() -> None:
    told = message(lambda: open_archive(zipped({"one.txt": b"x", "two.pdf": b"y"})))
    assert told == "no member matches '.*\\\\.csv'; the archive has one.txt, two.pdf"


def test_encrypted_archive_is_refused() -> None:
    data = zipped({"a.csv": b"a,b\n"})
    data[6] |= 1  # general purpose flags of the member's own header
    data[data.index(b"PK\x01\x02") + 8] |= 1  # and of the directory
    assert message(lambda: open_archive(data)) == "the archive is encrypted"


def test_archive_that_unpacks_to_too_much_is_refused() -> None:
    data = zipped({"a.csv": b"0" * (2 * MEGABYTE)})
    assert len(data) < 10_000
    assert message(lambda: open_archive(data)) == (
        "the archive unpacks to 2,097,152 bytes; the contract allows 1,048,576"
    )
    assert open_archive(data, 2 * MEGABYTE) == ["a.csv"]


def test_archive_that_claims_100_gigabytes_is_refused_unopened() -> None:
    data = zipped({"a.csv": b"a,b\n"})
    at = data.index(b"PK\x01\x02")
    # The size field says "look in the zip64 field", which says 100 GB.
    struct.pack_into("<I", data, at + 24, 0xFFFFFFFF)
    struct.pack_into("<H", data, at + 30, 12)
    name_ends = at + 46 + len("a.csv")
    data[name_ends:name_ends] = struct.pack("<HHQ", 1, 8, 100 * 10**9)
    end = data.index(b"PK\x05\x06")
    struct.pack_into("<I", data, end + 12, end - at)
    assert message(lambda: open_archive(data, 4 * 1024**3)) == (
        "the archive unpacks to 100,000,000,000 bytes; the contract allows 4,294,967,296"
    )


def test_member_that_holds_more_than_it_claims_is_refused() -> None:
    data = zipped({"a.csv": b"0" * MEGABYTE})
    struct.pack_into("<I", data, data.index(b"PK\x01\x02") + 24, 10)

    def read() -> bytes:
        with archive.checked("ds/all (f.csv)", io.BytesIO(data), MEGABYTE) as opened:
            return archive.Rewindable(opened, "a.csv").read()

    assert message(read).startswith("not a readable archive: Bad CRC-32")


@pytest.mark.parametrize("keep", [0, 10, 60, 110])
def test_archive_that_was_cut_short_is_refused(keep: int) -> None:
    data = zipped({"a.csv": b"a,b\n1,2\n"})[:keep]
    assert message(lambda: open_archive(data)).startswith("not a readable archive")


def test_scrambled_member_is_refused() -> None:
    data = zipped({"a.csv": bytes(range(48, 58)) * 1000})
    data[36:50] = b"\xff" * 14

    def read() -> bytes:
        with archive.checked("ds/all (f.csv)", io.BytesIO(data), MEGABYTE) as opened:
            return archive.Rewindable(opened, "a.csv").read()

    assert message(read).startswith("not a readable archive")


def test_member_can_be_rewound_to_where_copy_starts() -> None:
    with zipfile.ZipFile(io.BytesIO(zipped({"a.csv": b"\xef\xbb\xbfa,b\n1,2\n"}))) as opened:
        reader = Delimited(member=".*")
        member = io.BufferedReader(archive.Rewindable(opened, "a.csv"), 16)
        assert copy_header("ds", Table((Column("a"), Column("b")), reader), reader, member) == ["a", "b"]
        assert member.read() == b"a,b\n1,2\n"
        with pytest.raises(io.UnsupportedOperation):
            archive.Rewindable(opened, "a.csv").seek(0, io.SEEK_END)
