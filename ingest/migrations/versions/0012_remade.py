"""Which indicators a build made anew: the gate and the publication after it look at those alone."""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"

COLUMNS = """
alter table ops.build add column remade text[];
comment on column ops.build.remade is
    'Indicators whose rows, or what they are held against, the build made anew; null for all, or where it did not end.';
"""


def upgrade() -> None:
    """Add the column as the loader, who owns the table."""
    op.execute("set local role nis_loader")
    op.execute(COLUMNS)
    op.execute("reset role")
