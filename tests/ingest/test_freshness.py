"""States of freshness by hand, and one alert for each change of state. Days are given: the tests do not age."""

from __future__ import annotations

from datetime import date

import pytest

from ingest import database, freshness
from tests.ingest.warehouse import Warehouse

pytestmark = pytest.mark.warehouse

PERIODS = """
create table if not exists indicators.dataset_period (
    dataset_id text, framework_id text, framework_year text, period_end date, expected_on date, grace_days int,
    is_held boolean, arrived_on date
);
truncate indicators.dataset_period;
insert into indicators.dataset_period values
    ('waste', 'f', '2008-09', '2009-03-31', '2009-11-16', 30, true, '2009-11-05'),
    ('waste', 'f', '2009-10', '2010-03-31', '2010-11-16', 30, false, null),
    ('waste', 'f', '2010-11', '2011-03-31', '2011-11-16', 30, false, null)
"""


@pytest.mark.parametrize(
    ("held", "arrived", "today", "state"),
    [
        (False, None, "2009-11-16", "not_due"),
        (False, None, "2009-11-17", "late"),
        (False, None, "2009-12-16", "late"),
        (False, None, "2009-12-17", "overdue"),
        (True, "2009-10-16", "2012-01-01", "early"),
        (True, "2009-10-17", "2012-01-01", "on_time"),
        (True, "2009-11-16", "2012-01-01", "on_time"),
        (True, "2009-11-17", "2012-01-01", "late"),
        (True, "2009-12-17", "2012-01-01", "overdue"),
        (True, None, "2012-01-01", "undated"),
    ],
)
def test_state_by_promised_day_and_grace(
    warehouse: Warehouse, held: bool, arrived: str | None, today: str, state: str
) -> None:
    # The year to 31 March 2009, promised for 230 days later, with 30 days of grace.
    with database.connect(warehouse.settings, "nis_loader") as connection:
        row = connection.execute(
            "select ops.freshness(date '2009-03-31' + 230, 30, %s, %s::date, %s::date)", (held, arrived, today)
        ).fetchone()
    assert row == (state,)


def test_each_change_of_state_is_told_once(warehouse: Warehouse) -> None:
    with database.connect(warehouse.settings, "nis_transformer") as connection:
        connection.execute(PERIODS.encode())
    told = []
    for day in (date(2010, 6, 1), date(2010, 6, 2), date(2010, 11, 20), date(2010, 12, 1), date(2011, 1, 1)):
        with database.connect(warehouse.settings, "nis_loader") as connection:
            told.append([(one.before, one.state) for one in freshness.refresh(connection, None, day)])
    assert told == [[(None, "not_due")], [], [("not_due", "late")], [], [("late", "overdue")]]
    # It comes, and the next year is waited for.
    with database.connect(warehouse.settings, "nis_transformer") as connection:
        connection.execute(
            "update indicators.dataset_period set is_held = true, arrived_on = '2011-01-05' where framework_year = '2009-10'"
        )
    with database.connect(warehouse.settings, "nis_loader") as connection:
        (change,) = freshness.refresh(connection, None, date(2011, 1, 6))
    assert (change.period_end, change.before, change.state) == (date(2011, 3, 31), "overdue", "not_due")


def test_nothing_is_told_before_the_first_build(warehouse: Warehouse) -> None:
    with database.connect(warehouse.settings, "nis_transformer") as connection:
        connection.execute("drop table if exists indicators.dataset_period")
    with database.connect(warehouse.settings, "nis_loader") as connection:
        assert freshness.refresh(connection, None, date(2011, 1, 6)) == []
