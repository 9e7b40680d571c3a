"""Publishing: two times, enforced by PostgreSQL; only what changed is written; readers see what they may."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import psycopg
import pytest

from ingest.errors import NisError
from ingest.publication import planned, publish
from tests.ingest.publishing import HULL, Publishing

pytestmark = pytest.mark.warehouse


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
    before = publishing.warehouse.query(
        "select component_key, area_key, value, xmin from published.fact_value order by 1, 2", role="inspector"
    )
    # The same figure written in another way is the same figure.
    publishing.change("update candidate.fact_value set value = 40.00, coverage = 1.000")
    done = publishing.publish()
    assert (done.publication_id, done.opened, done.closed) == (None, 0, 0)
    assert not any(done.changes)
    after = publishing.warehouse.query(
        "select component_key, area_key, value, xmin from published.fact_value order by 1, 2", role="inspector"
    )
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


def test_a_build_in_part_publishes_what_was_made_anew_since_the_last_publication(publishing: Publishing) -> None:
    settings = publishing.warehouse.settings
    publishing.publish()
    publishing.change("update candidate.fact_value set value = 41 where indicator_id = 'ni_192'")
    publishing.change("update candidate.fact_value set value = 51 where indicator_id = 'ni_193'")
    # This build was never published; what it made anew goes out with the next.
    publishing.build(remade=["ni_193"])
    done = publish(settings, publishing.build(remade=[]))
    assert done.opened == done.closed == publishing.count("indicator_id = 'ni_193' and known_to is null") > 0
    assert publishing.hull() == 40, "no build says that it made NI 192 anew"
    done = publish(settings, publishing.build(remade=["ni_192"]))
    assert (publishing.hull(), done.opened > 0) == (41, True)
    assert not any(publish(settings, publishing.build()).changes), "a build of everything finds nothing else"


def test_what_was_held_is_published_by_a_build_that_did_not_make_it_anew(publishing: Publishing) -> None:
    publishing.publish()
    publishing.change(f"update candidate.fact_value set value = 41 where {HULL}")
    build = publishing.build(remade=["ni_192"])
    publishing.hold(build, "nis_2008", "ni_192")
    publish(publishing.warehouse.settings, build)
    assert publishing.hull() == 40
    publish(publishing.warehouse.settings, publishing.build(remade=["ni_193"]))
    assert publishing.hull() == 41


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


def test_targets_of_a_held_indicator_stay_too(publishing: Publishing) -> None:
    columns = "framework_id, area_code, target_class, target_id, framework_year, target_version"
    for name in ("ni_192", "ni_193"):
        publishing.change(
            f"insert into candidate.fact_target ({columns}, indicator_id, component, period_start, period_end, kind, "
            f"status, is_current, actual_value) values ('nis_2008', 'E06000010', 'designated', '{name}/all', '2009-10', "
            f"1, '{name}', 'all', '2009-04-01', '2010-03-31', 'absolute', 'agreed', true, 40)"
        )
    # A target of the area's own belongs to no indicator.
    publishing.change(
        f"insert into candidate.fact_target ({columns}, period_start, period_end, kind, status, is_current, "
        "actual_value) values ('nis_2008', 'E06000010', 'local', 'local/benches', '2009-10', 1, '2009-04-01', "
        "'2010-03-31', 'absolute', 'agreed', true, 40)"
    )
    publishing.publish()
    publishing.change("update candidate.fact_target set actual_value = 900")
    build = publishing.build()
    publishing.hold(build, "nis_2008", "ni_192")
    publish(publishing.warehouse.settings, build)
    standing = "select target_id, actual_value from published.fact_target where known_to > now() order by 1"
    assert publishing.warehouse.query(standing, role="reader") == [
        ("local/benches", 900), ("ni_192/all", 40), ("ni_193/all", 900),
    ]  # fmt: skip


def test_what_leaves_the_catalogue_keeps_its_name_for_the_values_known_before(publishing: Publishing) -> None:
    first = publishing.moment(publishing.publish().publication_id)
    publishing.change("delete from candidate.fact_value where area_code = 'E06000010' or indicator_id = 'ni_193'")
    publishing.change("delete from candidate.dim_area where area_code = 'E06000010'")
    publishing.change("delete from candidate.dim_component where indicator_id = 'ni_193'")
    publishing.change("delete from candidate.dim_indicator where indicator_id = 'ni_193'")
    build = publishing.build()
    publishing.hold(build, "nis_2008", "ni_192")
    publish(publishing.warehouse.settings, build)
    assert publishing.hull() == 40
    # Once it is held no longer, the value is closed; as known before, it still has its area.
    publishing.publish()
    assert publishing.hull() is None
    assert publishing.hull(first) == 40


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
    [(False, False, "are no longer here"), (True, False, "has not been through gate 2")],
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
    with pytest.raises(NisError, match="are no longer here"):
        publish(publishing.warehouse.settings, older)


def test_failure_in_the_middle_leaves_what_was_published(publishing: Publishing) -> None:
    publishing.publish()
    publishing.change("update candidate.fact_value set value = 1")
    # A share above 1: refused by the table, after the dimensions were written.
    publishing.change("update candidate.dim_area set area_name = 'Hull' where area_code = 'E06000010'")
    publishing.change(f"update candidate.fact_value set coverage = 2 where {HULL}")
    with pytest.raises(psycopg.errors.CheckViolation):
        publishing.publish()
    assert publishing.hull() == 40
    assert publishing.count() == 6
    assert publishing.warehouse.one("select count(*) from published.publication", role="inspector") == 1
    assert (
        publishing.warehouse.one("select count(*) from published.dim_area where area_name = 'Hull'", role="reader") == 0
    )


def test_a_cell_of_an_area_that_no_dimension_has_is_refused_by_name(publishing: Publishing) -> None:
    publishing.change(f"update candidate.fact_value set area_code = 'E99999999' where {HULL}")
    with pytest.raises(NisError, match=r"candidate.fact_value: 1 rows name area"):
        publishing.publish()


# --- what PostgreSQL enforces ---------------------------------------------------------------------


def insert_value(publishing: Publishing, area: str, component: str, known: str, day: str = "2010-03-31") -> None:
    """Write a value past our own code, as the publisher; a name that is unknown gives a key that is."""
    publishing.warehouse.query(
        "insert into published.fact_value (component_key, area_key, period_key, indicator_key, value, on_day, "
        "publication_id, publish_at, known_during) select "
        "coalesce((select component_key from published.dim_component where framework_id = 'nis_2008' "
        "and indicator_id = 'ni_192' and component = %s), -1), "
        "coalesce((select area_key from published.dim_area where area_code = %s), -1), "
        "(select period_key from published.dim_period where period_end = '2010-03-31'), "
        "(select min(indicator_key) from published.dim_indicator), 50, daterange(%s::date, %s::date, '[]'), "
        "max(publication_id), now(), %s::tstzrange from published.publication",
        (component, area, day, day, known),
        "nis_publisher",
    )


def test_overlapping_knowledge_times_are_refused(publishing: Publishing) -> None:
    publishing.publish()
    with pytest.raises(psycopg.errors.ExclusionViolation):
        insert_value(publishing, "E06000010", "all", "[2100-01-01, 2100-02-01)")


def test_value_needs_its_component_and_its_area(publishing: Publishing) -> None:
    publishing.publish()
    with pytest.raises(psycopg.errors.ForeignKeyViolation, match="component"):
        insert_value(publishing, "E06000010", "none", "[2001-01-01, 2001-02-01)")
    with pytest.raises(psycopg.errors.ForeignKeyViolation, match="area"):
        insert_value(publishing, "E99999999", "all", "[2001-01-01, 2001-02-01)")


def test_value_for_an_area_that_did_not_exist_then_is_refused(publishing: Publishing) -> None:
    publishing.change("update candidate.dim_area set valid_from = '2009-04-01' where area_code = 'E06000010'")
    publishing.publish()
    insert_value(publishing, "E06000010", "all", "[2001-01-01, 2001-02-01)", day="2009-04-01")
    with pytest.raises(psycopg.errors.ForeignKeyViolation, match="area"):
        insert_value(publishing, "E06000010", "all", "[2002-01-01, 2002-02-01)", day="2009-03-31")
    # Nor may the area's days shrink under its values.
    publishing.change("update candidate.dim_area set valid_from = '2010-04-01' where area_code = 'E06000010'")
    with pytest.raises(psycopg.errors.ForeignKeyViolation, match="area"):
        publishing.publish()
    assert publishing.hull() == 40


@pytest.mark.parametrize(
    "change",
    [
        "value = null",  # neither a value nor a marker
        "value = null, marker = '[x]'",  # a marker without a reason
        "coverage = 1.01",
    ],
)
def test_senseless_values_are_refused(publishing: Publishing, change: str) -> None:
    publishing.change(f"update candidate.fact_value set {change} where {HULL}")
    with pytest.raises(psycopg.errors.CheckViolation):
        publishing.publish()


# --- plans and revisions ---------------------------------------------------------------------------


def test_plan_tells_what_would_change_and_changes_nothing(publishing: Publishing) -> None:
    publishing.publish()
    publishing.change(f"update candidate.fact_value set value = 41 where {HULL}")
    with planned(publishing.warehouse.settings, publishing.build()) as (connection, told):
        assert (told.publication_id, told.opened, told.closed) == (None, 1, 1)
        assert connection.execute(
            f"select value from published.value_history where known_to is null and {HULL}".encode()
        ).fetchall() == [(41,)]
    assert publishing.hull() == 40
    assert publishing.count() == 6
    assert publishing.publish().opened == 1


def test_revision_tells_its_size_and_why(publishing: Publishing) -> None:
    publishing.publish()
    publishing.change(f"update candidate.fact_value set value = 41.5, maturity = 'revised' where {HULL}")
    publish(publishing.warehouse.settings, publishing.build(), reason="the body mended a figure")
    assert publishing.warehouse.query(
        f"select old_value, new_value, revision_size, maturity, reason from published.v_revision where {HULL}",
        role="reader",
    ) == [(40, Decimal("41.5"), Decimal("1.5"), "revised", "the body mended a figure")]


# --- knowledge time -------------------------------------------------------------------------------


def test_knowledge_time_moves_forward_when_the_clock_goes_back(publishing: Publishing) -> None:
    publishing.publish()
    # As if the machine's clock had been an hour ahead when the last publication was made.
    publishing.warehouse.query(
        "update published.publication set publish_at = publish_at + interval '1 hour';"
        "update published.fact_value set known_during = tstzrange(lower(known_during) + interval '1 hour', null);",
        role="nis_publisher",
    )
    ahead = publishing.warehouse.one("select max(publish_at) from published.publication", role="nis_loader")
    publishing.change(f"update candidate.fact_value set value = 41 where {HULL}")
    done = publishing.publish()
    assert (done.opened, done.closed) == (1, 1)
    known = publishing.warehouse.query(
        f"select value, known_from from published.value_history where {HULL} order by known_from", role="nis_loader"
    )
    assert known == [(40, ahead), (41, ahead + dt.timedelta(microseconds=1))]


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


KEYS = """
select conrelid::regclass::text as place, conname::text, convalidated, pg_get_constraintdef(oid) from pg_constraint
where connamespace = 'published'::regnamespace
union all
select tablename::text, indexname::text, true, indexdef from pg_indexes where schemaname = 'published'
order by 1, 2
"""


def test_keys_built_after_the_rows_are_those_that_stood_before(
    publishing: Publishing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.publication.change.LARGE", 1)
    keys = publishing.warehouse.query(KEYS)
    assert publishing.publish().opened == 6
    assert publishing.warehouse.query(KEYS) == keys
    publishing.change(f"update candidate.fact_value set value = 41 where {HULL}")
    assert publishing.publish().opened == 1
    assert (publishing.hull(), publishing.warehouse.query(KEYS)) == (41, keys)


def test_failure_while_keys_are_off_leaves_them_on(publishing: Publishing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.publication.change.LARGE", 1)
    keys = publishing.warehouse.query(KEYS)
    publishing.change(f"update candidate.fact_value set coverage = 2 where {HULL}")
    with pytest.raises(psycopg.errors.CheckViolation):
        publishing.publish()
    assert publishing.warehouse.query(KEYS) == keys
    assert publishing.count() == 0
