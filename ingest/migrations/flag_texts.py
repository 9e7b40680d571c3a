"""Texts of the tables, functions and columns of flags; BI tools show them."""

from __future__ import annotations

TABLES = {
    "dim_inspectorate": "The Audit Commission and the inspectorates of the Comprehensive Area Assessment.",
    "bridge_inspectorate_theme": "Which inspectorate answers for which theme, and when.",
    "assessment_rule": "Thresholds of the assessment, every version of them; published ones are never changed.",
    "fact_flag": "Candidate flags as known at any time: area x theme x framework year x kind x time of knowledge.",
    "flag_summary": "Comparisons of a year beside what chance alone would give of them, and the flags raised.",
    "fact_money": "Pounds for each resident, of components that are sums of money.",
    "flag_transition": "Which state of a flag may follow which.",
    "flag_decision": "Who moved a flag, when, to which state and why. Only added to: no row is changed or removed.",
    "v_flag": "Flags that stand now, with their state, the inspectorates that answer and the evidence.",
}
FUNCTIONS = {
    "flag_evidence(text,text,text,text)": "Everything behind a flag as one JSON object: values, tests, rules, releases "
    "with sha256, quality, revisions, decisions, disputes.",
    "flag_live_plan(text,text,text,text,text)": "Decision that made an action plan, still on course, for an earlier or "
    "other flag of the area and theme; null without one.",
    "good_practice(text,text)": "Nearest neighbours, either way round, that were as weak as the area is now and have "
    "improved significantly since; no rows where the area is not weak.",
    "value_for_money(text,text)": "Money per head beside each outcome of an area and year, as distances from the "
    "median of its nearest neighbours in their median absolute deviations. To be shown, never to be scored.",
    "check_flag_decision()": "Refuses a move that is not legal, has no reason or no named person.",
    "refuse_to_rewrite()": "Refuses every change of what is only added to.",
}
COLUMNS = {
    "inspectorate_key": "Inspectorate.",
    "inspectorate_id": "Inspectorate, as ofsted.",
    "inspectorate": "Name of the inspectorate.",
    "successor_id": "Inspectorate that took its place.",
    "inspectorates": "Inspectorates that answer for the theme on the last day of the year, leading ones first.",
    "inspectorate_ids": "The same as a list of their identities.",
    "part": "lead or joins; of a release, the part of the dataset.",
    "name": "Rule.",
    "source": "Whose rule it is.",
    "flag_kind": "red (concern), green (success) or urgent (a red one that cannot wait; its red row is there too).",
    "indicators": "Headlines due in the year; in a summary, those in the set; of a flag, those that raise it.",
    "n_indicators": "Indicators that raise the flag.",
    "sentence": "The flag in words, with its numbers.",
    "evidence": "Of each indicator that raises it: value, limits, comparator, tests, targets, grade, coverage, marker.",
    "areas": "Areas of the framework on the last day of the year.",
    "comparisons_possible": "Areas x indicators.",
    "comparisons_made": "Headlines that could be tested against the nearest neighbours.",
    "expected_by_chance": "Significant comparisons that chance alone would give.",
    "expected_worse_by_chance": "Half of them: those on the worse side.",
    "significant": "Comparisons significant at the level of the rules.",
    "significant_adjusted": "Comparisons significant after Benjamini and Hochberg.",
    "worse": "Worse at 99.8 % and after Benjamini and Hochberg.",
    "better": "Better at 99.8 % and after Benjamini and Hochberg.",
    "in_worst_quintile": "Values in the worst fifth: about a fifth, whatever the data say.",
    "red_candidates": "Red candidates.",
    "urgent_candidates": "Urgent ones among them.",
    "green_candidates": "Green candidates.",
    "gbp_per_head": "Pounds for each resident; savings are below 0.",
    "from_state": "State before.",
    "to_state": "State after.",
    "needs_reason": "Whether the move needs a reason.",
    "told": "What the move means.",
    "decision_id": "Decision.",
    "state": "candidate, under_review, raised, known_and_being_acted_on, dismissed or closed.",
    "state_since": "When it came to this state; empty for a candidate.",
    "decision_reason": "Why it was moved.",
    "action_plan_on_course": "Whether the action plan is on course; empty where there is none.",
    "has_live_plan": "Whether an action plan on course stands behind the flag.",
    "plan_of_year": "Framework year of the flag whose action plan covers this one too.",
    "decided_by": "Person who decided.",
    "decided_at": "When.",
    "recorded_by": "Login that wrote the decision down.",
}
