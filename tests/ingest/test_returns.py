"""Returns from the inbox to the landing store: what is recorded, what is offered, correction and withdrawal."""

from __future__ import annotations

import hashlib
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from upath import UPath

from ingest import database, pipeline, processes
from ingest.errors import BadFile, ExitCode, NisError, UsageError
from ingest.landing import LandingStore
from ingest.load import load_release, waiting
from ingest.registry import datasets
from ingest.returns.inbox import Inbox, take_in
from ingest.returns.made import send_made
from ingest.returns.record import NoSuchReturn, Receipt, receive, withdraw
from ingest.runs import Run, recorded
from ingest.settings import Settings
from tests.ingest.returns import marac
from tests.ingest.warehouse import Warehouse

pytestmark = pytest.mark.warehouse

DATASET = "marac_cases"
WRONG = marac({"numerator": "85"})


@pytest.fixture
def here(warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    """The warehouse with a home of its own and nobody's returns in it; the sandbox sends none."""
    warehouse.query("delete from ops.return")
    warehouse.query("delete from ops.release")
    monkeypatch.setattr(processes, "make_returns", lambda settings, folder: folder.mkdir(parents=True))
    return Warehouse(warehouse.settings.model_copy(update={"home": tmp_path}))


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """What the sandbox makes: `<dataset>/<sender>.csv` to bytes."""
    made: dict[str, bytes] = {}

    def make(settings: Settings, folder: Path) -> None:
        for name, data in made.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)

    monkeypatch.setattr(processes, "make_returns", make)
    return made


def drop(where: Warehouse, data: bytes, sender: str = "a-council", dataset: str = DATASET) -> Path:
    path = where.settings.home / "inbox" / dataset / f"{sender}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def land(where: Warehouse, *names: str) -> Run:
    """The landing stage in a run of its own."""
    which = [datasets()[name] for name in names or (DATASET,)]
    with recorded(where.settings, "land") as run:
        pipeline.land_stage(where.settings, run, which, lambda name, done, of: None)
    return run


def send(where: Warehouse, data: bytes, sender: str = "a-council") -> Receipt:
    return receive(where.settings, DATASET, sender, data, "cli")


def returns(where: Warehouse) -> list[tuple[str, str, str, str]]:
    """Sender, status, channel and first digits of the bytes' sha256, in the order of arrival."""
    return where.query("select sender, status, received_by, left(sha256, 8) from ops.return order by return_id")


def releases(where: Warehouse) -> list[tuple[str, str, str]]:
    return where.query("select part, status, left(sha256, 8) from ops.release order by offered_at, release_id")


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:8]


def test_a_dropped_return_is_recorded_landed_and_receipted(here: Warehouse) -> None:
    data = marac()
    path = drop(here, data)
    run = land(here)
    assert run.exit_code is ExitCode.DONE, run.problems
    assert (run.counts["returns_accepted"], run.counts["landed"]) == (1, 1)
    assert returns(here) == [("a-council", "accepted", "inbox", sha(data))]
    assert releases(here) == [("a-council", "landed", sha(data))]
    url, headers = here.query("select url, headers from ops.release")[0]
    assert url == "inbox:marac_cases/a-council.csv"
    assert headers["return-id"] == str(here.one("select return_id from ops.return"))
    assert not path.exists()
    receipt = json.loads(path.with_suffix(".receipt.json").read_text())
    assert (receipt["status"], receipt["rows"], receipt["sha256"]) == ("accepted", 1, hashlib.sha256(data).hexdigest())
    again = land(here)
    assert (again.counts["unchanged"], again.counts["landed"]) == (1, 0)


