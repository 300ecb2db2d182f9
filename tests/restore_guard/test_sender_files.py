"""What a machine remembers of its senders, and what a store must know of it."""

from __future__ import annotations

import logging
import os
from datetime import timedelta
from pathlib import Path

import pytest
from fakes import NOON

from digest.restore_guard.sender_files import (
    SenderFile,
    SenderFiles,
    SenderRecord,
    explain_stale_database,
    latest_unknown,
)

HERE = "database /srv/digest.db"
ELSEWHERE = "database /tmp/try-out.db"


def sender_files(folder: Path, *, place: str = HERE, store_id: str = "store") -> SenderFiles:
    return SenderFiles(folder, store_id, place)


def sent(folder: Path, token: str, *batches: int, place: str = HERE) -> None:
    """A sender that ran to its end."""
    file = sender_files(folder, place=place).record_sender(token, NOON)
    for recorded in batches:
        file.write_count(recorded)
    file.close()


def test_the_last_number_that_was_noted_is_remembered(tmp_path: Path) -> None:
    sent(tmp_path, "one", 8, 40, 512)
    assert sender_files(tmp_path).records() == (SenderRecord("one", HERE, NOON, 512),)


def test_a_sender_is_remembered_before_it_has_recorded_anything(tmp_path: Path) -> None:
    sent(tmp_path, "one")
    assert sender_files(tmp_path).records() == (SenderRecord("one", HERE, NOON, 0),)


def test_nothing_is_remembered_at_first_nor_of_another_store(tmp_path: Path) -> None:
    assert sender_files(tmp_path).records() == ()
    sent(tmp_path, "one")
    assert sender_files(tmp_path, store_id="another").records() == ()


def test_a_new_sender_takes_the_place_of_one_that_is_done(tmp_path: Path) -> None:
    sent(tmp_path, "one", 8)
    known = sender_files(tmp_path).records()
    sender_files(tmp_path).record_sender("two", NOON, known).close()
    assert [one.token for one in sender_files(tmp_path).records()] == ["two"]


def test_but_not_of_one_that_lives_or_that_the_store_does_not_know(tmp_path: Path) -> None:
    alive = sender_files(tmp_path).record_sender("alive", NOON)
    sent(tmp_path, "strange", 8)
    known = [one for one in sender_files(tmp_path).records() if one.token == "alive"]
    sender_files(tmp_path).record_sender("new", NOON, known).close()
    alive.write_count(3)
    alive.close()
    remembered = {one.token: one.recorded for one in sender_files(tmp_path).records()}
    assert remembered == {"alive": 3, "strange": 8, "new": 0}


def test_nor_of_one_that_recorded_more_since_it_was_looked_at(tmp_path: Path) -> None:
    file = sender_files(tmp_path).record_sender("one", NOON)
    known = sender_files(tmp_path).records()
    file.write_count(8)
    file.close()
    sender_files(tmp_path).record_sender("two", NOON, known).close()
    assert {one.token for one in sender_files(tmp_path).records()} == {"one", "two"}


def test_a_copy_that_is_tried_out_elsewhere_says_nothing_of_the_original(tmp_path: Path) -> None:
    sent(tmp_path, "original", 8)
    sent(tmp_path, "copy", 3, place=ELSEWHERE)
    assert [one.token for one in sender_files(tmp_path).records()] == ["original"]
    assert [one.token for one in sender_files(tmp_path, place=ELSEWHERE).records()] == ["copy"]


def test_a_place_that_nothing_was_sent_from_is_judged_by_all_the_others(tmp_path: Path) -> None:
    sent(tmp_path, "original", 8)
    sent(tmp_path, "copy", 3, place=ELSEWHERE)
    moved = sender_files(tmp_path, place="database /srv/restored.db").records()
    assert {one.token for one in moved} == {"original", "copy"}


@pytest.mark.parametrize("cut", range(1, 5))
def test_a_number_that_was_cut_short_says_less_than_the_truth(tmp_path: Path, cut: int) -> None:
    sent(tmp_path, "one", 900, 1024)
    (path,) = tmp_path.glob("store/*")
    path.write_bytes(path.read_bytes()[:-cut])
    (told,) = sender_files(tmp_path).records()
    assert told.recorded == 900


def test_what_a_power_cut_left_of_a_line_is_passed_over(tmp_path: Path) -> None:
    sent(tmp_path, "one", 900)
    (path,) = tmp_path.glob("store/*")
    path.write_bytes(path.read_bytes() + b"\n\0\0\0\0\n7\0\0")
    (told,) = sender_files(tmp_path).records()
    assert told.recorded == 900


@pytest.mark.parametrize("content", [b"", b"\0" * 200, b"[]", b'{"sender": "one"}', b"\xff\xfe"])
def test_a_file_that_says_nothing_is_as_good_as_lost_and_logged(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    sent(tmp_path, "one")
    (path,) = tmp_path.glob("store/*")
    path.write_bytes(content)
    assert sender_files(tmp_path).records() == ()
    assert f"{path} says nothing of earlier sending" in caplog.text


def test_a_folder_that_cannot_be_made_stops_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "in-the-way").write_text("a file")
    file = sender_files(tmp_path / "in-the-way").record_sender("one", NOON)
    file.write_count(8)
    file.close()
    assert sender_files(tmp_path / "in-the-way").records() == ()
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "this machine may not notice" in caplog.text


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_disk_that_is_full_stops_nobody_and_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = SenderFile(os.open("/dev/full", os.O_WRONLY), tmp_path)
    file.write_count(1)
    file.write_count(2)
    file.close()
    assert len(caplog.records) == 1
    assert "No space left on device" in caplog.text


def test_a_sender_whose_file_cannot_be_made_leaves_the_older_ones(tmp_path: Path) -> None:
    sent(tmp_path, "one", 8)
    (tmp_path / "store" / "two.new").mkdir()
    known = sender_files(tmp_path).records()
    sender_files(tmp_path).record_sender("two", NOON, known).close()
    assert sender_files(tmp_path).records() == known


def told(token: str, recorded: int, *, minutes: int = 0) -> SenderRecord:
    return SenderRecord(token, HERE, NOON + timedelta(minutes=minutes), recorded)


def test_a_store_that_knows_as_much_or_more_is_not_in_doubt() -> None:
    assert (
        latest_unknown([told("one", 8), told("two", 0)], {"one": 8, "two": 40, "three": 1}) is None
    )
    assert latest_unknown([], {}) is None


def test_a_store_that_knows_less_is_and_the_latest_sender_it_forgot_is_named() -> None:
    assert latest_unknown([told("one", 8)], {}) == told("one", 8)
    assert latest_unknown([told("one", 0)], {}) == told("one", 0)
    assert latest_unknown([told("one", 8)], {"one": 7}) == told("one", 8)
    both = [told("late", 1, minutes=5), told("early", 8)]
    assert latest_unknown(both, {"other": 99}) == both[0]


def test_the_reproach_says_when_how_much_and_how_to_go_on() -> None:
    unknown = explain_stale_database(told("one", 8), None)
    assert "began at 2026-11-20 12:00 UTC and is not known to it" in unknown
    assert "digest resume --skip-past" in unknown
    partly = explain_stale_database(told("one", 1200), 800)
    assert "recorded 1,200 outcomes, of which it knows 800" in partly
