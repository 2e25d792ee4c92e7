"""Database servers, one of each for all tests, and an empty table for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.ingest import servers
from tests.engine.ingest.servers import Server


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    with servers.postgresql() as server:
        yield server


@pytest.fixture(scope="session")
def mysql() -> Iterator[Server]:
    with servers.mysql() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql", "mysql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Server:
    """Each kind of database in turn, without tables of earlier tests."""
    if request.param == "sqlite":
        return servers.sqlite(tmp_path / "shop.db")
    server: Server = request.getfixturevalue(request.param)
    server.run("DROP TABLE IF EXISTS orders")
    return server
