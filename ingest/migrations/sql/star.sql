-- The star schema of `published`: dimensions with integer keys as known now, facts at one grain each as known at any time.

create table published.dim_theme (
    theme_key int generated always as identity primary key,
    framework_id text not null,
    theme text not null,
    unique (framework_id, theme)
);

create table published.dim_area (
    area_key int generated always as identity primary key,
    area_code text not null unique,
    area_name text not null,
    area_type text not null,
    region_code text,
    valid_from date,
    valid_to date,
    in_force daterange not null generated always as (daterange(valid_from, valid_to, '[]')) stored,
    -- What the facts' foreign key over time refers to.
    unique (area_key, in_force without overlaps)
);

create table published.dim_indicator (
    indicator_key int generated always as identity primary key,
    framework_id text not null,
    indicator_id text not null,
    ni int not null,
    title text not null,
    theme_key int references published.dim_theme,
    theme text,
    lead_department text,
    set_status text not null,
    definition_confidence text,
    formula_note text,
    source_url text,
    unique (framework_id, indicator_id)
);

create table published.dim_component (
    component_key int generated always as identity primary key,
    indicator_key int not null references published.dim_indicator,
    framework_id text not null,
    indicator_id text not null,
    component text not null,
    title text not null,
    headline boolean not null,
    method text not null,
    unit text not null,
    decimals int not null,
    polarity text not null,
    period_type text not null,
    note text,
    unique (framework_id, indicator_id, component)
);

create table published.dim_period (
    period_key int generated always as identity primary key,
    period_start date not null,
    period_end date not null,
    framework_year text not null,
    fiscal_year int not null,
    calendar_year int not null generated always as (extract(year from period_end)::int) stored,
    days int not null generated always as (period_end - period_start + 1) stored,
    label text not null,
    unique (period_start, period_end),
    check (period_end >= period_start)
);

create table published.dim_source (
    source_key int generated always as identity primary key,
    dataset_id text not null unique,
    domain text not null,
    body text not null,
    title text not null,
    interface text,
    native_level text
);

create table published.dim_release (
    release_key bigint primary key,
    source_key int not null references published.dim_source,
    part text not null,
    url text not null,
    sha256 text not null,
    publisher text not null,
    licence text not null,
    maturity text not null,
    origin text not null,
    status text not null,
    published_on date,
    retrieved_at timestamptz not null,
    offered_at timestamptz not null
);

create table published.publication_release (
    publication_id bigint not null references published.publication,
    release_key bigint not null references published.dim_release,
    primary key (publication_id, release_key)
);

create table published.bridge_component_source (
    component_key int not null references published.dim_component,
    source_key int not null references published.dim_source,
    primary key (component_key, source_key)
);

create table published.bridge_area_group (
    group_kind text not null,
    group_code text not null,
    area_key int not null references published.dim_area,
    group_area_key int references published.dim_area,
    valid_from date,
    valid_to date,
    weight numeric,
    rank int,
    distance numeric,
    basis text,
    primary key (group_kind, group_code, area_key)
);

-- What the dimensions said before: one row for each wording, with the time in which it was known.
create table published.dim_area_history (
    area_key int not null references published.dim_area,
    area_name text not null,
    area_type text not null,
    region_code text,
    valid_from date,
    valid_to date,
    known_during tstzrange not null,
    known_to timestamptz not null generated always as (coalesce(upper(known_during), 'infinity')) stored,
    primary key (area_key, known_during without overlaps)
);

create table published.dim_indicator_history (
    indicator_key int not null references published.dim_indicator,
    ni int not null,
    title text not null,
    theme text,
    lead_department text,
    set_status text not null,
    definition_confidence text,
    formula_note text,
    source_url text,
    known_during tstzrange not null,
    known_to timestamptz not null generated always as (coalesce(upper(known_during), 'infinity')) stored,
    primary key (indicator_key, known_during without overlaps)
);

create table published.dim_component_history (
    component_key int not null references published.dim_component,
    title text not null,
    headline boolean not null,
    method text not null,
    unit text not null,
    decimals int not null,
    polarity text not null,
    period_type text not null,
    note text,
    known_during tstzrange not null,
    known_to timestamptz not null generated always as (coalesce(upper(known_during), 'infinity')) stored,
    primary key (component_key, known_during without overlaps)
);

create table published.fact_value (
    component_key int not null references published.dim_component,
    area_key int not null references published.dim_area,
    period_key int not null references published.dim_period,
    indicator_key int not null references published.dim_indicator,
    numerator numeric,
    denominator numeric,
    value numeric,
    lower_limit numeric,
    upper_limit numeric,
    marker text,
    reason text,
    coverage numeric check (coverage between 0 and 1),
    maturity text,
    on_day daterange not null,
    publication_id bigint not null references published.publication,
    publish_at timestamptz not null,
    known_during tstzrange not null,
    known_to timestamptz not null generated always as (coalesce(upper(known_during), 'infinity')) stored,
    primary key (component_key, area_key, period_key, known_during without overlaps),
    foreign key (area_key, period on_day) references published.dim_area (area_key, period in_force),
    check (value is not null or marker is not null),
    check (marker is null or reason is not null or value is not null)
);

