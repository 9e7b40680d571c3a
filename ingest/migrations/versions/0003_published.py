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
    "column published.value.reason": "Why there is a marker, in a word.",
    "column published.value.lower_limit": "Lower 95 % limit as the body published it.",
    "column published.value.upper_limit": "Upper 95 % limit as the body published it.",
    "view published.value_current": "What we know now, one row a value. area_code is the code in force at period_end; "
    "percentages are 0-100.",
    "function published.value_as_of(timestamptz)": "What we knew at that moment; same columns as value_current.",
    "view published.value_limit_current": "95 % limits of current values that have them.",
    "view published.value_history": "Every value ever known, with the time it was known.",
}

# One text for a column wherever it stands: BI tools show it beside each.
COLUMN_COMMENTS = {
    "framework_id": "Framework, as nis_2008.",
    "indicator_id": "Indicator, as ni_186.",
    "ni": "National indicator number.",
    "component": "Part of the indicator.",
    "headline": "True for the one component that stands for the indicator.",
    "title": "Title.",
    "theme": "Theme of the framework.",
    "lead_department": "Department that leads on it.",
    "set_status": "in_set, or how it left the set.",
    "definition_confidence": "How sure the definition is: high, medium or low.",
    "formula_note": "Awkward rules of the definition.",
    "source_url": "Where the definition was read.",
    "method": "How the value is computed: count, ratio, published, change, rolling_change.",
    "decimals": "Decimals to show.",
    "polarity": "higher_is_better or lower_is_better.",
    "note": "Doubts and rules.",
    "area_code": "GSS code; MAA01 to MAA07 for Multi Area Agreements. Of a value: the code in force at period_end.",
    "area_name": "Name of the area.",
    "area_type": "country, region, county, unitary, district, metropolitan_district, london_borough, maa, ...",
    "region_code": "Region the area lies in.",
    "valid_from": "First day the code was in force; empty when older than the codes.",
    "valid_to": "Last day the code was in force; empty when it still is.",
    "period_start": "First day of the period.",
    "period_end": "Last day of the period.",
    "period_type": "Kind of period.",
    "framework_year": "Financial year that holds the last day, written 2008-09.",
    "numerator": "What the method sets above the line; of a change, the level now.",
    "denominator": "What it sets below the line; of a change, the level it is measured from.",
    "value": "The value; percentages are 0-100.",
    "unit": "Unit of the value.",
    "maturity": "provisional, final or revised, as the body says.",
    "publication_id": "Publication that wrote it.",
    "known_from": "When we came to know it.",
    "known_to": "Until when it was what we knew; empty for now.",
    "lower_limit": "Lower 95 % limit as the body published it.",
    "upper_limit": "Upper 95 % limit as the body published it.",
    "fingerprint": "Hash of all that went into the build.",
    "values_opened": "Values written.",
    "values_closed": "Values that ceased to be what we know.",
}


def _comment_everywhere(column: str, text: str) -> str:
    """Statement that comments a column of every table and view of the schema that has none yet."""
    return f"""
        do $$
        declare target text;
        begin
            for target in
                select format('%I.%I.%I', n.nspname, c.relname, a.attname)
                from pg_attribute as a
                inner join pg_class as c on a.attrelid = c.oid
                inner join pg_namespace as n on c.relnamespace = n.oid
                where n.nspname = 'published' and c.relkind in ('r', 'v')
                    and a.attname = '{column}' and col_description(c.oid, a.attnum) is null
            loop
                execute format('comment on column %s is %L', target, '{text}');
            end loop;
        end $$
    """  # noqa: S608 - our own words


def upgrade() -> None:
    """Create tables, readers' views, row-level security and comments as the publisher, who owns them."""
    op.execute("set local role nis_publisher")
    op.execute(TABLES)
    op.execute(READERS)
    for target, text in COMMENTS.items():
        op.execute(f"comment on {target} is '{text.replace(chr(39), chr(39) * 2)}'")
    for column, text in COLUMN_COMMENTS.items():
        op.execute(_comment_everywhere(column, text))
    # Views take the texts of the table they show.
    for name in ("marker", "reason", "coverage"):
        text = COMMENTS[f"column published.value.{name}"].replace("'", "''")
        op.execute(f"comment on column published.value_current.{name} is '{text}'")
    op.execute("revoke all on function published.value_as_of(timestamptz) from public")
    op.execute("grant execute on function published.value_as_of(timestamptz) to inspector, reader, nis_loader")
    op.execute("reset role")
