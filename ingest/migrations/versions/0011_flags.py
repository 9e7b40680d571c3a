"""Flags: candidates, inspectorates, rules, decisions that nobody rewrites, and what readers see of them."""

from __future__ import annotations

from pathlib import Path

from alembic import op

from ingest.migrations.flag_texts import COLUMNS, FUNCTIONS, TABLES
from ingest.migrations.published_schema import comment_everything, show_from_publish_at

revision = "0011"
down_revision = "0010"

SQL = Path(__file__).parent.parent / "sql"
READ = (
    "flag_evidence(text, text, text, text)", "good_practice(text, text)", "value_for_money(text, text)",
    "flag_live_plan(text, text, text, text, text)",
)  # fmt: skip


def upgrade() -> None:
    """Make the tables of flags and what reads them."""
    op.execute("set local role nis_publisher")
    for file in ("flags.sql", "flag_readers.sql"):
        op.execute((SQL / file).read_text())
    for table in ("fact_flag", "flag_summary", "fact_money"):
        show_from_publish_at(table)
    # A decision tells of its flag, so it is seen from the same day on.
    op.execute("alter table published.flag_decision enable row level security")
    op.execute(
        "create policy from_publish_at on published.flag_decision for select to reader, inspector using "
        "(publication_id in (select u.publication_id from published.publication as u where u.publish_at <= now()))"
    )
    op.execute(
        "create policy everything on published.flag_decision for select to nis_transformer, nis_loader using (true)"
    )
    for function in READ:
        op.execute(f"revoke all on function published.{function} from public")
        op.execute(f"grant execute on function published.{function} to reader, inspector, nis_loader")
    comment_everything()
    comment_everything(TABLES, FUNCTIONS, COLUMNS)
    op.execute("reset role")
