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
    """Seconds to publish once this share of the candidate's values is another: all values of some indicators.

    The build says which, as one does after a change of the datasets that they rest on; with all of them, it made
    everything.
    """
    with database.connect(settings, "nis_transformer") as connection:
        indicators = [
            row[0]
            for row in connection.execute(
                """
                select indicator_id
                from (
                    select
                        indicator_id,
                        sum(count(value)) over (order by md5(indicator_id)) - count(value) as before,
                        sum(count(value)) over () as in_all
                    from candidate.fact_value
                    group by indicator_id
                ) as counted
                where before < in_all * %s / 100
                """,
                (per_cent,),
            ).fetchall()
        ]
        connection.execute(
            "update candidate.fact_value set value = value + 0.001 where value is not null and indicator_id = any(%s)",
            (indicators,),
        )
    with database.connect(settings, "nis_loader") as connection:
        row = connection.execute(
            "insert into ops.build (fingerprint, project, release_ids, built_at, gate_2_at, remade) "
            "select md5(random()::text), project, release_ids, now(), now(), %s from ops.build "
            "order by build_id desc limit 1 returning build_id",
            (None if per_cent == 100 else indicators,),
        ).fetchone()
        assert row is not None, "insert ... returning gives a row"
        connection.execute("update ops.at_hand set build_id = %s", row)
    started = time.perf_counter()
    done = publish(settings, row[0], reason="a measurement")
    assert done.opened > 0
    return time.perf_counter() - started
