"""Warnings of returns: what a sender should know of a return that is taken all the same."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"

COLUMNS = """
alter table ops.return
add column warning_count bigint not null default 0,
add column warnings jsonb not null default '[]';
comment on column ops.return.warning_count is 'Warnings of the return; they do not keep it from being taken.';
comment on column ops.return.warnings is
'The first warnings, each with row, column, value, rule and way_out, as faults have.';
"""


def upgrade() -> None:
    """Add the columns as the loader, who owns the table."""
    op.execute("set local role nis_loader")
    op.execute(COLUMNS)
    op.execute("reset role")
