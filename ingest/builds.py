"""What builds made anew since one that was judged or published: the rest is as it was then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from psycopg import sql

if TYPE_CHECKING:
    from psycopg import Connection


@dataclass(frozen=True, slots=True)
class Since:
    """An earlier build, and what is no longer as it was then."""

    build_id: int | None
    """The earlier build; None where there is none."""
    indicators: frozenset[str] | None
    """Indicators made anew since, and those of which the earlier build failed some check; None stands for all."""


def since_judged(connection: Connection, build_id: int) -> Since:
    """What differs from the build that gate 2 judged before this one."""
    return _since(connection, build_id - 1, build_id, "gate_2_at")


def since_published(connection: Connection, build_id: int) -> Since:
    """What differs from the build that was published last, which may be this one."""
    return _since(connection, build_id, build_id, "published_at")


def _since(connection: Connection, last: int, build_id: int, moment: Literal["gate_2_at", "published_at"]) -> Since:
    row = connection.execute(
        sql.SQL("select max(build_id) from ops.build where build_id <= {} and {} is not null").format(
            sql.Literal(last), sql.Identifier(moment)
        )
    ).fetchone()
    earlier: int | None = row[0] if row else None
    if earlier is None:
        return Since(None, None)
    row = connection.execute(
        """
        select
            -- A build that made everything, or did not end, leaves nothing as it was.
            coalesce(bool_or(remade is null), false),
            (select coalesce(array_agg(indicator_id), '{}') from ops.build cross join unnest(remade) as indicator_id
             where build_id > %(earlier)s and build_id <= %(last)s)
            || (select coalesce(array_agg(indicator_id), '{}') from ops.quality_result
                where build_id = %(earlier)s and gate = 2 and not success)
        from ops.build
        where build_id > %(earlier)s and build_id <= %(last)s
        """,
        {"earlier": earlier, "last": build_id},
    ).fetchone()
    assert row is not None, "an aggregate gives a row"
    return Since(earlier, None if row[0] else frozenset(row[1]))
