"""The embedded server: who can reach it, and what it survives."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from ingest import database, transform
from ingest.database.embedded import Embedded
from ingest.errors import DatabaseError, NisError
from ingest.publication import publish
from ingest.settings import Settings


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    """A server of its own, which tests may kill, in a folder that only its owner may enter."""
    folder = tmp_path_factory.mktemp("cluster")
    folder.chmod(0o700)
    made = Embedded(folder / "db")
    made.start()
    yield made
    made.stop()


def maintenance(cluster: Embedded) -> str:
    """Address of a database that every cluster has."""
    return f"{cluster.url.rpartition('/')[0]}/postgres"


def fetch(cluster: Embedded, statement: str) -> object:
    with psycopg.connect(maintenance(cluster), connect_timeout=10, autocommit=True) as connection:
        row = connection.execute(statement.encode()).fetchone()
        return row and row[0]


@pytest.mark.warehouse
def test_server_listens_on_the_loopback_and_nowhere_else(cluster: Embedded) -> None:
    assert fetch(cluster, "show listen_addresses") == "127.0.0.1"
    assert fetch(cluster, "show unix_socket_directories") == ""
    port = urlsplit(cluster.url).port
    # The kernel's own tables, port in hexadecimal, state 0A = listening.
    listening = [
        line.split()[1]
        for table in ("/proc/net/tcp", "/proc/net/tcp6")
        if Path(table).exists()
        for line in Path(table).read_text().splitlines()[1:]
        if line.split()[3] == "0A" and line.split()[1].endswith(f":{port:04X}")
    ]
    assert listening == [f"0100007F:{port:04X}"]


@pytest.mark.warehouse
def test_password_is_asked_for_and_only_its_owner_can_read_it(cluster: Embedded) -> None:
    password = cluster.folder / "password"
    assert stat.S_IMODE(password.stat().st_mode) == 0o600
    assert len(password.read_text()) >= 32
    assert stat.S_IMODE(cluster.data.stat().st_mode) == 0o700
    parts = urlsplit(maintenance(cluster))
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(f"postgresql://nis:wrong@127.0.0.1:{parts.port}/postgres", connect_timeout=10)
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(f"postgresql://nis@127.0.0.1:{parts.port}/postgres", connect_timeout=10)
    assert fetch(cluster, "show password_encryption") == "scram-sha-256"
    rules = (cluster.data / "pg_hba.conf").read_text().splitlines()
    assert {rule.split()[-1] for rule in rules if rule and not rule.startswith("#")} == {"scram-sha-256"}


@pytest.mark.warehouse
@pytest.mark.skipif(os.geteuid() != 0, reason="only root has folders that the server's user cannot enter")
def test_root_gives_the_server_away_and_keeps_its_folder(cluster: Embedded) -> None:
    home = cluster.folder.parent
    assert (stat.S_IMODE(home.stat().st_mode), home.stat().st_uid) == (0o700, 0)
    server = Path(f"/proc/{(cluster.data / 'postmaster.pid').read_text().split()[0]}/status").read_text()
    (line,) = (line for line in server.splitlines() if line.startswith("Uid:"))
    assert "0" not in line.split()[1:]
    assert cluster.data.stat().st_uid == int(line.split()[1])


@pytest.mark.warehouse
def test_killed_server_starts_again_with_what_was_committed(cluster: Embedded) -> None:
    with psycopg.connect(maintenance(cluster), autocommit=True) as connection:
        connection.execute("create table if not exists kept as select 7 as number")
    port = urlsplit(cluster.url).port
    # A session that is open keeps a process of the server alive for a moment longer.
    with contextlib.closing(psycopg.connect(maintenance(cluster))) as session:
        session.execute("select 1")
        os.kill(int((cluster.data / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
        cluster.start()
    assert cluster.running()
    assert fetch(cluster, "select number from kept") == 7
    assert urlsplit(cluster.url).port == port


@pytest.mark.warehouse
def test_after_a_crash_no_build_is_at_hand(cluster: Embedded) -> None:
    settings = Settings(home=cluster.folder.parent, database_url=None, source="made")
    database.upgrade(settings)
    with database.connect(settings, "nis_transformer") as connection:
        connection.execute("create unlogged table candidate.fact_of_a_build as select 7 as value")
    with database.connect(settings, "nis_loader") as connection:
        row = connection.execute(
            "insert into ops.build (fingerprint, built_at, gate_2_at) values ('same', now(), now()) returning build_id"
        ).fetchone()
        assert row is not None
        connection.execute("insert into ops.at_hand (build_id) values (%s)", row)
        assert transform.pending_build(connection, "same") == (row[0], True, False)
    os.kill(int((cluster.data / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    cluster.start()
    with database.connect(settings, "nis_transformer") as connection:
        assert connection.execute("select count(*) from candidate.fact_of_a_build").fetchone() == (0,)
    with database.connect(settings, "nis_loader") as connection:
        assert connection.execute("select build_id from ops.build").fetchone() == row
        assert transform.pending_build(connection, "same") == (None, False, False)
    with pytest.raises(NisError, match="are no longer here"):
        publish(settings, row[0])


@pytest.mark.warehouse
def test_zombie_of_a_server_is_not_taken_for_one(cluster: Embedded) -> None:
    cluster.stop()
    # A process that ended unasked after: what a killed server is in a container without init.
    with subprocess.Popen([sys.executable, "-c", ""]) as zombie:
        while Path(f"/proc/{zombie.pid}/stat").read_text().split()[2] != "Z":
            time.sleep(0.01)
        pid_file = cluster.data / "postmaster.pid"
        pid_file.write_text(f"{zombie.pid}\n{cluster.data}\n1\n{(cluster.folder / 'port').read_text()}\n\n127.0.0.1\n")
        shutil.chown(pid_file, cluster.data.stat().st_uid, cluster.data.stat().st_gid)
        assert not cluster.running()
        cluster.start()
        assert cluster.running()
    assert fetch(cluster, "select 1") == 1


@pytest.mark.warehouse
def test_port_is_kept_over_a_restart_with_clients_connected(cluster: Embedded) -> None:
    port = urlsplit(cluster.url).port
    with contextlib.closing(psycopg.connect(maintenance(cluster))) as client:
        client.execute("select 1")
        assert cluster.stop()
        assert not cluster.running()
        assert not cluster.stop()
        cluster.start()
    assert urlsplit(cluster.url).port == port


@pytest.mark.warehouse
def test_starting_at_once_starts_one_server(cluster: Embedded) -> None:
    cluster.stop()
    with ThreadPoolExecutor(4) as pool:
        urls = set(pool.map(lambda _: Embedded(cluster.folder).start(), range(4)))
    assert urls == {cluster.url}
    assert fetch(cluster, "select 1") == 1


@pytest.mark.warehouse
def test_server_that_cannot_start_tells_why(cluster: Embedded) -> None:
    cluster.stop()
    conf = cluster.data / "postgresql.conf"
    good = conf.read_text()
    try:
        conf.write_text(good + "shared_buffers = 'plenty'\n")
        with pytest.raises(DatabaseError, match='invalid value for parameter "shared_buffers"') as caught:
            cluster.start()
        assert str(cluster.log) in caught.value.hint
    finally:
        conf.write_text(good)
    cluster.start()


def test_missing_wheel_names_both_ways_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(DatabaseError) as caught:
        Embedded.binary("initdb")
    assert "make install" in caught.value.hint
    assert "NIS_DATABASE_URL" in caught.value.hint


def test_server_that_is_down_is_not_started_where_that_was_not_asked(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, database_url=None)
    with pytest.raises(DatabaseError, match="is not running"):
        database.url(settings, start=False)
    assert not (tmp_path / "db").exists()
