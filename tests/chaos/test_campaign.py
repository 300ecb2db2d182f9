"""A short campaign of SIGKILLs; the long one is run by hand (``tests/bench/campaign.py``)."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from chaos.campaign import CRASHED, Campaign, create_audience
from chaos.sender_process import SenderOptions, send_until_done
from smtp_server.server import Sink

from digest.restore_guard.guard import RestoreGuard
from digest.store import open_store


def test_senders_may_die_at_any_moment(tmp_path: Path) -> None:
    result = Campaign(tmp_path, recipients=400, connections=3).run(8)
    assert result.problems == []
    assert result.kills == 8
    assert result.duplicates == 0
    assert max(result.unknown_per_kill) <= 3
    assert result.checks > 8


@pytest.mark.slow
def test_and_the_clock_may_be_set_back(tmp_path: Path) -> None:
    campaign = Campaign(tmp_path, recipients=300, connections=2, seed=7, clock_goes_back=True)
    assert campaign.run(6).problems == []


@pytest.mark.slow
def test_and_a_sender_may_be_stopped_until_another_takes_it_for_dead(tmp_path: Path) -> None:
    campaign = Campaign(tmp_path, recipients=400, connections=2, senders=2, suspends=True)
    result = campaign.run(6)
    assert result.problems == []
    assert result.senders["suspended"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "mutant",
    [
        "commits_attempts_after_bodies",
        "never_journals_a_body",
        "writes_no_journal",
        "retries_unknown_deliveries",
        "accepts_unsent_deliveries",
        "removes_rows_and_their_count",
        "swaps_mails",
    ],
)
def test_a_broken_sender_is_reported(mutant: str, tmp_path: Path) -> None:
    campaign = Campaign(tmp_path, recipients=400, mutant=mutant)
    problems = campaign.run(30, stop_at_problem=True).problems
    # A mutant that cannot even run shows nothing.
    assert problems
    assert not [problem for problem in problems if problem.startswith(CRASHED)]


def test_two_senders_started_by_mistake_serve_each_reader_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'two.db'}"
    store = open_store(url)
    store.migrate()
    edition_id = create_audience(store, 300)
    restore_guard_file = tmp_path / "restore_guard"
    with Sink() as sink:
        options = SenderOptions(
            url, sink.port, tmp_path / "journals", edition_id, 2, restore_guard_file, chunk=20
        )  # fmt: skip
        senders = [threading.Thread(target=send_until_done, args=(options,)) for _ in range(2)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
    with store.read() as unit:
        tally = unit.outbox.tally(edition_id)
    assert RestoreGuard(store, restore_guard_file).restored_reason() == ""
    store.close()
    assert (tally.accepted, tally.balanced) == (300, True)
    assert len(sink.mails) == len({mail.recipient for mail in sink.mails}) == 300
