"""The schema is made by migrations, all or nothing, and agrees with the tables of the program."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import sqlite3
import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, inspect, text

from digest.errors import ConfigurationError
from digest.model import DeliveryState, EditionKind, Job, Novelty, SubscriberState
from digest.redaction import without_addresses
from digest.store import Store, migrations, open_store
from digest.store.search_query import read_query
from digest.store.tables import metadata


@pytest.fixture
def address(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """A database with nothing in it, or none yet."""
    if kind == "postgresql":
        make: Callable[[], str] = request.getfixturevalue("postgres")
        return make()
    return (
        "sqlite://"
        if kind == "sqlite memory"
        else f"sqlite:///{tmp_path / 'a' / 'b' / 'digest.db'}"
    )


@pytest.fixture
def empty(address: str) -> Iterator[Store]:
    """A store that was not migrated."""
    store = open_store(address)
    yield store
    store.close()


def test_an_empty_database_is_brought_to_the_newest_revision(empty: Store) -> None:
    assert not empty.is_current()
    assert empty.is_empty()
    assert empty.migrate() == migrations.HEAD
    assert empty.is_current()
    assert not empty.is_empty()
    assert empty.migrate() is None
    with empty.begin() as unit:
        assert unit.papers.count() == 0


def test_nothing_works_before_migration_and_says_so(empty: Store) -> None:
    for door in (empty.begin, empty.read, empty.rehearsal):
        with pytest.raises(ConfigurationError, match=r"not set up\. Run `digest migrate`"), door():
            pass


def test_the_migrations_make_the_tables_that_the_program_knows(empty: Store) -> None:
    empty.migrate()
    with empty.read() as unit:

        def known(name: str | None, kind: str, _parents: object) -> bool:
            searching = name is not None and (
                name.startswith("papers_fts") or name == "ix_papers_text"
            )
            return not searching

        context = MigrationContext.configure(
            unit.connection, opts={"include_name": known, "compare_type": True}
        )
        assert compare_metadata(context, metadata) == []


def test_every_state_of_the_model_may_be_stored(empty: Store) -> None:
    """The check constraints were written when the first schema was; the model may have grown."""
    empty.migrate()
    stored = {
        "editions.kind": EditionKind,
        "papers.pending": Novelty,
        "edition_papers.novelty": Novelty,
        "subscribers.state": SubscriberState,
        "outbox.state": DeliveryState,
        "attempts.state": DeliveryState,
    }
    with empty.read() as unit:
        if empty.dialect == "sqlite":
            query = "SELECT name, sql FROM sqlite_master WHERE type = 'table'"
        else:
            query = (
                "SELECT conrelid::regclass::text, string_agg(pg_get_constraintdef(oid), ' ') "
                "FROM pg_constraint WHERE contype = 'c' GROUP BY 1"
            )
        checks = {str(name): str(sql) for name, sql in unit.connection.execute(text(query))}
    for column, values in stored.items():
        for value in values:
            assert f"'{value.value}'" in checks[column.split(".")[0]], (column, value)


def test_the_newest_script_is_the_one_the_program_expects() -> None:
    scripts = ScriptDirectory(str(Path(migrations.__file__).parent))
    assert scripts.get_heads() == [migrations.HEAD]
    numbers = sorted(script.revision for script in scripts.walk_revisions())
    assert numbers == [f"{n + 1:04}" for n in range(len(numbers))]


def test_a_database_of_a_newer_program_is_refused(empty: Store) -> None:
    empty.migrate()
    with empty.begin() as unit:
        unit.connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for door in (empty.migrate, empty.is_current):
        with pytest.raises(ConfigurationError, match="at revision 9999, this program knows"):
            door()


@pytest.mark.parametrize("kind", ["sqlite file"])
def test_the_file_is_its_owners_alone_and_made_only_by_migration(
    empty: Store, tmp_path: Path
) -> None:
    assert not empty.is_current()
    with pytest.raises(ConfigurationError), empty.read():
        pass
    assert list(tmp_path.iterdir()) == []
    empty.migrate()
    made = tmp_path / "a" / "b" / "digest.db"
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "a" / "b").stat().st_mode) == 0o700
    with empty.begin() as unit:
        unit.runs.set_flag("x", "y")
        beside = [path for path in made.parent.iterdir() if path != made]
        assert beside
        assert {stat.S_IMODE(path.stat().st_mode) for path in beside} == {0o600}


@pytest.mark.parametrize("kind", ["sqlite file"])
def test_a_migration_that_fails_leaves_nothing(
    empty: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    whole = migrations.upgrade

    def broken(connection: object) -> None:
        whole(connection)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    monkeypatch.setattr(migrations, "upgrade", broken)
    with pytest.raises(KeyboardInterrupt):
        empty.migrate()
    engine = create_engine(f"sqlite:///{tmp_path / 'a' / 'b' / 'digest.db'}")
    with engine.connect() as connection:
        assert connection.execute(text("SELECT name FROM sqlite_master")).all() == []
    engine.dispose()
    monkeypatch.undo()
    assert empty.migrate() == migrations.HEAD


@pytest.mark.parametrize("kind", ["sqlite file", pytest.param("postgresql", marks=[
    pytest.mark.postgres, pytest.mark.xdist_group("postgres")])])  # fmt: skip
def test_two_programs_may_migrate_at_once(address: str) -> None:
    stores = [open_store(address) for _ in range(3)]
    done: list[str | None] = []
    threads = [threading.Thread(target=lambda s=s: done.append(s.migrate())) for s in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done, key=str) == [migrations.HEAD, None, None]
    for store in stores:
        assert store.is_current()
        store.close()


def test_a_database_in_memory_has_the_schema_that_the_revisions_make(tmp_path: Path) -> None:
    def schema(store: Store) -> dict[str, set[str]]:
        with store.begin() as unit:
            tables = inspect(unit.connection)
            columns = {
                name: {f"{column['name']} {column['type']}" for column in tables.get_columns(name)}
                for name in tables.get_table_names()
            }
            indexes = {
                f"indexes of {name}": {str(index["name"]) for index in tables.get_indexes(name)}
                for name in tables.get_table_names()
            }
            triggers = unit.connection.exec_driver_sql(
                "SELECT sql FROM sqlite_master WHERE type = 'trigger'"
            )
            return columns | indexes | {"triggers": set(triggers.scalars())}

    in_memory, in_file = open_store("sqlite://"), open_store(f"sqlite:///{tmp_path / 'a.db'}")
    for store in (in_memory, in_file):
        store.migrate()
    assert schema(in_memory) == schema(in_file)
    in_memory.close()
    in_file.close()


def test_a_store_that_nobody_holds_any_more_leaves_no_connection_open(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'digest.db'}")
    store.migrate()
    with store.begin() as unit:
        unit.runs.set_flag("x", "y")
    assert {path.name for path in tmp_path.iterdir()} > {"digest.db"}
    del store, unit
    gc.collect()
    # SQLite takes its log away with the last connection.
    assert {path.name for path in tmp_path.iterdir()} == {"digest.db"}


@pytest.mark.parametrize("kind", ["sqlite file", pytest.param("postgresql", marks=[
    pytest.mark.postgres, pytest.mark.xdist_group("postgres")])])  # fmt: skip
def test_what_older_programs_kept_of_addresses_is_cleaned(
    empty: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Who is barred stays so, relays' words lose addresses, and what was deleted is overwritten."""
    whom = "ada.lovelace@example.org"
    plain = hashlib.sha256(whom.encode()).hexdigest()
    long = f"4.2.2 <{whom}> " + "is over quota " * 20
    as_of(empty, "0004", monkeypatch)
    with empty._transaction() as connection:
        connection.execute(
            text("INSERT INTO suppressions (address_digest, reason, at) VALUES (:d, 'x', :at)"),
            {"d": plain, "at": MOMENT},
        )
        for name in ("sending-paused", "note"):
            connection.execute(
                text("INSERT INTO flags (name, value) VALUES (:n, :v)"),
                {"n": name, "v": long if name == "sending-paused" else "as it was"},
            )
        connection.execute(
            text(
                "INSERT INTO runs (job, started_at, ended_at, ok, summary, silence)"
                " VALUES ('send', :at, :at, :ok, :words, :words)"
            ),
            [{"at": MOMENT, "ok": False, "words": long}] * 12,
        )
    if empty.dialect == "sqlite":
        path = tmp_path / "a" / "b" / "digest.db"
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as old:
            old.execute("PRAGMA secure_delete = OFF")
            old.execute("DELETE FROM runs WHERE id > 4")
            old.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert path.read_bytes().count(b"lovelace") > 2 * 4 + 1
    assert empty.migrate() == migrations.HEAD
    with empty.read() as unit:
        assert unit.subscribers.suppressed(whom) == "x"
        digests = list(unit.connection.scalars(text("SELECT address_digest FROM suppressions")))
        assert plain not in digests
        assert unit.runs.paused() == without_addresses(long)
        assert unit.runs.flag("note") == "as it was"
        last = unit.runs.last(Job.SEND)
        assert last is not None
        assert last.summary == last.no_mail_reason == without_addresses(long)
    if empty.dialect == "sqlite":
        files = [path for path in tmp_path.rglob("*") if path.is_file()]
        assert files
        assert not [path.name for path in files if b"lovelace" in path.read_bytes()]


