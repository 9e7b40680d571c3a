"""Who may call schema stats, that each function names its source, and that the plain ones are put in place."""

from __future__ import annotations

import re
from typing import Any

import psycopg
import pytest
from psycopg import Connection, sql

pytestmark = pytest.mark.warehouse

CALLERS = ("reader", "inspector", "nis_loader", "nis_transformer", "nis_publisher")
SOURCES = r"Source: .*(\(1[89]\d\d\)|\(20\d\d\)|OHID|Armitage & Berry)"
CHEAP = [
    "stats.z(level)",
    "(stats.proportion_ci(x, n, 0.95)).lower",
    "(stats.proportion_ci(x, n, level)).upper",
    "(stats.proportion_ci(x, n, 0.998, 1.3)).lower",
    "(stats.count_ci(x, 0.95)).lower",
    "(stats.rate_ci(x, n, 1000, level)).upper",
    "(stats.mean_ci(x, 1, n, 0.95)).lower",
    "(stats.rate_ratio_ci(x, n, x, n, 0.95)).lower",
    "stats.p_value(x)",
    "stats.proportion_change_z(x, n, x, n, 1.3)",
    "stats.smallest_detectable_change(x, n, n, 1, 0.95)",
    "stats.rate_change_z(x, n, x, n)",
    "stats.change_z(x, x, n, x, x, n)",
    "stats.quantile(rank() over (order by x), count(*) over (), 5)",
    "stats.compare(x, n, x, n, level, 'higher_is_better')",
]
# Where something must be solved, only that is called.
SOLVED = ("stats.solved_z", "stats.exact_limit", "stats.t(")


def routines(connection: Connection) -> list[Any]:
    rows = connection.execute("""
        select
            p.oid::regprocedure::text, obj_description(p.oid, 'pg_proc'), p.provolatile, p.proparallel,
            p.proowner::regrole::text,
            array(select format_type(t, null) from unnest(p.proargtypes) with ordinality as a (t, i) order by i),
            exists (select from aclexplode(p.proacl) as a where a.grantee = 0) or p.proacl is null
        from pg_proc as p
        where p.pronamespace = 'stats'::regnamespace
        order by 1
    """).fetchall()
    assert len(rows) >= 18
    return rows


def test_every_function_says_what_it_computes_and_names_its_source(functions: Connection) -> None:
    for name, comment, *_ in routines(functions):
        assert comment, name
        assert re.search(SOURCES, comment, re.DOTALL), name


def test_every_type_of_stats_is_described(functions: Connection) -> None:
    rows = functions.execute("""
        select t.typname, obj_description(t.oid, 'pg_type') from pg_type as t
        inner join pg_class as c on t.typrelid = c.oid and c.relkind = 'c'
        where t.typnamespace = 'stats'::regnamespace
    """).fetchall()
    assert {name for name, _ in rows} == {"interval", "rate", "trend_result"}
    assert all(comment for _, comment in rows)


def test_functions_are_immutable_parallel_safe_and_the_publishers(functions: Connection) -> None:
    for name, _, volatility, parallel, owner, _, public in routines(functions):
        assert (volatility, parallel, owner, public) == ("i", "s", "nis_publisher", False), name


@pytest.mark.parametrize("role", CALLERS)
def test_every_role_may_call_each_function(functions: Connection, role: str) -> None:
    with functions.transaction(force_rollback=True):
        functions.execute(sql.SQL("set local role {}").format(sql.Identifier(role)))
        for name, _, _, _, _, types, _ in routines(functions):
            call = f"{name.split('(')[0]}({', '.join(f'null::{kind}' for kind in types)})"
            functions.execute(f"select {call}".encode())


@pytest.mark.parametrize("role", [role for role in CALLERS if role != "nis_publisher"])
@pytest.mark.parametrize(
    "statement",
    [
        "create function stats.mine() returns int language sql return 1",
        "create or replace function stats.p_value(z float8) returns float8 language sql return 0",
        "drop function stats.p_value(float8)",
    ],
)
def test_nobody_else_makes_or_changes_one(functions: Connection, role: str, statement: str) -> None:
    with functions.transaction(force_rollback=True):
        functions.execute(sql.SQL("set local role {}").format(sql.Identifier(role)))
        with pytest.raises(psycopg.errors.InsufficientPrivilege), functions.transaction():
            functions.execute(statement.encode())


@pytest.mark.parametrize("call", CHEAP)
def test_plain_functions_are_put_in_place_of_their_calls(functions: Connection, call: str) -> None:
    plan = functions.execute(
        f"explain (verbose, costs off) select {call} "
        "from (select random() as x, random() as n, random() as level from generate_series(1, 9) offset 0) as f".encode()
    ).fetchall()
    text = "\n".join(line for (line,) in plan)
    for solved in SOLVED:
        text = text.replace(solved, "")
    assert "stats." not in text
