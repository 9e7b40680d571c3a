"""Publish: hand the candidate values over to the readers in one transaction; only what changed is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg import sql

from ingest import database
from ingest.errors import NisError
from ingest.settings import Settings

if TYPE_CHECKING:
    from psycopg import Connection

VALUE_KEY = ("framework_id", "indicator_id", "component", "area_code", "period_start", "period_end")
VALUE_FACTS = (
    "period_type", "framework_year", "numerator", "denominator", "value", "lower_limit", "upper_limit", "unit",
    "marker", "reason", "coverage", "maturity",
)  # fmt: skip
DIMENSIONS = {
    # published table: (candidate table, key, other columns)
    "area": ("dim_area", ("area_code",), ("area_name", "area_type", "region_code", "valid_from", "valid_to")),
    "indicator": (
        "dim_indicator",
        ("framework_id", "indicator_id"),
        (
            "ni", "title", "theme", "lead_department", "set_status", "definition_confidence", "formula_note",
            "source_url",
        ),
    ),
    "component": (
        "dim_component",
        ("framework_id", "indicator_id", "component"),
        ("title", "headline", "method", "unit", "decimals", "polarity", "note"),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Publication:
    """What a publication wrote."""

    publication_id: int | None
    """None when nothing had changed."""
    opened: int
    closed: int
    held: tuple[str, ...]


def publish(settings: Settings, build_id: int, despite: Sequence[str] = ()) -> Publication:
    """Publish a build that has been through gate 2.

    Held indicators keep their published values, but for those that somebody names in `despite`. Old values
    are closed, never changed or removed.
    Raises NisError when the build is unfinished, unchecked, or not the newest.
    """
    with database.connect(settings, "nis_publisher") as connection:
        connection.execute("select pg_advisory_xact_lock(%s)", (database.LOCK_RUN + 2,))
        # The first publication touches every row: its hash tables should stay in memory.
        connection.execute("set local work_mem = '256MB'")
        fingerprint = _checked(connection, build_id)
        held = tuple(
            connection.execute(
                "select distinct framework_id, indicator_id from ops.quality_result "
                "where build_id = %s and gate = 2 and severity = 'fail' and not success "
                "and indicator_id <> all(%s) order by 1, 2",
                (build_id, list(despite)),
            ).fetchall()
        )
        connection.execute("savepoint before_publication")
        now = connection.execute(
            "insert into published.publication "
            "(published_at, publish_at, origin, fingerprint, values_opened, values_closed) "
            # Readers need not wait until that clock has caught up.
            "select moment.now, least(moment.now, clock_timestamp()), %s, %s, 0, 0 from ("
            # Knowledge time moves forward even if the machine's clock does not.
            "  select greatest(clock_timestamp(), max(published_at) + interval '1 microsecond') as now "
            "  from published.publication) as moment "
            "returning publication_id, published_at, publish_at",
            (settings.source, fingerprint),
        ).fetchone()
        assert now is not None, "insert ... returning gives a row"
        publication_id, moment, publish_at = now
        # Values first: then it is known which dimension rows are still needed. The foreign keys wait for the end.
        closed, opened = _replace(
            connection, "value", "fact_value", VALUE_KEY, VALUE_FACTS,
            moment=moment, held=held, publication=(publication_id, publish_at),
        )  # fmt: skip
        changed = 0
        for table, (candidate, key, facts) in DIMENSIONS.items():
            changed += sum(_replace(connection, table, candidate, key, facts, moment=moment))
        if changed + closed + opened == 0:
            connection.execute("rollback to savepoint before_publication")
        else:
            connection.execute(
                "update published.publication set values_opened = %s, values_closed = %s where publication_id = %s",
                (opened, closed, publication_id),
            )
        connection.execute("update ops.build set published_at = clock_timestamp() where build_id = %s", (build_id,))
    if opened + closed:
        with database.connect(settings, "nis_publisher") as connection:
            connection.execute("analyze published.value, published.area, published.indicator, published.component")
    return Publication(
        publication_id if changed + closed + opened else None, opened, closed, tuple(row[1] for row in held)
    )


def _checked(connection: Connection, build_id: int) -> str:
    """Fingerprint of the build, once we know that it may be published."""
    row = connection.execute(
        "select fingerprint, built_at, gate_2_at, build_id = (select max(build_id) from ops.build) from ops.build "
        "where build_id = %s",
        (build_id,),
    ).fetchone()
    if row is None or row[1] is None or not row[3]:
        raise NisError(f"build {build_id} is not the newest finished build", hint="run `nis build` first")
    if row[2] is None:
        raise NisError(f"build {build_id} has not been through gate 2", hint="run `nis check --gate 2` first")
    return str(row[0])


def _replace(
    connection: Connection,
    table: str,
    candidate: str,
    key: tuple[str, ...],
    facts: tuple[str, ...],
    *,
    moment: object,
    held: tuple[tuple[str, str], ...] = (),
    publication: tuple[int, object] | None = None,
) -> tuple[int, int]:
    """Close current rows that differ from the candidate or are gone from it, open the new ones; (closed, opened).

    Rows of held indicators stay, and so do dimension rows that are gone while a current value needs them.
    """

    def columns(alias: str, names: tuple[str, ...]) -> sql.Composed:
        return sql.SQL(", ").join(sql.Identifier(alias, name) for name in names)

    same_key = sql.SQL(" and ").join(sql.SQL("old.{0} = new.{0}").format(sql.Identifier(name)) for name in key)

    def free(alias: str) -> sql.Composable:
        """Condition that a row belongs to no held indicator."""
        if not held:
            return sql.SQL("true")
        return sql.SQL(
            "not exists (select 1 from unnest(%(frameworks)s::text[], %(indicators)s::text[]) as held (framework_id, "
            "indicator_id) where (held.framework_id, held.indicator_id) = ({}, {}))"
        ).format(sql.Identifier(alias, "framework_id"), sql.Identifier(alias, "indicator_id"))

    parameters = {
        "now": moment,
        "publication": publication and publication[0],
        "publish_at": publication and publication[1],
        "frameworks": [framework_id for framework_id, _ in held],
        "indicators": [indicator_id for _, indicator_id in held],
    }
    needed: sql.Composable = sql.SQL("false")
    if table != "value":
        needed = sql.SQL(
            "not exists (select 1 from {source} as new where {same_key}) and exists ("
            "select 1 from published.value as kept where upper_inf(kept.known_during) and ({key}) = ({old_key}))"
        ).format(
            source=sql.Identifier("candidate", candidate),
            same_key=same_key,
            key=columns("kept", key),
            old_key=columns("old", key),
        )

    target = sql.Identifier("published", table)
    source = sql.Identifier("candidate", candidate)
    closed = connection.execute(
        sql.SQL(
            "update {target} as old set known_during = tstzrange(lower(old.known_during), %(now)s) "
            "where upper_inf(old.known_during) and {free} and not exists ("
            "select 1 from {source} as new where {same_key} and ({old_facts}) is not distinct from ({new_facts})) "
            "and not ({needed})"
        ).format(
            needed=needed,
            target=target,
            source=source,
            free=free("old"),
            same_key=same_key,
            old_facts=columns("old", facts),
            new_facts=columns("new", facts),
        ),
        parameters,
    ).rowcount
    extra = sql.SQL(", publication_id, publish_at" if publication else "")
    extra_values = sql.SQL(", %(publication)s, %(publish_at)s" if publication else "")
    opened = connection.execute(
        sql.SQL(
            "insert into {target} ({names}, known_during{extra}) "
            "select {values}, tstzrange(%(now)s, null){extra_values} from {source} as new "
            "where {free} and not exists ("
            "select 1 from {target} as old where upper_inf(old.known_during) and {same_key}) "
            # In the order of the key: the index over text and time grows three times as fast.
            "order by {order}"
        ).format(
            target=target,
            names=sql.SQL(", ").join(map(sql.Identifier, (*key, *facts))),
            extra=extra,
            values=columns("new", (*key, *facts)),
            extra_values=extra_values,
            source=source,
            free=free("new"),
            same_key=same_key,
            order=columns("new", key),
        ),
        parameters,
    ).rowcount
    return closed, opened
