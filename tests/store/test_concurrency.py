"""Several programs on one store: each dump, edition and delivery happens once."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from factories import DAY, NOW, TTL, VISION, change, dump, edition_of, keys_of, record, rendering
from fixtures.stores import SHARED_STORES
from sqlalchemy import text
from store.steps import add_audience, add_subscriber, balanced_tally, remember_dump

from digest.errors import AlreadyIngestedError, AlreadyPublishedError
from digest.model import (
    Change,
    DeliveryState,
    LeasedDelivery,
    LeaseRequest,
    Novelty,
    Outcome,
    PlannedDelivery,
    SubscriberState,
    Tally,
    UnknownPolicy,
)
from digest.store import Store, open_store

pytestmark = pytest.mark.parametrize("kind", SHARED_STORES)

SPAWN = multiprocessing.get_context("spawn")


def at_once(count: int, work: Callable[[int], object]) -> list[object]:
    """What ``work`` gives or raises in each of ``count`` threads started together."""
    gate = threading.Barrier(count)
    found: list[object] = [None] * count

    def run(i: int) -> None:
        gate.wait()
        try:
            found[i] = work(i)
        except Exception as error:
            found[i] = error

    threads = [threading.Thread(target=run, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def ingest(store: Store, name: str, titles: list[str]) -> int:
    """As a use-case does it: look up, decide, remember, in one transaction. How many were new."""
    records = [record(title, position=i + 1) for i, title in enumerate(titles)]
    keys = [keys_of(one) for one in records]
    with store.begin() as unit:
        known = unit.papers.candidates(keys)
        changes = [
            Change(one, key, Novelty.SEEN, "known", paper_id=papers[0].id)
            if papers
            else Change(one, key, Novelty.NEW, "new")
            for one, key, papers in zip(records, keys, known, strict=True)
        ]
        assignments = [None if one.novelty is Novelty.SEEN else VISION for one in changes]
        unit.papers.remember(dump(name), DAY, changes, assignments, NOW)
    return sum(one.novelty is Novelty.NEW for one in changes)


def test_the_same_dump_ingested_at_once_counts_once(store: Store) -> None:
    titles = [f"P{i}" for i in range(50)]
    found = at_once(4, lambda i: ingest(store, "one", titles))
    assert 50 in found
    assert [type(one) for one in found].count(AlreadyIngestedError) == 3
    with store.read() as unit:
        assert unit.papers.count() == 50


def test_dumps_that_overlap_make_each_paper_once(store: Store) -> None:
    found = at_once(
        4, lambda i: ingest(store, f"d{i}", [f"P{n}" for n in range(i * 5, i * 5 + 20)])
    )
    assert sum(map(int, map(str, found))) == 35
    with store.read() as unit:
        assert unit.papers.count() == 35
        assert unit.papers.pending_dumps()[:2] == (80, 45)


def test_one_edition_is_frozen_by_one(store: Store) -> None:
    def freeze(i: int) -> int:
        with store.begin() as unit:
            told = edition_of()
            return unit.editions.freeze(
                told, rendering(str(i)), published_at=NOW, expires_at=NOW + TTL
            ).id

    found = at_once(4, freeze)
    assert [type(one) for one in found].count(AlreadyPublishedError) == 3


def test_one_audience_is_frozen_by_one(store: Store) -> None:
    edition_id = add_audience(store, 0, day=DAY)
    with store.begin() as unit:
        people = [add_subscriber(unit, f"r{i}@example.org") for i in range(20)]
        second = unit.editions.freeze(
            edition_of(day=DAY.replace(day=21)), rendering(), published_at=NOW, expires_at=NOW + TTL
        ).id

    def freeze(i: int) -> object:
        planned = [PlannedDelivery(one.id, NOW) for one in people[i:]]
        with store.begin() as unit:
            return unit.outbox.freeze_audience(second, planned, NOW)

    found = at_once(4, freeze)
    assert len(set(map(str, found))) == 1
    assert balanced_tally(store, second).planned_at_start in range(17, 21)
    assert balanced_tally(store, edition_id).planned_at_start == 0


def test_one_reader_signs_up_once(store: Store) -> None:
    def sign_up(i: int) -> int:
        with store.begin() as unit:
            return add_subscriber(unit, "ada@example.org", origin=str(i)).id

    assert len(set(at_once(4, sign_up))) == 1


def sender(address: str, edition_id: int, worker: str, sent: Path) -> None:
    """Lease, begin, "send" (a line in a file) and record until nothing is due."""
    store = open_store(address)
    with sent.open("a") as out:
        while True:
            with store.begin() as unit:
                leases = unit.outbox.lease(LeaseRequest(edition_id, NOW, 7, TTL, worker))
            if not leases:
                break
            with store.begin() as unit:
                sending = unit.outbox.begin_sending(leases, NOW)
            out.writelines(f"{one.subscriber.id}\n" for one in sending)
            with store.begin() as unit:
                unit.outbox.record(
                    [
                        Outcome(one.id, DeliveryState.ACCEPTED, NOW, lease_token=one.lease_token)
                        for one in sending
                    ]
                )
    store.close()


def test_two_senders_in_two_processes_send_each_mail_once(
    store: Store, address: str, tmp_path: Path
) -> None:
    edition_id = add_audience(store, 300)
    files = [tmp_path / "a.txt", tmp_path / "b.txt"]
    processes = [
        SPAWN.Process(target=sender, args=(address, edition_id, path.stem, path)) for path in files
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
        assert process.exitcode == 0
    sent = Counter(line for path in files for line in path.read_text().split())
    assert len(sent) == 300
    assert set(sent.values()) == {1}
    found = balanced_tally(store, edition_id)
    assert (found.accepted, found.unfinished) == (300, 0)


def test_leaving_and_sending_at_once_never_sends_after_leaving(store: Store) -> None:
    edition_id = add_audience(store, 40)
    left: list[int] = []
    sent: list[int] = []

    def work(i: int) -> None:
        if i:
            with store.begin() as unit:
                subscriber = unit.subscribers.list(after=0, limit=40)[i]
                unit.subscribers.set_state(subscriber.id, SubscriberState.UNSUBSCRIBED, "bye", NOW)
            left.append(subscriber.id)
            return
        with store.begin() as unit:
            leases = unit.outbox.lease(LeaseRequest(edition_id, NOW, 40, TTL, "a"))
        with store.begin() as unit:
            gone = set(left)
            sent.extend(one.subscriber.id for one in unit.outbox.begin_sending(leases, NOW))
        assert gone.isdisjoint(sent)

    assert at_once(6, work) == [None] * 6
    found = balanced_tally(store, edition_id)
    assert found.sending == len(sent)
    assert found.sending + found.excluded == 40


WRITER = """
import sys
from factories import change
from store.steps import remember_dump
from digest.store import open_store
store = open_store(sys.argv[1])
n = 0
while True:
    n += 1
    with store.begin() as unit:
        unit.runs.set_flag("rounds", str(n))
        remember_dump(unit, *(change(f"P{n}-{i}") for i in range(40)), name=f"d{n}")
    print(n, flush=True)