-- What is derived from values has plain keys, which are quicker to look up: one row of a cell stands at most.
create table published.fact_assessment (
    component_key int not null references published.dim_component,
    area_key int not null references published.dim_area,
    period_key int not null references published.dim_period,
    indicator_key int not null references published.dim_indicator,
    lower_95 numeric,
    upper_95 numeric,
    lower_998 numeric,
    upper_998 numeric,
    limit_method text,
    england_value numeric,
    vs_england text,
    region_value numeric,
    vs_region text,
    laa_type_value numeric,
    vs_laa_type text,
    neighbours_value numeric,
    vs_neighbours text,
    neighbours_p numeric,
    quintile int,
    quintile_of int,
    previous_period_end date,
    previous_value numeric,
    change numeric,
    direction text,
    direction_test text,
    direction_statistic numeric,
    trend text,
    trend_statistic numeric,
    trend_method text,
    trend_points int,
    trend_reason text,
    publication_id bigint not null references published.publication,
    publish_at timestamptz not null,
    known_during tstzrange not null,
    known_to timestamptz not null generated always as (coalesce(upper(known_during), 'infinity')) stored,
    primary key (component_key, area_key, period_key, known_to)
);

create table published.fact_target (
    area_key int not null references published.dim_area,
    target_class text not null check (target_class in ('designated', 'local', 'statutory')),
    target_id text not null,
    target_version int not null,
    period_key int not null references published.dim_period,
    component_key int references published.dim_component,
    indicator_key int references published.dim_indicator,
    framework_id text not null,
    framework_year text not null,
    kind text not null,
    status text not null,
    is_current boolean not null,
    baseline_period text,
    baseline_value numeric,
    target_value numeric,
    reward_eligible boolean,
    agreed_on date,
    reason text,
    actual_value numeric,
    actual_marker text,
    achievement numeric,
    achievement_capped numeric,
    met boolean,
    met_beyond_doubt boolean,
    target_test text,
    on_track text,
    on_track_ratio numeric,
    on_track_score numeric,
    on_track_form text,
    needed_next_year numeric,
    detectable boolean,
    smallest_detectable_change numeric,
    target_marker text,
    target_note text,
    publication_id bigint not null references published.publication,
    publish_at timestamptz not null,
    known_during tstzrange not null,
    known_to timestamptz not null generated always as (coalesce(upper(known_during), 'infinity')) stored,
    primary key (area_key, target_class, target_id, period_key, target_version, known_to)
);

create table published.fact_reward (
    area_key int not null references published.dim_area,
    framework_id text not null,
    scheme text not null,
    rule_version int not null,
    targets_counted int,
    mean_achievement numeric,
    pays boolean,
    share numeric,
    status text,
    note text,
    publication_id bigint not null references published.publication,
    publish_at timestamptz not null,
    known_during tstzrange not null,
    known_to timestamptz not null generated always as (coalesce(upper(known_during), 'infinity')) stored,
    primary key (area_key, framework_id, scheme, known_to)
);

create table published.fact_quality (
    component_key int not null references published.dim_component,
    framework_year text not null,
    indicator_key int not null references published.dim_indicator,
    accuracy numeric,
    validity numeric,
    reliability numeric,
    timeliness numeric,
    relevance numeric,
    completeness numeric,
    uniqueness numeric,
    score numeric,
    critical_fails bigint not null,
    grade text not null check (grade in ('A', 'B', 'C', 'D')),
    note text,
    freshness_state text,
    expected_at date,
    rule_version text,
    publication_id bigint not null references published.publication,
    publish_at timestamptz not null,
    known_during tstzrange not null,
    known_to timestamptz not null generated always as (coalesce(upper(known_during), 'infinity')) stored,
    primary key (component_key, framework_year, known_to)
);

create table published.fact_run (
    run_id bigint primary key,
    command text not null,
    origin text not null,
    status text not null,
    started_at timestamptz not null,
    finished_at timestamptz not null,
    seconds numeric not null,
    landed bigint,
    loaded bigint,
    refused bigint,
    values_opened bigint,
    values_closed bigint,
    held bigint
);

-- Short ways to what stands now, by area, by component and by cell: rows of the past cost these indexes nothing.
create index fact_value_by_area on published.fact_value (area_key, period_key, known_to);
create index fact_value_by_component on published.fact_value (component_key, period_key, known_to);
create index fact_assessment_by_area on published.fact_assessment (area_key, period_key, known_to);
create index fact_target_by_area on published.fact_target (area_key, known_to);
create index fact_target_by_cell on published.fact_target (component_key, area_key, framework_year, known_to);

alter table published.publication
    add column reason text,
    add column published_by text;
