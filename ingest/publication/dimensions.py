"""Dimensions and bridges: brought up to what the build and the records of operations say; keys never change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest.errors import NisError

if TYPE_CHECKING:
    from psycopg import Connection

# Rows that are in no candidate any more stay, because values known before hang on them.
UPSERTS = (
    """
    insert into published.dim_theme (framework_id, theme)
    select distinct framework_id, theme from candidate.dim_indicator where theme is not null
    order by framework_id, theme
    on conflict do nothing
    """,
    """
    merge into published.dim_area as known
    using candidate.dim_area as new on known.area_code = new.area_code
    when matched and (known.area_name, known.area_type, known.region_code, known.valid_from, known.valid_to)
        is distinct from (new.area_name, new.area_type, new.region_code, new.valid_from, new.valid_to) then update set
        area_name = new.area_name, area_type = new.area_type, region_code = new.region_code,
        valid_from = new.valid_from, valid_to = new.valid_to
    when not matched then insert (area_code, area_name, area_type, region_code, valid_from, valid_to)
        values (new.area_code, new.area_name, new.area_type, new.region_code, new.valid_from, new.valid_to)
    """,
    """
    merge into published.dim_indicator as known
    using (
        select i.*, t.theme_key
        from candidate.dim_indicator as i left join published.dim_theme as t using (framework_id, theme)
    ) as new on known.framework_id = new.framework_id and known.indicator_id = new.indicator_id
    when matched and (
        known.ni, known.title, known.theme_key, known.theme, known.lead_department, known.set_status,
        known.definition_confidence, known.formula_note, known.source_url
    ) is distinct from (
        new.ni, new.title, new.theme_key, new.theme, new.lead_department, new.set_status,
        new.definition_confidence, new.formula_note, new.source_url
    ) then update set
        ni = new.ni, title = new.title, theme_key = new.theme_key, theme = new.theme,
        lead_department = new.lead_department, set_status = new.set_status,
        definition_confidence = new.definition_confidence, formula_note = new.formula_note,
        source_url = new.source_url
    when not matched then insert (
        framework_id, indicator_id, ni, title, theme_key, theme, lead_department, set_status, definition_confidence,
        formula_note, source_url
    ) values (
        new.framework_id, new.indicator_id, new.ni, new.title, new.theme_key, new.theme, new.lead_department,
        new.set_status, new.definition_confidence, new.formula_note, new.source_url
    )
    """,
    """
    merge into published.dim_component as known
    using (
        select c.*, i.indicator_key
        from candidate.dim_component as c
        inner join published.dim_indicator as i using (framework_id, indicator_id)
    ) as new
        on known.framework_id = new.framework_id and known.indicator_id = new.indicator_id
        and known.component = new.component
    when matched and (
        known.title, known.headline, known.method, known.unit, known.decimals, known.polarity, known.period_type,
        known.note
    ) is distinct from (
        new.title, new.headline, new.method, new.unit, new.decimals, new.polarity, new.period_type, new.note
    ) then update set
        title = new.title, headline = new.headline, method = new.method, unit = new.unit, decimals = new.decimals,
        polarity = new.polarity, period_type = new.period_type, note = new.note
    when not matched then insert (
        indicator_key, framework_id, indicator_id, component, title, headline, method, unit, decimals, polarity,
        period_type, note
    ) values (
        new.indicator_key, new.framework_id, new.indicator_id, new.component, new.title, new.headline, new.method,
        new.unit, new.decimals, new.polarity, new.period_type, new.note
    )
    """,
    """
    insert into published.dim_period (period_start, period_end, framework_year, fiscal_year, label)
    select
        period_start, period_end, framework_year, left(framework_year, 4)::int,
        published.period_label(period_start, period_end)
    from (
        select period_start, period_end, framework_year from candidate.dim_period
        union
        select period_start, period_end, framework_year from candidate.fact_target
    ) as new
    order by period_start, period_end
    on conflict do nothing
    """,
    """
    merge into published.dim_source as known
    using catalogue.datasets as new on known.dataset_id = new.dataset_id
    when matched and (known.domain, known.body, known.title, known.interface, known.native_level)
        is distinct from (new.domain, new.body, new.title, new.interface, new.native_level) then update set
        domain = new.domain, body = new.body, title = new.title, interface = new.interface,
        native_level = new.native_level
    when not matched then insert (dataset_id, domain, body, title, interface, native_level)
        values (new.dataset_id, new.domain, new.body, new.title, new.interface, new.native_level)
    """,
    """
    merge into published.dim_release as known
    using (
        select r.*, s.source_key from ops.release as r inner join published.dim_source as s using (dataset_id)
        where r.status in ('accepted', 'withdrawn')
    ) as new on known.release_key = new.release_id
    when matched and (known.status, known.offered_at) is distinct from (new.status, new.offered_at) then update set
        status = new.status, offered_at = new.offered_at
    when not matched then insert (
        release_key, source_key, part, url, sha256, publisher, licence, maturity, origin, status, published_on,
        retrieved_at, offered_at
    ) values (
        new.release_id, new.source_key, new.part, new.url, new.sha256, new.publisher, new.licence, new.maturity,
        new.origin, new.status, new.published_on, new.retrieved_at, new.offered_at
    )
    """,
    """
    merge into published.bridge_component_source as known
    using (
        select c.component_key, s.source_key
        from indicators.component_source as b
        inner join published.dim_component as c using (framework_id, indicator_id, component)
        inner join published.dim_source as s using (dataset_id)
        group by c.component_key, s.source_key
    ) as new on known.component_key = new.component_key and known.source_key = new.source_key
    when not matched then insert (component_key, source_key) values (new.component_key, new.source_key)
    when not matched by source then delete
    """,
    """
    merge into published.bridge_area_group as known
    using (
        select b.*, a.area_key, g.area_key as group_area_key
        from candidate.bridge_area_group as b
        inner join published.dim_area as a on b.area_code = a.area_code
        left join published.dim_area as g on b.group_code = g.area_code
    ) as new
        on known.group_kind = new.group_kind and known.group_code = new.group_code and known.area_key = new.area_key
    when matched and (known.valid_from, known.valid_to, known.weight, known.rank, known.distance, known.basis)
        is distinct from (new.valid_from, new.valid_to, new.weight, new.rank, new.distance, new.basis) then update set
        valid_from = new.valid_from, valid_to = new.valid_to, weight = new.weight, rank = new.rank,
        distance = new.distance, basis = new.basis
    when not matched then insert (
        group_kind, group_code, area_key, group_area_key, valid_from, valid_to, weight, rank, distance, basis
    ) values (
        new.group_kind, new.group_code, new.area_key, new.group_area_key, new.valid_from, new.valid_to, new.weight,
        new.rank, new.distance, new.basis
    )
    when not matched by source then delete
    """,
    """
    merge into published.dim_inspectorate as known
    using catalogue.inspectorates as new on known.inspectorate_id = new.inspectorate_id
    when matched and (known.inspectorate, known.valid_from, known.valid_to, known.successor_id)
        is distinct from (new.inspectorate, new.valid_from, new.valid_to, new.successor_id) then update set
        inspectorate = new.inspectorate, valid_from = new.valid_from, valid_to = new.valid_to,
        successor_id = new.successor_id
    when not matched then insert (inspectorate_id, inspectorate, valid_from, valid_to, successor_id)
        values (new.inspectorate_id, new.inspectorate, new.valid_from, new.valid_to, new.successor_id)
    """,
    """
    merge into published.bridge_inspectorate_theme as known
    using (
        select b.*, i.inspectorate_key, t.theme_key
        from catalogue.inspectorate_themes as b
        inner join published.dim_inspectorate as i using (inspectorate_id)
        inner join published.dim_theme as t using (framework_id, theme)
    ) as new
        on known.inspectorate_key = new.inspectorate_key and known.theme_key = new.theme_key
        and known.valid_from = new.valid_from
    when matched and (known.valid_to, known.part) is distinct from (new.valid_to, new.part) then update set
        valid_to = new.valid_to, part = new.part
    when not matched then insert (inspectorate_key, theme_key, valid_from, valid_to, part)
        values (new.inspectorate_key, new.theme_key, new.valid_from, new.valid_to, new.part)
    when not matched by source then delete
    """,
    """
    insert into published.assessment_rule (rule_version, name, value, valid_from, source)
    select rule_version, name, value, valid_from, source from catalogue.assessment_rules
    on conflict do nothing
    """,
)

RUNS = """
    insert into published.fact_run (
        run_id, command, origin, status, started_at, finished_at, seconds, landed, loaded, refused, values_opened,
        values_closed, held
    )
    select
        run_id, command, origin, status, started_at, finished_at,
        round(extract(epoch from finished_at - started_at)::numeric, 2), (counts ->> 'landed')::bigint,
        (counts ->> 'loaded')::bigint, (counts ->> 'refused')::bigint, (counts ->> 'values_opened')::bigint,
        (counts ->> 'values_closed')::bigint, (counts ->> 'held')::bigint
    from ops.run where finished_at is not null
    on conflict (run_id) do nothing
