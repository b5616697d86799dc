# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The engines that the tests ask, each real and started once for all tests of a process."""

import tempfile
from pathlib import Path

import pytest

import engine_servers
from artistguard import engines
from artistguard.engines.clickhouse import ClickHouse


@pytest.fixture(scope="session")
def clickhouse_pair():
    """Two ClickHouse servers of one cluster: the address of it through each."""
    if not Path(engine_servers.CLICKHOUSE).exists():
        pytest.skip("NOT TESTED: there is no clickhouse-server here (apt-get install it)")
    with engine_servers.clickhouse(2) as servers:
        yield [one.prepared() for one in servers]


@pytest.fixture(scope="session")
def postgresql_url():
    """A PostgreSQL server."""
    if not engine_servers.postgresql_programs():
        pytest.skip("NOT TESTED: there is no PostgreSQL server here (apt-get install postgresql)")
    with engine_servers.postgresql() as url:
        engines.prepare(url)
        yield url


@pytest.fixture(scope="session")
def chdb_engine():
    """Today's ClickHouse, inside this process; it is sent the very statements of the servers."""
    session_of = pytest.importorskip(
        "chdb.session", reason="NOT TESTED on today's ClickHouse: there is no chdb here"
    )
    with tempfile.TemporaryDirectory() as folder:
        session = session_of.Session()
        given = Path(folder) / "given"

        def send(statement, body, asked):
            if body:  # a file is how rows come in without a server
                table, form = statement.removeprefix("INSERT INTO ").split(" FORMAT ")
                given.write_bytes(body)
                statement = f"INSERT INTO {table} FROM INFILE '{given}' FORMAT {form}"
            if asked is not None:
                types, rows = asked
                given.write_bytes(rows)
                session.query("DROP TABLE IF EXISTS asked")
                session.query(f"CREATE TABLE asked ({types}) ENGINE = Memory")
                source = f"file('{given}', RowBinary, '{types}')"
                session.query(f"INSERT INTO asked SELECT * FROM {source}")
            return session.query(statement, "RowBinary").bytes()

        session.query("CREATE DATABASE pictures")
        session.query("USE pictures")
        engine = ClickHouse(send)
        engine.prepare()
        yield engine
        session.close()