def test_a_refused_return_is_told_once_and_kept_and_stops_no_other(here: Warehouse) -> None:
    drop(here, WRONG, "a-council")
    drop(here, marac(), "b-council")
    run = land(here)
    assert run.exit_code is ExitCode.HELD
    (told,) = run.problems
    for word in ("marac_cases from a-council", "row 1", "'numerator'", "'85'", "84", "way out"):
        assert word in told
    assert [row[:3] for row in returns(here)] == [("a-council", "refused", "inbox"), ("b-council", "accepted", "inbox")]
    assert releases(here) == [("b-council", "landed", sha(marac()))]
    store = LandingStore(here.settings.landing_url)
    with store.open(hashlib.sha256(WRONG).hexdigest()) as kept:
        assert kept.read() == WRONG
    receipt = json.loads((here.settings.home / "inbox" / DATASET / "a-council.receipt.json").read_text())
    assert receipt["faults"][0]["rule"] == "numerator_above_denominator"
    drop(here, WRONG, "a-council")
    assert (land(here).exit_code, len(returns(here))) == (ExitCode.DONE, 2)


def test_a_second_copy_gets_the_first_receipt(here: Warehouse) -> None:
    first = send(here, marac())
    second = receive(here.settings, DATASET, "a-council", marac(), "http")
    assert (first.already, second.already) == (False, True)
    assert (second.return_id, second.received_by) == (first.return_id, "cli")
    assert send(here, WRONG).already is False
    assert send(here, WRONG).already is True
    assert send(here, marac(), "b-council").already is False
    assert len(returns(here)) == 3


def test_copies_that_arrive_at_once_are_recorded_once(here: Warehouse) -> None:
    with ThreadPoolExecutor(8) as pool:
        receipts = list(pool.map(lambda _: send(here, marac()), range(16)))
    assert len({receipt.return_id for receipt in receipts}) == 1
    assert sum(not receipt.already for receipt in receipts) == 1


def test_of_different_returns_that_arrive_at_once_one_is_in_use(here: Warehouse) -> None:
    sent = [marac({"numerator": str(number)}) for number in range(12)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda data: send(here, data), sent))
    statuses = sorted(row[1] for row in returns(here))
    assert statuses == ["accepted"] + ["superseded"] * 11


def test_a_correction_takes_the_place_of_the_first_return(here: Warehouse) -> None:
    wrong, right = marac({"numerator": "12"}), marac()
    send(here, wrong)
    land(here)
    send(here, right)
    run = land(here)
    assert (run.exit_code, run.counts["landed"]) == (ExitCode.DONE, 1)
    assert [row[1] for row in returns(here)] == ["superseded", "accepted"]
    assert [row[2] for row in releases(here)] == [sha(wrong), sha(right)]
    send(here, wrong)  # the sender finds that the first was right after all
    land(here)
    assert [row[2] for row in releases(here)] == [sha(right), sha(wrong)]


def test_a_refused_correction_leaves_the_last_good_return_in_use(here: Warehouse) -> None:
    send(here, marac())
    send(here, WRONG)
    assert [row[1] for row in returns(here)] == ["accepted", "refused"]
    land(here)
    assert releases(here) == [("a-council", "landed", sha(marac()))]


def test_a_withdrawn_return_withdraws_its_release_until_it_is_sent_again(here: Warehouse) -> None:
    send(here, marac())
    send(here, marac(), "b-council")
    land(here)
    here.query("update ops.release set status = 'accepted'")
    receipt = withdraw(here.settings, DATASET, "a-council", " J. Smith ", "the wrong year")
    assert (receipt.status, receipt.withdrawn_by, receipt.withdrawn_reason) == (
        "withdrawn",
        "J. Smith",
        "the wrong year",
    )
    run = land(here)
    assert run.exit_code is ExitCode.HELD
    assert "J. Smith withdrew" in run.problems[0]
    assert "the wrong year" in here.one("select status_reason from ops.release where part = 'a-council'")
    assert here.in_use(datasets()[DATASET]) == [("b-council", here.one("select max(release_id) from ops.release"))]
    assert land(here).exit_code is ExitCode.DONE
    send(here, marac())
    assert land(here).exit_code is ExitCode.DONE
    assert [row[1] for row in returns(here)] == ["withdrawn", "accepted", "accepted"]
    assert here.one("select status from ops.release where part = 'a-council'") in {"landed", "loaded"}


