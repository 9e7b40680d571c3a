"""A build after a change remakes only what rests on it, and leaves the same tables as a build of everything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ingest import database
from ingest.settings import Settings
from tests.end_to_end.commands import command, query
from tests.end_to_end.conftest import World

pytestmark = pytest.mark.end_to_end

UNCHANGED = ("dcsf_a_levels", "clg_council_homes")
REVISED = {
    # Both sides of a list of small areas, of which one changes; and residents, which many indicators divide by.
    "nomis_population": "/www.nomisweb.co.uk/*/NM_2010_1.data.csv",
    "nhs_patient_survey": "/data.gov.uk/dataset/nhs-patient-survey/*",
}
WITHDRAWN = {"ons_place_of_death": "/data.gov.uk/dataset/ons-place-of-death/*"}
DATASETS = (*UNCHANGED, *REVISED, *WITHDRAWN, "dwp_benefits")
SCHEMAS = ("staging", "measures", "indicators", "candidate")


@dataclass(frozen=True)
class Remade:
    """A warehouse after a build in part and then one of everything, with what the first left kept beside."""

    settings: Settings
    tables: tuple[str, ...]
    before: dict[str, int]
    """Oids of the tables before the build in part."""
    after: dict[str, int]


def _tables(settings: Settings) -> dict[str, int]:
    """Tables that dbt makes, with their oids."""
    rows = query(
        settings,
        "select relnamespace::regnamespace || '.' || relname as name, oid::bigint as oid from pg_class "
        "where relkind = 'r' and relnamespace::regnamespace::text = any(%s) order by 1",
        (list(SCHEMAS),),
    )
    return {row["name"]: row["oid"] for row in rows}


@pytest.fixture(scope="module")
def remade(sandbox_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Remade]:
    """A run, a run in which releases came and one went, and a build of everything, in a warehouse of their own."""
    home: Path = tmp_path_factory.mktemp("in_part")
    settings = Settings(home=home, source="made", sandbox_url=sandbox_url)
    world = World(settings, sandbox_url)
    try:
        first = world.nis("run", *DATASETS)
        assert first.returncode == 0, first.stderr
        before = _tables(settings)
        for path in REVISED.values():
            world.fault(path, "revise")
        for path in WITHDRAWN.values():
            world.fault(path, "withdraw")
        second = world.nis("run", *DATASETS)
        # A withdrawal is told as held.
        assert second.returncode == 2, second.stderr
        after = _tables(settings)
        with database.connect(settings) as connection:
            connection.execute("create schema kept")
            for name in after:
                connection.execute(f'create table kept."{name}" as table {name}'.encode())
        full = command(settings, "build", "--full")
        assert full.returncode == 0, full.stderr
        yield Remade(settings, tuple(after), before, after)
    finally:
        world.mend()
        database.embedded(settings).stop()


def test_the_second_build_was_in_part(remade: Remade) -> None:
    # A table made whole is another table.
    stayed = {name for name, oid in remade.before.items() if remade.after.get(name) == oid}
    assert {"measures.measure_by_area", "indicators.component_input", "candidate.fact_value"} <= stayed
    assert remade.before.keys() == remade.after.keys()


def test_it_had_something_to_do(remade: Remade) -> None:
    releases = query(
        remade.settings,
        "select dataset_id from ops.release group by 1 having count(*) > count(distinct part) "
        "or bool_or(status = 'withdrawn')",
    )
    assert {row["dataset_id"] for row in releases} == {*REVISED, *WITHDRAWN}
    (values,) = query(
        remade.settings,
        "select values_opened, values_closed from published.publication order by publication_id desc limit 1",
    )
    assert values["values_opened"] > 0 < values["values_closed"]


def test_every_table_is_that_of_a_build_of_everything(remade: Remade) -> None:
    differs = {}
    for name in remade.tables:
        (rows,) = query(
            remade.settings,
            f'select (select count(*) from (table {name} except all table kept."{name}") as one) as lacking, '
            f'(select count(*) from (table kept."{name}" except all table {name}) as other) as left_over',
        )
        if rows["lacking"] or rows["left_over"]:
            differs[name] = rows
    assert differs == {}


def test_keys_and_checks_of_the_candidate_tables_stay(remade: Remade) -> None:
    found = query(
        remade.settings,
        "select contype::text as kind, count(*) as number from pg_constraint "
        "where conrelid = 'candidate.fact_value'::regclass and contype in ('p', 'f', 'c') group by 1",
    )
    assert {row["kind"] for row in found} == {"p", "f", "c"}
