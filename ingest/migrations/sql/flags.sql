-- Flags: candidates as known at any time, the inspectorates that answer, the rules, and who decided what.

create table published.dim_inspectorate (
    inspectorate_key int generated always as identity primary key,
    inspectorate_id text not null unique,
    inspectorate text not null,
    valid_from date,
    valid_to date,
    successor_id text
);

create table published.bridge_inspectorate_theme (
    inspectorate_key int not null references published.dim_inspectorate,
    theme_key int not null references published.dim_theme,
    valid_from date not null,
    valid_to date,
    part text not null check (part in ('lead', 'joins')),
    primary key (inspectorate_key, theme_key, valid_from)
);

create table published.assessment_rule (
    rule_version text not null,
    name text not null,
    value text not null,
    valid_from date not null,
    source text not null,
    primary key (rule_version, name)
);

create table published.fact_flag (
    theme_key int not null references published.dim_theme,
    area_key int not null references published.dim_area,
    framework_year text not null,
    flag_kind text not null check (flag_kind in ('red', 'green', 'urgent')),
    score numeric not null,
    n_indicators int not null,
    indicators text not null,
    sentence text not null,
    rule_version text not null,
    evidence jsonb not null,
    publication_id bigint not null references published.publication,
    publish_at timestamptz not null,
    known_during tstzrange not null,
    known_to timestamptz not null generated always as (coalesce(upper(known_during), 'infinity')) stored,
    primary key (theme_key, area_key, framework_year, flag_kind, known_during without overlaps)
);
create index fact_flag_by_area on published.fact_flag (area_key, known_to, theme_key);

create table published.flag_summary (
    framework_id text not null,
    framework_year text not null,
    rule_version text not null,
    areas int not null,
    indicators int not null,
    comparisons_possible int not null,
    comparisons_made int not null,
    expected_by_chance numeric not null,
    expected_worse_by_chance numeric not null,
    significant int not null,
    significant_adjusted int not null,
    worse int not null,
    better int not null,
    in_worst_quintile int not null,
    red_candidates int not null,
    urgent_candidates int not null,
    green_candidates int not null,
    publication_id bigint not null references published.publication,
    publish_at timestamptz not null,
    known_during tstzrange not null,
    known_to timestamptz not null generated always as (coalesce(upper(known_during), 'infinity')) stored,
    primary key (framework_id, framework_year, known_during without overlaps)
);

create table published.fact_money (
    component_key int not null references published.dim_component,
    area_key int not null references published.dim_area,
    period_key int not null references published.dim_period,
    indicator_key int not null references published.dim_indicator,
    framework_year text not null,
    kind text not null check (kind in ('cost', 'saving')),
    gbp_per_head numeric not null,
    publication_id bigint not null references published.publication,
    publish_at timestamptz not null,
    known_during tstzrange not null,
    known_to timestamptz not null generated always as (coalesce(upper(known_during), 'infinity')) stored,
    primary key (component_key, area_key, period_key, known_during without overlaps)
);

create table published.flag_transition (
    from_state text not null,
    to_state text not null,
    needs_reason boolean not null,
    told text not null,
    primary key (from_state, to_state)
);
insert into published.flag_transition (from_state, to_state, needs_reason, told) values
    ('candidate', 'under_review', false, 'Somebody looks at it.'),
    ('under_review', 'raised', false, 'It becomes a flag.'),
    ('under_review', 'known_and_being_acted_on', false, 'The area knows, and has a plan.'),
    ('under_review', 'dismissed', true, 'It is none, for a reason.'),
    ('known_and_being_acted_on', 'known_and_being_acted_on', true, 'The plan came on course or left it.'),
    ('known_and_being_acted_on', 'raised', true, 'The plan does not hold.'),
    ('raised', 'closed', false, 'It is over.'),
    ('known_and_being_acted_on', 'closed', false, 'It is over.'),
    ('dismissed', 'closed', false, 'It is over.');

-- By natural keys and without foreign keys: what somebody decided outlives whatever is published.
create table published.flag_decision (
    decision_id bigint generated always as identity primary key,
    framework_id text not null,
    area_code text not null,
    theme text not null,
    framework_year text not null,
    flag_kind text not null check (flag_kind in ('red', 'green', 'urgent')),
    state text not null check (
        state in ('under_review', 'raised', 'known_and_being_acted_on', 'dismissed', 'closed')
    ),
    reason text check (reason <> '' and length(reason) <= 4000),
    action_plan_on_course boolean,
    decided_by text not null check (length(decided_by) between 2 and 200),
    organisation text check (organisation <> ''),
    decided_at timestamptz not null,
    recorded_by text not null,
    publication_id bigint not null,
    rule_version text not null,
    check ((state = 'known_and_being_acted_on') = (action_plan_on_course is not null))
);
create index flag_decision_by_flag on published.flag_decision (area_code, theme, framework_year, flag_kind);

