"""Running sandboxes for the tests: one with made figures, one with genuine files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.site import Site
from tests.sandbox.client import ROOT, Client, running


@pytest.fixture(scope="session")
def samples_folder() -> Path:
    """Folder of genuine files, or a skip with the reason."""
    folder = Path(os.environ.get("NIS_SAMPLES") or ROOT.parent / "shared" / "samples")
    if not folder.is_dir():
        pytest.skip(f"no genuine files: {folder} is not there; set NIS_SAMPLES to their folder")
    return folder


@pytest.fixture(scope="session")
def _made_client(made_files: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    files = tmp_path_factory.mktemp("files")
    (files / "big.csv").write_bytes(b"a,b\n" * 1_000_000)
    with running(Site("made", cache=made_files, files=files)) as client:
        yield client


@pytest.fixture
def made(_made_client: Client) -> Iterator[Client]:
    """A sandbox with made figures and no faults."""
    yield _made_client
    _made_client.mend()


@pytest.fixture(scope="session")
def _sample_client(samples_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with running(Site("sample", samples=samples_folder, cache=tmp_path_factory.mktemp("cache"))) as client:
        yield client


@pytest.fixture
def sample(_sample_client: Client) -> Iterator[Client]:
    """A sandbox over genuine files and no faults."""
    yield _sample_client
    _sample_client.mend()
