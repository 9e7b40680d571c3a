"""The warehouse of a finished run over the genuine files, and a bare one for the cell functions."""

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
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """The engine on a warehouse of its own, ready to be run on figures made by hand."""
    folder: Path = tmp_path_factory.mktemp("engine")
    _open_to_the_server(folder)
    made = Engine(Settings(home=folder / "home", source="made", database_url=None), folder / "project")
    try:
        made.prepare()
        yield made
    finally:
        database.embedded(made.settings).stop()


@pytest.fixture(scope="session")
def functions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """A connection to a fresh warehouse that has the functions which read cells and period labels."""
    folder: Path = tmp_path_factory.mktemp("functions")
    _open_to_the_server(folder)
    settings = Settings(home=folder, source="made", database_url=None)
    database.upgrade(settings)
    macros = ROOT / "dbt_project" / "macros"
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(macros), autoescape=False)
    try:
        with database.connect(settings, "nis_transformer", autocommit=True) as connection:
            for file, macro in (
                ("cell_functions.sql", "create_cell_functions"),
                ("period_function.sql", "create_period_function"),
            ):
                # No parameters, so the percent signs of the SQL are left alone.
                connection.execute(getattr(environment.get_template(file).module, macro)())
            yield connection
    finally:
        database.embedded(settings).stop()
