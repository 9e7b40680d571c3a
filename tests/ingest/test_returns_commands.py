"""`nis returns`: exit codes, what goes to standard output, and the server as a process of its own."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from ingest import processes
from ingest.errors import BadFile, UsageError
from ingest.returns.record import NoSuchReturn
from ingest.settings import ROOT
from tests.ingest.command_line import nis, refused, right, use
from tests.ingest.returns import marac, neet
from tests.ingest.warehouse import Warehouse

pytestmark = pytest.mark.warehouse

OF = ("--dataset", "marac_cases")
FROM = (*OF, "--sender", "a-council")


@pytest.fixture
def here(warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Warehouse]:
    warehouse.query("delete from ops.return")
    fresh = Warehouse(warehouse.settings.model_copy(update={"home": tmp_path / "home"}))
    use(fresh.settings, monkeypatch)
    yield fresh
    # The commands sent the log to a standard error that the test runner has closed since.
    structlog.reset_defaults()


@pytest.fixture
def sound(tmp_path: Path) -> str:
    path = tmp_path / "sound.csv"
    path.write_bytes(marac())
    return str(path)


@pytest.fixture
def faulty(tmp_path: Path) -> str:
    path = tmp_path / "faulty.csv"
    path.write_bytes(marac({"numerator": "85"}, {"period": "2003/04"}))
    return str(path)


def test_check_stores_nothing(here: Warehouse, sound: str, faulty: str) -> None:
    assert "sound: 1 rows" in right("returns", "check", sound, *OF).stderr
    result = nis("returns", "check", faulty, *OF, "--format", "json")
    assert result.exit_code == 1
    assert [(fault["row"], fault["column"], fault["rule"]) for fault in json.loads(result.stdout)] == [
        (1, "numerator", "numerator_above_denominator"),
        (2, "period", "period_outside"),
    ]
    assert here.one("select count(*) from ops.return") == 0
    assert not here.settings.home.exists()


def test_submit_takes_or_refuses_and_says_so(here: Warehouse, sound: str, faulty: str) -> None:
    assert "accepted: return" in right("returns", "submit", sound, *FROM).stderr
    assert "nothing new" in right("returns", "submit", sound, *FROM).stderr
    result = nis("returns", "submit", faulty, *FROM)
    assert result.exit_code == 1
    assert "refused as a whole" in result.stderr
    for word in ("numerator_above_denominator", "period_outside", "2003/04", "2004/05 to 2010/11"):
        assert word in " ".join(result.stdout.split())
    receipt = json.loads(right("returns", "submit", sound, *FROM, "--format", "json").stdout)
    assert (receipt["status"], receipt["already_received"], receipt["received_by"]) == ("accepted", True, "cli")


def test_list_and_show_tell_who_sent_what_when(here: Warehouse, sound: str, faulty: str) -> None:
    right("returns", "submit", sound, *FROM)
    nis("returns", "submit", faulty, *FROM)
    rows = json.loads(right("returns", "list", "--format", "json").stdout)
    assert [(row["sender"], row["status"], row["rows"], row["faults"]) for row in rows] == [
        ("a-council", "refused", 2, 2),
        ("a-council", "accepted", 1, 0),
    ]
    assert json.loads(right("returns", "list", "--status", "accepted", "--format", "json").stdout) == rows[1:]
    assert "(no rows)" in right("returns", "list", "--sender", "b-council").stdout
    number = str(rows[0]["return_id"])
    told = json.loads(right("returns", "show", number, "--format", "json").stdout)
    assert (told["fault_count"], told["faults"][0]["value"]) == (2, "85")
    assert "period_outside" in right("returns", "show", number).stdout


def test_withdraw_says_by_whom_and_why(here: Warehouse, sound: str) -> None:
    by = ("--by", "J. Smith", "--reason", "the wrong year")
    assert isinstance(refused("returns", "withdraw", "marac_cases", "a-council", *by), NoSuchReturn)
    right("returns", "submit", sound, *FROM)
    assert "withdrawn: return" in right("returns", "withdraw", "marac_cases", "a-council", *by).stderr
    (row,) = json.loads(right("returns", "list", "--format", "json").stdout)
    assert (row["status"], row["withdrawn_by"], row["withdrawn_reason"]) == ("withdrawn", "J. Smith", "the wrong year")


def test_wrong_usage_is_refused_before_anything_is_stored(
    here: Warehouse, sound: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "nobody sends us" in refused("returns", "submit", sound, "--dataset", "defra_waste", "--sender", "a").message
    assert "sender" in refused("returns", "submit", sound, *OF, "--sender", "A Council").message
    assert "there is no return" in refused("returns", "show", "999999").message
    assert nis("returns", "submit", "no-such-file.csv", *FROM).exit_code == 2
    assert nis("returns", "withdraw", "marac_cases", "a-council").exit_code == 2
    use(here.settings.model_copy(update={"returns_max_bytes": 10}), monkeypatch)
    assert isinstance(refused("returns", "submit", sound, *FROM), BadFile)
    assert here.one("select count(*) from ops.return") == 0


def test_serve_needs_tokens_and_is_open_for_made_data_only(here: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "no sender has a token" in refused("returns", "serve", "--port", "0").message
    use(here.settings.model_copy(update={"source": "live"}), monkeypatch)
    error = refused("returns", "serve", "--port", "0", "--open")
    assert isinstance(error, UsageError)
    assert "made data only" in error.message


def test_the_server_is_a_process_that_ends_when_it_is_told(here: Warehouse) -> None:
    token = "0123456789abcdef"
    more = {"NIS_RETURNS_TOKENS": json.dumps({"a-council": token})}
    with subprocess.Popen(
        [sys.executable, "-m", "ingest", "returns", "serve", "--port", "0"],
        env=processes.environment(here.settings) | more,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as server:
        assert server.stdout is not None
        url = json.loads(server.stdout.readline())["url"]
        head = {"Authorization": f"Bearer {token}"}
        request = urllib.request.Request(f"{url}/returns/marac_cases/a-council", marac(), head, method="PUT")
        with urllib.request.urlopen(request, timeout=20) as answer:
            assert (answer.status, json.load(answer)["status"]) == (201, "accepted")
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(f"{url}/returns", timeout=20)
        server.send_signal(signal.SIGTERM)
        _, told = server.communicate(timeout=20)
        assert server.returncode == 0, told
        assert token not in told
    assert here.query("select sender, received_by from ops.return") == [("a-council", "http")]


def test_warnings_are_shown_and_recorded_and_do_not_refuse(here: Warehouse, tmp_path: Path) -> None:
    path = tmp_path / "targets.csv"
    path.write_bytes(neet({"ni_code": "NI 005", "baseline_value": "50.0", "target_value": "52.0"}))
    of = ("--dataset", "laa_targets")
    checked = right("returns", "check", str(path), *of)
    assert "sound: 1 rows" in checked.stderr
    assert "undetectable_change" in checked.stdout
    sent = right("returns", "submit", str(path), *of, "--sender", "a-council")
    assert "accepted: return" in sent.stderr
    assert "undetectable_change" in sent.stdout
    receipt = json.loads(right("returns", "submit", str(path), *of, "--sender", "a-council", "--format", "json").stdout)
    assert (receipt["status"], receipt["warning_count"]) == ("accepted", 1)
    assert receipt["warnings"][0]["rule"] == "undetectable_change"
    assert "undetectable_change" in right("returns", "show", str(receipt["id"])).stdout
    assert here.query("select warning_count, warnings -> 0 ->> 'column', fault_count from ops.return") == [
        (1, "target_value", 0)
    ]
