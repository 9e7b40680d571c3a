"""Landing: what counts as new, what a withdrawal does, how bodies that fail are kept apart. No network."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ingest import land as landing_step
from ingest.bodies import Delivered, Known, Offer
from ingest.bodies.base import Progress
from ingest.bodies.http import Http
from ingest.contract import Dataset, Licence, Maturity, Supersedes
from ingest.errors import BadFile, BodyError, NotPublished, Withdrawn
from ingest.land import Report, land
from ingest.landing import LandingStore
from ingest.runs import recorded
from ingest.settings import Settings
from tests.ingest.warehouse import Warehouse, dataset

pytestmark = pytest.mark.warehouse


def tag(data: bytes) -> str:
    """The validator under which a body offers these bytes."""
    return f'"{hashlib.md5(data).hexdigest()}"'


@dataclass
class FakeBody:
    """A connector whose parts are what a test says: bytes, or the error it answers with."""

    parts: dict[str, bytes | Exception] = field(default_factory=dict)
    whole: Exception | None = None
    """Raised before anything is offered."""
    maturity: Maturity | None = None
    conditional: bool = False
    """Answers "not changed" where the validators it is given are those of its bytes."""
    known: dict[str, Known | None] = field(default_factory=dict)
    """What it was told that we hold already."""

    def offers(self, dataset: Dataset, http: Http) -> Iterator[Offer]:
        if self.whole:
            raise self.whole
        for part in self.parts:
            yield Offer(part, f"https://body.example/{part}.csv", dt.date(2009, 11, 5), self.maturity)

    def fetch(
        self,
        dataset: Dataset,
        offer: Offer,
        known: Known | None,
        http: Http,
        store: LandingStore,
        progress: Progress,
    ) -> Delivered | None:
        self.known[offer.part] = known
        answer = self.parts[offer.part]
        if isinstance(answer, Exception):
            raise answer
        if self.conditional and known and known.etag == tag(answer):
            return None
        with store.incoming() as incoming:
            incoming.write(answer)
            progress(len(answer), len(answer))
            new = incoming.commit()
            return Delivered(incoming.sha256, incoming.size, offer.url, {"etag": tag(answer)}, "text/csv", new)


Landing = Callable[..., Report]


@pytest.fixture
def bodies() -> dict[str, FakeBody]:
    return {}


@pytest.fixture
def bring(
    warehouse: Warehouse, bodies: dict[str, FakeBody], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Landing:
    """Land datasets from the fake bodies of the same id, in a run of its own."""
    settings: Settings = warehouse.settings.model_copy(update={"home": tmp_path})

    def bring(*datasets: Dataset) -> Report:
        by_source = {id(which.source): bodies[which.dataset_id] for which in datasets}
        monkeypatch.setattr(landing_step, "connector_for", lambda source: by_source[id(source)])
        with recorded(settings, "land") as run:
            return land(settings, datasets, run.run_id, lambda name, done, of: None)

    return bring


def fresh(name: str, **changes: object) -> Dataset:
    """A dataset with a source object of its own, by which its fake body is found."""
    return dataset(f"land_{name}", **changes)


def releases(warehouse: Warehouse, which: Dataset) -> list[tuple[str, str, str]]:
    """Part, first bytes of sha256, and status, newest last."""
    return [
        (part, sha256, status)
        for part, sha256, status in warehouse.query(
            "select part, sha256, status from ops.release where dataset_id = %s order by part, offered_at, release_id",
            (which.dataset_id,),
        )
    ]


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def accept(warehouse: Warehouse, which: Dataset) -> None:
    """Do as loader and gate 1 do with what is landed or loaded."""
    warehouse.query(
        "update ops.release set status = 'accepted', row_count = 3, loaded_at = now() "
        "where dataset_id = %s and status in ('landed', 'loaded')",
        (which.dataset_id,),
    )


def in_use(warehouse: Warehouse, which: Dataset) -> list[str]:
    return [
        sha256
        for (sha256,) in warehouse.query(
            "select r.sha256 from ops.release_in_use inner join ops.release as r using (release_id) "
            "where r.dataset_id = %s order by r.release_id",
            (which.dataset_id,),
        )
    ]


def test_release_tells_where_it_came_from(warehouse: Warehouse, bodies: dict[str, FakeBody], bring: Landing) -> None:
    which = fresh("record", licence=Licence.OGL_2, supersedes=Supersedes.CELL)
    bodies["land_record"] = FakeBody({"all": b"a,b,c\n"}, maturity=Maturity.PROVISIONAL)
    report = bring(which)
    assert (report.offered, report.landed, report.unchanged) == (1, 1, 0)
    (row,) = warehouse.query(
        "select url, size_bytes, headers ->> 'etag', publisher, licence, published_on, maturity, "
        "origin, supersedes, status, run_id is not null, retrieved_at <= now() from ops.release "
        "where dataset_id = 'land_record'"
    )
    assert row == (
        "https://body.example/all.csv", 6, tag(b"a,b,c\n"), "Home Office",
        "OGL-UK-2.0", dt.date(2009, 11, 5), "provisional", "made", "cell", "landed", True, True,
    )  # fmt: skip


def test_same_bytes_land_nothing(warehouse: Warehouse, bodies: dict[str, FakeBody], bring: Landing) -> None:
    which = fresh("same")
    bodies["land_same"] = FakeBody({"all": b"one"})
    bring(which)
    accept(warehouse, which)
    before = warehouse.query("select status, offered_at from ops.release where dataset_id = 'land_same'")
    report = bring(which)
    assert (report.landed, report.unchanged) == (0, 1)
    assert warehouse.query("select status, offered_at from ops.release where dataset_id = 'land_same'") == before


def test_answer_that_nothing_changed_lands_nothing(
    warehouse: Warehouse, bodies: dict[str, FakeBody], bring: Landing
) -> None:
    which = fresh("not_modified")
    body = bodies["land_not_modified"] = FakeBody({"all": b"one"}, conditional=True)
    bring(which)
    assert body.known == {"all": None}
    report = bring(which)
    assert (report.landed, report.unchanged) == (0, 1)
    assert body.known["all"] == Known(etag=tag(b"one"), url="https://body.example/all.csv", sha256=sha(b"one"))
    assert len(releases(warehouse, which)) == 1


def test_new_bytes_of_a_part_take_over_when_they_are_accepted(
    warehouse: Warehouse, bodies: dict[str, FakeBody], bring: Landing
) -> None:
    which = fresh("newer")
    bodies["land_newer"] = FakeBody({"all": b"one"})
    bring(which)
    accept(warehouse, which)
    bodies["land_newer"].parts["all"] = b"two"
    assert bring(which).landed == 1
    assert in_use(warehouse, which) == [sha(b"one")]
    accept(warehouse, which)
    assert in_use(warehouse, which) == [sha(b"two")]


def test_body_that_goes_back_to_older_bytes_makes_them_the_newest(
    warehouse: Warehouse, bodies: dict[str, FakeBody], bring: Landing
) -> None:
    which = fresh("back")
    for data in (b"one", b"two"):
        bodies["land_back"] = FakeBody({"all": data})
        bring(which)
        accept(warehouse, which)
    bodies["land_back"].parts["all"] = b"one"
    report = bring(which)
    assert (report.landed, report.unchanged) == (1, 0)
    # No download is kept twice, and rows that gate 1 accepted need not pass again.
    assert releases(warehouse, which) == [("all", sha(b"two"), "accepted"), ("all", sha(b"one"), "accepted")]
    assert in_use(warehouse, which) == [sha(b"one")]


def test_withdrawn_part_is_out_of_use_and_its_older_releases_stay_out(
    warehouse: Warehouse, bodies: dict[str, FakeBody], bring: Landing
) -> None:
    which = fresh("withdrawn")
    for data in (b"one", b"two"):
        bodies["land_withdrawn"] = FakeBody({"all": data})
        bring(which)
        accept(warehouse, which)
    bodies["land_withdrawn"].whole = Withdrawn("land_withdrawn: the page was withdrawn: figures are wrong")
    report = bring(which)
    assert report.withdrawn == ["land_withdrawn: the page was withdrawn: figures are wrong"]
    assert report.failed == []
    assert releases(warehouse, which) == [("all", sha(b"one"), "accepted"), ("all", sha(b"two"), "withdrawn")]
    assert in_use(warehouse, which) == []
    reason = warehouse.one(
        "select status_reason from ops.release where dataset_id = 'land_withdrawn' and status = 'withdrawn'"
    )
    assert "figures are wrong" in reason
    # The same notice the next day is no news.
    assert bring(which).withdrawn == []


def test_withdrawn_window_of_a_series_leaves_the_older_windows(
    warehouse: Warehouse, bodies: dict[str, FakeBody], bring: Landing
) -> None:
    which = fresh("window", supersedes=Supersedes.CELL)
    for data in (b"2008 to 2010", b"2009 to 2011"):
        bodies["land_window"] = FakeBody({"all": data})
        bring(which)
        accept(warehouse, which)
    assert in_use(warehouse, which) == [sha(b"2008 to 2010"), sha(b"2009 to 2011")]
    bodies["land_window"].whole = Withdrawn("withdrawn")
    bring(which)
    assert in_use(warehouse, which) == [sha(b"2008 to 2010")]


def test_lifted_withdrawal_goes_through_gate_1_again(
    warehouse: Warehouse, bodies: dict[str, FakeBody], bring: Landing
) -> None:
    which = fresh("lifted")
    body = bodies["land_lifted"] = FakeBody({"all": b"one"}, conditional=True)
    bring(which)
    accept(warehouse, which)
    body.whole = Withdrawn("withdrawn")
    bring(which)
    body.whole = None
    report = bring(which)
    # It was asked for without validators, or "not changed" would have been the answer.
    assert body.known == {"all": None}
    assert report.landed == 1
    assert releases(warehouse, which) == [("all", sha(b"one"), "loaded")]
    assert warehouse.query("select status_reason from ops.release where dataset_id = 'land_lifted'") == [(None,)]
    assert in_use(warehouse, which) == []


def test_lifted_withdrawal_of_what_was_never_loaded_is_loaded_first(
    warehouse: Warehouse, bodies: dict[str, FakeBody], bring: Landing
) -> None:
    which = fresh("early")
    bodies["land_early"] = FakeBody({"all": b"one"})
    bring(which)
    bodies["land_early"].whole = Withdrawn("withdrawn")
    bring(which)
    bodies["land_early"].whole = None
    bring(which)
    assert releases(warehouse, which) == [("all", sha(b"one"), "landed")]


def test_one_withdrawn_part_leaves_the_others_alone(
    warehouse: Warehouse, bodies: dict[str, FakeBody], bring: Landing
) -> None:
    which = fresh("one_part")
    body = bodies["land_one_part"] = FakeBody({"2008": b"old", "2009": b"gone soon", "2010": b"x"})
    bring(which)
    accept(warehouse, which)
    body.parts = {"2008": b"old", "2009": Withdrawn("2009 answered 410"), "2010": b"new"}
    report = bring(which)
    assert (report.offered, report.landed, report.unchanged) == (3, 1, 1)
    assert report.withdrawn == ["2009 answered 410"]
    accept(warehouse, which)
    assert in_use(warehouse, which) == [sha(b"old"), sha(b"new")]


def test_part_that_is_not_published_yet_is_no_failure(
    warehouse: Warehouse, bodies: dict[str, FakeBody], bring: Landing
) -> None:
    which = fresh("not_yet")
    bodies["land_not_yet"] = FakeBody({"2008": NotPublished("2008 answered 404"), "2009": b"there"})
    report = bring(which)
    assert report.not_published == ["2008 answered 404"]
    assert (report.landed, report.failed) == (1, [])
    bodies["land_not_yet"] = FakeBody(whole=NotPublished("no such page"))
    assert bring(which).not_published == ["no such page"]
    assert [status for _, _, status in releases(warehouse, which)] == ["landed"]


@pytest.mark.parametrize(
    "failure",
    [BodyError("no answer in time", hint="try later"), BadFile("larger than it may be", hint="raise it")],
)
def test_body_that_fails_does_not_stop_the_others(
    warehouse: Warehouse, bodies: dict[str, FakeBody], bring: Landing, failure: Exception
) -> None:
    kind = type(failure).__name__.lower()
    good, bad, also = fresh(f"{kind}_good"), fresh(f"{kind}_bad"), fresh(f"{kind}_also")
    bodies[good.dataset_id] = FakeBody({"all": b"one"})
    bodies[bad.dataset_id] = FakeBody({"first": b"two", "second": failure})
    bodies[also.dataset_id] = FakeBody({"all": b"three"})
    report = bring(bad, good, also)
    assert report.failed == [str(failure)]
    assert "way out" in report.failed[0]
    assert report.landed == 3
    # What a body sent before it failed is kept.
    assert [part for part, _, _ in releases(warehouse, bad)] == ["first"]


def test_what_was_large_before_is_asked_for_first(
    warehouse: Warehouse, bodies: dict[str, FakeBody], bring: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(landing_step, "WORKERS", 1)
    asked: list[str] = []

    class Told(FakeBody):
        def offers(self, dataset: Dataset, http: Http) -> Iterator[Offer]:
            asked.append(dataset.dataset_id)
            return super().offers(dataset, http)

    small, large, new = fresh("order_small"), fresh("order_large"), fresh("order_new")
    for which, content in ((small, b"1"), (large, b"12345"), (new, b"123456789")):
        bodies[which.dataset_id] = Told({"all": content})
    bring(small, large)
    bring(new, small, large)
    first, second = [small, large], [large, small, new]
    assert asked == [which.dataset_id for which in (*first, *second)]


def test_bytes_of_a_release_lie_in_the_landing_store(
    warehouse: Warehouse, bodies: dict[str, FakeBody], bring: Landing, tmp_path: Path
) -> None:
    which = fresh("kept")
    bodies["land_kept"] = FakeBody({"all": b"to be kept"})
    bring(which)
    store = LandingStore(str(tmp_path / "landing"))
    with store.open(sha(b"to be kept")) as file:
        assert file.read() == b"to be kept"
    assert len(releases(warehouse, which)) == 1


def test_watcher_is_told_part_and_bytes(
    warehouse: Warehouse, bodies: dict[str, FakeBody], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    which = fresh("watched")
    monkeypatch.setattr(landing_step, "connector_for", lambda source: FakeBody({"2008": b"12345"}))
    told: list[tuple[str, int, int | None]] = []
    settings = warehouse.settings.model_copy(update={"home": tmp_path})
    with recorded(settings, "land") as run:
        land(settings, [which], run.run_id, lambda *seen: told.append(seen))
    assert told == [("land_watched/2008", 5, 5)]
