"""The star schema of `published`: integer keys, facts as known at any time, and what readers see of it."""

from __future__ import annotations

from pathlib import Path

from alembic import op

from ingest.migrations.published_schema import comment_everything, show_from_publish_at
from ingest.migrations.published_views import AT, EMBARGOED, NOW, dimensions, natural, wide

revision = "0007"
down_revision = "0006"

SQL = Path(__file__).parent.parent / "sql"
FACTS = ("fact_value", "fact_assessment", "fact_target", "fact_reward", "fact_quality")

PERIOD_LABEL = """
create function published.period_label(period_start date, period_end date) returns text
language sql stable strict
begin atomic
select case
    when period_start = period_end then to_char(period_start, 'FMDD Mon YYYY')
    when period_start + interval '1 year' <> period_end + 1
        then to_char(period_start, 'Mon YYYY') || ' to ' || to_char(period_end, 'Mon YYYY')
    when extract(month from period_start) = 1 then to_char(period_start, 'YYYY')
    when extract(month from period_start) = 4 then to_char(period_start, 'YYYY-') || to_char(period_end, 'YY')
    else to_char(period_start, 'Mon YYYY') || ' to ' || to_char(period_end, 'Mon YYYY')
end;
end
"""

COMMENTS_OF_COUNCILS = """
create table published.value_comment (
    comment_id bigint generated always as identity primary key,
    component_key int not null references published.dim_component,
    area_key int not null references published.dim_area,
    period_key int not null references published.dim_period,
    kind text not null check (kind in ('dispute', 'comment')),
    said text not null check (length(said) between 1 and 4000),
    said_by text not null check (said_by <> ''),
    organisation text not null check (organisation <> ''),
    said_at timestamptz not null default now(),
    resolved_at timestamptz,
    resolved_by text,
    resolution text,
    check ((resolved_at is null) = (resolved_by is null) and (resolved_at is null) = (resolution is null))
);
create index value_comment_open on published.value_comment (area_key) where resolved_at is null;

create table published.assessment_cycle (
    cycle text primary key,
    known_at timestamptz not null,
    row_count bigint not null,
    sha256 text not null,
    frozen_by text not null check (frozen_by <> ''),
    frozen_at timestamptz not null default now()
);

create table published.embargo_access (
    access_id bigint generated always as identity primary key,
    read_at timestamptz not null default clock_timestamp(),
    read_by text not null,
    client text,
    rows_read bigint not null
);
"""

READERS = f"""
create view published.value_current with (security_invoker = true) as {natural(NOW)};

create function published.value_as_of(at timestamptz)
returns table (
    framework_id text, indicator_id text, ni int, component text, headline boolean,
    area_code text, area_name text, area_type text,
    period_start date, period_end date, period_type text, framework_year text,
    numerator numeric, denominator numeric, value numeric, unit text, marker text, reason text,
    coverage numeric, maturity text, publication_id bigint, known_from timestamptz
)
language sql stable
begin atomic
{natural(AT, then=True)};
end;

create view published.value_limit_current with (security_invoker = true) as
select
    i.framework_id, i.indicator_id, c.component, a.area_code, p.period_start, p.period_end,
    v.value, v.lower_limit, v.upper_limit, lower(v.known_during) as known_from
{dimensions()}
where {NOW.format("v")} and v.lower_limit is not null;

create view published.value_history with (security_invoker = true) as
select
    i.framework_id, i.indicator_id, c.component, a.area_code, p.period_start, p.period_end, c.period_type,
    p.framework_year, v.numerator, v.denominator, v.value, v.marker, v.reason, v.coverage, v.maturity,
    v.publication_id, v.publish_at, v.known_during,
    lower(v.known_during) as known_from, upper(v.known_during) as known_to
{dimensions()};

create view published.v_revision with (security_invoker = true) as
select
    i.framework_id, i.indicator_id, i.ni, c.component, a.area_code, a.area_name, p.period_start, p.period_end,
    p.framework_year, c.unit, old.value as old_value, old.marker as old_marker, new.value as new_value,
    new.marker as new_marker, new.value - old.value as revision_size,
    -- How large it is beside what chance explains: in standard errors of the old value.
    (new.value - old.value) / nullif((s.upper_95 - s.lower_95) / 3.92, 0) as revision_in_standard_errors,
    new.maturity, upper(old.known_during) as revised_at, u.reason, u.publication_id
from published.fact_value as old
inner join published.dim_component as c on old.component_key = c.component_key
inner join published.dim_indicator as i on old.indicator_key = i.indicator_key
inner join published.dim_area as a on old.area_key = a.area_key
inner join published.dim_period as p on old.period_key = p.period_key
left join published.fact_value as new
    on old.component_key = new.component_key and old.area_key = new.area_key and old.period_key = new.period_key
    and upper(old.known_during) = lower(new.known_during)
left join published.publication as u on upper(old.known_during) = u.publish_at
left join published.fact_assessment as s
    on old.component_key = s.component_key and old.area_key = s.area_key and old.period_key = s.period_key
    and s.known_during @> lower(old.known_during)
where old.known_to <= now();

create view published.v_current with (security_invoker = true) as {wide(NOW)};

create function published.v_as_of(at timestamptz) returns setof published.v_current
language sql stable
begin atomic
{wide(AT, then=True)};
end;

create function published.embargoed() returns setof published.v_current
language plpgsql volatile security definer
set search_path = ''
as $$
declare found bigint;
begin
    return query {wide(EMBARGOED)} and v.publish_at > now();
    get diagnostics found = row_count;
    -- Whoever reads figures before their day is written down, with the rows they got.
    insert into published.embargo_access (read_by, client, rows_read)
    values (
        concat_ws(' as ', session_user, nullif(current_setting('role', true), 'none')),
        current_setting('application_name', true), found
    );
end $$;

create function published.snapshot_rows(at timestamptz) returns table (row_key text, said text)
language sql stable
begin atomic
select
    v.framework_id || '/' || v.indicator_id || '/' || v.component || '/' || v.area_code || '/'
        || v.period_start || '/' || v.period_end,
    concat_ws(
        '|', trim_scale(v.value), v.marker, v.reason, trim_scale(v.numerator), trim_scale(v.denominator),
        trim_scale(v.coverage), v.maturity, v.unit
    )
from published.value_as_of(at) as v;
end;

create function published.snapshot_sha256(at timestamptz) returns table (sha256 text, row_count bigint)
language sql stable
begin atomic
select
    encode(sha256(string_agg(s.row_sha256, '' order by s.row_key collate "C")), 'hex'),
    count(*)
from (
    select row_key, sha256(convert_to(row_key || '=' || said, 'UTF8')) as row_sha256
    from published.snapshot_rows(at)
) as s;
end;

create function published.assessment_snapshot(cycle text) returns setof published.v_current
language sql stable
begin atomic
select v.*
from published.assessment_cycle as k cross join lateral published.v_as_of(k.known_at) as v
where k.cycle = assessment_snapshot.cycle;
end;
"""  # noqa: S608 - our own column lists

