# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""A PostgreSQL for all tests of the server."""

import pytest

import clusters
from engine_servers import postgresql_programs


@pytest.fixture(scope="session")
def cluster():
    if postgresql_programs() is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    with clusters.running() as cluster:
        yield cluster
