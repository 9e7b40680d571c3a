"""Views of `published` that annual reports are made of: profile, progress by theme, review of the agreement."""

from __future__ import annotations

from pathlib import Path

from alembic import op

from ingest.migrations.published_schema import comment_everything

revision = "0010"
down_revision = "0009"

SQL = Path(__file__).parent.parent / "sql" / "reports.sql"


def upgrade() -> None:
    """Create the views as the publisher, who owns the schema, and let readers read them."""
    op.execute("set local role nis_publisher")
    op.execute(SQL.read_text())
    comment_everything()
    op.execute("reset role")
