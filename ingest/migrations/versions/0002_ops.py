"""Operations: runs, releases, builds, quality results, quarantine."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"

TABLES = """
create table ops.home (
    origin text not null check (origin in ('made', 'sample', 'live')),
    only_row boolean primary key default true check (only_row)
);
comment on table ops.home is 'Which kind of data this warehouse holds: made, sample or live. They never meet.';

create table ops.run (
    run_id bigint generated always as identity primary key,
    command text not null,
    origin text not null check (origin in ('made', 'sample', 'live')),
    status text not null default 'running' check (status in ('running', 'done', 'held', 'failed')),
    started_at timestamptz not null default now(),
    finished_at timestamptz,
    seconds_by_stage jsonb not null default '{}',
    counts jsonb not null default '{}',
    error text
);
comment on table ops.run is 'One row for each run of the pipeline, or of one stage of it.';
comment on column ops.run.command is 'The command that was run, without secrets.';
comment on column ops.run.status is 'running (or killed, when no process holds the lock), done, held, failed.';
comment on column ops.run.seconds_by_stage is 'Stage to seconds.';
comment on column ops.run.counts is 'What the run did: offered, landed, loaded, refused, published, held, quarantined.';

create table ops.release (
    release_id bigint generated always as identity primary key,
    dataset_id text not null,
    part text not null,
    url text not null,
    sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
    size_bytes bigint not null check (size_bytes > 0),
    headers jsonb not null default '{}',
    publisher text not null,
    licence text not null,
    published_on date,
    retrieved_at timestamptz not null default now(),
    offered_at timestamptz not null default now(),
    maturity text not null check (maturity in ('provisional', 'final', 'revised')),
    status text not null default 'landed' check (status in ('landed', 'loaded', 'accepted', 'refused', 'withdrawn')),
    status_reason text,
    origin text not null check (origin in ('made', 'sample', 'live')),
    row_count bigint,
    loaded_at timestamptz,
    checked_at timestamptz,
    supersedes text not null check (supersedes in ('part', 'cell')),
    run_id bigint references ops.run,
    unique (dataset_id, part, sha256)
);
comment on table ops.release is
'One row for each immutable download of a dataset; its bytes lie in the landing store under sha256.';
comment on column ops.release.part is 'Which file of the dataset: a month, a quarter, a table, or all.';
comment on column ops.release.offered_at is 'When the body last began to offer these bytes; the newest wins.';
comment on column ops.release.maturity is 'provisional, final or revised, as the body says.';
comment on column ops.release.status is 'landed, loaded, then accepted or refused by gate 1; withdrawn by the body.';
comment on column ops.release.supersedes is
'What a newer release replaces: the whole part, or only the cells it carries.';

create view ops.release_in_use as
select release_id, dataset_id, part, maturity, origin, published_on, offered_at, supersedes
from (
    select
        r.*,
        row_number() over (partition by dataset_id, part order by offered_at desc, release_id desc) as recency
    from ops.release as r
    where status in ('accepted', 'withdrawn')
) as ranked
where status = 'accepted' and (supersedes = 'cell' or recency = 1);
comment on view ops.release_in_use is
'Releases whose rows feed the measures: accepted, not wholly superseded, and the newest not withdrawn.';

create table ops.build (
    build_id bigint generated always as identity primary key,
    fingerprint text not null,
    run_id bigint references ops.run,
    started_at timestamptz not null default now(),
    built_at timestamptz,
    gate_2_at timestamptz,
    published_at timestamptz
);
comment on table ops.build is
'One row for each build of the candidate marts; fingerprint hashes all that went in; built_at is empty while it runs.';

create table ops.quality_result (
    result_id bigint generated always as identity primary key,
    run_id bigint references ops.run,
    build_id bigint references ops.build,
    gate smallint not null check (gate in (1, 2)),
    dataset_id text,
    release_id bigint references ops.release,
    table_name text,
    framework_id text,
    indicator_id text,
    component text,
    expectation text not null,
    column_name text,
    severity text not null check (severity in ('fail', 'warn')),
    success boolean not null,
    expected jsonb not null default '{}',
    observed jsonb,
    unexpected_count bigint,
    unexpected_sample jsonb,
    message text not null,
    owner text not null,
    checked_at timestamptz not null default now()
);
create index quality_result_by_release on ops.quality_result (release_id);
create index quality_result_by_build on ops.quality_result (build_id, indicator_id);
comment on table ops.quality_result is
'Every expectation that gate 1 (what was delivered) and gate 2 (what is handed out) evaluated.';
comment on column ops.quality_result.severity is
'fail stops the release or holds the indicator; warn is told and goes on.';
comment on column ops.quality_result.owner is 'Who mends it.';
comment on column ops.quality_result.unexpected_sample is 'Some of the values that broke the expectation.';

create table ops.quarantine (
    dataset_id text not null,
    release_id bigint not null references ops.release,
    table_name text not null,
    row_number bigint not null,
    source_column text not null default '',
    reject_reason text not null,
    reject_kind text not null check (reject_kind in ('scope', 'fault')),
    column_name text,
    value text,
    quarantined_at timestamptz not null default now(),
    primary key (release_id, table_name, row_number, source_column)
);
comment on table ops.quarantine is
'Rows of releases in use that feed no measure, with the reason. The row itself stays in raw.';
comment on column ops.quarantine.table_name is 'Table in schema raw.';
comment on column ops.quarantine.row_number is 'Data row in the delivered file, from 1, the header not counted.';
comment on column ops.quarantine.reject_kind is
'scope: a sound row we do not use (Wales, a footnote); fault: a row that cannot be read.';
comment on column ops.quarantine.column_name is 'The column that is the reason.';
comment on column ops.quarantine.value is 'What stood there.';
"""


def upgrade() -> None:
    """Create the tables as the loader, who owns them."""
    op.execute("grant create on schema ops to nis_loader")
    op.execute("set local role nis_loader")
    op.execute(TABLES)
    op.execute("grant insert on ops.quality_result to nis_publisher")
    op.execute("grant insert, update on ops.build, ops.run to nis_publisher")
    op.execute("reset role")
