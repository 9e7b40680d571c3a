"""Statistics as functions that every role may call: limits, comparison, change, trend and quantiles."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0006"
down_revision = "0005"

SQL = Path(__file__).parent.parent / "sql" / "stats"
# In the order in which they rest on each other.
FILES = ("quantiles.sql", "intervals.sql", "judgements.sql")
CALLERS = "reader, inspector, nis_loader, nis_transformer, nis_publisher"


def upgrade() -> None:
    """Create the functions as the publisher, who owns them; nobody else can change one."""
    op.execute("create schema if not exists stats authorization nis_publisher")
    op.execute("set local role nis_publisher")
    op.execute("comment on schema stats is 'Statistics with their published sources, callable by every role.'")
    for file in FILES:
        op.execute((SQL / file).read_text(encoding="utf-8"))
    op.execute("revoke all on all functions in schema stats from public")
    op.execute(f"grant usage on schema stats to {CALLERS}")
    op.execute(f"grant execute on all functions in schema stats to {CALLERS}")
    op.execute("reset role")