WIDE_VIEWS = """
create procedure published.make_wide_views()
language plpgsql
set search_path = ''
as $$
declare
    wide record;
    columns text;
begin
    for wide in
        select relname from pg_catalog.pg_class
        where relnamespace = 'published'::regnamespace and relkind = 'v' and starts_with(relname, 'v_wide_')
    loop
        execute format('drop view published.%I', wide.relname);
    end loop;
    for wide in
        select
            t.theme_key, t.theme,
            left(
                'v_wide_' || case when count(*) over (partition by t.theme) > 1 then t.framework_id || '_' else '' end
                || trim(both '_' from regexp_replace(lower(t.theme), '[^a-z0-9]+', '_', 'g')), 63
            ) as view_name
        from published.dim_theme as t
    loop
        select string_agg(
            format(
                '(array_agg(v.value order by p.period_end desc, p.period_start desc) '
                'filter (where v.component_key = %1$s))[1] as %2$I, '
                '(array_agg(v.marker order by p.period_end desc, p.period_start desc) '
                'filter (where v.component_key = %1$s))[1] as %3$I',
                c.component_key, c.indicator_id, c.indicator_id || '_marker'
            ), ', ' order by i.ni, c.indicator_id
        )
        into columns
        from published.dim_component as c
        inner join published.dim_indicator as i on c.indicator_key = i.indicator_key
        where i.theme_key = wide.theme_key and c.headline;
        continue when columns is null;
        execute format(
            'create view published.%I with (security_invoker = true) as '
            'select a.area_key, a.area_code, a.area_name, a.area_type, p.framework_year, %s '
            'from published.fact_value as v '
            'inner join published.dim_area as a on v.area_key = a.area_key '
            'inner join published.dim_period as p on v.period_key = p.period_key '
            'where v.component_key in ('
            'select c.component_key from published.dim_component as c '
            'inner join published.dim_indicator as i on c.indicator_key = i.indicator_key '
            'where i.theme_key = %s and c.headline) '
            'and v.known_to > now() and lower(v.known_during) <= now() '
            'group by a.area_key, a.area_code, a.area_name, a.area_type, p.framework_year',
            wide.view_name, columns, wide.theme_key
        );
        execute format(
            'comment on view published.%I is %L', wide.view_name,
            wide.theme || ': one row for each area and framework year, a column for the headline of each indicator; '
            'of several periods that end in one year, the last.'
        );
    end loop;
end $$;
"""


def upgrade() -> None:
    """Make the star schema, move into it what was published, and let readers see what they may."""
    op.execute(
        "do $$ begin execute format('grant temporary on database %I to nis_publisher', current_database()); end $$"
    )
    # Whoever reads before the day is written down, and a read-only session cannot write. The role itself may not.
    op.execute("alter role inspector reset default_transaction_read_only")
    op.execute("set local role nis_publisher")
    op.execute((SQL / "star.sql").read_text())
    op.execute(PERIOD_LABEL)
    op.execute((SQL / "star_from_old.sql").read_text())
    op.execute(COMMENTS_OF_COUNCILS)
    op.execute(READERS)
    op.execute(WIDE_VIEWS)
    for table in FACTS:
        show_from_publish_at(table)
    for function in (
        "period_label(date, date)", "value_as_of(timestamptz)", "v_as_of(timestamptz)", "embargoed()",
        "snapshot_rows(timestamptz)", "snapshot_sha256(timestamptz)", "assessment_snapshot(text)",
    ):  # fmt: skip
        op.execute(f"revoke all on function published.{function} from public")
        op.execute(f"grant execute on function published.{function} to inspector")
        if function != "embargoed()":
            op.execute(f"grant execute on function published.{function} to reader, nis_loader")
    op.execute("revoke all on procedure published.make_wide_views() from public")
    op.execute("revoke all on published.embargo_access from reader, inspector, nis_transformer")
    op.execute("call published.make_wide_views()")
    comment_everything()
    op.execute("reset role")
