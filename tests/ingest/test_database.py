"""The warehouse: connections, migrations, one origin for each, one run at a time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from unittest.mock import patch
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql
from pydantic import SecretStr

from ingest import database, registry
from ingest.contract import Column, raw_columns
from ingest.errors import DatabaseError
from ingest.runs import recorded
from ingest.settings import ROOT, Settings
from tests.ingest.warehouse import Warehouse, dataset, plain

ROLES = {"nis_loader", "nis_transformer", "nis_publisher", "inspector", "reader"}


# --- connections ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def warehouse(server: Settings, empty: Settings) -> Warehouse:
    """A database that went through all migrations itself: what they make is looked at here."""
    base, name = (urlsplit(database.url(one)) for one in (server, empty))
    with psycopg.connect(base.geturl(), autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name.path.lstrip("/"))))
    database.upgrade(empty)
    return Warehouse(empty)


def elsewhere(tmp_path: Path, url: str) -> Settings:
    return Settings(home=tmp_path, database_url=SecretStr(url))


def test_server_that_is_not_there_is_told_without_its_password(tmp_path: Path) -> None:
    settings = elsewhere(tmp_path, "postgresql://nis:s3cret@127.0.0.1:9/nis")
    for act in (lambda: database.connect(settings).__enter__(), lambda: database.upgrade(settings)):
        with pytest.raises(DatabaseError) as caught:
            act()
        assert caught.value.message.startswith("cannot connect to NIS_DATABASE_URL: ")
        assert "nis doctor" in caught.value.hint
        assert "s3cret" not in str(caught.value)
        assert caught.value.__cause__ is None


@pytest.mark.parametrize("url", ["mysql://nis:s3cret@h/d", "s3cret", "postgresql://nis:s3cret@h:port/d"])
def test_address_that_is_none_is_told_without_its_password(tmp_path: Path, url: str) -> None:
    settings = elsewhere(tmp_path, url)
    for act in (lambda: database.connect(settings).__enter__(), lambda: database.upgrade(settings)):
        with pytest.raises(DatabaseError, match="NIS_DATABASE_URL") as caught:
            act()
        assert "s3cret" not in str(caught.value)


def test_address_for_people_has_no_password(tmp_path: Path) -> None:
    settings = elsewhere(tmp_path, "postgresql://nis:s3cret@db.example:6432/warehouse")
    assert database.safe_url(settings) == "postgresql://nis@db.example:6432/warehouse"


def test_role_is_added_to_whatever_the_address_holds(tmp_path: Path) -> None:
    plainly = elsewhere(tmp_path, "postgresql://u:p@h:5432/d")
    assert database.url(plainly, "nis_loader") == "postgresql://u:p@h:5432/d?options=-c%20role%3Dnis_loader"
    with_tls = elsewhere(tmp_path, "postgresql://u:p@h:5432/d?sslmode=verify-full")
    assert database.url(with_tls, "nis_loader").startswith(
        "postgresql://u:p@h:5432/d?sslmode=verify-full&options=-c%20role%3D"
    )


@pytest.mark.warehouse
def test_wrong_password_is_told(warehouse: Warehouse, tmp_path: Path) -> None:
    address = database.url(warehouse.settings)
    parts = urlsplit(address)
    settings = elsewhere(tmp_path, address.replace(f":{parts.password}@", ":s3cret@"))
    with pytest.raises(DatabaseError, match=r"cannot connect to NIS_DATABASE_URL: .*password authentication failed"):
        database.connect(settings).__enter__()


@pytest.mark.warehouse
@pytest.mark.parametrize("role", sorted(ROLES))
def test_session_works_as_the_role_it_was_asked_for(warehouse: Warehouse, role: database.Role) -> None:
    assert warehouse.one("select current_user::text", role=role) == role


@pytest.mark.warehouse
def test_error_inside_a_connection_rolls_everything_back(warehouse: Warehouse) -> None:
    with pytest.raises(psycopg.errors.DivisionByZero):
        warehouse.query("insert into ops.run (command, origin) values ('lost', 'made'); select 1 / 0")
    assert warehouse.one("select count(*) from ops.run where command = 'lost'") == 0


# --- migrations -----------------------------------------------------------------------------------

OBJECTS = """
select n.nspname || '.' || c.relname || ' ' || coalesce(obj_description(c.oid), '') || ' ' || c.relacl::text
from pg_class as c inner join pg_namespace as n on c.relnamespace = n.oid
where n.nspname in ('raw', 'ops', 'published') order by 1
"""


@pytest.mark.warehouse
def test_upgrade_twice_changes_nothing(warehouse: Warehouse) -> None:
    before = warehouse.query(OBJECTS, role="")
    oids = "select oid from pg_class where relnamespace in ('raw'::regnamespace, 'published'::regnamespace) order by 1"
    tables = warehouse.query(oids, role="")
    database.upgrade(warehouse.settings, always=True)
    assert warehouse.query(OBJECTS, role="") == before
    assert warehouse.query(oids, role="") == tables


@pytest.mark.warehouse
def test_what_is_set_up_is_not_set_up_again_until_a_contract_grows(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    def upgraded() -> int:
        with patch("alembic.command.upgrade") as migrate:
            database.upgrade(warehouse.settings)
        return int(migrate.call_count)

    assert upgraded() == 0
    grown = {**registry.datasets(), "db_joining": replace(dataset("db_joining", plain("a")), title="It's new")}
    monkeypatch.setattr(registry, "datasets", lambda: grown)
    assert [upgraded(), upgraded()] == [1, 0]
    assert warehouse.query("select a from raw.db_joining") == []
    warehouse.query("drop table raw.db_joining")
    monkeypatch.undo()
    assert upgraded() == 1


@pytest.mark.warehouse
def test_database_of_a_server_by_url_is_set_up_like_the_embedded_one(warehouse: Warehouse, server: Settings) -> None:
    assert warehouse.settings.database_url is not None
    embedded = Warehouse(server)
    assert warehouse.query(OBJECTS, role="") == embedded.query(OBJECTS, role="")
    assert not (warehouse.settings.home / "db").exists()
    roles = warehouse.query(
        "select rolname::text, rolsuper or rolcreaterole or rolcreatedb or rolbypassrls from pg_roles "
        "where rolname = any(%s)",
        (list(ROLES),),
        role="",
    )
    assert dict(roles) == dict.fromkeys(ROLES, False)


@pytest.mark.warehouse
@pytest.mark.parametrize("role", ["inspector", "reader"])
def test_readers_log_in_to_the_embedded_server_as_themselves(server: Settings, role: database.Role) -> None:
    owner, own = urlsplit(database.url(server)), urlsplit(database.url(server, role))
    assert own.username == role
    assert own.password != owner.password
    assert "options" not in own.query
    with database.connect(server, role) as connection:
        for statement in ("set role nis", "set role nis_publisher", "reset role; select * from ops.run"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
                connection.execute(statement.encode())


@pytest.mark.warehouse
def test_every_table_that_readers_see_says_what_it_is(warehouse: Warehouse) -> None:
    silent = warehouse.query(
        "select c.oid::regclass::text from pg_class as c inner join pg_namespace as n on c.relnamespace = n.oid "
        "where n.nspname in ('published', 'ops', 'raw') and c.relkind in ('r', 'v', 'p') "
        "and c.relname <> 'migration' and obj_description(c.oid) is null",
        role="",
    )
    assert silent == []


@pytest.mark.warehouse
def test_raw_tables_hold_text_for_every_column_of_the_registry(warehouse: Warehouse) -> None:
    columns = warehouse.query(
        "select table_name::text, column_name::text, data_type::text from information_schema.columns "
        "where table_schema = 'raw' order by table_name, ordinal_position",
        role="",
    )
    expected = [
        (of.raw_table(table), name, kind)
        for of in registry.datasets().values()
        for table in of.tables
        for name, kind in [
            ("release_id", "bigint"),
            ("row_number", "bigint"),
            *((name, "text") for name in raw_columns(table)),
        ]
    ]
    assert sorted(columns) == sorted(expected)


@pytest.mark.warehouse
def test_column_that_joins_a_contract_is_added_and_older_rows_stay(warehouse: Warehouse) -> None:
    before = dataset("db_growing", plain("a"))
    warehouse.declare(before)
    release = warehouse.deliver(before, b"a\n1\n")
    after = replace(before, tables=(replace(before.tables[0], columns=(Column("a"), Column("select"))),))
    warehouse.declare(after)
    assert warehouse.rows(after, release) == [(1, "1", None)]
    again = warehouse.deliver(after, b"a,select\n2,3\n")
    assert warehouse.rows(after, again) == [(1, "2", "3")]
    # A column that leaves its contract stays where older releases filled it.
    warehouse.declare(before)
    assert warehouse.rows(after, again) == [(1, "2", "3")]


# --- one origin -----------------------------------------------------------------------------------


@pytest.mark.warehouse
@pytest.mark.parametrize("other", ["sample", "live"])
def test_warehouse_of_one_origin_refuses_another(warehouse: Warehouse, other: str) -> None:
    stranger = warehouse.settings.model_copy(update={"source": other})
    with pytest.raises(DatabaseError, match=f"holds made data; {other} data must not enter it") as caught:
        database.upgrade(stranger)
    assert "NIS_HOME" in caught.value.hint
    assert warehouse.query("select origin from ops.home") == [("made",)]


@pytest.mark.warehouse
def test_made_data_say_so_where_bi_tools_look(warehouse: Warehouse) -> None:
    comments = warehouse.query(
        "select obj_description(c.oid) from pg_class as c where relnamespace = 'published'::regnamespace "
        "and relkind in ('r', 'v')",
        role="reader",
    )
    assert len(comments) >= 8
    assert all(comment.startswith("MADE DATA: invented figures") for (comment,) in comments)
    # Once, however often the warehouse is brought up to date.
    assert not any(comment.count("MADE DATA") > 1 for (comment,) in comments)


# --- runs -----------------------------------------------------------------------------------------


@pytest.mark.warehouse
def test_one_run_at_a_time_and_a_killed_one_is_told(warehouse: Warehouse) -> None:
    with recorded(warehouse.settings, "first") as run:
        run.add(landed=2)
        with (
            pytest.raises(DatabaseError, match="another run is at work"),
            recorded(warehouse.settings, "second"),
        ):
            pytest.fail("two runs at once")
    first = "select status, counts ->> 'landed', finished_at >= started_at from ops.run where run_id = %s"
    assert warehouse.query(first, (run.run_id,)) == [("done", "2", True)]
    warehouse.query("insert into ops.run (command, origin) values ('killed', 'made')")
    with pytest.raises(ZeroDivisionError), recorded(warehouse.settings, "third"):
        raise ZeroDivisionError("so it goes")
    assert warehouse.query("select command, status, error from ops.run where command in ('killed', 'third')") == [
        ("killed", "failed", "interrupted"),
        ("third", "failed", "so it goes"),
    ]


def test_repository_is_where_the_migrations_are() -> None:
    versions = sorted(path.name for path in (ROOT / "ingest" / "migrations" / "versions").glob("*.py"))
    assert [name[:4] for name in versions] == [f"{number:04d}" for number in range(1, len(versions) + 1)]
