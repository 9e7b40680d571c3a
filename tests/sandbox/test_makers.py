"""Files made by other processes: the same bytes, no process left behind, an error that names the file."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sandbox.areas import SEEDS
from sandbox.documents import Document
from sandbox.makers import Makers
from sandbox.site import Site

NAMES = ("fuel_poverty", "homelessness_200903", "population_totals")


def _bytes(site: Site) -> list[bytes]:
    documents = [document for document in site.documents if document.name in NAMES]
    assert len(documents) == len(NAMES)
    with ThreadPoolExecutor(len(NAMES)) as pool:
        return [release.path.read_bytes() for release in pool.map(site.shelf.release, documents)]


def test_files_of_other_processes_are_the_same(tmp_path: Path) -> None:
    alone, together = Site(cache=tmp_path / "alone"), Site(cache=tmp_path / "together", makers=2)
    try:
        assert _bytes(together) == _bytes(alone)
    finally:
        together.close()


@pytest.fixture
def makers() -> Iterator[Makers]:
    """One process that makes files; it is gone when the test is over."""
    makers = Makers(1, 2008, SEEDS)
    yield makers
    makers.close()
    assert [process.poll() for process in makers._started if process.poll() is None] == []


def _made(makers: Makers, folder: Path) -> int:
    """Size of a document that is made now."""
    document = next(document for document in Site(cache=folder / "site").documents if document.name == "fuel_poverty")
    makers.make(document, folder / "file.csv")
    return (folder / "file.csv").stat().st_size


def test_an_error_names_the_document_and_the_next_one_is_made(makers: Makers, tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"fuel_poverty: .*absent"):
        makers.make(Document("fuel_poverty", "file.csv", "text/csv"), tmp_path / "absent" / "file.csv")
    assert _made(makers, tmp_path) > 1000


def test_a_process_that_dies_is_told_and_replaced(makers: Makers, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="ended with 1"):
        makers.make(Document("no such", "no such.csv", "text/csv"), tmp_path / "file.csv")
    assert _made(makers, tmp_path) > 1000