create function published.flag_live_plan(
    framework_id text, area_code text, theme text, framework_year text, flag_kind text
) returns bigint
language sql stable
begin atomic
select max(last.decision_id)
from (
    select distinct on (d.framework_year, d.flag_kind)
        d.decision_id, d.framework_year, d.flag_kind, d.state, d.action_plan_on_course
    from published.flag_decision as d
    where d.framework_id = flag_live_plan.framework_id
        and d.area_code = flag_live_plan.area_code
        and d.theme = flag_live_plan.theme
        and d.framework_year <= flag_live_plan.framework_year
        and d.flag_kind in ('red', 'urgent')
    order by d.framework_year, d.flag_kind, d.decision_id desc
) as last
where flag_live_plan.flag_kind in ('red', 'urgent')
    and last.state = 'known_and_being_acted_on'
    and last.action_plan_on_course
    and (last.framework_year, last.flag_kind) <> (flag_live_plan.framework_year, flag_live_plan.flag_kind);
end;

create function published.check_flag_decision() returns trigger
language plpgsql
set search_path = ''
as $$
declare
    flag record;
    now_in text;
    move record;
    plan bigint;
begin
    -- One decision of a flag at a time, so that each is checked against the one before.
    perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended(
        concat_ws('/', new.framework_id, new.area_code, new.theme, new.framework_year, new.flag_kind), 2008
    ));
    new.decided_by := btrim(new.decided_by);
    if new.decided_by = '' or new.decided_by !~ '[[:alpha:]]' then
        raise exception 'only a named person moves a flag'
            using errcode = 'check_violation', hint = 'say who decided: --by "First Last"';
    end if;
    if exists (select from pg_catalog.pg_roles where lower(rolname) = lower(new.decided_by)) then
        raise exception '% is a role of the database and not a person', new.decided_by
            using errcode = 'check_violation', hint = 'say who decided: --by "First Last"';
    end if;
    select f.publication_id, f.rule_version into flag
    from published.fact_flag as f
    inner join published.dim_theme as t on f.theme_key = t.theme_key
    inner join published.dim_area as a on f.area_key = a.area_key
    where t.framework_id = new.framework_id and t.theme = new.theme and a.area_code = new.area_code
        and f.framework_year = new.framework_year and f.flag_kind = new.flag_kind
    order by f.known_to = 'infinity' and f.publish_at <= now() desc, f.known_to desc
    limit 1;
    if not found then
        raise exception 'no % flag of % in % was ever a candidate for %',
            new.flag_kind, new.theme, new.area_code, new.framework_year
            using errcode = 'foreign_key_violation', hint = '`nis flag list` has those that stand';
    end if;
    select d.state into now_in
    from published.flag_decision as d
    where d.framework_id = new.framework_id and d.area_code = new.area_code and d.theme = new.theme
        and d.framework_year = new.framework_year and d.flag_kind = new.flag_kind
    order by d.decision_id desc
    limit 1;
    now_in := coalesce(now_in, 'candidate');
    select t.needs_reason into move
    from published.flag_transition as t where t.from_state = now_in and t.to_state = new.state;
    if not found then
        raise exception 'a flag that is % does not become %', now_in, new.state
            using errcode = 'check_violation', hint = coalesce(
                'from there it goes to ' || (
                    select string_agg(t.to_state, ', ' order by t.to_state)
                    from published.flag_transition as t where t.from_state = now_in
                ), 'it stays so'
            );
    end if;
    if move.needs_reason and coalesce(btrim(new.reason), '') = '' then
        raise exception 'a flag that is % becomes % for a reason', now_in, new.state
            using errcode = 'check_violation', hint = 'say why: --reason "..."';
    end if;
    if new.state = 'raised' then
        plan := published.flag_live_plan(
            new.framework_id, new.area_code, new.theme, new.framework_year, new.flag_kind
        );
        if plan is not null then
            raise exception 'an action plan is on course (decision %), so the flag is not raised again', plan
                using errcode = 'check_violation',
                    hint = 'record first that the plan left its course: --action-plan off-course on the flag it was made for';
        end if;
    end if;
    new.decided_at := clock_timestamp();
    new.recorded_by := concat_ws(' as ', session_user, nullif(current_setting('role', true), 'none'));
    new.publication_id := flag.publication_id;
    new.rule_version := flag.rule_version;
    return new;
end $$;

create function published.refuse_to_rewrite() returns trigger
language plpgsql
set search_path = ''
as $$
begin
    raise exception 'published.% is only added to: what was decided stands', tg_table_name
        using errcode = 'insufficient_privilege', hint = 'record a further decision';
end $$;

create trigger a_legal_move before insert on published.flag_decision
for each row execute function published.check_flag_decision();
create trigger never_rewritten before update or delete on published.flag_decision
for each row execute function published.refuse_to_rewrite();
create trigger never_emptied before truncate on published.flag_decision
for each statement execute function published.refuse_to_rewrite();
-- Even where a session asks for triggers to be left out.
alter table published.flag_decision enable always trigger a_legal_move;
alter table published.flag_decision enable always trigger never_rewritten;
alter table published.flag_decision enable always trigger never_emptied;

create trigger never_rewritten before update or delete on published.assessment_rule
for each row execute function published.refuse_to_rewrite();
alter table published.assessment_rule enable always trigger never_rewritten;