def test_only_what_is_in_use_can_be_withdrawn_by_somebody_for_a_reason(here: Warehouse) -> None:
    with pytest.raises(NoSuchReturn, match="nothing that a-council sent"):
        withdraw(here.settings, DATASET, "a-council", "J. Smith", "wrong")
    send(here, marac())
    for by, reason in (("", "wrong"), ("J. Smith", " ")):
        with pytest.raises(UsageError, match="by somebody and for a reason"):
            withdraw(here.settings, DATASET, "a-council", by, reason)
    withdraw(here.settings, DATASET, "a-council", "J. Smith", "wrong")
    with pytest.raises(NoSuchReturn):
        withdraw(here.settings, DATASET, "a-council", "J. Smith", "wrong")


def test_an_empty_return_is_recorded_too(here: Warehouse) -> None:
    receipt = send(here, b"")
    assert (receipt.status, receipt.size_bytes, receipt.faults[0]["rule"]) == ("refused", 0, "empty_file")


def test_a_return_over_the_limit_is_left_where_it_is(here: Warehouse) -> None:
    small = Warehouse(here.settings.model_copy(update={"returns_max_bytes": 100}))
    path = drop(small, marac())
    run = land(small)
    assert run.exit_code is ExitCode.HELD
    assert "at most 100 are taken" in run.problems[0]
    assert path.exists()
    with pytest.raises(BadFile, match="at most 100"):
        send(small, marac())
    assert returns(small) == []


def test_names_that_are_no_senders_are_told_and_hidden_files_passed_over(here: Warehouse) -> None:
    named = drop(here, marac(), "A Council")
    hidden = drop(here, marac(), ".a-council")
    drop(here, marac(), "a-council", dataset="no_such_dataset")
    run = land(here)
    assert ["names no sender" in told for told in run.problems] == [True]
    assert named.exists()
    assert hidden.exists()
    assert Inbox(here.settings.inbox_url).strays() == ["no_such_dataset"]
    assert returns(here) == []


def test_an_inbox_may_be_a_bucket(here: Warehouse) -> None:
    """Any file system that fsspec speaks; this one is in memory."""
    settings = here.settings.model_copy(update={"returns": f"memory://{here.settings.home.name}"})
    folder = UPath(settings.inbox_url) / DATASET
    Inbox(settings.inbox_url).put(DATASET, "a-council.csv", marac())
    assert take_in(settings, [datasets()[DATASET]]).accepted == 1
    assert [path.name for path in folder.iterdir()] == ["a-council.receipt.json"]


