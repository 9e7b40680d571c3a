"""The published schema: bitemporal, enforced by PostgreSQL."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"

TABLES = """
create table published.publication (
    publication_id bigint generated always as identity primary key,
    published_at timestamptz not null,
    publish_at timestamptz not null,
    origin text not null check (origin in ('made', 'sample', 'live')),
    fingerprint text not null,
    values_opened bigint not null,
    values_closed bigint not null
);

create table published.area (
    area_code text not null,
    area_name text not null,
    area_type text not null,
    region_code text,
    valid_from date,
    valid_to date,
    known_during tstzrange not null,
    primary key (area_code, known_during without overlaps)
);

create table published.indicator (
    framework_id text not null,
    indicator_id text not null,
    ni int not null,
    title text not null,
    theme text,
    lead_department text,
    set_status text not null,
    definition_confidence text,
    formula_note text,
    source_url text,
    known_during tstzrange not null,
    primary key (framework_id, indicator_id, known_during without overlaps)
);

create table published.component (
    framework_id text not null,
    indicator_id text not null,
    component text not null,
    title text not null,
    headline boolean not null,
    method text not null,
    unit text not null,
    decimals int not null,
    polarity text not null,
    note text,
    known_during tstzrange not null,
    primary key (framework_id, indicator_id, component, known_during without overlaps),
    foreign key (framework_id, indicator_id, period known_during)
        references published.indicator (framework_id, indicator_id, period known_during)
        deferrable initially deferred
);

create table published.value (
    framework_id text not null,
    indicator_id text not null,
    component text not null,
    area_code text not null,
    period_start date not null,
    period_end date not null,
    period_type text not null,
    framework_year text not null,
    numerator numeric,
    denominator numeric,
    value numeric,
    lower_limit numeric,
    upper_limit numeric,
    unit text not null,
    marker text,
    reason text,
    coverage numeric check (coverage between 0 and 1),
    maturity text,
    publication_id bigint not null references published.publication,
    publish_at timestamptz not null,
    known_during tstzrange not null,
    primary key (
        framework_id, indicator_id, component, area_code, period_start, period_end, known_during without overlaps
    ),
    foreign key (framework_id, indicator_id, component, period known_during)
        references published.component (framework_id, indicator_id, component, period known_during)
        deferrable initially deferred,
    foreign key (area_code, period known_during)
        references published.area (area_code, period known_during)
        deferrable initially deferred,
    check (period_end >= period_start),
    check (value is not null or marker is not null),
    check (marker is null or reason is not null or value is not null)
);
create unique index value_current_key
    on published.value (indicator_id, area_code, component, period_end, period_start, framework_id)
    where upper_inf(known_during);
create index value_current_area on published.value (area_code) where upper_inf(known_during);
"""

COLUMNS = """
        v.framework_id, v.indicator_id, i.ni, v.component, c.headline,
        v.area_code, a.area_name, a.area_type,
        v.period_start, v.period_end, v.period_type, v.framework_year,
        v.numerator, v.denominator, v.value, v.unit, v.marker, v.reason, v.coverage, v.maturity,
        v.publication_id, lower(v.known_during) as known_from
"""

READERS = f"""
create view published.value_current with (security_invoker = true) as
select {COLUMNS}
from published.value as v
inner join published.component as c
    on v.framework_id = c.framework_id and v.indicator_id = c.indicator_id and v.component = c.component
    and upper_inf(c.known_during)
inner join published.indicator as i
    on v.framework_id = i.framework_id and v.indicator_id = i.indicator_id and upper_inf(i.known_during)
inner join published.area as a on v.area_code = a.area_code and upper_inf(a.known_during)
where upper_inf(v.known_during);

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
select {COLUMNS}
from published.value as v
inner join published.component as c
    on v.framework_id = c.framework_id and v.indicator_id = c.indicator_id and v.component = c.component
    and c.known_during @> at
inner join published.indicator as i
    on v.framework_id = i.framework_id and v.indicator_id = i.indicator_id and i.known_during @> at
inner join published.area as a on v.area_code = a.area_code and a.known_during @> at
where v.known_during @> at;
end;

create view published.value_limit_current with (security_invoker = true) as
select
    v.framework_id, v.indicator_id, v.component, v.area_code, v.period_start, v.period_end,
    v.value, v.lower_limit, v.upper_limit, lower(v.known_during) as known_from
from published.value as v
where upper_inf(v.known_during) and v.lower_limit is not null;

create view published.value_history with (security_invoker = true) as
select
    v.framework_id, v.indicator_id, v.component, v.area_code, v.period_start, v.period_end,
    v.value, v.marker, v.reason, v.publication_id,
    lower(v.known_during) as known_from, upper(v.known_during) as known_to
from published.value as v;

alter table published.value enable row level security;
create policy public_values on published.value for select to reader using (publish_at <= now());
create policy all_values on published.value for select
    to inspector, nis_transformer, nis_loader using (true);
alter table published.publication enable row level security;
create policy public_publications on published.publication for select to reader using (publish_at <= now());
create policy all_publications on published.publication for select
    to inspector, nis_transformer, nis_loader using (true);
"""  # noqa: S608 - our own column list

COMMENTS = {
    "table published.publication": "One reviewed handing-out of values to readers.",
    "column published.publication.published_at": "When the values were written: the start of their knowledge time.",
    "column published.publication.publish_at": "From when role reader may see them; inspector sees them at once.",
    "column published.publication.origin": "made (invented figures), sample or live.",
    "table published.area": "Areas as known; valid_from and valid_to are the days the code was in force.",
    "table published.indicator": "Indicators as known, with how sure their definition is.",
    "table published.component": "Parts of indicators as known: method, unit, direction.",
    "table published.value": "Values as known: component x area x period; closed rows are what was known before.",
    "column published.value.known_during": "From when, and until when, this was what we knew.",
    "column published.value.coverage": "Share of the area's parts whose figures went in, 0 to 1.",
    "column published.value.marker": "[c] confidential, [x] not available, [z] not applicable, [u] unreliable, "
    "[e] estimated, [p] provisional, [r] revised, [b] break, [low] rounds to 0; null for a plain number.",
    "column published.value.reason": "Why there is a marker: see catalogue.reasons.",
    "column published.value.lower_limit": "Lower 95 % limit as the body published it.",
    "column published.value.upper_limit": "Upper 95 % limit as the body published it.",
    "view published.value_current": "What we know now, one row a value. area_code is the code in force at period_end; "
    "percentages are 0-100.",
    "function published.value_as_of(timestamptz)": "What we knew at that moment; same columns as value_current.",
    "view published.value_limit_current": "95 % limits of current values that have them.",
    "view published.value_history": "Every value ever known, with the time it was known.",
}


def upgrade() -> None:
    """Create tables, readers' views, row-level security and comments as the publisher, who owns them."""
    op.execute("set local role nis_publisher")
    op.execute(TABLES)
    op.execute(READERS)
    for target, text in COMMENTS.items():
        op.execute(f"comment on {target} is '{text.replace(chr(39), chr(39) * 2)}'")
    op.execute("revoke all on function published.value_as_of(timestamptz) from public")
    op.execute("grant execute on function published.value_as_of(timestamptz) to inspector, reader, nis_loader")
    op.execute("reset role")
