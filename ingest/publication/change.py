"""The difference between a candidate table and what is published of it, and how it is written: close, then open."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from psycopg import sql

from ingest.errors import NisError
from ingest.publication.tables import NATURAL, Fact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psycopg import Connection

LARGE = 10_000
"""Rows from which it pays to fill an empty table first and to build its keys afterwards."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a publication does to one table."""

    table: str
    opened: int
    """Rows that become what we know."""
    closed: int
    """Rows that cease to be."""
    changed: int
    """Of both, those where one takes the other's place."""

    def __bool__(self) -> bool:
        """Whether there is any."""
        return self.opened + self.closed > 0


def difference(connection: Connection, fact: Fact, held: Sequence[int], anew: Sequence[int] | None = None) -> Change:
    """Find what would change in a table, and keep it in two temporary tables for `write`.

    `held` are keys of indicators whose rows stay as they are; `anew` are those whose rows can differ at all, None for
    every one.
    Raises NisError when the candidate names an area, a component or a period that no dimension has.
    """
    incoming, changed = _names(fact)
    connection.execute(sql.SQL("drop table if exists {}, {}").format(incoming, changed))
    parameters = {"held": list(held), "anew": None if anew is None else list(anew)}
    connection.execute(_incoming(fact, incoming, in_part=anew is not None), parameters)
    _require_dimensions(connection, fact, incoming)
    connection.execute(sql.SQL("analyze {}").format(incoming))
    connection.execute(
        sql.SQL(
            "create temporary table {changed} on commit drop as "
            "select {key}, old.{first} is not null as stood, new.{first} is not null as comes "
            "from {incoming} as new full join (select {names} from {target} where known_to = 'infinity' and {free}) "
            "as old on {same} "
            "where (new.{first} is null or old.{first} is null or ({new_facts}) is distinct from ({old_facts})) "
            "and {untouched}"
        ).format(
            changed=changed,
            key=_list("coalesce(new.{0}, old.{0}) as {0}", fact.key),
            first=sql.Identifier(fact.key[0]),
            incoming=incoming,
            names=_list("{0}", (*fact.key, *fact.columns)),
            target=sql.Identifier("published", fact.table),
            free=_free(fact, sql.Identifier("indicator_key"), in_part=anew is not None),
            same=_list("new.{0} = old.{0}", fact.key, " and "),
            new_facts=_list("new.{0}", fact.columns),
            old_facts=_list("old.{0}", fact.columns),
            untouched=_mentions_none_held(fact) if fact.mentions and held else sql.SQL("true"),
        ),
        parameters,
    )
    if fact.is_wording:
        # The wording of what is no longer in the catalogue stays: values known before need it.
        connection.execute(sql.SQL("delete from {} where not comes").format(changed))
    row = connection.execute(
        sql.SQL(
            "select count(*) filter (where comes), count(*) filter (where stood), "
            "count(*) filter (where comes and stood) from {}"
        ).format(changed)
    ).fetchone()
    assert row is not None, "an aggregate gives a row"
    return Change(fact.table, *row)


def write(
    connection: Connection, fact: Fact, change: Change, moment: datetime, publication: tuple[int, datetime]
) -> None:
    """Close what ceases to be known at a moment, and open what takes its place."""
    incoming, changed = _names(fact)
    target = sql.Identifier("published", fact.table)
    parameters: dict[str, Any] = {"now": moment, "publication": publication[0], "publish_at": publication[1]}
    connection.execute(sql.SQL("analyze {}").format(changed))
    if change.closed:
        connection.execute(
            sql.SQL(
                "update {target} as old set known_during = tstzrange(lower(old.known_during), %(now)s) "
                "from {changed} as new where new.stood and old.known_to = 'infinity' and {same}"
            ).format(target=target, changed=changed, same=_list("new.{0} = old.{0}", fact.key, " and ")),
            parameters,
        )
    if not change.opened:
        return
    own = (*fact.key, *(name for name in _carried(fact) if name not in fact.key))
    with _keys_afterwards(connection, target, change):
        connection.execute(
            sql.SQL(
                "insert into {target} ({names}, known_during{extra}) "
                "select {values}, tstzrange(%(now)s, null){extra_values} "
                "from {incoming} as new inner join {changed} as changed on {same} where changed.comes "
                # In the order of the key: the index over time grows three times as fast.
                "order by {order}"
            ).format(
                target=target,
                names=_list("{0}", own),
                values=_list("new.{0}", own),
                extra=sql.SQL("" if fact.is_wording else ", publication_id, publish_at"),
                extra_values=sql.SQL("" if fact.is_wording else ", %(publication)s, %(publish_at)s"),
                incoming=incoming,
                changed=changed,
                same=_list("new.{0} = changed.{0}", fact.key, " and "),
                order=_list("new.{0}", fact.key),
            ),
            parameters,
        )


