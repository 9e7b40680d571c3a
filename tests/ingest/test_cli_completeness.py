"""How complete the published cells are and what is missing by body, on cells written here and counted by hand."""

from __future__ import annotations

import json

import pytest

from ingest import database
from ingest.errors import ExitCode
from tests.ingest.command_line import refused, right, use
from tests.ingest.warehouse import Warehouse
from tests.published import AFTER, BEFORE

pytestmark = pytest.mark.warehouse

KNOWN = "2026-11-20 09:00+00"
# Stockton and Surrey are areas of the framework, Surrey Heath is a district. One marker has a reason nobody knows.
PUBLISHED = f"""{BEFORE}
insert into published.publication (published_at, publish_at, origin, fingerprint, values_opened, values_closed)
values ('{KNOWN}', '{KNOWN}', 'made', 'a', 5, 0);
insert into area (area_code, area_name, area_type, known_during) values
    ('E06000004', 'Stockton-on-Tees', 'unitary', '[{KNOWN},)'),
    ('E07000214', 'Surrey Heath', 'district', '[{KNOWN},)'),
    ('E10000030', 'Surrey', 'county', '[{KNOWN},)');
insert into indicator (framework_id, indicator_id, ni, title, set_status, known_during)
select 'nis_2008', i, right(i, 3)::int, i, 'in_set', '[{KNOWN},)' from (values ('ni_016'), ('ni_102')) as w (i);
insert into component
    (framework_id, indicator_id, component, title, headline, method, unit, decimals, polarity, known_during)
values ('nis_2008', 'ni_016', 'main', 'Crime', true, 'ratio', 'offences', 1, 'lower_is_better', '[{KNOWN},)'),
       ('nis_2008', 'ni_102', 'i', 'Gap', true, 'difference', 'points', 1, 'lower_is_better', '[{KNOWN},)');
insert into value
    (framework_id, indicator_id, component, area_code, period_start, period_end, period_type, framework_year,
     value, marker, reason, coverage, publication_id, publish_at, known_during)
select 'nis_2008', i, c, area_code, make_date(y, 4, 1), make_date(y + 1, 3, 31), 'financial_year',
       y || '-' || right((y + 1)::text, 2), value, marker, reason, 1, 1, '{KNOWN}', '[{KNOWN},)'
from (values
    ('ni_016', 'main', 'E06000004', 2008, 7.5, null, null),
    ('ni_016', 'main', 'E10000030', 2008, null, '[x]', 'not_yet_published'),
    ('ni_016', 'main', 'E07000214', 2008, null, '[x]', 'nobody_knows'),
    ('ni_016', 'main', 'E06000004', 2009, null, '[x]', 'not_yet_published'),
    ('ni_102', 'i', 'E10000030', 2008, null, '[x]', 'not_yet_published')
) as v (i, c, area_code, y, value, marker, reason);
{AFTER}"""
# The cell of Surrey in 2009-10 is due and was never published. Surrey lacks crimes, Stockton lacks residents in its
# second year, Surrey Heath lacks both; residents are those of a day within the year.
BUILT = """
create table indicators.indicator_index (framework_id text, indicator_id text, area_code text, framework_year text);
insert into indicators.indicator_index
select 'nis_2008', i, a, y from (values
    ('ni_016', 'E06000004', '2008-09'), ('ni_016', 'E10000030', '2008-09'), ('ni_016', 'E07000214', '2008-09'),
    ('ni_102', 'E10000030', '2008-09'), ('ni_016', 'E06000004', '2009-10'), ('ni_016', 'E10000030', '2009-10')
) as w (i, a, y);
create table indicators.component_term (framework_id text, indicator_id text, component text, measure_id text);
insert into indicators.component_term
select 'nis_2008', 'ni_016', 'main', m
from (values ('recorded_crimes_robbery'), ('residents_all_ages')) as w (m);
create table measures.measure_by_area (
    measure_id text, area_code text, period_start date, period_end date, value numeric
);
insert into measures.measure_by_area values
    ('residents_all_ages', 'E10000030', '2008-06-30', '2008-06-30', 1000),
    ('recorded_crimes_robbery', 'E10000030', '2008-04-01', '2009-03-31', null),
    ('recorded_crimes_robbery', 'E06000004', '2009-04-01', '2010-03-31', 3),
    ('residents_all_ages', 'E06000004', '2008-06-30', '2008-06-30', 1000);
"""


@pytest.fixture(scope="module")
def filled(warehouse: Warehouse) -> Warehouse:
    """A warehouse with published cells, the index of a build and the measures behind it."""
    for role, statements in (("nis_publisher", PUBLISHED), ("nis_transformer", BUILT)):
        with database.connect(warehouse.settings, role) as connection:  # type: ignore[arg-type]
            connection.execute(statements.encode())
    return warehouse


@pytest.fixture
def here(filled: Warehouse, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    use(filled.settings, monkeypatch)
    return filled


def gaps(*arguments: str) -> list[tuple[object, ...]]:
    rows = json.loads(right("indicators", "--missing", *arguments, "--format", "json").stdout)
    names = ("body", "ni", "framework_year", "reason", "components", "cells")
    return [tuple(row[name] for name in names) for row in rows]


def test_status_counts_due_cells_in_every_area_and_in_the_framework_s(here: Warehouse) -> None:
    lines = [" ".join(line.split()) for line in right("status").stdout.splitlines() if line.startswith(" 20")]
    # year, which areas, areas, indicators, due, value, explained, neither, complete
    assert lines == [
        "2008-09 all 3 2 4 25.0 % 50.0 % 25.0 % 75.0 %",
        "2008-09 the framework's 2 2 3 33.3 % 66.7 % 0 % 100 %",
        "2009-10 all 2 1 2 0 % 50.0 % 50.0 % 50.0 %",
        "2009-10 the framework's 2 1 2 0 % 50.0 % 50.0 % 50.0 %",
    ]


def test_a_gap_is_the_body_s_whose_figure_is_lacking(here: Warehouse) -> None:
    assert gaps() == [
        ("DCSF", 102, "2008-09", "not_yet_published", 1, 1),
        ("Home Office", 16, "2008-09", "not_yet_published", 1, 1),
        ("Home Office + ONS", 16, "2008-09", "nobody_knows", 1, 1),
        ("ONS", 16, "2009-10", "not_yet_published", 1, 1),
    ]


def test_gaps_of_one_body_and_of_one_year(here: Warehouse) -> None:
    assert [row[0] for row in gaps("--body", "ons")] == ["Home Office + ONS", "ONS"]
    assert [row[2] for row in gaps("--year", "2009/10")] == ["2009-10"]
    assert gaps("--body", "DCSF", "--ni", "16") == []
    out = right("indicators", "--missing", "--year", "2008-09").stdout
    assert "Due in 2008-09 and missing, in published.value_history" in out
    assert "The body has published no figure for this area and period" in out


@pytest.mark.parametrize(
    ("arguments", "told", "hint"),
    [
        (("--missing", "--body", "Home Ofice"), "there is no body 'Home Ofice'", "near it: Home Office"),
        (("--missing", "--year", "2008"), "not a framework year", "2008-09"),
        (("--body", "ONS"), "go with --missing", "--missing"),
    ],
)
def test_what_cannot_be_right_is_refused(here: Warehouse, arguments: tuple[str, ...], told: str, hint: str) -> None:
    error = refused("indicators", *arguments)
    assert error.exit_code == ExitCode.USAGE
    assert told in error.message
    assert hint in error.hint
