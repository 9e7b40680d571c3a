"""What holds for every table of schema `published`: who sees which rows, and a text for each table and column."""

from __future__ import annotations

from collections.abc import Mapping

from alembic import op

from ingest.database.origin import MADE_NOTICE

TABLES = {
    "publication": "One reviewed handing-out of values to readers.",
    "dim_theme": "Themes of the frameworks.",
    "dim_area": "Areas as known now: councils of every vintage, counties, regions, England, Multi Area Agreements.",
    "dim_indicator": "Indicators of every framework as known now, those withdrawn from the set too.",
    "dim_component": "Parts of indicators as known now: method, unit and direction.",
    "dim_period": "Periods, with the financial year that holds their last day.",
    "dim_source": "Datasets of the source bodies.",
    "dim_release": "Releases: the immutable downloads that figures rest on, by the sha256 of their bytes.",
    "publication_release": "Which releases a publication was made from.",
    "bridge_component_source": "Which datasets a component rests on.",
    "bridge_area_group": "Memberships of areas, dated and weighted: regions, counties, kinds of council, Multi Area "
    "Agreements, nearest neighbours.",
    "dim_area_history": "What was said of areas before, with the time in which it was known.",
    "dim_indicator_history": "What was said of indicators before, with the time in which it was known.",
    "dim_component_history": "What was said of components before, with the time in which it was known.",
    "fact_value": "Values as known at any time, one row for component x area x period x time of knowledge.",
    "fact_assessment": "What is to be said of a value: limits, comparisons, direction, trend. Grain of fact_value.",
    "fact_target": "Targets of the Local Area Agreements and progress towards them, one row for each version.",
    "fact_reward": "What an agreement would have earned under each scheme of reward.",
    "fact_quality": "Grade of the data behind a component in a framework year, from six scores.",
    "fact_run": "Finished runs of the pipeline.",
    "value_comment": "Comments and disputes of councils, attached to a value.",
    "assessment_cycle": "Cycles of assessment: the moment whose figures a cycle rests on, and their hash.",
    "embargo_access": "Who read figures before their day.",
    "value_current": "What is known now, one row a value; percentages are 0-100.",
    "value_limit_current": "95 % limits that bodies publish, of current values.",
    "value_history": "Every value ever known, with the time in which it was known.",
    "v_revision": "Values that were revised: old, new, size, also in standard errors, and why.",
    "v_current": "What is known now, one wide row a value: judgement, target, grade. A flat table for BI tools.",
    "v_profile": "Profile of an area in a framework year: the headline of each indicator with limits, comparison, "
    "direction, trend, grade. Of several periods that end in one year, the last.",
    "v_laa_review": "Annual review of Local Area Agreements: each live target of an area and year, and how it stands.",
    "v_progress": "Annual progress of an area by theme: how many headlines improved or worsened, compare better or "
    "worse, and how many targets are met and on track. Its columns add up over themes and areas.",
}
FUNCTIONS = {
    "value_as_of(timestamptz)": "What was known at that moment; columns of value_current.",
    "v_as_of(timestamptz)": "What was known at that moment; columns of v_current.",
    "embargoed()": "Values whose day has not come, columns of v_current. Each call is recorded in embargo_access.",
    "assessment_snapshot(text)": "What an assessment cycle rests on; columns of v_current.",
    "snapshot_rows(timestamptz)": "Key and text of every value known at a moment: what a snapshot's hash is made of.",
    "snapshot_sha256(timestamptz)": "Hash over every value known at a moment.",
    "period_label(date,date)": "Short name of a period.",
}
COLUMNS = {
    "framework_id": "Framework, as nis_2008.",
    "indicator_id": "Indicator, as ni_186.",
    "ni": "National indicator number.",
    "component": "Part of the indicator.",
    "headline": "True for the one component that stands for the indicator.",
    "title": "Title.",
    "component_title": "Title of the component.",
    "theme": "Theme of the framework.",
    "lead_department": "Department that leads on it.",
    "set_status": "in_set, or how it left the set.",
    "definition_confidence": "How sure the definition is: high, medium or low.",
    "formula_note": "Awkward rules of the definition.",
    "source_url": "Where the definition was read.",
    "method": "How the value is computed, as ratio or standardised_rate.",
    "decimals": "Decimals to show.",
    "polarity": "higher_is_better or lower_is_better.",
    "note": "Doubts and rules.",
    "area_code": "GSS code in force at period_end; MAA01 to MAA07 for Multi Area Agreements.",
    "area_name": "Name of the area.",
    "area_type": "country, region, county, unitary, district, metropolitan_district, london_borough, maa, ...",
    "region_code": "Region the area lies in.",
    "valid_from": "First day in force; empty when it goes back further than the codes.",
    "valid_to": "Last day in force; empty when it still is.",
    "in_force": "Days on which the code was in force.",
    "on_day": "Last day of the period: the area must have been in force then.",
    "period_start": "First day of the period.",
    "period_end": "Last day of the period.",
    "period_type": "Kind of period.",
    "period_label": "Short name of the period.",
    "label": "Short name of the period.",
    "framework_year": "Financial year that holds the last day, written 2008-09.",
    "fiscal_year": "Calendar year in which that financial year begins.",
    "calendar_year": "Calendar year of the last day.",
    "days": "Days the period has.",
    "numerator": "What the method sets above the line; of a change, the level now.",
    "denominator": "What it sets below the line; of a change, the level it is measured from.",
    "value": "The value; percentages are 0-100.",
    "unit": "Unit of the value.",
    "marker": "[c] confidential, [x] not available, [z] not applicable, [u] unreliable, [e] estimated, "
    "[p] provisional, [r] revised, [b] break, [low] rounds to 0; null for a plain number.",
    "reason": "Why, in a word or a sentence.",
    "coverage": "Share of the area's councils whose figures went in, 0 to 1.",
    "maturity": "provisional, final or revised, as the body says.",
    "publication_id": "Publication that wrote it.",
    "published_at": "When it was written.",
    "publish_at": "From when readers see it.",
    "published_by": "Who published it, where a person did.",
    "origin": "made (invented figures), sample or live.",
    "fingerprint": "Hash of all that went into the build.",
    "values_opened": "Values written.",
    "values_closed": "Values that ceased to be what we know.",
    "known_during": "From when, and until when, this was what we knew.",
    "known_from": "When we came to know it.",
    "known_to": "Until when it was what we knew; infinity or empty for now.",
    "lower_limit": "Lower 95 % limit as the body published it.",
    "upper_limit": "Upper 95 % limit as the body published it.",
    "theme_key": "Key of the theme.",
    "basis": "List of neighbours, with the number of variables and their year.",
    "area_key": "Key of the area.",
    "group_area_key": "Key of the area that is the group, where the group is an area.",
    "indicator_key": "Key of the indicator.",
    "component_key": "Key of the component.",
    "period_key": "Key of the period.",
    "source_key": "Key of the dataset.",
    "release_key": "Key of the release.",
    "dataset_id": "Dataset, as ho_recorded_crime_csp.",
    "domain": "Family of bodies, as police.",
    "body": "Organisation that publishes or returns the data.",
    "interface": "Way in which the body hands its data over.",
    "native_level": "Level of area at which the body publishes.",
    "part": "Which file of the dataset: a month, a quarter, all.",
    "url": "Where the bytes came from.",
    "sha256": "Hash, SHA-256 in hexadecimal.",
    "publisher": "Who published it.",
    "licence": "Licence, one of a closed list.",
    "status": "State it is in.",
    "published_on": "Day of publication as the body says.",
    "retrieved_at": "When it was downloaded.",
    "offered_at": "When the body last began to offer these bytes.",
    "group_kind": "region, county, england, maa, laa_type or nearest_neighbours.",
    "group_code": "Code of the group; of nearest neighbours, the area whose neighbours they are.",
    "weight": "Share of the member that counts, 0 to 1.",
    "rank": "1 for the nearest.",
    "distance": "Statistical distance, 0 to 1 for the farthest.",
    "lower_95": "Lower 95 % limit.",
    "upper_95": "Upper 95 % limit.",
    "lower_998": "Lower 99.8 % limit.",
    "upper_998": "Upper 99.8 % limit.",
    "limit_method": "How the limits were found: published, wilson, survey, byar, exact, student_t, dobson or none.",
    "england_value": "Value of England in the same period.",
    "vs_england": "Against England: better_998, better_95, similar, worse_95, worse_998; or higher_, lower_.",
    "region_value": "Value of the region in the same period.",
    "vs_region": "Against the region, classes as in vs_england.",
    "laa_type_value": "Value of all areas of the same kind, pooled.",
    "vs_laa_type": "Against areas of the same kind, classes as in vs_england.",
    "neighbours_value": "Value of the 15 nearest neighbours, pooled.",
    "vs_neighbours": "Against the nearest neighbours, classes as in vs_england.",
    "neighbours_p": "Two-sided p value of that comparison.",
    "quintile": "1 is the best fifth; without polarity the lowest.",
    "quintile_of": "Areas that were ranked.",
    "previous_period_end": "Last day of the previous equivalent period.",
    "previous_value": "Value of the previous equivalent period.",
    "change": "Value less previous value.",
    "direction": "improving_significant, improving, same, worsening, worsening_significant; or increasing, decreasing.",
    "direction_test": "Which test the direction rests on.",
    "direction_statistic": "What that test gave.",
    "trend": "Recent trend over five points, or not_calculated.",
    "trend_statistic": "Chi-square of the trend, one degree of freedom.",
    "trend_method": "proportions (chi-square for trend) or general (weighted regression).",
    "trend_points": "Points that the trend rests on.",
    "trend_reason": "Why there is no trend.",
    "target_class": "designated (one of at most 35), statutory or local.",
    "target_id": "Indicator and component, or the name of a local target.",
    "target_version": "Version of the target, from 1.",
    "target_kind": "absolute, relative_to, gap or maintain.",
    "kind": "Kind.",
    "target_status": "agreed, placeholder, deferred or withdrawn.",
    "is_current": "True for the version in force.",
    "baseline_period": "Period of the baseline, as the agreement names it.",
    "baseline_value": "Where the target starts from.",
    "target_value": "What was agreed to be reached.",
    "reward_eligible": "Whether the target counts for the reward.",
    "agreed_on": "Day of agreement.",
    "actual_value": "Value reached.",
    "actual_marker": "Marker of the value reached.",
    "achievement": "Share of the way from baseline to target, uncapped: 1 is there.",
    "achievement_capped": "The same, not below 0 nor above 1.",
    "met": "Met on the number: at least as good as the target; empty where it cannot be judged.",
    "met_beyond_doubt": "Met with the whole 95 % interval.",
    "target_test": "better, same or worse than the target by the 95 % limits.",
    "on_track": "Pace against the pace needed.",
    "on_track_ratio": "Pace so far over the pace needed.",
    "on_track_score": "From -5 to 5.",
    "on_track_form": "exponential or linear: how the pace was measured.",
    "needed_next_year": "Value needed next year to be on track.",
    "detectable": "Whether a change of the size agreed could be shown at all.",
    "smallest_detectable_change": "Smallest change that could be shown, in the unit of the value.",
    "target_marker": "[z] in a year without a figure to come.",
    "target_note": "Why there is no judgement.",
    "scheme": "Scheme of reward.",
    "rule_version": "Version of the rules.",
    "targets_counted": "Targets that counted.",
    "mean_achievement": "Mean of their capped achievement.",
    "pays": "Whether the scheme pays.",
    "share": "Share of the pot.",
    "accuracy": "Share of checks passed: agreement with figures printed elsewhere.",
    "validity": "Share of checks passed: domain and type.",
    "reliability": "Share of checks passed: one definition over time.",
    "timeliness": "Share of checks passed: came when promised.",
    "relevance": "Share of checks passed: in force for the period.",
    "completeness": "Areas present over areas expected.",
    "uniqueness": "Share of cells that stand once.",
    "score": "Weighted share of checks passed.",
    "critical_fails": "Checks failed that alone make a D.",
    "grade": "A from .98, B from .95, C from .90, D below or with a critical failure.",
    "freshness_state": "early, on_time, late, overdue, not_due, or undated where no day of publication is known.",
    "expected_at": "Day by which the body promised the figures.",
    "indicators": "Headlines due in the year; in a summary, those in the set; of a flag, those that raise it.",
    "with_value": "Of them, those with a value; the others carry a marker with its reason.",
    "with_direction": "Headlines whose direction was tested.",
    "improving_significant": "Headlines that improved beyond what chance explains.",
    "improving": "Headlines that improved, though chance could explain it.",
    "unchanged": "Headlines that stayed the same.",
    "worsening": "Headlines that worsened, though chance could explain it.",
    "worsening_significant": "Headlines that worsened beyond what chance explains.",
    "against_neighbours": "Headlines compared with the nearest neighbours.",
    "better_than_neighbours": "Of them, better at 95 or 99.8 %.",
    "worse_than_neighbours": "Of them, worse at 95 or 99.8 %.",
    "against_england": "Headlines compared with England.",
    "better_than_england": "Of them, better at 95 or 99.8 %.",
    "worse_than_england": "Of them, worse at 95 or 99.8 %.",
    "in_best_fifth": "Headlines in the best fifth of the framework's areas.",
    "in_worst_fifth": "Headlines in the worst fifth of the framework's areas.",
    "trend_improving": "Headlines whose recent trend over five points improves.",
    "trend_worsening": "Headlines whose recent trend over five points worsens.",
    "graded": "Headlines with a grade of quality.",
    "grade_d": "Of them, those of grade D.",
    "targets": "Live targets of the agreement.",
    "designated_targets": "Of them, the designated ones.",
    "targets_met": "Targets met on the number.",
    "targets_not_met": "Targets not met on the number.",
    "targets_not_judged": "Targets that cannot be judged; target_note in v_laa_review says why.",
    "targets_met_beyond_doubt": "Targets met with the whole 95 % interval.",
    "targets_on_track": "Targets whose last year's target is met, or on track to be.",
    "targets_to_speed_up": "Targets with progress that must become faster.",
    "targets_with_limited_progress": "Targets with limited progress.",
    "targets_deteriorating": "Targets that the figure moves away from.",
    "run_id": "Run.",
    "command": "What was run.",
    "started_at": "When it began.",
    "finished_at": "When it ended.",
    "seconds": "Seconds it took.",
    "landed": "Releases that landed.",
    "loaded": "Releases that were loaded.",
    "refused": "Releases that were refused.",
    "held": "Indicators that were held.",
    "comment_id": "Comment.",
    "said": "What was said.",
    "said_by": "Who said it.",
    "organisation": "For whom.",
    "said_at": "When.",
    "resolved_at": "When it was resolved; empty while it is open.",
    "resolved_by": "Who resolved it.",
    "resolution": "How it was resolved.",
    "open_disputes": "Disputes of the value that are not resolved.",
    "cycle": "Cycle of assessment, as 2009.",
    "known_at": "The moment whose knowledge the cycle rests on.",
    "row_count": "Rows.",
    "frozen_by": "Who froze it.",
    "frozen_at": "When it was frozen.",
    "access_id": "Access.",
    "read_at": "When it was read.",
    "read_by": "Login that read it.",
    "client": "Program that read it.",
    "rows_read": "Rows that were read.",
    "old_value": "Value before.",
    "old_marker": "Marker before.",
    "new_value": "Value after.",
    "new_marker": "Marker after.",
    "revision_size": "New value less old one.",
    "revision_in_standard_errors": "The same in standard errors of the old value.",
    "revised_at": "When the new value took the old one's place.",
}


