"""Land: ask the bodies what they offer, bring what is new into the landing store, record it as a release."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from ingest import database
from ingest.bodies import Delivered, Known, Offer, connector_for
from ingest.contract import Dataset
from ingest.errors import BodyError, NisError, NotPublished, Withdrawn
from ingest.landing import LandingStore
from ingest.logs import logger
from ingest.settings import Settings

if TYPE_CHECKING:
    from psycopg import Connection

    from ingest.bodies.http import Http

_log = logger("land")
WORKERS = 4
GONE = "see the body's page: it may have moved the file; what we hold stays in use"
Watch = Callable[[str, int, int | None], None]
"""Called with `dataset/part`, the bytes so far and, where known, the bytes to come in all."""


@dataclass
class Report:
    """What landing did."""

    offered: int = 0
    landed: int = 0
    unchanged: int = 0
    withdrawn: list[str] = field(default_factory=list)
    not_published: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def include(self, other: Report) -> None:
        """Add another report to this one."""
        self.offered += other.offered
        self.landed += other.landed
        self.unchanged += other.unchanged
        self.withdrawn += other.withdrawn
        self.not_published += other.not_published
        self.failed += other.failed


def land(
    settings: Settings,
    datasets: Sequence[Dataset],
    run_id: int,
    watch: Watch,
    landed: Callable[[], object] = lambda: None,
) -> Report:
    """Land what is new of some datasets, several bodies at once.

    A body that fails is reported and does not stop the others. The same bytes, or an answer that nothing
    changed, land nothing. What was large before is asked for first: an interface that is paced and read page by
    page takes its time however fast the rest is done. `landed` is called from this thread when a dataset has something
    new.
    """
    from ingest.bodies.http import Http

    store = LandingStore(settings.landing_url)
    store.sweep()
    total = Report()
    with Http(settings) as http, ThreadPoolExecutor(WORKERS) as pool:
        begun = {
            dataset.dataset_id: pool.submit(_land_one, settings, dataset, run_id, http, store, watch)
            for dataset in _largest_first(settings, datasets)
        }
        for done in as_completed(begun.values()):
            if done.result().landed:
                landed()
        for dataset in datasets:
            total.include(begun[dataset.dataset_id].result())
    return total


def _largest_first(settings: Settings, datasets: Sequence[Dataset]) -> list[Dataset]:
    """The datasets by the bytes that their parts had at most, the largest first; new ones last, in their order."""
    with database.connect(settings, "nis_loader") as connection:
        rows = connection.execute("select dataset_id, max(size_bytes) from ops.release group by dataset_id").fetchall()
    sizes: dict[str, int] = dict(rows)
    return sorted(datasets, key=lambda dataset: -sizes.get(dataset.dataset_id, 0))


def _land_one(
    settings: Settings, dataset: Dataset, run_id: int, http: Http, store: LandingStore, watch: Watch
) -> Report:
    report = Report()
    connector = connector_for(dataset.source)
    try:
        for offer in connector.offers(dataset, http):
            report.offered += 1
            name = f"{dataset.dataset_id}/{offer.part}"
            known: Known | None = None
            try:
                with database.connect(settings, "nis_loader") as connection:
                    known = _known(connection, dataset, offer)
                delivered = connector.fetch(dataset, offer, known, http, store, partial(watch, name))
                if delivered is None:
                    report.unchanged += 1
                    continue
                with database.connect(settings, "nis_loader") as connection:
                    new = _record(connection, settings, dataset, offer, delivered, run_id)
                report.landed += new
                report.unchanged += not new
                _log.info(
                    "landed" if new else "unchanged", dataset=dataset.dataset_id, part=offer.part, size=delivered.size
                )
            except Withdrawn as error:
                _note_withdrawal(settings, dataset, error, report, offer.part)
            except NotPublished as error:
                if known is not None:
                    # What a body gave before and gives no longer is no matter of patience.
                    raise BodyError(f"{error.message}; it was there before", hint=GONE) from error
                report.not_published.append(str(error.message))
                _log.info("not published", dataset=dataset.dataset_id, part=offer.part, told=error.message)
    except Withdrawn as error:
        _note_withdrawal(settings, dataset, error, report)
    except NotPublished as error:
        report.not_published.append(error.message)
        _log.info("not published", dataset=dataset.dataset_id, told=error.message)
    except NisError as error:
        report.failed.append(str(error))
        _log.error("body failed", dataset=dataset.dataset_id, error=error.message, way_out=error.hint)
    return report


def _known(connection: Connection, dataset: Dataset, offer: Offer) -> Known | None:
    """What we hold of the newest release of a part; a withdrawn or refused one is asked for anew.

    A file that was cut short on its way carries the validators of the whole one: with them the body would
    answer that nothing changed, and the good file would never come.
    """
    row = connection.execute(
        "select headers, url, sha256, status from ops.release where dataset_id = %s and part = %s "
        "order by offered_at desc, release_id desc limit 1",
        (dataset.dataset_id, offer.part),
    ).fetchone()
    if row is None or row[3] in {"withdrawn", "refused"}:
        return None
    headers, url, sha256, _ = row
    return Known(headers.get("etag", ""), headers.get("last-modified", ""), url, sha256)


def _record(
    connection: Connection, settings: Settings, dataset: Dataset, offer: Offer, delivered: Delivered, run_id: int
) -> bool:
    """Record a download; tells whether it changes what is in use.

    Bytes that we hold but that were not the newest (a body went back to them, or lifted a withdrawal) become
    the newest again.
    """
    newest = connection.execute(
        "select sha256, status from ops.release where dataset_id = %s and part = %s "
        "order by offered_at desc, release_id desc limit 1 for update",
        (dataset.dataset_id, offer.part),
    ).fetchone()
    same = newest is not None and newest[0] == delivered.sha256 and newest[1] != "withdrawn"
    connection.execute(
        """
        insert into ops.release (
            dataset_id, part, url, sha256, size_bytes, headers, publisher, licence, published_on, maturity, origin,
            supersedes, run_id, offered_at
        ) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, clock_timestamp())
        on conflict (dataset_id, part, sha256) do update set
            url = excluded.url,
            headers = excluded.headers,
            offered_at = case when %s then release.offered_at else clock_timestamp() end,
            status = case release.status
                when 'withdrawn' then case when release.row_count is null then 'landed' else 'loaded' end
                else release.status
            end,
            status_reason = case release.status when 'withdrawn' then null else release.status_reason end
        """,
        (
            dataset.dataset_id, offer.part, delivered.url, delivered.sha256, delivered.size,
            json.dumps(delivered.headers), dataset.publisher, dataset.licence.value, offer.published_on,
            (offer.maturity or dataset.maturity).value, settings.source, dataset.supersedes.value, run_id, same,
        ),
    )  # fmt: skip
    return not same


def _note_withdrawal(
    settings: Settings, dataset: Dataset, error: Withdrawn, report: Report, part: str | None = None
) -> None:
    """Mark a withdrawn part, or all of a dataset, and report it where it is news."""
    with database.connect(settings, "nis_loader") as connection:
        changed = _withdraw(connection, dataset, error.message, part)
    if changed:
        report.withdrawn.append(error.message)
    _log.warning("withdrawn", dataset=dataset.dataset_id, part=part or "all parts", told=error.message)


def _withdraw(connection: Connection, dataset: Dataset, told: str, part: str | None) -> int:
    """Mark the newest release of a part, or of each part, as withdrawn; its bytes and rows stay.

    Returns how many releases changed.
    """
    return connection.execute(
        """
        update ops.release set status = 'withdrawn', status_reason = %s
        where release_id in (
            select distinct on (part) release_id from ops.release
            where dataset_id = %s and (%s::text is null or part = %s)
            order by part, offered_at desc, release_id desc
        ) and status <> 'withdrawn'
        """,
        (told, dataset.dataset_id, part, part),
    ).rowcount
