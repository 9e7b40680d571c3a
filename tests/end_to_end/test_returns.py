"""Returns from the sender to the loaded release, by the commands a person types."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest import database
from ingest.settings import Settings
from tests.end_to_end.commands import command
from tests.ingest.returns import marac
from tests.ingest.warehouse import Warehouse

pytestmark = pytest.mark.end_to_end

OF = ("--dataset", "marac_cases")
NOWHERE = "http://127.0.0.1:1"
"""Returns are pushed: no body is asked, so none has to be there."""


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """A made warehouse that has taken in the sandbox's returns of one dataset."""
    settings = Settings(home=tmp_path_factory.mktemp("returns"), source="made", sandbox_url=NOWHERE)
    for name in ("land", "load", "check"):
        done = command(settings, name, *OF)
        assert done.returncode == 0, done.stderr
    yield Warehouse(settings)
    database.embedded(settings).stop()


def releases(where: Warehouse, part: str) -> list[tuple[str, int]]:
    return where.query("select status, row_count from ops.release where part = %s order by release_id", (part,))


def test_made_returns_pass_the_validator_and_gate_1(here: Warehouse) -> None:
    counts = here.query("select status, received_by, count(*) from ops.return group by 1, 2")
    assert [(status, channel) for status, channel, _ in counts] == [("accepted", "inbox")]
    assert here.query("select distinct status from ops.release") == [("accepted",)]
    rows = here.one("select row_count from ops.return where dataset_id = 'marac_cases'")
    assert here.one("select count(*) from raw.marac_cases") == rows > 150
    again = command(here.settings, "land", *OF)
    assert "nothing new" in again.stderr


def test_a_return_is_refused_corrected_and_withdrawn(here: Warehouse, tmp_path: Path) -> None:
    waiting = here.settings.home / "inbox" / "marac_cases" / "cleveland.csv"
    waiting.parent.mkdir(parents=True, exist_ok=True)
    waiting.write_bytes(marac({"numerator": "=SUM(A1:A3)"}))
    done = command(here.settings, "land", *OF)
    assert done.returncode == 3
    for word in ("refused return", "cleveland", "row 1", "=SUM(A1:A3)", "nis returns show"):
        assert word in done.stderr
    assert releases(here, "cleveland") == []

    right = tmp_path / "right.csv"
    right.write_bytes(marac({}, {"period": "2009/10"}))
    for _ in range(2):  # the second copy changes nothing
        assert command(here.settings, "returns", "submit", str(right), *OF, "--sender", "cleveland").returncode == 0
    for name in ("land", "load", "check"):
        assert command(here.settings, name, *OF).returncode == 0
    assert releases(here, "cleveland") == [("accepted", 2)]

    by = ("--by", "J. Smith", "--reason", "the wrong year")
    assert command(here.settings, "returns", "withdraw", "marac_cases", "cleveland", *by).returncode == 0
    done = command(here.settings, "land", *OF)
    assert done.returncode == 3
    assert "J. Smith withdrew" in done.stderr
    assert releases(here, "cleveland") == [("withdrawn", 2)]
    told = json.loads(command(here.settings, "returns", "list", "--sender", "cleveland", "--format", "json").stdout)
    assert [(one["status"], one["withdrawn_by"]) for one in told] == [("withdrawn", "J. Smith"), ("refused", None)]
