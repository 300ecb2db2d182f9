"""A sender's entry, seen by its heirs."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from delivery.sending import readers, relay, send
from fakes import Clock, MemoryOutbox
from smtp_server.server import Sink

from digest.delivery import journal as journal_module
from digest.delivery.journal import EntryProgress, Journal, JournalEntry, abandoned_journals
from digest.delivery.retry import Reply, SmtpStage
from digest.errors import ConfigurationError, StoreBusyError
from digest.model import DeliveryState, LeasedDelivery, LeaseRequest, Subscriber, SubscriberState

S = DeliveryState


def dies(folder: Path, ledger: MemoryOutbox, *, worker: str = "dead") -> None:
    """A sender that took four mails and died in a child process: one untouched, one begun, one
    accepted and one refused, none of them recorded.
    """
    leases = ledger.lease(LeaseRequest(1, Clock()(), 4, timedelta(hours=1), worker))
    ledger.begin_sending(leases, Clock()())
    child = os.fork()
    if child == 0:
        try:
            _work(folder, worker, leases)
        finally:
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)


def _work(folder: Path, worker: str, leases: Sequence[LeasedDelivery]) -> None:
    book = Journal(folder, worker, capacity=8)
    for lease in leases:
        book.add(lease)
    for lease in leases[1:]:
        book.mark_begun(lease.id)
    book.mark_answered(leases[2].id, Reply.of(SmtpStage.FINAL, 250, "2.0.0 kept"))
    book.mark_answered(leases[3].id, Reply.of(SmtpStage.RCPT, 550, "5.1.1 nobody"))


def test_what_a_dead_sender_left_is_brought_to_a_true_state(journals: Path) -> None:
    ledger = MemoryOutbox(readers(4))
    dies(journals, ledger)
    with Sink() as sink:
        report = send(ledger, relay(sink.port), journals=journals)
    assert [mail.recipient for mail in sink.mails] == ["reader1@example.test"]
    states = [row.state for row in ledger.rows.values()]
    assert states == [S.ACCEPTED, S.UNKNOWN, S.ACCEPTED, S.REJECTED]
    assert (report.recovered, report.in_doubt) == (1, 1)
    assert ledger.rows[4].outcomes[0].status == "5.1.1"
    assert not list(journals.iterdir())


def test_leases_of_a_dead_sender_need_not_run_out(journals: Path) -> None:
    ledger = MemoryOutbox(readers(4))
    dies(journals, ledger)
    ledger.rows[1].state = S.LEASED
    with Sink() as sink:
        send(ledger, relay(sink.port), journals=journals)
    assert ledger.rows[1].state is S.ACCEPTED


def test_after_a_loss_of_power_what_looks_untouched_is_in_doubt(
    journals: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = MemoryOutbox(readers(4))
    dies(journals, ledger)
    monkeypatch.setattr(journal_module, "boot_id", lambda: "another boot")
    with Sink() as sink:
        send(ledger, relay(sink.port), journals=journals)
    assert ledger.states() == {S.UNKNOWN: 2, S.ACCEPTED: 1, S.REJECTED: 1}
    assert not sink.mails


def test_a_living_sender_is_left_alone(journals: Path) -> None:
    with Journal(journals, "alive", capacity=4) as book:
        book.add(lease(1, 1, 1, "token"))
        with abandoned_journals(journals) as left:
            assert left == ()
        book.remove(1)
        book.remove(1)
        assert book.room == 4
    assert not list(journals.iterdir())
    book.close()


def test_a_recovery_that_fails_leaves_the_journal_to_the_next(journals: Path) -> None:
    ledger = MemoryOutbox(readers(4))
    dies(journals, ledger)
    ledger.busy = 1
    with pytest.raises(StoreBusyError), Sink() as sink:
        send(ledger, relay(sink.port), journals=journals)
    with abandoned_journals(journals) as left:
        (journal,) = left
        progress = [entry.progress for entry in journal.entries]
    expected = [
        EntryProgress.UNTOUCHED,
        EntryProgress.BEGUN,
        EntryProgress.ANSWERED,
        EntryProgress.ANSWERED,
    ]
    assert progress == expected
    assert journal.trusted


def test_two_recoveries_do_not_share_a_journal(journals: Path) -> None:
    dies(journals, MemoryOutbox(readers(4)))
    with abandoned_journals(journals) as first, abandoned_journals(journals) as second:
        assert len(first) == 1
        assert second == ()


def test_files_that_are_no_journals_are_removed(journals: Path) -> None:
    journals.mkdir()
    (journals / "x.journal").write_bytes(b"something else")
    (journals / "y.journal").write_bytes(b"")
    with abandoned_journals(journals) as left:
        assert left == ()
    assert not list(journals.iterdir())


def test_a_folder_that_cannot_be_used(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("x")
    with pytest.raises(ConfigurationError, match="no journal can be kept"):
        Journal(blocked, "w", capacity=1)


def test_a_full_disk_is_noticed_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("digest.delivery.journal.os.write", full)
    with pytest.raises(StoreBusyError, match="no room for a journal"):
        Journal(tmp_path, "w", capacity=1)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("call", ["open", "mkdir"])
def test_a_disk_too_full_for_a_name_is_full_and_not_forbidden(
    call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(f"digest.delivery.journal.os.{call}", full)
    with pytest.raises(StoreBusyError, match="no room for a journal"):
        Journal(tmp_path / "journals", "w", capacity=1)


def test_what_was_left_in_the_making_is_removed_when_nobody_can_be_at_it_any_more(
    tmp_path: Path,
) -> None:
    young, old = tmp_path / "young.new", tmp_path / "old.new"
    for path in (young, old):
        path.write_bytes(b"")
    os.utime(old, (1, 1))
    with abandoned_journals(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == [young]


def test_outcomes_survive_a_store_that_stays_full(journals: Path) -> None:
    ledger = MemoryOutbox(readers(30))
    original = ledger.record

    def never(_: Any) -> None:
        raise StoreBusyError("the disk is full")

    ledger.record = never  # type: ignore[assignment,method-assign]
    with Sink() as sink:
        with pytest.raises(StoreBusyError):
            send(ledger, relay(sink.port), journals=journals)
        ledger.record = original  # type: ignore[method-assign]
        send(ledger, relay(sink.port), journals=journals)
    assert ledger.states() == {S.ACCEPTED: 30}
    assert sorted(m.recipient for m in sink.mails) == sorted(readers(30))


def test_without_a_boot_identity_nothing_is_called_untouched(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("digest.delivery.journal.Path.read_text", _missing)
    assert journal_module.boot_id() == ""
    with Journal(tmp_path, "w", capacity=1) as book:
        book.add(lease(1, 1, 1, "t"))
    with abandoned_journals(tmp_path) as left:
        assert not left[0].trusted


def _missing(*_: Any, **__: Any) -> str:
    raise FileNotFoundError


def test_a_slot_that_is_used_again_holds_nothing_of_the_mail_before(tmp_path: Path) -> None:
    long = "queued as é" * 100
    with Journal(tmp_path / "living", "w", capacity=1) as book:
        book.add(lease(1, 7, 3, "a" * 32))
        book.mark_begun(1)
        book.mark_answered(1, Reply(SmtpStage.FINAL, 250, "2.0.0", long))
        reply = entry_after_death(tmp_path).reply
        assert reply is not None
        assert reply.text[:140] == long[:140]
        assert (reply.code, reply.status) == (250, "2.0.0")
        book.remove(1)
        book.add(lease(2, 8, 1, "b"))
        untouched = JournalEntry(2, 8, 1, "b", EntryProgress.UNTOUCHED)
        assert entry_after_death(tmp_path) == untouched
        reply = Reply(SmtpStage.RCPT, text="cut")
        book.mark_answered(2, reply)
        answered = replace(untouched, progress=EntryProgress.ANSWERED, reply=reply)
        assert entry_after_death(tmp_path) == answered


def lease(delivery_id: int, edition_id: int, attempt: int, token: str) -> LeasedDelivery:
    subscriber = Subscriber(delivery_id, "a@example.test", SubscriberState.ACTIVE)
    return LeasedDelivery(delivery_id, edition_id, subscriber, attempt, token)


def entry_after_death(folder: Path) -> JournalEntry:
    """The entry that recovery would read if the sender of the only mail in hand died now."""
    (journal,) = (folder / "living").iterdir()
    (folder / "copy").mkdir(exist_ok=True)
    shutil.copy(journal, folder / "copy")
    with abandoned_journals(folder / "copy") as left:
        ((entry,),) = (journal.entries for journal in left)
    return entry
