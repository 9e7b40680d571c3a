"""What a warehouse was last set up by, so that a command that would set it up the same need not."""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision = "0014"

COLUMN = """
alter table ops.home add column set_up_by text;
comment on column ops.home.set_up_by is
    'Hash of the migrations and contracts that the warehouse was last brought up to.';
"""


def upgrade() -> None:
    """Add the column as the loader, who owns the table."""
    op.execute("set local role nis_loader")
    op.execute(COLUMN)
    op.execute("reset role")
