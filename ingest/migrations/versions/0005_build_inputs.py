"""What a build was made from, so that the next one makes anew only what rests on something else."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"

COLUMNS = """
alter table ops.build
    add column project text not null default '',
    add column release_ids bigint[] not null default '{}';
comment on column ops.build.project is 'Hash of the dbt project, seeds included.';
comment on column ops.build.release_ids is 'Releases in use when the build began.';
"""


def upgrade() -> None:
    """Add the columns as the loader, who owns the table."""
    op.execute("set local role nis_loader")
    op.execute(COLUMNS)
    op.execute("reset role")
