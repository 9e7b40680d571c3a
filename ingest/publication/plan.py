"""What a publication would change, said by indicator, target and flag before anything is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from psycopg import Connection


@dataclass(frozen=True, slots=True)
class Told:
    """A line of a plan: what it is of, what it was and becomes, and of how many."""

    of: str
    was: str
    becomes: str
    count: int


# Values: how many come, change or go, by indicator.
_VALUES = """
    select
        i.indicator_id,
        case when c.stood then 'published' else 'nothing' end,
        case when c.comes then case when c.stood then 'another value' else 'published' end else 'nothing' end,
        count(*)
    from changed_fact_value as c
    inner join published.dim_component as k on c.component_key = k.component_key
    inner join published.dim_indicator as i on k.indicator_key = i.indicator_key
    group by 1, 2, 3, i.ni
    order by i.ni, 2, 3
"""
# States of targets: as judged now, and as they would be.
_JUDGED = (
    "concat_ws(', ', case when {0}.met then 'met' when not {0}.met then 'not met' else 'not judged' end, {0}.on_track)"
)
_TARGETS = f"""
    select
        'target ' || coalesce(new.target_class, old.target_class),
        case when not c.stood then 'nothing' else {_JUDGED.format("old")} end,
        case when not c.comes then 'nothing' else {_JUDGED.format("new")} end,
        count(*)
    from changed_fact_target as c
    left join published.fact_target as new
        on c.comes and c.area_key = new.area_key and c.target_class = new.target_class
        and c.target_id = new.target_id and c.period_key = new.period_key
        and c.target_version = new.target_version and new.known_to = 'infinity'
    left join lateral (
        select t.* from published.fact_target as t
        where c.stood and c.area_key = t.area_key and c.target_class = t.target_class and c.target_id = t.target_id
            and c.period_key = t.period_key and c.target_version = t.target_version and t.known_to <> 'infinity'
        order by t.known_to desc limit 1
    ) as old on true
    where (old.met, old.on_track) is distinct from (new.met, new.on_track)
    group by 1, 2, 3
    order by 1, 2, 3
"""  # noqa: S608 - our own words
_FLAGS = """
    select
        'flag ' || c.flag_kind,
        case when c.stood then 'candidate' else 'nothing' end,
        case when c.comes then case when c.stood then 'other evidence' else 'candidate' end else 'nothing' end,
        count(*)
    from changed_fact_flag as c
    group by 1, 2, 3
    order by 1, 2, 3
"""


def told(connection: Connection) -> list[Told]:
    """What the planned publication of this connection changes; `planned` must have opened it."""
    return [
        Told(*row)
        for statement in (_VALUES, _TARGETS, _FLAGS)
        for row in connection.execute(statement.encode()).fetchall()
    ]
