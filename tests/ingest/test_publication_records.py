"""Plans, cycles of assessment and disputes: what people do with what is published."""

from __future__ import annotations

import datetime as dt
import hashlib
import json

import pytest

from ingest.errors import ExitCode, NisError, UsageError
from ingest.publication import planned
from ingest.publication.cycles import cycles, freeze, rebuilt_sha256
from ingest.publication.disputes import attach, attached, resolve
from ingest.publication.plan import Told, told
from tests.ingest.command_line import refused, right, use
from tests.ingest.publishing import HULL, Publishing

pytestmark = pytest.mark.warehouse

CELL = (192, None, "E06000010", "2009-10")
BY = ("Jane Smith", "Hull City Council")


def test_plan_names_indicators_with_what_becomes_of_their_values(publishing: Publishing) -> None:
    publishing.publish()
    publishing.change(f"update candidate.fact_value set value = 41 where {HULL}")
    publishing.change("delete from candidate.fact_value where indicator_id = 'ni_193'")
    with planned(publishing.warehouse.settings, publishing.build()) as (connection, _):
        assert told(connection) == [
            Told("ni_192", "published", "another value", 1),
            Told("ni_193", "published", "nothing", 2),
        ]


def test_plan_is_told_on_the_command_line(publishing: Publishing, monkeypatch: pytest.MonkeyPatch) -> None:
    use(publishing.warehouse.settings, monkeypatch)
    publishing.build()
    result = right("plan", "--format", "json")
    assert {(row["of"], row["was"], row["becomes"], row["count"]) for row in json.loads(result.stdout)} == {
        ("ni_192", "nothing", "published", 4),
        ("ni_193", "nothing", "published", 2),
    }
    assert "values: 6 opened, 0 closed" in result.stderr
    assert publishing.count() == 0


def test_cycle_stands_whatever_is_published_later(publishing: Publishing) -> None:
    settings = publishing.warehouse.settings
    publishing.publish()
    frozen = freeze(settings, "2009", "Jane Smith")
    # The hash by hand: SHA-256 over the SHA-256 of each cell's text, in the order of their keys.
    cells = [
        f"{framework}/{indicator}/all/{area}/2009-04-01/2010-03-31=40|40|100|1|final|percent".encode()
        for framework, indicator in (("lof_2026", "ni_192"), ("nis_2008", "ni_192"), ("nis_2008", "ni_193"))
        for area in ("E06000010", "E10000029")
    ]
    by_hand = hashlib.sha256(b"".join(hashlib.sha256(cell).digest() for cell in cells)).hexdigest()
    assert (frozen.row_count, frozen.sha256) == (6, by_hand)
    publishing.change(f"update candidate.fact_value set value = 41 where {HULL}")
    publishing.publish()
    assert rebuilt_sha256(settings, "2009") == (frozen, by_hand)
    rows = publishing.warehouse.query(
        f"select value from published.assessment_snapshot('2009') where {HULL}", role="reader"
    )
    assert rows == [(40,)]
    # Whoever rewrites the past is found out.
    publishing.warehouse.query("update published.fact_value set value = 39 where value = 40", role="nis_publisher")
    assert rebuilt_sha256(settings, "2009")[1] != by_hand


def test_cycle_is_frozen_once_by_somebody_and_not_ahead_of_time(publishing: Publishing) -> None:
    settings = publishing.warehouse.settings
    with pytest.raises(NisError, match="nothing was known"):
        freeze(settings, "2009", "Jane Smith")
    publishing.publish()
    freeze(settings, "2009", "Jane Smith")
    with pytest.raises(UsageError, match="frozen already"):
        freeze(settings, "2009", "Jane Smith")
    with pytest.raises(UsageError, match="somebody"):
        freeze(settings, "2010", " ")
    with pytest.raises(UsageError, match="not come"):
        freeze(settings, "2010", "Jane Smith", dt.datetime(2999, 1, 1, tzinfo=dt.UTC))
    with pytest.raises(UsageError, match="there is no cycle"):
        rebuilt_sha256(settings, "2011")
    assert [one.cycle for one in cycles(settings)] == ["2009"]


def test_dispute_stays_beside_its_value_until_it_is_resolved(publishing: Publishing) -> None:
    settings = publishing.warehouse.settings
    publishing.publish()
    number = attach(settings, CELL, "dispute", "the tonnage of May is missing", BY)
    attach(settings, CELL, "comment", "we know", BY)
    shown = f"select open_disputes from published.v_current where {HULL}"
    assert publishing.warehouse.query(shown, role="reader") == [(1,)]
    # It belongs to the cell, whatever value stands there.
    publishing.change(f"update candidate.fact_value set value = 41 where {HULL}")
    publishing.publish()
    assert publishing.warehouse.query(shown, role="reader") == [(1,)]
    resolve(settings, number, "John Brown", "the new release has it")
    assert publishing.warehouse.query(shown, role="reader") == [(0,)]
    said = publishing.warehouse.query("select said, resolution from published.value_comment order by 1", role="reader")
    assert said == [("the tonnage of May is missing", "the new release has it"), ("we know", None)]
    assert len(attached(settings, "E06000010")) == 2
    assert len(attached(settings, only_open=True)) == 1
    with pytest.raises(UsageError, match="no open comment"):
        resolve(settings, number, "John Brown", "again")


@pytest.mark.parametrize(
    ("cell", "by", "told"),
    [
        ((999, None, "E06000010", "2009-10"), BY, "no value of NI 999"),
        ((192, "none", "E06000010", "2009-10"), BY, "no value of NI 192"),
        ((192, None, "E06000010", "2010-11"), BY, "no value of NI 192"),
        (CELL, ("", "Hull City Council"), "who says it"),
    ],
)
def test_dispute_needs_a_value_and_a_name(
    publishing: Publishing, cell: tuple[int, str | None, str, str], by: tuple[str, str], told: str
) -> None:
    publishing.publish()
    with pytest.raises(UsageError, match=told):
        attach(publishing.warehouse.settings, cell, "dispute", "wrong", by)


def test_cycles_and_disputes_on_the_command_line(publishing: Publishing, monkeypatch: pytest.MonkeyPatch) -> None:
    use(publishing.warehouse.settings, monkeypatch)
    publishing.publish()
    sha256 = right("snapshot", "freeze", "2009", "--by", "Jane Smith").stdout
    assert right("snapshot", "verify", "2009").stdout == sha256
    assert json.loads(right("snapshot", "list", "--format", "json").stdout)[0]["sha256"] == sha256.strip()
    cell = ("--ni", "192", "--area", "E06000010", "--year", "2009-10")
    right("dispute", "raise", *cell, "--said", "no", "--by", "Jane Smith", "--organisation", "Hull City Council")
    assert json.loads(right("dispute", "list", "--open", "--format", "json").stdout)[0]["said"] == "no"
    right("dispute", "resolve", "1", "--by", "John Brown", "--resolution", "yes")
    assert json.loads(right("dispute", "list", "--open", "--format", "json").stdout) == []
    assert refused("snapshot", "verify", "2010").exit_code == ExitCode.USAGE
