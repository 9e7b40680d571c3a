"""What readers can see tells nobody's business: every table and view of `published` is read as they read it."""

from __future__ import annotations

import pytest

from ingest import database
from ingest.database import Role
from ingest.settings import Settings
from tests.end_to_end.commands import query

pytestmark = pytest.mark.end_to_end

HIDDEN = "marker like '%%[c]%%'"
TELLING = ("value", "numerator", "denominator", "lower_limit", "upper_limit", "lower_95", "upper_95", "actual_value")
"""Columns of which none may say anything of a cell that is withheld."""


def relations(settings: Settings) -> dict[str, set[str]]:
    """Tables and views of `published` with their columns."""
    rows = query(
        settings,
        "select c.relname as name, array_agg(a.attname::text) as columns from pg_class as c "
        "inner join pg_attribute as a on a.attrelid = c.oid where c.relnamespace = 'published'::regnamespace "
        "and c.relkind in ('r', 'v') and a.attnum > 0 and not a.attisdropped group by 1",
    )
    return {row["name"]: set(row["columns"]) for row in rows}


@pytest.mark.parametrize("role", ["reader", "inspector"])
def test_a_hidden_count_stands_in_no_table(made_run: Settings, role: Role) -> None:
    hidden = query(made_run, f"select 1 from published.value_current where {HIDDEN}")
    assert len(hidden) > 1000, "the made bodies hide small counts"
    looked_at = 0
    with database.connect(made_run, role) as connection:
        for name, columns in relations(made_run).items():
            if name == "embargo_access":
                continue
            # Each is readable, whatever it holds.
            connection.execute(f"select * from published.{name} limit 1".encode())
            telling = sorted(columns & set(TELLING))
            if "marker" in columns and telling:
                told = connection.execute(
                    f"select count(*) from published.{name} where marker like '%[c]%' "
                    f"and num_nonnulls({', '.join(telling)}) > 0".encode()
                ).fetchone()
                assert told == (0,), f"{name}: {telling}"
                looked_at += 1
    assert looked_at >= 4


def test_evidence_of_flags_tells_nothing_hidden(made_run: Settings) -> None:
    hidden = {
        (row["indicator_id"], row["component"], row["area_code"], str(row["period_end"]))
        for row in query(
            made_run,
            f"select indicator_id, component, area_code, period_end from published.value_current where {HIDDEN}",
        )
    }
    cells = {
        (one["indicator_id"], one["component"], row["area_code"], one["period_end"])
        for row in query(
            made_run,
            "select a.area_code, f.evidence from published.fact_flag as f "
            "inner join published.dim_area as a on f.area_key = a.area_key",
        )
        for one in row["evidence"]["indicators"]
    }
    assert cells
    assert not cells & hidden


def test_no_indicator_is_held_on_made_data(made_run: Settings) -> None:
    held = query(made_run, "select distinct indicator_id, message from ops.quality_result "
                 "where gate = 2 and severity = 'fail' and not success")  # fmt: skip
    assert held == []
