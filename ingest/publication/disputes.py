"""Comments and disputes of councils, attached to a published value until they are resolved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ingest import database
from ingest.errors import UsageError
from ingest.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

COLUMNS = (
    "comment_id", "kind", "indicator_id", "component", "area_code", "area_name", "period", "said", "said_by",
    "organisation", "said_at", "resolved_at", "resolved_by", "resolution",
)  # fmt: skip
_LIST = """
    select
        d.comment_id, d.kind, c.indicator_id, c.component, a.area_code, a.area_name, p.label, d.said, d.said_by,
        d.organisation, d.said_at, d.resolved_at, d.resolved_by, d.resolution
    from published.value_comment as d
    inner join published.dim_component as c on d.component_key = c.component_key
    inner join published.dim_area as a on d.area_key = a.area_key
    inner join published.dim_period as p on d.period_key = p.period_key
    where (%(area)s::text is null or a.area_code = %(area)s)
        and (%(open)s::boolean is null or (d.resolved_at is null) = %(open)s)
    order by d.comment_id
"""


def attach(
    settings: Settings,
    cell: tuple[int, str | None, str, str],
    kind: str,
    said: str,
    by: tuple[str, str],
) -> int:
    """Attach a comment or a dispute to a value; returns its number.

    `cell` is NI number, component (None for the headline), area code and framework year; `by` a person and whom they
    speak for. Raises UsageError when no such value is published, or somebody is not named.
    """
    ni, component, area_code, year = cell
    person, organisation = (text.strip() for text in by)
    if not person or not organisation or not said.strip():
        raise UsageError(
            "say what, who says it and for whom", hint="--by 'Jane Smith' --organisation 'Hull City Council'"
        )
    with database.connect(settings, "nis_publisher") as connection:
        rows = connection.execute(
            "insert into published.value_comment "
            "(component_key, area_key, period_key, kind, said, said_by, organisation) "
            "select v.component_key, v.area_key, v.period_key, %(kind)s, %(said)s, %(person)s, %(organisation)s "
            "from published.fact_value as v "
            "inner join published.dim_component as c on v.component_key = c.component_key "
            "inner join published.dim_indicator as i on v.indicator_key = i.indicator_key "
            "inner join published.dim_area as a on v.area_key = a.area_key "
            "inner join published.dim_period as p on v.period_key = p.period_key "
            "where i.ni = %(ni)s and a.area_code = %(area)s and p.framework_year = %(year)s "
            "and v.known_to > now() and lower(v.known_during) <= now() "
            "and case when %(component)s::text is null then c.headline else c.component = %(component)s end "
            "order by p.period_end desc limit 1 returning comment_id",
            {
                "ni": ni, "component": component, "area": area_code, "year": year, "kind": kind, "said": said.strip(),
                "person": person, "organisation": organisation,
            },
        ).fetchall()  # fmt: skip
    if not rows:
        raise UsageError(
            f"no value of NI {ni} is published for {area_code} in {year}", hint=f"`nis values --ni {ni}` lists them"
        )
    return int(rows[0][0])


def resolve(settings: Settings, comment_id: int, by: str, resolution: str) -> None:
    """Resolve a comment or dispute; what was said stays.

    Raises UsageError when there is none that is open, or nobody is named.
    """
    if not by.strip() or not resolution.strip():
        raise UsageError("say how it was resolved and by whom", hint="--by 'Jane Smith' --resolution '...'")
    with database.connect(settings, "nis_publisher") as connection:
        done = connection.execute(
            "update published.value_comment set resolved_at = now(), resolved_by = %s, resolution = %s "
            "where comment_id = %s and resolved_at is null",
            (by.strip(), resolution.strip(), comment_id),
        ).rowcount
    if not done:
        raise UsageError(f"there is no open comment {comment_id}", hint="`nis dispute list --open` lists them")


def attached(settings: Settings, area_code: str | None = None, *, only_open: bool = False) -> Sequence[Any]:
    """Comments and disputes, oldest first, in the order of COLUMNS."""
    with database.connect(settings, "nis_loader") as connection:
        return connection.execute(_LIST, {"area": area_code, "open": True if only_open else None}).fetchall()
