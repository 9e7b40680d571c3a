"""The fingerprint of a build: it changes with what goes in and with nothing else; what a failure tells."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection
from pathlib import Path

import pytest

from ingest import database, processes, transform
from ingest.errors import NisError
from ingest.registry import datasets
from ingest.runs import recorded
from tests.ingest.warehouse import Warehouse, dataset

pytestmark = pytest.mark.warehouse


WHAT_RESTS_ON_WHAT = """
create table indicators.dataset_key (dataset_id text, key_column text, key_value text);
insert into indicators.dataset_key values
    ('dwp_benefits', 'measure_id', 'claimants'), ('dwp_benefits', 'indicator_id', 'ni_153'),
    ('dwp_benefits', 'indicator_id', 'ni_152'), ('dwp_benefits', 'quantity', 'claimants'),
    ('dcsf_a_levels', 'measure_id', 'entries'), ('dcsf_a_levels', 'indicator_id', 'ni_085');
create table catalogue.indicator_components (indicator_id text, reconcile_measure text);
insert into catalogue.indicator_components values ('ni_173', 'claimants'), ('ni_085', null), ('ni_084', 'entries');
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the dbt project that a test may change."""
    copy = tmp_path / "dbt_project"
    shutil.copytree(transform.DBT_PROJECT, copy, ignore=shutil.ignore_patterns("target", "logs"))
    monkeypatch.setattr(transform, "DBT_PROJECT", copy)
    return copy


@pytest.fixture
def fingerprint(warehouse: Warehouse, project: Path) -> Callable[[], str]:
    """The fingerprint as it would be now."""

    def fingerprint() -> str:
        with database.connect(warehouse.settings, "nis_loader") as connection:
            return transform.inputs(connection).fingerprint

    return fingerprint


def test_nothing_changed_changes_nothing(project: Path, fingerprint: Callable[[], str]) -> None:
    before = fingerprint()
    assert len(before) == 64
    assert fingerprint() == before
    for file in project.rglob("*.sql"):
        file.touch()
    for other in ("target/run/model.sql", "logs/dbt.log", "README.md", "seeds/notes.txt", "seeds/.swp"):
        (project / other).parent.mkdir(parents=True, exist_ok=True)
        (project / other).write_text("nothing that is built from")
    assert fingerprint() == before


@pytest.mark.parametrize(
    "part",
    [
        "seeds/measures.csv",
        "models/candidate/fact_value.sql",
        "models/candidate/_candidate.yml",
        "macros/indicators.sql",
        "tests/reasons_are_known.sql",
        "dbt_project.yml",
    ],
)
def test_each_part_of_the_project_counts(project: Path, fingerprint: Callable[[], str], part: str) -> None:
    before = fingerprint()
    file = project / part
    text = file.read_text()
    file.write_text(text + "\n")
    assert fingerprint() != before
    file.write_text(text)
    assert fingerprint() == before


def test_added_removed_and_renamed_files_count(project: Path, fingerprint: Callable[[], str]) -> None:
    before = fingerprint()
    added = project / "seeds" / "more.csv"
    added.write_text("")
    grown = fingerprint()
    assert grown != before
    added.rename(added.with_name("other.csv"))
    assert fingerprint() not in {before, grown}
    added.with_name("other.csv").unlink()
    assert fingerprint() == before


def test_releases_in_use_count_and_others_do_not(warehouse: Warehouse, fingerprint: Callable[[], str]) -> None:
    which = dataset("transform_releases")
    before = fingerprint()
    first = warehouse.land(which, b"one")
    assert fingerprint() == before
    accept = "update ops.release set status = 'accepted' where release_id = %s"
    warehouse.query(accept, (first.release_id,))
    with_first = fingerprint()
    assert with_first != before
    second = warehouse.land(which, b"two")
    for status in ("loaded", "refused"):
        warehouse.query("update ops.release set status = %s where release_id = %s", (status, second.release_id))
        assert fingerprint() == with_first
    warehouse.query(accept, (second.release_id,))
    with_second = fingerprint()
    assert with_second not in {before, with_first}
    # A withdrawal takes the figures out; the body going back to the older bytes brings the older build back.
    warehouse.query("update ops.release set status = 'withdrawn' where release_id = %s", (second.release_id,))
    assert fingerprint() == before
    warehouse.query("update ops.release set offered_at = clock_timestamp() where release_id = %s", (first.release_id,))
    assert fingerprint() == with_first
    warehouse.query("update ops.release set maturity = 'revised' where release_id = %s", (first.release_id,))
    assert fingerprint() != with_first


def test_pending_build_is_the_one_at_hand_if_it_has_the_same_inputs(warehouse: Warehouse) -> None:
    def pending(wanted: str) -> tuple[int | None, bool, bool]:
        with database.connect(warehouse.settings, "nis_loader") as connection:
            return transform.pending_build(connection, wanted)

    def record(fingerprint: str, moments: str) -> int:
        number: int = warehouse.one(
            f"insert into ops.build (fingerprint, built_at, gate_2_at, published_at) values (%s, {moments}) "
            "returning build_id",
            (fingerprint,),
        )
        warehouse.query("delete from ops.at_hand")
        if not moments.startswith("null"):
            warehouse.query("insert into ops.at_hand (build_id) values (%s)", (number,))
        return number

    assert pending("a") == (None, False, False)
    first = record("a", "now(), null, null")
    assert pending("a") == (first, False, False)
    assert pending("b") == (None, False, False)
    second = record("a", "now(), now(), now()")
    assert pending("a") == (second, True, True)
    record("b", "null, null, null")
    # The candidate tables may hold half of another build now.
    assert pending("a") == (None, False, False)
    assert pending("b") == (None, False, False)


def test_failed_build_tells_models_and_log_and_leaves_no_finished_build(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(settings: object, arguments: object, log: Path, *, changed: object) -> int:
        log.write_text(
            "10:00:00  Running with dbt=1.11.16\n"
            "10:00:04  Failure in test unique_key_measure (models/measures/_measures.yml)\n"
            "10:00:04    Got 3 results, configured to fail if != 0\n"
        )
        return 1

    monkeypatch.setattr(processes, "dbt", failing)
    settings = warehouse.settings.model_copy(update={"home": tmp_path})
    with recorded(settings, "build") as run, pytest.raises(NisError) as caught:
        transform.build(settings, run.run_id, transform.Inputs("project", ()))
    assert caught.value.message == (
        "dbt build failed:\n"
        "Failure in test unique_key_measure (models/measures/_measures.yml)\n"
        "Got 3 results, configured to fail if != 0"
    )
    assert str(tmp_path / "artifacts" / f"run-{run.run_id}" / "dbt.log") in caught.value.hint
    assert warehouse.query("select built_at, project from ops.build order by build_id desc limit 1") == [
        (None, "project")
    ]


def test_only_what_rests_on_changed_releases_is_made_anew(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[list[str], set[str]]] = []

    def done(settings: object, arguments: list[str], log: Path | None = None, *, changed: Collection[str] = ()) -> int:
        if log is not None:
            asked.append((arguments[arguments.index("unit_test") + 1 :], set(changed)))
        return 0

    monkeypatch.setattr(processes, "dbt", done)
    monkeypatch.setattr(transform, "_keep_quarantine", lambda connection: None)
    settings = warehouse.settings.model_copy(update={"home": tmp_path})
    warehouse.query(WHAT_RESTS_ON_WHAT, role="nis_transformer")
    levels = warehouse.land(datasets()["dcsf_a_levels"], b"levels")
    benefits = warehouse.land(datasets()["dwp_benefits"], b"benefits")

    def build(project: str, *releases: int, full: bool = False) -> tuple[list[str], set[str]]:
        wanted = transform.Inputs(project, tuple((release, "", "", "final") for release in releases))
        with recorded(settings, "build") as run:
            transform.build(settings, run.run_id, wanted, full=full)
        return asked.pop()

    def remade() -> list[str] | None:
        newest = warehouse.one("select remade from ops.build order by build_id desc limit 1")
        return None if newest is None else list(newest)

    one, both = (levels.release_id,), (levels.release_id, benefits.release_id)
    everything: tuple[list[str], set[str]] = ([], set())
    assert build("first", *one) == everything
    assert remade() is None
    tables = ("claimants", "neighbourhoods", "flows")
    of_benefits = ["--select", *(f"source:raw.dwp_benefits__{table}+" for table in tables)]
    assert build("first", *both) == (of_benefits, {"dwp_benefits"})
    # What is held against a figure of the dataset counts with what rests on it.
    assert remade() == ["ni_152", "ni_153", "ni_173"]
    # A release that is gone, a withdrawn one say, changes as much as one that came.
    assert build("first", *one) == (of_benefits, {"dwp_benefits"})
    assert build("first", *both, full=True) == everything
    assert build("second", *one) == everything, "another project may change anything"
    # So does PostgreSQL itself after a crash, along with the tables of the build.
    warehouse.query("truncate ops.at_hand")
    assert build("second", *both) == everything, "a build that failed may have left anything"
    transform.by_hand(settings, ["test"])
    assert build("second", *one) == (of_benefits, {"dwp_benefits"})
    transform.by_hand(settings, ["run", "--select", "fact_value"])
    assert build("second", *both) == everything, "nobody knows what was made by hand"
    targets = warehouse.land(datasets()["laa_targets"], b"targets")
    assert build("second", *both, targets.release_id) == (["--select", "source:raw.laa_targets+"], {"laa_targets"})
    assert remade() is None, "targets are of any indicator"


def test_a_dataset_that_was_withdrawn_is_made_anew_until_its_newest_release_is_in_use(warehouse: Warehouse) -> None:
    which = datasets()["ons_place_of_death"]
    other = warehouse.land(datasets()["mhmds"], b"other")

    def changed() -> set[str] | None:
        # Of the build at hand this release was in use, and now it is not.
        with database.connect(warehouse.settings, "nis_loader") as connection:
            connection.execute("delete from ops.at_hand")
            connection.execute(
                "with built as (insert into ops.build (fingerprint, built_at, project, release_ids) "
                "values ('x', now(), 'p', %s) returning build_id) "
                "insert into ops.at_hand (build_id) select build_id from built",
                ([other.release_id],),
            )
            return transform._changed_datasets(connection, transform.Inputs("p", ()))

    def say(release_id: int, status: str) -> None:
        warehouse.query("update ops.release set status = %s where release_id = %s", (status, release_id))

    first = warehouse.land(which, b"first")
    say(first.release_id, "withdrawn")
    assert changed() == {"mhmds", "ons_place_of_death"}
    # What is in use stays the same, none, but the dataset is withdrawn no more.
    second = warehouse.land(which, b"second")
    say(second.release_id, "refused")
    assert changed() == {"mhmds", "ons_place_of_death"}
    say(second.release_id, "accepted")
    assert changed() == {"mhmds"}


def test_only_faults_above_the_limit_of_their_contract_are_told(warehouse: Warehouse) -> None:
    which = dataset("transform_quarantine")
    release = warehouse.land(which, b"rows")
    warehouse.query(
        "update ops.release set status = 'accepted', row_count = 100 where release_id = %s",
        (release.release_id,),
    )
    warehouse.query(
        "insert into ops.quarantine (dataset_id, release_id, table_name, row_number, reject_reason, reject_kind, "
        "value) select 'transform_quarantine', %s, 'transform_quarantine', n, "
        "case when n <= 3 then 'not_a_number' else 'not_in_england' end, "
        "case when n <= 3 then 'fault' else 'scope' end, 'x' || n from generate_series(1, 40) as n",
        (release.release_id,),
    )
    with database.connect(warehouse.settings, "nis_loader") as connection:
        assert transform.over_quarantine_limit(connection, {"transform_quarantine": 0.03}) == []
        assert transform.over_quarantine_limit(connection, {"transform_quarantine": 0.02}) == [
            "transform_quarantine: 3 of 100 rows are quarantined as faulty, e.g. not_a_number: x1"
        ]
