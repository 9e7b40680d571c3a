"""Who may see what of a publication: rights of readers, and values under embargo."""

from __future__ import annotations

import datetime as dt
from typing import Any

import psycopg
import pytest

from ingest.errors import UsageError
from ingest.publication import publish
from tests.ingest.publishing import HULL, Publishing

pytestmark = pytest.mark.warehouse


def test_reader_cannot_write(publishing: Publishing) -> None:
    publishing.publish()
    for statement in (
        "update published.fact_value set value = 0",
        "delete from published.fact_value",
        "insert into published.dim_area (area_code, area_name, area_type) values ('X', 'x', 'x')",
        "create table published.mine (a int)",
        "create temporary table mine (a int)",
    ):
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            publishing.warehouse.query(statement, role="reader")
        # Read-only is a courtesy that a session can switch off; the rights are what holds.
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            publishing.warehouse.query(f"set transaction read write; {statement}", role="reader")
    assert publishing.hull() == 40


@pytest.mark.parametrize("role", ["reader", "inspector"])
def test_sessions_of_readers_end_by_themselves(publishing: Publishing, role: Any) -> None:
    seconds = {"reader": "30s", "inspector": "2min"}[role]
    assert publishing.warehouse.one("show statement_timeout", role=role) == seconds


@pytest.mark.parametrize("table", ["ops.release", "ops.build", "candidate.fact_value", "raw.defra_waste__table_1"])
@pytest.mark.parametrize("role", ["reader", "inspector"])
def test_readers_see_the_published_schema_and_nothing_else(publishing: Publishing, table: str, role: Any) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        publishing.warehouse.query(f"select * from {table}", role=role)


def test_embargoed_values_wait_for_their_day_and_what_stood_stays_up(publishing: Publishing) -> None:
    publishing.publish()
    publishing.change(f"update candidate.fact_value set value = 41 where {HULL}")
    day = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
    done = publish(publishing.warehouse.settings, publishing.build(), publish_at=day)
    assert (done.opened, done.closed) == (1, 1)
    for role in ("reader", "inspector"):
        for view in ("value_current", "v_current", "value_as_of(now())", "v_as_of(now())"):
            seen = publishing.warehouse.query(f"select value from published.{view} where {HULL}", role=role)
            assert seen == [(40,)], (role, view)
        for table in ("fact_value", "value_history", "value_as_of('2999-01-01')"):
            ahead = "value = 41" if "as_of" in table else "publish_at > now()"
            assert publishing.warehouse.one(f"select count(*) from published.{table} where {ahead}", role=role) == 0
    # The day comes: as seen from then, the new value stands and the old one is history.
    assert publishing.warehouse.query(
        f"select value from published.value_as_of(%s) where {HULL}", (day,), "nis_loader"
    ) == [(41,)]


def test_whoever_reads_embargoed_values_is_written_down(publishing: Publishing) -> None:
    publishing.publish()
    publishing.change(f"update candidate.fact_value set value = 41 where {HULL}")
    day = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
    publish(publishing.warehouse.settings, publishing.build(), publish_at=day)
    read = "select value from published.embargoed()"
    assert publishing.warehouse.query(read, role="inspector") == [(41,)]
    ((who, rows),) = publishing.warehouse.query(
        "select read_by, rows_read from published.embargo_access", role="nis_publisher"
    )
    assert (who, rows) == ("nis as inspector", 1)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        publishing.warehouse.query(f"set transaction read write; {read}", role="reader")
    for role in ("reader", "inspector"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            publishing.warehouse.query("select * from published.embargo_access", role=role)
    # Rolled back, the read leaves no record, and the rows are not sent before the record is written.
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        publishing.warehouse.query(f"set transaction read only; {read}", role="inspector")


def test_no_publication_overtakes_one_that_waits_for_its_day(publishing: Publishing) -> None:
    publishing.publish()
    day = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
    publishing.change(f"update candidate.fact_value set value = 41 where {HULL}")
    publish(publishing.warehouse.settings, publishing.build(), publish_at=day)
    publishing.change(f"update candidate.fact_value set value = 42 where {HULL}")
    with pytest.raises(UsageError, match="waits"):
        publish(publishing.warehouse.settings, publishing.build(), publish_at=day - dt.timedelta(hours=1))
    with pytest.raises(UsageError, match="has passed"):
        publish(publishing.warehouse.settings, publishing.build(), publish_at=day - dt.timedelta(days=9))
    done = publishing.publish()
    assert publishing.hull() == 40
    assert publishing.warehouse.one(
        "select publish_at from published.publication where publication_id = %s", (done.publication_id,), "nis_loader"
    ) == day + dt.timedelta(microseconds=1)
