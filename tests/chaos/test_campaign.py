"""A short campaign of SIGKILLs; the long one is run by hand (``tests/bench/campaign.py``)."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from chaos.campaign import Campaign, audience
from chaos.sender_process import Orders, send_until_done
from smtp_server.server import Sink

from digest.restore_guard.guard import RestoreGuard
from digest.store import open_store


def test_senders_may_die_at_any_moment(tmp_path: Path) -> None:
    verdict = Campaign(tmp_path, recipients=400, connections=3).run(8)
    assert verdict.problems == []
    assert verdict.kills == 8
    assert verdict.copies_beyond_one == 0
    assert max(verdict.doubts_per_kill) <= 3
    assert verdict.looks > 8


def test_and_the_clock_may_be_set_back(tmp_path: Path) -> None:
    campaign = Campaign(tmp_path, recipients=300, connections=2, seed=7, clock_goes_back=True)
    assert campaign.run(6).problems == []


def test_and_a_sender_may_be_stopped_until_another_takes_it_for_dead(tmp_path: Path) -> None:
    campaign = Campaign(tmp_path, recipients=400, connections=2, senders=2, freezes=True)
    verdict = campaign.run(6)
    assert verdict.problems == []
    assert verdict.senders["frozen"]


@pytest.mark.parametrize(
    "saboteur",
    [
        "commits_attempts_after_the_bodies",
        "never_notes_a_body",
        "enters_nothing",
        "tries_the_doubtful_again",
        "claims_what_it_never_sent",
        "cooks_the_equation",
        "swaps_letters",
    ],
)
def test_a_broken_sender_is_reported(saboteur: str, tmp_path: Path) -> None:
    campaign = Campaign(tmp_path, recipients=400, sabotage=saboteur)
    assert campaign.run(30, until_broken=True).problems


def test_two_senders_started_by_mistake_serve_each_reader_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'two.db'}"
    store = open_store(url)
    store.migrate()
    edition_id = audience(store, 300)
    witness = tmp_path / "witness"
    with Sink() as sink:
        orders = Orders(
            url, sink.port, tmp_path / "journals", edition_id, 2, witness, chunk=20
        )  # fmt: skip
        senders = [threading.Thread(target=send_until_done, args=(orders,)) for _ in range(2)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
    with store.read() as unit:
        tally = unit.outbox.tally(edition_id)
    assert RestoreGuard(store, witness).doubt() == ""
    store.close()
    assert (tally.accepted, tally.balanced) == (300, True)
    assert len(sink.mails) == len({mail.recipient for mail in sink.mails}) == 300
