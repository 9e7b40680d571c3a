"""Returns: who sent what when, and what became of it."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"

TABLES = """
create table ops.return (
    return_id bigint generated always as identity primary key,
    dataset_id text not null,
    sender text not null check (sender ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    received_at timestamptz not null default clock_timestamp(),
    received_by text not null check (received_by in ('inbox', 'http', 'cli')),
    sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
    size_bytes bigint not null check (size_bytes >= 0),
    row_count bigint not null check (row_count >= 0),
    status text not null check (status in ('accepted', 'refused', 'withdrawn', 'superseded')),
    fault_count bigint not null default 0,
    faults jsonb not null default '[]',
    withdrawn_by text,
    withdrawn_at timestamptz,
    withdrawn_reason text,
    check ((status = 'refused') = (fault_count > 0)),
    check ((status = 'withdrawn') = (withdrawn_at is not null)),
    check ((withdrawn_at is null) = (withdrawn_by is null) and (withdrawn_at is null) = (withdrawn_reason is null))
);
create unique index one_return_in_use on ops.return (dataset_id, sender) where status = 'accepted';
create index return_by_sender on ops.return (dataset_id, sender, return_id);
comment on table ops.return is
'One row for each return that was sent to us, refused ones too; its bytes lie in the landing store under sha256.';
comment on column ops.return.sender is 'Short name of who sent it; the part of the dataset that it fills.';
comment on column ops.return.received_by is
'The way it came: inbox (drop folder or bucket), http (upload), cli (nis returns submit).';
comment on column ops.return.row_count is 'Data rows in the file, the header not counted.';
comment on column ops.return.status is
'accepted: in use; refused: not taken, for its faults; superseded: a later return of the sender took its place;'
' withdrawn: taken back.';
comment on column ops.return.faults is
'The first faults, each with row (0 is the header or the file), column, value, rule and way_out.';
"""


def upgrade() -> None:
    """Create the table as the loader, who owns it."""
    op.execute("set local role nis_loader")
    op.execute(TABLES)
    op.execute("reset role")
