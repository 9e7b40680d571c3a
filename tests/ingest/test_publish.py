"""Publishing: two times, enforced by PostgreSQL; only what changed is written; readers see what they may."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from ingest.errors import NisError
from ingest.publish import Publication, publish
from tests.ingest.publishing import CANDIDATE, HULL, Publishing
from tests.ingest.warehouse import Warehouse

pytestmark = pytest.mark.warehouse


@pytest.fixture
def publishing(warehouse: Warehouse) -> Publishing:
    """Candidate tables with three indicators and two areas; nothing is published yet."""
    warehouse.query(
        "truncate published.value, published.component, published.indicator, published.area, published.publication",
        role="nis_publisher",
    )
    warehouse.query("truncate ops.build, ops.quality_result cascade", role="nis_loader")
    warehouse.query(CANDIDATE, role="nis_transformer")
    return Publishing(warehouse)


def test_first_publication_writes_everything(publishing: Publishing) -> None:
    done = publishing.publish()
    assert (done.opened, done.closed, done.held) == (6, 0, ())
    assert publishing.hull() == 40
    row = publishing.warehouse.query(
        "select values_opened, values_closed, origin, publish_at = published_at from published.publication",
        role="reader",
    )
    assert row == [(6, 0, "made", True)]
    assert publishing.hull(publishing.moment(done.publication_id)) == 40
    assert publishing.hull(publishing.moment(done.publication_id) - dt.timedelta(microseconds=1)) is None
    assert publishing.warehouse.one("select count(*) from ops.build where published_at is not null") == 1


def test_nothing_changed_writes_nothing(publishing: Publishing) -> None:
    publishing.publish()
    before = publishing.warehouse.query("select *, xmin from published.value order by 1, 2, 3, 4", role="inspector")
    # The same figure written in another way is the same figure.
    publishing.change("update candidate.fact_value set value = 40.00, coverage = 1.000")
    done = publishing.publish()
    assert done == Publication(None, 0, 0, ())
    after = publishing.warehouse.query("select *, xmin from published.value order by 1, 2, 3, 4", role="inspector")
    assert after == before
    assert publishing.warehouse.one("select count(*) from published.publication", role="inspector") == 1
    assert publishing.warehouse.one("select count(*) from ops.build where published_at is not null") == 2


def test_changed_value_closes_the_old_row_and_opens_the_new_one_at_one_moment(publishing: Publishing) -> None:
    publishing.publish()
    publishing.change(f"update candidate.fact_value set value = 41.5 where {HULL}")
    done = publishing.publish()
    assert (done.opened, done.closed) == (1, 1)
    moment = publishing.moment(done.publication_id)
    assert publishing.hull() == Decimal("41.5")
    assert publishing.hull(moment) == Decimal("41.5")
    assert publishing.hull(moment - dt.timedelta(microseconds=1)) == 40
    history = publishing.warehouse.query(
        f"select value, known_from, known_to from published.value_history where {HULL} order by known_from",
        role="reader",
    )
    assert [(value, to) for value, _, to in history] == [(40, moment), (Decimal("41.5"), None)]
    assert history[1][1] == moment


def test_value_that_becomes_a_marker_and_back_is_told_as_it_was(publishing: Publishing) -> None:
    moments = [publishing.moment(publishing.publish().publication_id)]
    for change in (
        "value = null, marker = '[c]', reason = 'suppressed'",
        "value = 40, marker = null, reason = null",
    ):
        publishing.change(f"update candidate.fact_value set {change} where {HULL}")
        moments.append(publishing.moment(publishing.publish().publication_id))
    assert [publishing.hull(moment) for moment in moments] == [40, None, 40]
    ((marker, reason),) = publishing.warehouse.query(
        f"select marker, reason from published.value_as_of(%s) where {HULL}", (moments[1],), "reader"
    )
    assert (marker, reason) == ("[c]", "suppressed")
    assert publishing.count(HULL) == 3


def test_removed_cell_is_closed_and_still_readable(publishing: Publishing) -> None:
    first = publishing.publish()
    publishing.change(f"delete from candidate.fact_value where {HULL}")
    done = publishing.publish()
    assert (done.opened, done.closed) == (0, 1)
    assert publishing.hull() is None
    assert publishing.hull(publishing.moment(first.publication_id)) == 40
    assert publishing.count() == 6


def test_held_indicator_keeps_its_values_while_others_go_out(publishing: Publishing) -> None:
    publishing.publish()
    publishing.change("update candidate.fact_value set value = 900 where indicator_id = 'ni_192'")
    publishing.change("update candidate.fact_value set value = 50 where indicator_id = 'ni_193'")
    publishing.change("delete from candidate.fact_value where framework_id = 'nis_2008' and area_code = 'E10000029'")
    build = publishing.build()
    publishing.hold(build, "nis_2008", "ni_192")
    done = publish(publishing.warehouse.settings, build)
    assert done.held == ("ni_192",)
    current = publishing.warehouse.query(
        "select framework_id, indicator_id, area_code, value from published.value_current order by 1, 2, 3",
        role="reader",
    )
    assert current == [
        # Another framework's indicator of the same name is another indicator.
        ("lof_2026", "ni_192", "E06000010", 900),
        ("lof_2026", "ni_192", "E10000029", 900),
        ("nis_2008", "ni_192", "E06000010", 40),
        ("nis_2008", "ni_192", "E10000029", 40),
        ("nis_2008", "ni_193", "E06000010", 50),
    ]


def test_area_that_leaves_stays_while_a_held_value_needs_it(publishing: Publishing) -> None:
    publishing.publish()
    publishing.change("delete from candidate.fact_value where area_code = 'E06000010' or indicator_id = 'ni_193'")
    publishing.change("delete from candidate.dim_area where area_code = 'E06000010'")
    publishing.change("delete from candidate.dim_component where indicator_id = 'ni_193'")
    publishing.change("delete from candidate.dim_indicator where indicator_id = 'ni_193'")
    build = publishing.build()
    publishing.hold(build, "nis_2008", "ni_192")
    publish(publishing.warehouse.settings, build)
    assert publishing.hull() == 40
    areas = "select area_code from published.area where upper_inf(known_during) order by 1"
    indicators = "select distinct indicator_id from published.indicator where upper_inf(known_during)"
    assert publishing.warehouse.query(areas, role="inspector") == [("E06000010",), ("E10000029",)]
    assert publishing.warehouse.query(indicators, role="inspector") == [("ni_192",)]
    # Once it is held no longer, value and area are closed together.
    publishing.publish()
    assert publishing.hull() is None
    assert publishing.warehouse.query(areas, role="inspector") == [("E10000029",)]


def test_renamed_area_is_named_as_it_was_known(publishing: Publishing) -> None:
    first = publishing.moment(publishing.publish().publication_id)
    publishing.change("update candidate.dim_area set area_name = 'Hull' where area_code = 'E06000010'")
    done = publishing.publish()
    # A new name is a publication, though no value changed.
    assert done.publication_id is not None
    assert (done.opened, done.closed) == (0, 0)
    as_of = f"select area_name from published.value_as_of(%s) where {HULL}"
    assert publishing.warehouse.query(as_of, (first,), "reader") == [("Kingston upon Hull",)]
    assert publishing.warehouse.query(as_of, (publishing.moment(done.publication_id),), "reader") == [("Hull",)]


@pytest.mark.parametrize(
    ("finished", "checked", "told"),
    [(False, False, "is not the newest finished build"), (True, False, "has not been through gate 2")],
)
def test_build_that_is_unfinished_or_unchecked_is_refused(
    publishing: Publishing, finished: bool, checked: bool, told: str
) -> None:
    with pytest.raises(NisError, match=told):
        publish(publishing.warehouse.settings, publishing.build(finished=finished, checked=checked))
    assert publishing.count() == 0


def test_build_that_another_has_followed_is_refused(publishing: Publishing) -> None:
    older = publishing.build()
    publishing.build(finished=False)
    with pytest.raises(NisError, match="is not the newest finished build"):
        publish(publishing.warehouse.settings, older)


def test_failure_in_the_middle_leaves_what_was_published(publishing: Publishing) -> None:
    publishing.publish()
    publishing.change("update candidate.fact_value set value = 1")
    # An area that no dimension knows: the foreign key refuses it at the end, after everything was written.
    publishing.change(f"update candidate.fact_value set area_code = 'E99999999' where {HULL}")
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        publishing.publish()
    assert publishing.hull() == 40
    assert publishing.count() == 6
    assert publishing.warehouse.one("select count(*) from published.publication", role="inspector") == 1


# --- what PostgreSQL enforces ---------------------------------------------------------------------


def insert_value(publishing: Publishing, area: str, component: str, known: str) -> None:
    """Write a value past our own code, as the publisher."""
    publishing.warehouse.query(
        "insert into published.value select 'nis_2008', 'ni_192', %s, %s, '2009-04-01', '2010-03-31', "
        "'financial_year', '2009-10', 1, 2, 50, null, null, 'percent', null, null, 1, 'final', "
        "max(publication_id), now(), %s::tstzrange "
        "from published.publication",
        (component, area, known),
        "nis_publisher",
    )


def test_overlapping_knowledge_times_are_refused(publishing: Publishing) -> None:
    publishing.publish()
    with pytest.raises(psycopg.errors.ExclusionViolation):
        insert_value(publishing, "E06000010", "all", "[2100-01-01, 2100-02-01)")


def test_value_needs_its_component_and_its_area_for_as_long_as_it_is_known(publishing: Publishing) -> None:
    publishing.publish()
    with pytest.raises(psycopg.errors.ForeignKeyViolation, match=r"Key .*component"):
        insert_value(publishing, "E06000010", "none", "[2100-01-01,)")
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        insert_value(publishing, "E99999999", "all", "[2100-01-01,)")
    # The area was not known yet in 2001.
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        insert_value(publishing, "E06000010", "all", "[2001-01-01, 2001-02-01)")


@pytest.mark.parametrize(
    "change",
    [
        "value = null",  # neither a value nor a marker
        "value = null, marker = '[x]'",  # a marker without a reason
        "coverage = 1.01",
        "period_end = '2009-03-31'",  # ends before it starts
    ],
)
def test_senseless_values_are_refused(publishing: Publishing, change: str) -> None:
    publishing.change(f"update candidate.fact_value set {change} where {HULL}")
    with pytest.raises(psycopg.errors.CheckViolation):
        publishing.publish()


# --- who may see what -----------------------------------------------------------------------------


def test_reader_cannot_write(publishing: Publishing) -> None:
    publishing.publish()
    for statement in (
        "update published.value set value = 0",
        "delete from published.value",
        "insert into published.area values ('X', 'x', 'x', null, null, null, tstzrange(now(), null))",
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


def test_embargoed_rows_are_for_the_inspector(publishing: Publishing) -> None:
    publishing.publish()
    publishing.warehouse.query(
        "update published.value set publish_at = now() + interval '1 day' where area_code = 'E06000010'",
        role="nis_publisher",
    )
    assert (publishing.count(role="reader"), publishing.count(role="inspector")) == (3, 6)
    for view in ("published.value_current", "published.value_history", "published.value_as_of(now())"):
        statement = f"select count(*) from {view}"
        assert publishing.warehouse.one(statement, role="reader") == 3
        assert publishing.warehouse.one(statement, role="inspector") == 6
    limits = "select count(*) from published.value_limit_current"
    assert (
        publishing.warehouse.one(limits, role="reader"),
        publishing.warehouse.one(limits, role="inspector"),
    ) == (3, 6)
    publishing.warehouse.query(
        "update published.publication set publish_at = now() + interval '1 day'", role="nis_publisher"
    )
    publications = "select count(*) from published.publication"
    assert publishing.warehouse.one(publications, role="reader") == 0
    assert publishing.warehouse.one(publications, role="inspector") == 1


# --- knowledge time -------------------------------------------------------------------------------


def test_knowledge_time_moves_forward_when_the_clock_goes_back(publishing: Publishing) -> None:
    publishing.publish()
    # As if the machine's clock had been an hour ahead when the last publication was made.
    publishing.warehouse.query(
        "update published.publication set published_at = published_at + interval '1 hour';"
        + "".join(
            f"update published.{table} set known_during = tstzrange(lower(known_during) + interval '1 hour', null);"
            for table in ("area", "indicator", "component", "value")
        ),
        role="nis_publisher",
    )
    ahead = publishing.warehouse.one("select max(published_at) from published.publication", role="inspector")
    publishing.change(f"update candidate.fact_value set value = 41 where {HULL}")
    done = publishing.publish()
    assert publishing.moment(done.publication_id) == ahead + dt.timedelta(microseconds=1)
    assert (done.opened, done.closed) == (1, 1)
    assert publishing.hull() == 41


def test_two_publications_at_once_write_once(publishing: Publishing) -> None:
    publishing.publish()
    publishing.change("update candidate.fact_value set value = 45")
    build = publishing.build()
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda _: publish(publishing.warehouse.settings, build), range(2)))
    assert sorted((each.opened, each.closed) for each in done) == [(0, 0), (6, 6)]
    assert publishing.hull() == 45
    moments = publishing.warehouse.query(
        "select published_at from published.publication order by publication_id", role="inspector"
    )
    assert len(moments) == 2
    assert moments == sorted(set(moments))
