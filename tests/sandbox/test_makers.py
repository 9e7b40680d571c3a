"""Files made by other processes: the same bytes, no process left behind, an error that names the file."""

from __future__ import annotations

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


def test_an_error_names_the_document_and_the_next_one_is_made(tmp_path: Path) -> None:
    document = next(document for document in Site(cache=tmp_path / "site").documents if document.name == "fuel_poverty")
    makers = Makers(1, 2008, SEEDS)
    try:
        with pytest.raises(OSError, match=r"fuel_poverty: .*absent"):
            makers.make(document, tmp_path / "absent" / "file.csv")
        makers.make(document, tmp_path / "file.csv")
        assert (tmp_path / "file.csv").stat().st_size > 1000
    finally:
        makers.close()


def test_a_process_that_dies_is_told_and_replaced(tmp_path: Path) -> None:
    document = next(document for document in Site(cache=tmp_path / "site").documents if document.name == "fuel_poverty")
    makers = Makers(1, 2008, SEEDS)
    try:
        with pytest.raises(OSError, match="ended with 1"):
            makers.make(Document("no such", "no such.csv", "text/csv"), tmp_path / "file.csv")
        makers.make(document, tmp_path / "file.csv")
        assert (tmp_path / "file.csv").stat().st_size > 1000
    finally:
        makers.close()