"""


def test_killed_while_writing_the_store_holds_whole_transactions_only(
    store: Store, address: str, kind: str
) -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    seen = 0
    for wait in (0.0, 0.03, 0.07):
        with store.begin() as unit:
            for table in (
                "papers_fts",
                "sightings",
                "paper_keys",
                "paper_topics",
                "papers",
                "dumps",
            ):
                unit.connection.execute(text(f"DELETE FROM {table}"))
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, address],
            stdout=subprocess.PIPE,
            env=environment,
            text=True,
        ) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            time.sleep(wait)
            writer.send_signal(signal.SIGKILL)
            writer.wait()
        with store.begin() as unit:
            rounds = int(unit.runs.flag("rounds") or 0)
            assert unit.papers.count() == 40 * rounds
            assert len(unit.papers.known_dumps()) == rounds
            assert unit.papers.pending_dumps()[0] == 40 * rounds
            assert len(unit.papers.search("works", limit=10_000)) == 40 * rounds
        seen += rounds
    assert seen >= 3
    if kind == "sqlite file":
        store.close()
        with sqlite3.connect(address.removeprefix("sqlite:///").split("?")[0]) as raw:
            assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            raw.execute("INSERT INTO papers_fts(papers_fts) VALUES ('integrity-check')")
        raw.close()


def test_a_change_is_seen_by_the_next_reader(store: Store, address: str) -> None:
    other = open_store(address)
    with store.begin() as unit:
        remember_dump(unit, change("A"))
    with other.read() as unit:
        assert unit.papers.count() == 1
    other.close()


@pytest.mark.parametrize("move", ["lease", "lease_and_begin"])
def test_what_a_sender_took_in_its_last_moment_is_seen_by_its_heir(move: str, store: Store) -> None:
    edition_id = add_audience(store, 3)
    taken: list[LeasedDelivery] = []
    in_hand, dead = threading.Event(), threading.Event()

    def die_at_the_commit() -> None:
        # Its process is gone, and the server is still busy with its last transaction.
        request = LeaseRequest(edition_id, NOW, 3, TTL, "dead")
        with store.begin() as unit:
            if move == "lease":
                unit.outbox.lease(request)
            else:
                unit.outbox.lease_and_begin(request, taken.extend)
            in_hand.set()
            dead.wait(timeout=60)

    def inherit() -> None:
        with store.begin() as unit:
            unit.outbox.release(taken)
        with store.begin() as unit:
            unit.outbox.recover(NOW, unknown_policy=UnknownPolicy.HOLD, workers=["dead"])

    sender, heir = (threading.Thread(target=work) for work in (die_at_the_commit, inherit))
    sender.start()
    assert in_hand.wait(timeout=60)
    heir.start()
    heir.join(timeout=1)
    dead.set()
    for thread in (sender, heir):
        thread.join(timeout=60)
    assert balanced_tally(store, edition_id) == Tally(3, planned=3)
