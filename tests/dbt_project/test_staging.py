"""What the staging models write is known to the catalogue."""

from __future__ import annotations

import csv
import re

from ingest.settings import ROOT

PROJECT = ROOT / "dbt_project"
RULE = re.compile(r"^\s*\[(?:'[^']*'|\"[^\"]*\"), '([a-z_]+)'", re.MULTILINE)


def test_every_reject_reason_is_in_the_catalogue() -> None:
    with (PROJECT / "seeds" / "reasons.csv").open(newline="") as file:
        known = {row["reason"] for row in csv.DictReader(file) if row["kind"] in {"scope", "fault"}}
    files = [*(PROJECT / "models" / "staging").glob("stg_*.sql"), PROJECT / "macros" / "staging.sql"]
    used = {(path.name, reason) for path in files for reason in RULE.findall(path.read_text())}
    assert len(used) > 30, "the pattern no longer finds the rules"
    assert {(name, reason) for name, reason in used if reason not in known} == set()
