"""The landing store: nothing half-written, nothing overwritten, nothing lost."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest

from ingest.errors import BadFile, NisError, UsageError
from ingest.landing import LandingStore

ROOT = Path(__file__).resolve().parents[2]
# FIPS 180-2, appendix B.1 and the well-known value of the empty string.
ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.fixture(params=["folder", "file-url", "remote"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LandingStore:
    """A store in a folder, and one behind an object-store interface."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return LandingStore(
        {
            "folder": str(tmp_path / "landing"),
            "file-url": f"file://{tmp_path}/landing",
            "remote": f"memory://bucket-{uuid.uuid4().hex}/landing",
        }[request.param]
    )


def land(store: LandingStore, *pieces: bytes) -> tuple[str, bool]:
    with store.incoming() as writer:
        for piece in pieces:
            writer.write(piece)
        new = writer.commit()
        return writer.sha256, new


def test_object_is_named_by_its_sha256_and_read_back(store: LandingStore) -> None:
    assert land(store, b"a", b"bc") == (ABC, True)
    assert store.exists(ABC)
    assert store.size(ABC) == 3
    assert store.verify(ABC)
    with store.open(ABC) as source:
        assert source.read() == b"abc"
    with store.local(ABC) as path:
        assert path.read_bytes() == b"abc"


def test_same_bytes_again_are_not_new(store: LandingStore) -> None:
    land(store, b"abc")
    assert land(store, b"abc") == (ABC, False)


def test_empty_object_is_an_object(store: LandingStore) -> None:
    assert land(store) == (EMPTY, True)
    assert store.verify(EMPTY)


def test_restart_forgets_the_first_try(store: LandingStore) -> None:
    with store.incoming() as writer:
        writer.write(b"half of something much longer")
        writer.restart()
        writer.write(b"abc")
        writer.commit()
    assert store.verify(ABC)
    assert store.size(ABC) == 3


def test_block_left_without_commit_leaves_nothing(store: LandingStore) -> None:
    with pytest.raises(RuntimeError, match="stop"), store.incoming() as writer:
        writer.write(b"abc")
        raise RuntimeError("stop")
    assert not store.exists(ABC)
    assert store.sweep(older_than_hours=0) == 0


@pytest.mark.parametrize("name", ["", "ABC", ABC.upper(), ABC[:-1], "../" * 20 + "etc/passwd", ABC + "\n"])
def test_only_sha256_names_are_accepted(store: LandingStore, name: str) -> None:
    with pytest.raises(UsageError, match="not the name"):
        store.exists(name)


def test_missing_object_is_named(store: LandingStore) -> None:
    with pytest.raises(BadFile, match=ABC):
        store.open(ABC)


def test_existing_object_is_never_overwritten(tmp_path: Path) -> None:
    store = LandingStore(str(tmp_path))
    land(store, b"abc")
    path = tmp_path / "objects" / ABC[:2] / ABC
    before = path.stat()
    land(store, b"abc")
    after = path.stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    assert after.st_mode & 0o777 == 0o444
    assert after.st_nlink == 1


def test_damaged_object_is_reported_and_kept(tmp_path: Path) -> None:
    store = LandingStore(str(tmp_path))
    path = tmp_path / "objects" / ABC[:2] / ABC
    path.parent.mkdir(parents=True)
    path.write_bytes(b"ab")
    assert not store.verify(ABC)
    with pytest.raises(NisError, match="has 2 bytes where 3 were landed"):
        land(store, b"abc")
    assert path.read_bytes() == b"ab"


def test_works_without_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(source: object, target: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    store = LandingStore(str(tmp_path))
    assert land(store, b"abc") == (ABC, True)
    assert land(store, b"abc") == (ABC, False)
    assert store.verify(ABC)
    assert store.sweep(0) == 0


def test_killed_writer_leaves_no_object_and_is_swept(tmp_path: Path) -> None:
    program = (
        "import sys, time\n"
        "from ingest.landing import LandingStore\n"
        "with LandingStore(sys.argv[1]).incoming() as writer:\n"
        "    writer.write(b'abc')\n"
        "    print('written', flush=True)\n"
        "    time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"written\n"
        process.send_signal(signal.SIGKILL)
    store = LandingStore(str(tmp_path))
    assert not store.exists(ABC)
    left = list((tmp_path / "incoming").iterdir())
    assert len(left) == 1
    assert store.sweep(older_than_hours=1) == 0, "a young file may belong to a running download"
    an_hour_ago = time.time() - 3700
    os.utime(left[0], (an_hour_ago, an_hour_ago))
    assert store.sweep(older_than_hours=1) == 1
    assert list((tmp_path / "incoming").iterdir()) == []


def test_two_writers_of_the_same_bytes_do_not_disturb_each_other(tmp_path: Path) -> None:
    store = LandingStore(str(tmp_path))
    with store.incoming() as one, store.incoming() as other:
        one.write(b"ab")
        other.write(b"abc")
        one.write(b"c")
        assert [one.commit(), other.commit()] == [True, False]
    assert store.verify(ABC)


def test_hash_is_of_all_bytes_of_many_pieces(tmp_path: Path) -> None:
    pieces = [bytes([number]) * 70_001 for number in range(40)]
    sha256, _ = land(LandingStore(str(tmp_path)), *pieces)
    assert sha256 == hashlib.sha256(b"".join(pieces)).hexdigest()


def test_private_folder_for_remote_downloads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / f"nis-incoming-{os.getuid()}").symlink_to(elsewhere)
    with pytest.raises(NisError, match="not a private folder"), LandingStore("memory://b/landing").incoming():
        pass


def test_store_without_its_driver_says_what_to_install() -> None:
    if importlib.util.find_spec("s3fs") is not None:
        pytest.skip("s3fs is installed")
    with pytest.raises(UsageError, match="needs a driver"):
        LandingStore("s3://bucket/landing")
