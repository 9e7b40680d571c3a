"""Freshness of the datasets: whether figures came when their body promised them, told once for each change of state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from ingest.logs import logger

if TYPE_CHECKING:
    from psycopg import Connection

_log = logger("freshness")

# The first period that is waited for stands for a dataset; where all are there, the newest one does.
_REFRESH = """
    with waited as (
        select distinct on (dataset_id)
            dataset_id, period_end, expected_on, arrived_on,
            ops.freshness(expected_on, grace_days, is_held, arrived_on, %(today)s) as state
        from indicators.dataset_period as period
        cross join lateral (
            select max(newest.period_end) as newest_held
            from indicators.dataset_period as newest
            where newest.dataset_id = period.dataset_id and newest.is_held
        ) as known
        where period_end >= coalesce(newest_held, '-infinity')
        order by dataset_id, is_held, case when is_held then -1 else 1 end * (period_end - date '2000-01-01')
    ),
    before as materialized (select dataset_id, period_end, state from ops.freshness_state),
    written as (
        insert into ops.freshness_state (dataset_id, period_end, expected_on, arrived_on, state, run_id)
        select dataset_id, period_end, expected_on, arrived_on, state, %(run_id)s from waited
        on conflict (dataset_id) do update set
            period_end = excluded.period_end, expected_on = excluded.expected_on,
            arrived_on = excluded.arrived_on, state = excluded.state, since = now(), run_id = excluded.run_id
        where (freshness_state.period_end, freshness_state.expected_on, freshness_state.arrived_on,
            freshness_state.state) is distinct from
            (excluded.period_end, excluded.expected_on, excluded.arrived_on, excluded.state)
        returning dataset_id, period_end, expected_on, state
    )
    select written.dataset_id, written.period_end, written.expected_on, before.state, written.state
    from written left join before using (dataset_id)
    where (before.period_end, before.state) is distinct from (written.period_end, written.state)
    order by 1
"""


@dataclass(frozen=True, slots=True)
class Change:
    """A dataset whose state is another than was last told; `before` is None when nothing was."""

    dataset_id: str
    period_end: date
    expected_on: date
    before: str | None
    state: str


def refresh(connection: Connection, run_id: int | None, today: date) -> list[Change]:
    """Bring `ops.freshness_state` up to a day, and log each dataset whose state changed; returns the changes.

    Does nothing before the first build. Doing it again on the same day changes nothing.
    """
    built = connection.execute("select to_regclass('indicators.dataset_period') is not null").fetchone()
    if built is None or not built[0]:
        return []
    rows = connection.execute(_REFRESH.encode(), {"today": today, "run_id": run_id}).fetchall()
    changes = [Change(*row) for row in rows]
    for change in changes:
        tell = _log.warning if change.state in ("late", "overdue") else _log.info if change.before else _log.debug
        tell(
            "freshness",
            dataset=change.dataset_id,
            period_end=change.period_end.isoformat(),
            expected_on=change.expected_on.isoformat(),
            before=change.before,
            state=change.state,
        )
    return changes
