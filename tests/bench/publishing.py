"""What it costs to publish when a part of the values changed: 1, 10 and 100 per cent."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ingest import database
from ingest.publication import publish

if TYPE_CHECKING:
    from ingest.settings import Settings

SHARES = (1, 10, 100)


def seconds(settings: Settings, per_cent: int) -> float:
    """Seconds to publish once this share of the candidate's values is another."""
    with database.connect(settings, "nis_transformer") as connection:
        connection.execute(
            "update candidate.fact_value set value = value + 0.001 where value is not null "
            "and abs(hashtext(area_code || indicator_id || component || period_end)) % 100 < %s",
            (per_cent,),
        )
    with database.connect(settings, "nis_loader") as connection:
        row = connection.execute(
            "insert into ops.build (fingerprint, project, release_ids, built_at, gate_2_at) "
            "select md5(random()::text), project, release_ids, now(), now() from ops.build "
            "order by build_id desc limit 1 returning build_id"
        ).fetchone()
    assert row is not None
    started = time.perf_counter()
    done = publish(settings, row[0], reason="a measurement")
    assert done.opened > 0
    return time.perf_counter() - started
