"""Transform: the fingerprint of all that goes into a build, the build by dbt, and the quarantine it finds."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from psycopg import sql

from ingest import catalogue, database, processes
from ingest.errors import NisError
from ingest.registry import datasets
from ingest.settings import ROOT, Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psycopg import Connection

DBT_PROJECT = ROOT / "dbt_project"
MAKING = frozenset({"build", "clone", "retry", "run", "run-operation", "seed"})
"""Commands of dbt that write to the warehouse."""

PARTS_OF_A_BUILD = ("dbt_project.yml", "macros", "models", "seeds", "tests")


def require_catalogue() -> None:
    """Raise CatalogueError, with file and line of every fault, unless the catalogue can be built from."""
    catalogue.require_sound(DBT_PROJECT / "seeds")


@dataclass(frozen=True, slots=True)
class Inputs:
    """All that a build depends on."""

    project: str
    """Hash of the dbt project, seeds included."""
    releases: tuple[tuple[int, str, str, str], ...]
    """Releases in use: id, dataset, part, maturity."""

    @property
    def fingerprint(self) -> str:
        """One hash of everything."""
        digest = hashlib.sha256(self.project.encode())
        for release in self.releases:
            digest.update(repr(release).encode())
        return digest.hexdigest()


def inputs(connection: Connection) -> Inputs:
    """What a build would be made from now."""
    releases = connection.execute("select release_id, dataset_id, part, maturity from ops.release_in_use order by 1")
    digest = hashlib.sha256()
    for part in PARTS_OF_A_BUILD:
        path = DBT_PROJECT / part
        for file in [path] if path.is_file() else sorted(path.rglob("*")):
            if file.suffix in {".sql", ".csv", ".yml"}:
                digest.update(file.relative_to(DBT_PROJECT).as_posix().encode())
                digest.update(file.read_bytes())
    return Inputs(digest.hexdigest(), tuple(releases.fetchall()))


def pending_build(connection: Connection, wanted: str) -> tuple[int | None, bool, bool]:
    """The build at hand if it has this fingerprint: (its id or None, checked, published)."""
    row = connection.execute(
        "select build_id, gate_2_at is not null, published_at is not null from ops.build_at_hand "
        "where fingerprint = %s",
        (wanted,),
    ).fetchone()
    return row or (None, False, False)


def build(
    settings: Settings, run_id: int, wanted: Inputs, *, full: bool = False, dbt: processes.Dbt | None = None
) -> int:
    """Build the candidate marts and record the build; returns its id.

    Where only releases differ from the build at hand, only the rows that rest on their datasets are made and tested
    anew; `full` makes everything. `dbt` may be a process that stands ready.
    Raises CatalogueError before any SQL runs, and NisError naming the models and tests that failed; what is published
    stays as it is.
    """
    require_catalogue()
    with database.connect(settings, "nis_loader") as connection:
        changed = None if full else _changed_datasets(connection, wanted)
        connection.execute("delete from ops.at_hand")
        row = connection.execute(
            "insert into ops.build (fingerprint, run_id, project, release_ids) values (%s, %s, %s, %s) "
            "returning build_id",
            (wanted.fingerprint, run_id, wanted.project, [release[0] for release in wanted.releases]),
        ).fetchone()
        assert row is not None, "insert ... returning gives a row"
        _check_raw(connection)
        neighbours = _neighbours(connection)
    log = settings.artifacts / f"run-{run_id}" / "dbt.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    # Unit tests prove our SQL on rows of their own: they belong to `make test`, not to a run.
    # Nor does anybody read the 12 MB that dbt would write of the project, twice, or its second log of every statement.
    # With `--fail-fast` it would end its other session, which it may not, and tell of that in place of what failed.
    command = ["--no-write-json", "--log-level-file", "none", "build", "--exclude-resource-type", "unit_test"]
    run_dbt = dbt or partial(processes.dbt, settings)
    code = run_dbt([*command, *_selection(changed)], log, changed=changed or ())
    if code == 0 and changed:
        with database.connect(settings, "nis_loader") as connection:
            is_same = _neighbours(connection) == neighbours
        if not is_same:
            # Other neighbours are another benchmark, whatever the indicator.
            changed = None
            log = log.with_name("dbt-assessment.log")
            code = run_dbt([*command, "--select", "assessed_moment+"], log)
    if code != 0:
        raise NisError(
            f"dbt build failed:\n{_failures(log)}", hint=f"the whole log is {log}; what is published stays as it is"
        )
    with database.connect(settings, "nis_loader") as connection:
        _keep_quarantine(connection)
        connection.execute(
            "update ops.build set built_at = clock_timestamp(), remade = %s where build_id = %s",
            (_remade(connection, changed), row[0]),
        )
        connection.execute("insert into ops.at_hand (build_id) values (%s)", row)
    return int(row[0])


def _changed_datasets(connection: Connection, wanted: Inputs) -> set[str] | None:
    """Datasets with other releases in use than in the build at hand; None where all must be made anew."""
    before = connection.execute(
        "select release_ids from ops.build_at_hand where project = %s", (wanted.project,)
    ).fetchone()
    if before is None:
        return None
    differing = set(before[0]) ^ {release[0] for release in wanted.releases}
    if not differing:
        return None
    # Whether a dataset counts as withdrawn can change without a change of what is in use: by a release that is offered
    # after the withdrawal and refused, say. So one that was withdrawn is made anew while its newest is not in use.
    rows = connection.execute(
        """
        select dataset_id
        from ops.release
        where release_id = any(%s)
        union
        select newest.dataset_id
        from (
            select distinct on (dataset_id, part)
                dataset_id,
                release_id,
                bool_or(status = 'withdrawn') over (partition by dataset_id, part) as was_withdrawn
            from ops.release
            order by dataset_id asc, part asc, offered_at desc, release_id desc
        ) as newest
        left join ops.release_in_use as in_use on newest.release_id = in_use.release_id
        where in_use.release_id is null and newest.was_withdrawn
        """,
        (list(differing),),
    )
    changed = {str(dataset_id) for (dataset_id,) in rows}
    return changed if changed <= datasets().keys() else None


def _remade(connection: Connection, changed: set[str] | None) -> list[str] | None:
    """Indicators that a build of these datasets made anew, or what they are held against; None for all."""
    if changed is None:
        return None
    keys = connection.execute(
        "select dataset_id, key_column, key_value from indicators.dataset_key where dataset_id = any(%s)",
        (sorted(changed),),
    ).fetchall()
    if changed - {dataset_id for dataset_id, key, _ in keys if key == "measure_id"}:
        # A dataset without measures brings targets, of any indicator.
        return None
    held_against = connection.execute(
        "select indicator_id from catalogue.indicator_components where reconcile_measure = any(%s)",
        ([value for _, key, value in keys if key == "measure_id"],),
    ).fetchall()
    return sorted({value for _, key, value in keys if key == "indicator_id"} | {row[0] for row in held_against})


def _neighbours(connection: Connection) -> str | None:
    """A hash of which areas are nearest neighbours; None before there are any."""
    made = connection.execute("select to_regclass('candidate.bridge_area_group')").fetchone()
    if made is None or made[0] is None:
        return None
    row = connection.execute(
        "select md5(string_agg(group_code || '/' || area_code, ',' order by group_code, rank, area_code)) "
        "from candidate.bridge_area_group where group_kind = 'nearest_neighbours'"
    ).fetchone()
    return row[0] if row else None


def by_hand(settings: Settings, arguments: Sequence[str]) -> int:
    """Run dbt itself with the arguments given; returns its exit code."""
    if MAKING & set(arguments):
        # Nobody knows what this leaves in the tables, so the next build makes everything.
        with database.connect(settings, "nis_loader") as connection:
            connection.execute("delete from ops.at_hand")
    return processes.dbt(settings, arguments)


def _selection(changed: set[str] | None) -> list[str]:
    """Arguments of dbt that select what rests on the raw tables of some datasets; none select everything."""
    if changed is None:
        return []
    tables = [datasets()[name].raw_table(table) for name in sorted(changed) for table in datasets()[name].tables]
    return ["--select", *(f"source:raw.{table}+" for table in tables)]


def _check_raw(connection: Connection) -> None:
    """Raise NisError where a release in use no longer has the rows that were loaded: somebody removed some."""
    releases = connection.execute(
        "select release_id, dataset_id, part, row_count from ops.release inner join ops.release_in_use "
        "using (release_id, dataset_id, part) order by 1"
    ).fetchall()
    for release_id, dataset_id, part, expected in releases:
        dataset = datasets().get(dataset_id)
        if dataset is None:
            continue
        count = 0
        for table in dataset.tables_of(part):
            name = sql.Identifier("raw", dataset.raw_table(table))
            row = connection.execute(
                sql.SQL("select count(*) from {} where release_id = {}").format(name, sql.Literal(release_id))
            ).fetchone()
            count += row[0] if row else 0
        if count != expected:
            raise NisError(
                f"{dataset_id}/{part}: schema raw holds {count:,} rows of release {release_id}; "
                f"{expected:,} were loaded",
                hint=f"`nis load --dataset {dataset_id} --rebuild` loads them from the landing store; then `nis run`",
            )


def _failures(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines()
    marks = ("Failure in", "Error in", "Database Error", "Compilation Error", "Got ", "Runtime Error", "HINT", "DETAIL")
    told = [line[10:].strip() if line[2:3] == ":" else line.strip() for line in lines if any(m in line for m in marks)]
    return "\n".join(told[:20] or lines[-15:])


def _keep_quarantine(connection: Connection) -> None:
    """Bring `ops.quarantine` up to what the build found; rows of superseded releases stay as they were."""
    connection.execute(
        """
        delete from ops.quarantine as kept
        using ops.release_in_use as in_use
        where kept.release_id = in_use.release_id and not exists (
            select 1 from staging.quarantine as found
            where found.release_id = kept.release_id and found.table_name = kept.table_name
                and found.row_number = kept.row_number and found.source_column = kept.source_column
                and found.reject_reason = kept.reject_reason
        )
        """
    )
    connection.execute(
        """
        insert into ops.quarantine (
            dataset_id, release_id, table_name, row_number, source_column,
            reject_reason, reject_kind, column_name, value
        )
        select
            dataset_id, release_id, table_name, row_number, source_column,
            reject_reason, reject_kind, column_name, value
        from staging.quarantine
        on conflict (release_id, table_name, row_number, source_column) do nothing
        """
    )


def over_quarantine_limit(connection: Connection, limits: dict[str, float]) -> list[str]:
    """Datasets in use with more faulty rows than their contract allows, each told in a sentence."""
    rows = connection.execute(
        """
        select faults.dataset_id, faults.rows, in_use.rows, faults.reason
        from (
            select
                q.dataset_id,
                count(*) as rows,
                min(q.reject_reason || ': ' || coalesce(q.value, '(empty)')) as reason
            from ops.quarantine as q
            inner join ops.release_in_use using (release_id)
            where q.reject_kind = 'fault'
            group by q.dataset_id
        ) as faults
        inner join (
            select r.dataset_id, sum(r.row_count) as rows
            from ops.release as r inner join ops.release_in_use using (release_id)
            group by r.dataset_id
        ) as in_use using (dataset_id)
        order by 1
        """
    ).fetchall()
    return [
        f"{dataset_id}: {faults} of {total} rows are quarantined as faulty, e.g. {reason}"
        for dataset_id, faults, total, reason in rows
        if faults > float(total) * limits.get(dataset_id, 0.0)
    ]
