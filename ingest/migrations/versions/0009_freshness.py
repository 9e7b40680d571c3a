"""Whether a dataset's figures came when they were promised, and what was last told of it."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"

TABLES = """
create function ops.freshness(expected_on date, grace_days int, is_held boolean, arrived_on date, today date)
returns text
language sql immutable parallel safe
return case
    when is_held and arrived_on is null then 'undated'
    when not is_held and today <= expected_on then 'not_due'
    when is_held and arrived_on < expected_on - grace_days then 'early'
    when is_held and arrived_on <= expected_on then 'on_time'
    when coalesce(arrived_on, today) <= expected_on + grace_days then 'late'
    else 'overdue'
end;
comment on function ops.freshness is
'State of the figures of a period: early, on_time, late (within the grace) or overdue by the day they were published; '
'not_due or late or overdue by today while they are not there; undated where no day of publication is known.';

create table ops.freshness_state (
    dataset_id text primary key,
    period_end date not null,
    expected_on date not null,
    arrived_on date,
    state text not null check (state in ('early', 'on_time', 'late', 'overdue', 'not_due', 'undated')),
    since timestamptz not null default now(),
    run_id bigint references ops.run
);
comment on table ops.freshness_state is
'One row for each dataset: the state of the period that is waited for, or else of the newest one; as last told.';
comment on column ops.freshness_state.period_end is 'Last day of that period.';
comment on column ops.freshness_state.expected_on is 'Day for which its figures were promised.';
comment on column ops.freshness_state.arrived_on is 'Day on which they came; empty where it is not known.';
comment on column ops.freshness_state.since is 'When the state was first seen.';
comment on column ops.freshness_state.run_id is 'Run that saw it.';
"""


def upgrade() -> None:
    """Create both as the loader, who owns the schema."""
    op.execute("set local role nis_loader")
    op.execute(TABLES)
    op.execute("reset role")
