"""How long readers wait: an area's profile and an indicator over areas and years, with today's rows and twenty times as many."""

from __future__ import annotations

import random
import statistics
import time
from typing import TYPE_CHECKING

from ingest import database

if TYPE_CHECKING:
    from ingest.settings import Settings

TIMES = 20
QUESTIONS = 60
PROFILE = """
    select ni, title, value, marker, lower_95, upper_95, vs_england, vs_neighbours, direction, trend, target_value, met
    from published.v_current
    where area_code = %s and headline and framework_year = '2009-10'
"""
SLICE = """
    select area_code, framework_year, value, marker, lower_95, upper_95, vs_england, direction, target_value
    from published.v_current
    where indicator_id = %s and headline and area_type <> 'district'
        and framework_year in ('2008-09', '2009-10', '2010-11')
"""


def waits(settings: Settings) -> dict[str, float]:
    """95th percentile, in milliseconds, of each question as role `reader`, over areas and indicators drawn by chance."""
    dice = random.Random(2008)
    with database.connect(settings, "reader") as connection:
        areas = [row[0] for row in connection.execute(
            "select area_code from published.v_current where headline and framework_year = '2009-10' "
            "group by area_code having count(*) >= 150 order by 1"
        ).fetchall()]  # fmt: skip
        indicators = [row[0] for row in connection.execute(
            "select indicator_id from published.dim_indicator where set_status = 'in_set' order by 1"
        ).fetchall()]  # fmt: skip
        found = {}
        for name, question, asked in (("profile", PROFILE, areas), ("indicator", SLICE, indicators)):
            seconds = []
            for _ in range(QUESTIONS):
                started = time.perf_counter()
                rows = connection.execute(question.encode(), (dice.choice(asked),)).fetchall()
                seconds.append(time.perf_counter() - started)
                assert len(rows) >= 150, (name, len(rows))
            found[name] = 1000 * statistics.quantiles(seconds, n=20)[-1]
    return found


def grow(settings: Settings) -> int:
    """Give every value and assessment nineteen earlier versions, as years of revisions would; returns all rows.

    The index of the temporal key is not made again: it was not done after nine minutes, and what is known now is not
    looked up by it (ingest/migrations/published_views.py).
    """
    with database.connect(settings) as connection:
        connection.execute("set local maintenance_work_mem = '1GB'")
        for table in ("fact_value", "fact_assessment"):
            columns = ", ".join(
                row[0] for row in connection.execute(
                    "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 "
                    "and attgenerated = '' and attname <> 'known_during' order by attnum", (f"published.{table}",)
                ).fetchall()
            )  # fmt: skip
            # Indexes are made again at the end, and no row is held against its area's history: one row at a time that
            # would take an hour.
            indexes = connection.execute(
                "select i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid), i.indisprimary "
                "from pg_index as i inner join pg_class as c on i.indexrelid = c.oid "
                "inner join pg_am as a on c.relam = a.oid "
                "where i.indrelid = %s::regclass and a.amname = 'btree'", (f"published.{table}",)
            ).fetchall()  # fmt: skip
            connection.execute(f"alter table published.{table} drop constraint {table}_pkey".encode())
            for name, _, is_key in indexes:
                if not is_key:
                    connection.execute(f"drop index {name}".encode())
            connection.execute(f"alter table published.{table} disable trigger all".encode())
            connection.execute(
                f"insert into published.{table} ({columns}, known_during) "
                f"select {columns}, tstzrange(timestamptz '2001-01-01' + n * interval '30 days', "
                "timestamptz '2001-01-01' + (n + 1) * interval '30 days') "
                f"from published.{table} cross join generate_series(1, {TIMES - 1}) as n "
                "where known_to = 'infinity'".encode()
            )
            connection.execute(f"alter table published.{table} enable trigger all".encode())
            for _, definition, _ in indexes:
                connection.execute(definition.encode())
        row = connection.execute("select count(*) from published.fact_value").fetchone()
    with database.connect(settings, autocommit=True) as connection:
        connection.execute("vacuum analyze published.fact_value, published.fact_assessment")
    assert row is not None
    return int(row[0])
