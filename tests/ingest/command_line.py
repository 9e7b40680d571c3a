"""Short ways to call the command line, and rows for it to read."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner, Result

from ingest.cli import app
from ingest.errors import NisError
from ingest.settings import Settings
from tests.published import AFTER, BEFORE

MADE = "MADE DATA: invented figures"
FIRST = "2026-11-20 09:00+00"
SECOND = "2026-11-21 09:00+00"
# One value that was corrected on the second day, one marker, one value under embargo.
PUBLISHED = f"""{BEFORE}
insert into published.publication
    (published_at, publish_at, origin, fingerprint, values_opened, values_closed)
values ('{FIRST}', '{FIRST}', 'made', 'a', 3, 0), ('{SECOND}', '{SECOND}', 'made', 'b', 1, 1),
       ('{SECOND}', '2999-01-01', 'made', 'c', 1, 0);
insert into area (area_code, area_name, area_type, known_during) values
    ('E06000004', 'Stockton-on-Tees', 'unitary', '[{FIRST},)'),
    ('E10000030', 'Surrey', 'county', '[{FIRST},)');
insert into indicator (framework_id, indicator_id, ni, title, set_status, known_during)
values ('nis_2008', 'ni_186', 186, 'Per capita reduction in CO2 emissions', 'in_set', '[{FIRST},)');
insert into component
    (framework_id, indicator_id, component, title, headline, method, unit, decimals, polarity, known_during)
values ('nis_2008', 'ni_186', 'reduction', 'Reduction', true, 'change', '% reduction from 2005', 1,
        'higher_is_better', '[{FIRST},)');
insert into value
    (framework_id, indicator_id, component, area_code, period_start, period_end, period_type, framework_year,
     value, marker, reason, coverage, publication_id, publish_at, known_during)
select 'nis_2008', 'ni_186', 'reduction', area_code, make_date(y, 1, 1), make_date(y, 12, 31),
       'calendar_year', fy, value, marker, reason, coverage, publication_id,
       publish_at::timestamptz, known::tstzrange
from (values
    ('E06000004', 2008, '2008-09', 4.25, null, null, 1, 1, '{FIRST}', '[{FIRST},{SECOND})'),
    ('E06000004', 2008, '2008-09', 5.0625, '[r]', null, 1, 2, '{SECOND}', '[{SECOND},)'),
    ('E06000004', 2009, '2009-10', 7.5, null, null, 1, 3, '2999-01-01', '[2999-01-01,)'),
    ('E10000030', 2008, '2008-09', null, '[x]', 'incomplete_members', 0.5, 1, '{FIRST}', '[{FIRST},)')
) as v (area_code, y, fy, value, marker, reason, coverage, publication_id, publish_at, known);
{AFTER}"""
OPERATIONS = f"""
insert into ops.run (command, origin, status, started_at, finished_at, seconds_by_stage, counts)
values ('nis run', 'made', 'held', '{FIRST}', '2026-11-20 09:01:05+00',
        '{{"land": 12.5, "gate_2": 8.25}}', '{{"held": 1}}');
insert into ops.release
    (dataset_id, part, url, sha256, size_bytes, publisher, licence, published_on, maturity, status,
     status_reason, origin, row_count, supersedes)
values ('decc_la_co2', 'all', 'https://data.gov.uk/co2.csv', repeat('a', 64), 1203514, 'DECC', 'OGL-UK-3.0',
        '2013-06-01', 'final', 'accepted', null, 'made', 406, 'part'),
       ('defra_waste', 'all', 'https://www.gov.uk/waste.ods', repeat('b', 64), 10, 'Defra', 'OGL-UK-3.0',
        null,
        'final', 'refused', 'half the rows are gone', 'made', 2, 'part');
insert into ops.quarantine
    (dataset_id, release_id, table_name, row_number, reject_reason, reject_kind, column_name, value)
values ('decc_la_co2', 1, 'decc_la_co2', 7, 'area_outside_england', 'scope', 'area_code', 'W06000001'),
       ('decc_la_co2', 1, 'decc_la_co2', 9, 'bad_number', 'fault', 'total', E'\\u001b[31m1,203,514');
insert into ops.build (fingerprint, gate_2_at) values ('a', now());
insert into ops.quality_result
    (build_id, gate, framework_id, indicator_id, component, expectation, severity, success, message, owner,
     checked_at)
values (1, 2, 'nis_2008', 'ni_186', 'reduction', 'range', 'fail', false, 'an earlier judgement', 'x',
        '{FIRST}'),
       (1, 2, 'nis_2008', 'ni_192', 'main', 'jump', 'fail', false, '9 of 20 areas jumped', 'x', '{SECOND}'),
       (1, 2, 'nis_2008', 'ni_192', 'main', 'any_jump', 'warn', false, 'only a warning', 'x', '{SECOND}');
"""


def use(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.settings.settings", lambda: settings)
    monkeypatch.setenv("COLUMNS", "200")


def nis(*arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(app, list(arguments), input=stdin)


def right(*arguments: str, stdin: str | None = None) -> Result:
    """A command that must succeed."""
    result = nis(*arguments, stdin=stdin)
    assert result.exit_code == 0, (result.output, result.exception)
    return result


def refused(*arguments: str, stdin: str | None = None) -> NisError:
    """The error of a command that must be refused, with nothing on standard output."""
    result = nis(*arguments, stdin=stdin)
    assert isinstance(result.exception, NisError), (result.output, result.exception)
    assert result.stdout == ""
    return result.exception