def _quoted(text: str) -> str:
    """A text of ours as a literal."""
    return "'" + text.replace("'", "''") + "'"


def show_from_publish_at(table: str) -> None:
    """Let readers see the rows of a table from `publish_at` on; the pipeline sees all."""
    op.execute(f"alter table published.{table} enable row level security")
    op.execute(
        f"create policy from_publish_at on published.{table} for select to reader, inspector "
        "using (publish_at <= now())"
    )
    op.execute(f"create policy everything on published.{table} for select to nis_transformer, nis_loader using (true)")


def comment_everything(
    tables: Mapping[str, str] = TABLES, functions: Mapping[str, str] = FUNCTIONS, columns: Mapping[str, str] = COLUMNS
) -> None:
    """Give tables, views, functions and columns of the schema their texts; BI tools show them.

    Where the data are made, the notice stays in front of what is said of tables and views.
    """
    notice = f"coalesce((select {_quoted(MADE_NOTICE)} from ops.home where origin = 'made'), '')"  # noqa: S608
    said = ", ".join(f"({_quoted(table)}, {_quoted(text)})" for table, text in tables.items())
    # An earlier migration finds only some of them there.
    op.execute(
        "do $do$ declare target record; begin for target in "  # noqa: S608 - our own words
        "select case c.relkind when 'v' then 'view' else 'table' end as kind, c.relname, "
        f"{notice} || k.text as text from pg_class as c "
        f"inner join (values {said}) as k (name, text) on c.relname = k.name "
        "where c.relnamespace = 'published'::regnamespace and c.relkind in ('r', 'v') "
        "loop execute format('comment on %s published.%I is %L', target.kind, target.relname, target.text); "
        "end loop; end $do$"
    )
    for function, text in functions.items():
        op.execute(f"comment on function published.{function} is {_quoted(text)}")
    known = ", ".join(f"({_quoted(column)}, {_quoted(text)})" for column, text in columns.items())
    op.execute(
        "do $do$ declare target record; begin for target in "  # noqa: S608 - our own words
        "select format('%I.%I.%I', n.nspname, c.relname, a.attname) as name, k.text "
        "from pg_attribute as a inner join pg_class as c on a.attrelid = c.oid "
        "inner join pg_namespace as n on c.relnamespace = n.oid "
        f"inner join (values {known}) as k (name, text) on a.attname = k.name "
        "where n.nspname = 'published' and c.relkind in ('r', 'v') and a.attnum > 0 "
        "loop execute format('comment on column %s is %L', target.name, target.text); end loop; end $do$"
    )