@contextmanager
def _keys_afterwards(connection: Connection, target: sql.Identifier, change: Change) -> Iterator[None]:
    """Take keys and indexes off an empty table that is about to get many rows, and build them when it has them.

    Built at once they take about half the time; nobody can be reading what is not there.
    """
    is_empty = connection.execute(sql.SQL("select not exists (select from {})").format(target)).fetchone() == (True,)
    if change.opened < LARGE or not is_empty:
        yield
        return
    name = target.as_string(connection)
    keys = connection.execute(
        "select conname, pg_get_constraintdef(oid) from pg_constraint where conrelid = %s::regclass "
        # The primary key before those that may rest on it.
        "and contype in ('p', 'f') order by contype desc",
        (name,),
    ).fetchall()
    indexes = connection.execute(
        "select i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) from pg_index as i "
        "where i.indrelid = %s::regclass and not exists (select from pg_constraint where conindid = i.indexrelid)",
        (name,),
    ).fetchall()
    for key, _ in keys:
        connection.execute(sql.SQL("alter table {} drop constraint {}").format(target, sql.Identifier(key)))
    for index, _ in indexes:
        connection.execute(sql.SQL("drop index {}").format(sql.SQL(index)))
    yield
    for key, definition in keys:
        connection.execute(
            sql.SQL("alter table {} add constraint {} {}").format(target, sql.Identifier(key), sql.SQL(definition))
        )
    for _, definition in indexes:
        connection.execute(sql.SQL(definition))


def _names(fact: Fact) -> tuple[sql.Identifier, sql.Identifier]:
    return sql.Identifier(f"incoming_{fact.table}"), sql.Identifier(f"changed_{fact.table}")


def _list(shape: str, names: Sequence[str], joint: str = ", ") -> sql.Composed:
    """Names in a shape, with a joint between them."""
    return sql.SQL(joint).join(sql.SQL(shape).format(sql.Identifier(name)) for name in names)


def _free(fact: Fact, indicator_key: sql.Composable, *, in_part: bool) -> sql.Composable:
    """Condition that a row belongs to no held indicator; one of no indicator, as a local target, does not."""
    if not fact.by_indicator:
        return sql.SQL("true")
    free = sql.SQL("({0} is null or {0} <> all(%(held)s))").format(indicator_key)
    return free + sql.SQL(" and {0} = any(%(anew)s)").format(indicator_key) if in_part else free


def _mentions_none_held(fact: Fact) -> sql.Composed:
    """Condition that neither the row that stands nor the one that comes lists a held indicator, as ni_020/main."""
    return sql.SQL(
        "coalesce(concat_ws(' ', new.{0}, old.{0}) !~ (select string_agg('\\m' || indicator_id || '/', '|') "
        "from published.dim_indicator where indicator_key = any(%(held)s)), true)"
    ).format(sql.Identifier(fact.mentions))


def _carried(fact: Fact) -> tuple[str, ...]:
    """Columns that the temporary table has: keys of dimensions, own keys, facts."""
    keys = [] if fact.is_wording else [key for name in fact.dimensions for key in NATURAL[name][1]]
    return tuple(dict.fromkeys([*keys, *fact.key, *fact.columns, *(["on_day"] if fact.has_day else [])]))


def _incoming(fact: Fact, incoming: sql.Identifier, *, in_part: bool) -> sql.Composed:
    """Statement that gives the candidate's rows the integer keys of their dimensions."""
    of_dimension = {key: name for name in fact.dimensions for key in NATURAL[name][1]}
    columns = [
        sql.SQL("{}.{}").format(sql.Identifier(of_dimension[name]), sql.Identifier(name))
        if name in of_dimension
        else sql.SQL("daterange(source.period_end, source.period_end, '[]') as on_day")
        if name == "on_day"
        else sql.SQL("source.{}").format(sql.Identifier(name))
        for name in _carried(fact)
    ]
    joins = [
        sql.SQL("left join {table} as {name} on {same}").format(
            table=sql.Identifier("published", f"dim_{name}"),
            name=sql.Identifier(name),
            same=sql.SQL(" and ").join(
                sql.SQL("source.{1} = {0}.{1}").format(sql.Identifier(name), sql.Identifier(column))
                for column in NATURAL[name][0]
            ),
        )
        for name in fact.dimensions
    ]
    # A row whose component is unknown does not fall out here: it is told later.
    own_key = sql.Identifier(of_dimension.get("indicator_key", ""), "indicator_key")
    return sql.SQL(
        "create temporary table {incoming} on commit drop as select {columns} from {source} as source {joins} "
        "where {free}"
    ).format(
        incoming=incoming,
        columns=sql.SQL(", ").join(columns),
        source=sql.Identifier("candidate", fact.candidate),
        joins=sql.SQL(" ").join(joins),
        free=_free(fact, own_key, in_part=in_part),
    )


def _require_dimensions(connection: Connection, fact: Fact, incoming: sql.Identifier) -> None:
    for name in fact.dimensions:
        if name in fact.optional:
            continue
        row = connection.execute(
            sql.SQL("select count(*) from {} where {} is null").format(incoming, sql.Identifier(NATURAL[name][1][0]))
        ).fetchone()
        if row and row[0]:
            raise NisError(
                f"candidate.{fact.candidate}: {row[0]:,} rows name {name} that candidate.dim_{name} does not have",
                hint="build anew with `nis build --full`; what is published stays as it is",
            )
