"""What is published: the candidate table behind each published one, its key and its columns."""

from __future__ import annotations

from dataclasses import dataclass

NATURAL = {
    # dimension: (columns of the candidate that name a row of it, keys that the fact carries)
    "component": (("framework_id", "indicator_id", "component"), ("component_key", "indicator_key")),
    "indicator": (("framework_id", "indicator_id"), ("indicator_key",)),
    "area": (("area_code",), ("area_key",)),
    "period": (("period_start", "period_end"), ("period_key",)),
    "theme": (("framework_id", "theme"), ("theme_key",)),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """A table of `published` that is known at any time, and where its rows come from."""

    table: str
    candidate: str
    key: tuple[str, ...]
    """Columns that tell its rows apart, knowledge time aside."""
    columns: tuple[str, ...]
    """What is known of each."""
    dimensions: tuple[str, ...]
    """Dimensions whose natural key the candidate carries."""
    optional: tuple[str, ...] = ()
    """Those of them that a row may lack."""
    has_day: bool = False
    """Whether a row carries the last day of its period, on which its area must have been in force."""
    is_wording: bool = False
    """Texts of a dimension: they are there from the day they are known on, whoever asks, and do not go."""
    in_part: bool = False
    """Whether a row rests on its own indicator alone: where no build made that anew, it is as it was published."""
    mentions: str = ""
    """Column that lists indicators: a row that mentions a held one, before or after, stays as it is."""

    @property
    def by_indicator(self) -> bool:
        """Whether a row belongs to an indicator, which gate 2 may hold."""
        return not self.is_wording and bool({"component", "indicator"} & set(self.dimensions))


AREA = ("area_name", "area_type", "region_code", "valid_from", "valid_to")
INDICATOR = (
    "ni", "title", "theme", "lead_department", "set_status", "definition_confidence", "formula_note", "source_url",
)  # fmt: skip
COMPONENT = ("title", "headline", "method", "unit", "decimals", "polarity", "period_type", "note")

_CELL = ("component_key", "area_key", "period_key")
FACTS = (
    Fact("dim_area_history", "dim_area", ("area_key",), AREA, ("area",), is_wording=True),
    Fact("dim_indicator_history", "dim_indicator", ("indicator_key",), INDICATOR, ("indicator",), is_wording=True),
    Fact("dim_component_history", "dim_component", ("component_key",), COMPONENT, ("component",), is_wording=True),
    Fact(
        "fact_value",
        "fact_value",
        _CELL,
        (
            "numerator", "denominator", "value", "lower_limit", "upper_limit", "marker", "reason", "coverage",
            "maturity",
        ),
        ("component", "area", "period"),
        has_day=True,
        in_part=True,
    ),
    Fact(
        "fact_assessment",
        "fact_assessment",
        _CELL,
        (
            "lower_95", "upper_95", "lower_998", "upper_998", "limit_method", "england_value", "vs_england",
            "region_value", "vs_region", "laa_type_value", "vs_laa_type", "neighbours_value", "vs_neighbours",
            "neighbours_p", "quintile", "quintile_of", "previous_period_end", "previous_value", "change", "direction",
            "direction_test", "direction_statistic", "trend", "trend_statistic", "trend_method", "trend_points",
            "trend_reason",
        ),
        ("component", "area", "period"),
        in_part=True,
    ),
    Fact(
        "fact_target",
        "fact_target",
        ("area_key", "target_class", "target_id", "period_key", "target_version"),
        (
            "component_key", "framework_id", "framework_year", "kind", "status", "is_current", "baseline_period",
            "baseline_value", "target_value", "reward_eligible", "agreed_on", "reason", "actual_value",
            "actual_marker", "achievement", "achievement_capped", "met", "met_beyond_doubt", "target_test", "on_track",
            "on_track_ratio", "on_track_score", "on_track_form", "needed_next_year", "detectable",
            "smallest_detectable_change", "target_marker", "target_note",
        ),
        ("area", "period", "component"),
        optional=("component",),
        in_part=True,
    ),
    Fact(
        "fact_reward",
        "fact_reward",
        ("area_key", "framework_id", "scheme"),
        ("rule_version", "targets_counted", "mean_achievement", "pays", "share", "status", "note"),
        ("area",),
    ),
    Fact(
        "fact_quality",
        "fact_quality",
        ("component_key", "framework_year"),
        (
            "accuracy", "validity", "reliability", "timeliness", "relevance", "completeness", "uniqueness", "score",
            "critical_fails", "grade", "note", "freshness_state", "expected_at", "rule_version",
        ),
        ("component",),
    ),
    Fact(
        "fact_flag",
        "fact_flag",
        ("theme_key", "area_key", "framework_year", "flag_kind"),
        ("score", "n_indicators", "indicators", "sentence", "rule_version", "evidence"),
        ("theme", "area"),
        mentions="indicators",
    ),
    Fact(
        "flag_summary",
        "flag_summary",
        ("framework_id", "framework_year"),
        (
            "rule_version", "areas", "indicators", "comparisons_possible", "comparisons_made", "expected_by_chance",
            "expected_worse_by_chance", "significant", "significant_adjusted", "worse", "better", "in_worst_quintile",
            "red_candidates", "urgent_candidates", "green_candidates",
        ),
        (),
    ),
    Fact(
        "fact_money",
        "fact_money",
        _CELL,
        ("framework_year", "kind", "gbp_per_head"),
        ("component", "area", "period"),
    ),
)  # fmt: skip