def test_a_file_that_grows_while_it_is_read_waits_for_the_next_time(
    here: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = drop(here, marac())
    read = UPath.read_bytes

    def slowly(self: UPath) -> bytes:
        data: bytes = read(self)
        with path.open("ab") as file:
            file.write(b"more")
        return data

    monkeypatch.setattr(type(UPath(path)), "read_bytes", slowly, raising=False)
    assert take_in(here.settings, [datasets()[DATASET]]).accepted == 0
    assert path.exists()
    assert returns(here) == []


def test_a_run_killed_between_record_and_removal_takes_nothing_twice(
    here: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(here, marac())

    def killed(self: Inbox, dataset_id: str, name: str, data: bytes) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Inbox, "put", killed)
        with pytest.raises(KeyboardInterrupt):
            take_in(here.settings, [datasets()[DATASET]])
    taken = take_in(here.settings, [datasets()[DATASET]])
    assert (taken.accepted, taken.already) == (0, 1)
    assert len(returns(here)) == 1
    assert not (here.settings.home / "inbox" / DATASET / "a-council.csv").exists()


@pytest.mark.parametrize(
    "data",
    [
        marac(),
        b"\xef\xbb\xbf" + marac({}, {"period": "2009/10"}).replace(b"\n", b"\r\n"),
        marac({"submitted_by": 'A "quoted" clerk,\nof Cleveland'}, {"period": "2009/10", "numerator": "*"}),
        marac().rstrip(b"\n"),
    ],
)
def test_what_the_validator_takes_the_loader_takes(here: Warehouse, data: bytes) -> None:
    rows = send(here, data).row_count
    land(here)
    with database.connect(here.settings, "nis_loader") as connection:
        (release,) = waiting(connection, [datasets()[DATASET]])
        with LandingStore(here.settings.landing_url).open(release.sha256) as file:
            assert load_release(connection, release, file) == rows


def test_the_table_holds_what_it_promises(here: Warehouse) -> None:
    send(here, marac())
    for statement in (
        "update ops.return set sender = '../etc'",
        "update ops.return set status = 'withdrawn'",
        "update ops.return set status = 'refused'",
        "insert into ops.return (dataset_id, sender, received_by, sha256, size_bytes, row_count, status) "
        "select dataset_id, sender, received_by, sha256, size_bytes, row_count, status from ops.return",
    ):
        with pytest.raises(psycopg.errors.IntegrityError):
            here.query(statement)
    for role in ("reader", "inspector"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            here.query("select * from ops.return", role=role)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        here.query("delete from ops.return", role="nis_transformer")


# --- made returns ---------------------------------------------------------------------------------------------------

Sandbox = dict[str, bytes]


def test_the_sandbox_sends_each_return_once(here: Warehouse, sandbox: Sandbox) -> None:
    sandbox[f"{DATASET}/a-council.csv"] = marac()
    sandbox[f"{DATASET}/b-council.csv"] = marac({"area_code": "00EC"})
    assert land(here).counts["returns_accepted"] == 2
    assert send_made(here.settings) == 0
    send(here, marac({"numerator": "1"}))  # a correction by hand is not undone
    withdraw(here.settings, DATASET, "b-council", "J. Smith", "wrong")
    land(here)
    assert [row[:2] for row in returns(here)] == [
        ("a-council", "superseded"), ("b-council", "withdrawn"), ("a-council", "accepted"),
    ]  # fmt: skip


def test_what_the_sandbox_changes_is_sent_again(
    here: Warehouse, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox[f"{DATASET}/a-council.csv"] = marac()
    sandbox[f"{DATASET}/b-council.csv"] = marac()
    land(here)
    sandbox[f"{DATASET}/b-council.csv"] = marac({"numerator": "1"})
    monkeypatch.setattr("ingest.returns.made._stamp", lambda: "its code was changed")
    assert send_made(here.settings) == 1
    assert [path.name for path in (here.settings.home / "inbox" / DATASET).glob("*.csv")] == ["b-council.csv"]


def test_a_new_warehouse_in_an_old_home_gets_the_returns_anew(here: Warehouse, sandbox: Sandbox) -> None:
    sandbox[f"{DATASET}/a-council.csv"] = marac()
    land(here)
    here.query("delete from ops.return")
    assert send_made(here.settings) == 1


def test_real_and_sample_warehouses_get_no_made_returns(
    here: Warehouse, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox[f"{DATASET}/a-council.csv"] = marac()
    live = here.settings.model_copy(update={"source": "live"})
    with recorded(here.settings, "land") as run:
        pipeline.land_stage(live, run, [datasets()[DATASET]], lambda name, done, of: None)
    assert run.counts["offered"] == 0
    assert not (live.home / "inbox").exists()


def test_a_sandbox_that_fails_is_told_and_stops_nothing(here: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(settings: Settings, folder: Path) -> None:
        raise NisError("the sandbox could not make its returns")

    monkeypatch.setattr(processes, "make_returns", fail)
    drop(here, marac())
    run = land(here)
    assert (run.exit_code, run.counts["returns_accepted"]) == (ExitCode.FAILED, 1)
    assert run.problems == ["failed: the sandbox could not make its returns"]


def test_the_sandbox_is_asked_in_a_process_of_its_own(
    here: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(NisError, match="could not make its returns"):
        processes.make_returns(here.settings, tmp_path / "made")
