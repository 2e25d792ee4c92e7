"""Real database servers for tests: started from the binaries that are there, on a socket, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Server:
    """A running database: its kind, its address, and a door for whoever writes into it."""

    kind: str
    url: str
    open: Callable[[], Any]

    def run(self, *statements: str) -> None:
        """Runs statements and commits them."""
        with closing(self.open()) as connection:
            cursor = connection.cursor()
            for statement in statements:
                cursor.execute(statement)
            connection.commit()


def sqlite(path: Path) -> Server:
    """A new SQLite file."""
    return Server("sqlite", f"sqlite:///{path}", lambda: sqlite3.connect(path))


def program(name: str) -> str | None:
    """Where a program of a database is; Debian keeps those of PostgreSQL beside the path."""
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    return shutil.which(name) or shutil.which(name, path="/usr/sbin") or (str(places[0]) if places else None)


@cache
def somebody() -> str | None:
    """A user who is not root, for servers that refuse to run as root; None where there is no need."""
    if os.geteuid() != 0:
        return None
    names = {each.pw_name for each in pwd.getpwall()}
    found = next((name for name in ("postgres", "mysql", "nobody") if name in names), None)
    if found is None or shutil.which("setpriv") is None:
        pytest.skip("database servers refuse to run as root, and there is nobody else to run them as")
    return found


def as_somebody(*words: str) -> list[str]:
    """A command as that user."""
    user = somebody()
    if user is None:
        return list(words)
    group = str(pwd.getpwnam(user).pw_gid)
    return ["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups", "--", *words]


@contextmanager
def folder() -> Iterator[Path]:
    """A directory of that user with a short name: the path of a socket may have about 100 characters."""
    path = Path(tempfile.mkdtemp(prefix="lt-", dir="/tmp"))
    user = somebody()
    if user is not None:
        shutil.chown(path, user)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def postgresql() -> Iterator[Server]:
    """A PostgreSQL of its own."""
    psycopg = pytest.importorskip("psycopg", reason="psycopg is not installed")
    initdb, postgres = program("initdb"), program("postgres")
    if initdb is None or postgres is None:
        pytest.skip("no PostgreSQL here: neither initdb nor postgres is installed")
    with folder() as place:
        made = as_somebody(
            initdb,
            "-D",
            f"{place}/data",
            "-U",
            "looptop",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
        )
        done = subprocess.run(made, capture_output=True, text=True, cwd=place, check=False)
        assert done.returncode == 0, done.stderr
        running = as_somebody(
            postgres, "-D", f"{place}/data", "-k", str(place), "-c", "listen_addresses=", "-c", "fsync=off"
        )
        url = f"postgresql://looptop@/postgres?host={place}"
        server = Server("postgresql", url, lambda: psycopg.connect(url))
        with _running(running, place / ".s.PGSQL.5432", server, psycopg.Error):
            yield server


@contextmanager
def mysql() -> Iterator[Server]:
    """A MariaDB of its own."""
    pymysql = pytest.importorskip("pymysql", reason="PyMySQL is not installed")
    install, daemon = program("mariadb-install-db"), program("mariadbd")
    if install is None or daemon is None:
        pytest.skip("no MariaDB here: neither mariadb-install-db nor mariadbd is installed")
    with folder() as place:
        made = as_somebody(
            install, "--no-defaults", f"--datadir={place}/data", "--auth-root-authentication-method=normal",
            "--skip-test-db",
        )  # fmt: skip
        done = subprocess.run(made, capture_output=True, text=True, cwd=place, check=False)
        assert done.returncode == 0, done.stderr + done.stdout
        running = as_somebody(
            daemon, "--no-defaults", f"--datadir={place}/data", f"--socket={place}/s", "--skip-networking",
            f"--pid-file={place}/pid", "--innodb-flush-log-at-trx-commit=0",
        )  # fmt: skip
        server = Server(
            "mysql",
            f"mysql://root@localhost/shop?unix_socket={place}/s",
            lambda: pymysql.connect(
                user="root", unix_socket=f"{place}/s", charset="utf8mb4", database="shop"
            ),
        )
        first = Server("mysql", "", lambda: pymysql.connect(user="root", unix_socket=f"{place}/s"))
        with _running(running, place / "s", first, pymysql.Error):
            first.run("CREATE DATABASE shop CHARACTER SET utf8mb4")
            yield server


@contextmanager
def _running(words: list[str], door: Path, server: Server, fault: type[Exception]) -> Iterator[None]:
    """The server while it runs and answers."""
    place = door.parent
    log = (place / "log").open("wb")
    with log, subprocess.Popen(words, stdout=log, stderr=log, cwd=place) as process:
        try:
            end = time.monotonic() + SECONDS
            while not _answers(server, door, fault):
                said = (place / "log").read_text("utf-8", "replace")
                assert process.poll() is None and time.monotonic() < end, said
                time.sleep(0.05)
            yield
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def _answers(server: Server, door: Path, fault: type[Exception]) -> bool:
    try:
        with socket.socket(socket.AF_UNIX) as wire:
            wire.connect(str(door))
        server.run("SELECT 1")
    except (OSError, fault):
        return False
    return True
