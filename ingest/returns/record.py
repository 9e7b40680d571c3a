"""The record of returns: each is judged, its bytes are kept, and a row of `ops.return` says what became of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from ingest import database
from ingest.errors import BadFile, UsageError
from ingest.landing import LandingStore
from ingest.logs import logger
from ingest.returns.validate import Verdict, require_pushed, require_sender, validate
from ingest.settings import Settings

if TYPE_CHECKING:
    from psycopg import Connection

Channel = Literal["inbox", "http", "cli"]
_log = logger("returns")
COLUMNS = (
    b"select return_id, dataset_id, sender, received_at, received_by, sha256, size_bytes, row_count, status, "
    b"fault_count, faults, warning_count, warnings, withdrawn_by, withdrawn_at, withdrawn_reason from ops.return "
)


class NoSuchReturn(UsageError):
    """Nothing of this sender is in use."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a return: one row of `ops.return`."""

    return_id: int
    dataset_id: str
    sender: str
    received_at: datetime
    received_by: str
    sha256: str
    size_bytes: int
    row_count: int
    status: str
    fault_count: int
    faults: Sequence[dict[str, Any]]
    """The first faults, as `Fault.as_dict` gives them."""
    warning_count: int = 0
    warnings: Sequence[dict[str, Any]] = ()
    """The first warnings, likewise; a return with warnings is taken."""
    withdrawn_by: str | None = None
    withdrawn_at: datetime | None = None
    withdrawn_reason: str | None = None
    already: bool = False
    """The same bytes had been sent before: nothing new was recorded."""

    @property
    def refused(self) -> bool:
        """Tell whether the return was not taken."""
        return self.status == "refused"

    def as_dict(self) -> dict[str, Any]:
        """The receipt as JSON wants it."""
        told: dict[str, Any] = {
            "id": self.return_id,
            "dataset_id": self.dataset_id,
            "sender": self.sender,
            "received_at": self.received_at.isoformat(),
            "received_by": self.received_by,
            "sha256": self.sha256,
            "size_bytes": self.size_bytes,
            "rows": self.row_count,
            "status": self.status,
            "already_received": self.already,
        }
        if self.fault_count:
            told |= {"fault_count": self.fault_count, "faults": list(self.faults)}
        if self.warning_count:
            told |= {"warning_count": self.warning_count, "warnings": list(self.warnings)}
        if self.withdrawn_at is not None:
            told |= {
                "withdrawn_by": self.withdrawn_by,
                "withdrawn_at": self.withdrawn_at.isoformat(),
                "withdrawn_reason": self.withdrawn_reason,
            }
        return told


def receive(settings: Settings, dataset_id: str, sender: str, data: bytes, channel: Channel) -> Receipt:
    """Judge a return, keep its bytes, and record it; a sound one takes the place of the sender's last.

    Bytes that are in use already, or that were refused for the same faults before, get the receipt they got
    then. Raises UsageError for an unknown dataset or sender, BadFile for more bytes than are taken, and
    DatabaseError when the warehouse cannot be reached.
    """
    dataset = require_pushed(dataset_id)
    require_sender(sender)
    if len(data) > settings.returns_max_bytes:
        raise too_large(dataset_id, len(data), settings)
    verdict = validate(dataset, data)
    with LandingStore(settings.landing_url).incoming() as incoming:
        incoming.write(data)
        incoming.commit()
    with database.connect(settings, "nis_loader") as connection:
        receipt = _record(connection, dataset_id, sender, data, channel, verdict)
    _log.info(
        "return", dataset=dataset_id, sender=sender, channel=channel, status=receipt.status, rows=receipt.row_count,
        faults=receipt.fault_count, warnings=receipt.warning_count, return_id=receipt.return_id,
        already=receipt.already,
    )  # fmt: skip
    return receipt


def too_large(dataset_id: str, size: int, settings: Settings) -> BadFile:
    """The error of a return that is larger than we take."""
    return BadFile(
        f"a return of {dataset_id} has {size:,} bytes; at most {settings.returns_max_bytes:,} are taken",
        hint="send it in parts under several senders' names, or raise NIS_RETURNS_MAX_BYTES",
    )


