"""Made, sample and live data never meet: a warehouse holds one of them, and made data say so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest.errors import DatabaseError
from ingest.settings import Origin

if TYPE_CHECKING:
    from sqlalchemy import Connection

MADE_NOTICE = "MADE DATA: invented figures of the sandbox, not those of any body. "

NOTICES: dict[Origin, str] = {
    "made": "MADE DATA: invented figures",
    "sample": "sample: real files, served by the sandbox",
    "live": "live data of the bodies",
}


def claim(connection: Connection, origin: Origin) -> None:
    """Stamp a new warehouse with the origin of its data, or check the stamp.

    Raises DatabaseError when the warehouse holds data of another origin.
    """
    from sqlalchemy import text

    held = connection.execute(text("select origin from ops.home")).scalar_one_or_none()
    if held is None:
        connection.execute(text("insert into ops.home (origin) values (:origin)"), {"origin": origin})
        if origin == "made":
            _mark_made(connection)
    elif held != origin:
        raise DatabaseError(
            f"this warehouse holds {held} data; {origin} data must not enter it",
            hint="use another NIS_HOME (or NIS_DATABASE_URL), or set NIS_SOURCE to what is there",
        )


def _mark_made(connection: Connection) -> None:
    """Put the notice in front of the comments that BI tools show."""
    from sqlalchemy import text

    relations = connection.execute(
        text(
            "select format('%I.%I', n.nspname, c.relname), c.relkind, coalesce(obj_description(c.oid), '') "
            "from pg_class as c inner join pg_namespace as n on c.relnamespace = n.oid "
            "where n.nspname = 'published' and c.relkind in ('r', 'v')"
        )
    ).all()
    for name, kind, comment in relations:
        full = (MADE_NOTICE + str(comment)).replace("'", "''")
        connection.execute(text(f"comment on {'view' if kind == 'v' else 'table'} {name} is '{full}'"))