"""


def bring_up(connection: Connection) -> bool:
    """Bring dimensions and bridges up to date; whether a headline or a theme came, went or moved."""
    shape = (
        "select md5(string_agg(concat_ws('/', c.component_key, c.headline, i.ni, t.theme), ',' "
        "order by c.component_key)) from published.dim_component as c "
        "inner join published.dim_indicator as i on c.indicator_key = i.indicator_key "
        "left join published.dim_theme as t on i.theme_key = t.theme_key"
    )
    _require_rules_that_stand(connection)
    before = connection.execute(shape).fetchone()
    for statement in UPSERTS:
        connection.execute(statement)
    for table in ("dim_area", "dim_component", "dim_indicator", "dim_period"):
        connection.execute(f"analyze published.{table}")
    return connection.execute(shape).fetchone() != before


def _require_rules_that_stand(connection: Connection) -> None:
    """Raise NisError when a version of the rules that was published says something else now."""
    changed = connection.execute(
        "select distinct rule_version from ("
        "  (select rule_version, name, value, valid_from from published.assessment_rule "
        "   where rule_version in (select rule_version from catalogue.assessment_rules)"
        "   except select rule_version, name, value, valid_from from catalogue.assessment_rules)"
        "  union all"
        "  (select rule_version, name, value, valid_from from catalogue.assessment_rules "
        "   where rule_version in (select rule_version from published.assessment_rule)"
        "   except select rule_version, name, value, valid_from from published.assessment_rule)"
        ") as differing order by rule_version"
    ).fetchall()
    if changed:
        raise NisError(
            f"assessment rules {', '.join(row[0] for row in changed)} were published, and say something else now",
            hint="restore them in assessment_rules.csv, and give what is to change a version of its own",
        )
