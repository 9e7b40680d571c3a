"""An area's profile is found through the index made for it; views of older warehouses learn to."""

from __future__ import annotations

from alembic import op

from ingest.migrations.published_views import NOW, natural, wide

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Give the views of what is known now their newest text; columns stay as they are."""
    op.execute("set local role nis_publisher")
    op.execute(f"create or replace view published.value_current with (security_invoker = true) as {natural(NOW)}")
    op.execute(f"create or replace view published.v_current with (security_invoker = true) as {wide(NOW)}")
    op.execute("reset role")
