"""The warehouse of a finished run over the genuine files, and copies of one that holds seeds and areas alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import jinja2
import pytest
from psycopg import Connection

from ingest import database
from ingest.settings import ROOT, Settings
from tests.warehouse.engine import Engine
from tests.warehouse.prepared import Prepared
from tests.warehouse.readings import Cell, Warehouse


@pytest.fixture(scope="session")
def sample_warehouse(sample_run: Settings) -> Warehouse:
    """Short ways to read the warehouse of a finished run over the genuine files."""
    return Warehouse(sample_run)


@pytest.fixture(scope="session")
def cells(sample_warehouse: Warehouse) -> dict[tuple[str, str], list[Cell]]:
    """Published cells by indicator and component."""
    return sample_warehouse.cells()


def _open_to_the_server(folder: Path) -> None:
    """Let root's server, which runs as another user, pass through pytest's private folders."""
    if os.geteuid() == 0:
        for parent in (folder, *folder.parents[:2]):
            parent.chmod(0o711)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prepared]:
    """Seeds and areas, to take copies of."""
    folder: Path = tmp_path_factory.mktemp("prepared")
    _open_to_the_server(folder)
    try:
        yield Prepared.make(folder)
    finally:
        database.embedded(Settings(home=folder, source="made", database_url=None)).stop()


@pytest.fixture(scope="session")
def engine(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """The engine on a database of its own, ready to be run on figures made by hand."""
    folder: Path = tmp_path_factory.mktemp("engine")
    settings = prepared.copy("engine").model_copy(update={"home": folder / "home"})
    made = Engine(settings, folder / "project")
    made.prepare()
    return made


@pytest.fixture(scope="session")
def functions(prepared: Prepared) -> Iterator[Connection]:
    """A connection to a fresh warehouse that has the functions which read cells and period labels."""
    macros = ROOT / "dbt_project" / "macros"
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(macros), autoescape=False)
    with database.connect(prepared.bare("functions"), "nis_transformer", autocommit=True) as connection:
        for file, macro in (
            ("cell_functions.sql", "create_cell_functions"),
            ("period_function.sql", "create_period_function"),
        ):
            # No parameters, so the percent signs of the SQL are left alone.
            connection.execute(getattr(environment.get_template(file).module, macro)())
        yield connection