def _record(
    connection: Connection, dataset_id: str, sender: str, data: bytes, channel: Channel, verdict: Verdict
) -> Receipt:
    # Two copies that arrive at once are recorded one after the other.
    connection.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"return/{dataset_id}/{sender}",))
    sha256 = hashlib.sha256(data).hexdigest()
    faults = [fault.as_dict() for fault in verdict.faults]
    status = "accepted" if verdict.accepted else "refused"
    row = connection.execute(
        COLUMNS + b"where dataset_id = %s and sender = %s and sha256 = %s and status = %s "
        b"and faults = %s::jsonb order by return_id desc limit 1",
        (dataset_id, sender, sha256, status, json.dumps(faults)),
    ).fetchone()
    if row is not None:
        return replace(Receipt(*row), already=True)
    if verdict.accepted:
        connection.execute(
            "update ops.return set status = 'superseded' where dataset_id = %s and sender = %s and status = 'accepted'",
            (dataset_id, sender),
        )
    inserted = connection.execute(
        "insert into ops.return (dataset_id, sender, received_by, sha256, size_bytes, row_count, status, fault_count, "
        "faults, warning_count, warnings) values (%s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s, %s::jsonb) "
        "returning return_id",
        (
            dataset_id, sender, channel, sha256, len(data), verdict.row_count, status, verdict.fault_count,
            json.dumps(faults), verdict.warning_count, json.dumps([told.as_dict() for told in verdict.warnings]),
        ),
    ).fetchone()  # fmt: skip
    row = connection.execute(COLUMNS + b"where return_id = %s", inserted).fetchone()
    assert row is not None, "it was just written"
    return Receipt(*row)


def withdraw(settings: Settings, dataset_id: str, sender: str, by: str, reason: str) -> Receipt:
    """Take back the return of a sender that is in use; the next landing marks its release as withdrawn.

    Raises NoSuchReturn when nothing of the sender is in use, and UsageError without a name and a reason.
    """
    require_pushed(dataset_id)
    require_sender(sender)
    by, reason = by.strip(), reason.strip()
    if not by or not reason:
        raise UsageError("a return is withdrawn by somebody and for a reason", hint="name both")
    with database.connect(settings, "nis_loader") as connection:
        row = connection.execute(
            "update ops.return set status = 'withdrawn', withdrawn_by = %s, withdrawn_at = clock_timestamp(), "
            "withdrawn_reason = %s where dataset_id = %s and sender = %s and status = 'accepted' returning return_id",
            (by, reason, dataset_id, sender),
        ).fetchone()
        if row is None:
            raise NoSuchReturn(
                f"nothing that {sender} sent of {dataset_id} is in use", hint="`nis returns list` says what there is"
            )
        receipt = Receipt(*(connection.execute(COLUMNS + b"where return_id = %s", row).fetchone() or ()))
    _log.warning("return withdrawn", dataset=dataset_id, sender=sender, by=by, reason=reason)
    return receipt


def standing(settings: Settings, dataset_id: str) -> list[Receipt]:
    """Of each sender of a dataset the return in use, or else the one that was withdrawn last."""
    with database.connect(settings, "nis_loader") as connection:
        rows = connection.execute(
            b"select distinct on (sender) * from (" + COLUMNS + b"where dataset_id = %s "
            b"and status in ('accepted', 'withdrawn')) as known "
            b"order by sender, status = 'accepted' desc, return_id desc",
            (dataset_id,),
        ).fetchall()
    return [Receipt(*row) for row in rows]


def receipts(
    connection: Connection,
    *,
    dataset_id: str | None = None,
    sender: str | None = None,
    status: str | None = None,
    return_id: int | None = None,
    limit: int | None = None,
) -> list[Receipt]:
    """Receipts that fit, newest first; at most `limit` of them."""
    rows = connection.execute(
        COLUMNS + b"where (%(dataset_id)s::text is null or dataset_id = %(dataset_id)s) "
        b"and (%(sender)s::text is null or sender = %(sender)s) "
        b"and (%(status)s::text is null or status = %(status)s) "
        b"and (%(return_id)s::bigint is null or return_id = %(return_id)s) "
        b"order by return_id desc limit %(limit)s",
        {"dataset_id": dataset_id, "sender": sender, "status": status, "return_id": return_id, "limit": limit},
    ).fetchall()
    return [Receipt(*row) for row in rows]