MOMENT = "2026-11-20 08:00:00.000000"


def as_of(empty: Store, number: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bring an empty database to the schema of an older program."""

    def upgrade(connection: Connection) -> None:
        config = Config()
        folder = str(Path(migrations.__file__).parent)
        config.set_main_option("script_location", folder.replace("%", "%%"))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.upgrade(config, number)

    with monkeypatch.context() as context:
        context.setattr(migrations, "upgrade", upgrade)
        empty.migrate()


@pytest.mark.parametrize("number", ["0001", "0006", "0010"])
@pytest.mark.parametrize("kind", ["sqlite file", pytest.param("postgresql", marks=[
    pytest.mark.postgres, pytest.mark.xdist_group("postgres")])])  # fmt: skip
def test_papers_of_older_programs_are_found_by_the_search_of_this_one(
    empty: Store, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_of(empty, number, monkeypatch)
    with empty._transaction() as connection:
        connection.execute(
            text(
                "INSERT INTO papers (id, first_seen, last_seen, content_key, lookup_keys, title, "
                "abstract, authors) VALUES (:id, '2026-11-20', '2026-11-20', 'c', '[]', :title, "
                "'Sparse self-attention.', '[\"Ada Lovelace\"]')"
            ),
            [{"id": n, "title": f"Rivers number {n}"} for n in range(1, 1_203)],
        )
    assert empty.migrate() == migrations.HEAD
    with empty.begin() as unit:
        for query in ("rivers", "author:lovelace", "selfattention", '"sparse self attention"'):
            assert unit.papers.find(read_query(query)).total == 1_202, query
        assert unit.papers.find(read_query("1187")).papers[0].title == "Rivers number 1187"


@pytest.mark.parametrize("kind", ["sqlite file", pytest.param("postgresql", marks=[
    pytest.mark.postgres, pytest.mark.xdist_group("postgres")])])  # fmt: skip
def test_papers_that_an_older_program_withdrew_stay_hidden(
    empty: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_of(empty, "0013", monkeypatch)
    with empty._transaction() as connection:
        connection.execute(
            text(
                "INSERT INTO papers (id, first_seen, last_seen, content_key, lookup_keys, title, "
                "abstract, pending) VALUES (:id, '2026-11-20', '2026-11-20', 'c', '[]', 'Rivers', "
                "'Wide.', :pending)"
            ),
            [{"id": 1, "pending": None}, {"id": 2, "pending": None}, {"id": 3, "pending": "new"}],
        )
        connection.execute(
            text(
                "INSERT INTO editions (kind, day, covers_first, covers_last, papers, subject, "
                "published_at, expires_at, content, rendering) VALUES ('daily', '2026-11-20', "
                "'2026-11-20', '2026-11-20', 1, 'Rivers', '2026-11-20 08:00:00', "
                "'2026-11-21 08:00:00', :none, :none)"
            ),
            {"none": b""},
        )
        connection.execute(
            text(
                "INSERT INTO edition_papers (edition_id, paper_id, novelty) "
                "SELECT id, 1, 'new' FROM editions"
            )
        )
    assert empty.migrate() == migrations.HEAD
    with empty.begin() as unit:
        assert unit.published_papers.hidden() == {2, 3}
        assert unit.editions.stamp()
