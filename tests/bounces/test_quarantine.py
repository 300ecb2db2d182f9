"""The folder of messages for a person: bounded, private, whole or not at all, emptied of one who asks."""

from __future__ import annotations

import base64
import os
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.bounces.quarantine import ForgetResult, Quarantine, QuarantineCount, QuarantineReason
from digest.bounces.reports import LARGEST
from digest.errors import TemporaryError

NOW = datetime(2026, 11, 20, 12, 30, 15, tzinfo=UTC)


@pytest.fixture
def quarantine(tmp_path: Path) -> Quarantine:
    return Quarantine(tmp_path / "state" / "quarantine", most_files=10, most_octets=10_000)


def keep(quarantine: Quarantine, raw: bytes, *, vouched: bool = False, **other: str) -> Path | None:
    return quarantine.keep(raw, QuarantineReason.NO_TOKEN, NOW, vouched=vouched, **other)


def test_a_message_is_a_file_that_only_its_owner_reads(quarantine: Quarantine) -> None:
    path = keep(quarantine, b"Subject: x\n\n")
    assert path is not None
    assert path.name.startswith("20261120T123015Z-no-token-")
    assert path.name.endswith(".eml")
    assert path.read_bytes() == b"Subject: x\n\n"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert os.listdir(path.parent) == [path.name]
    assert quarantine.waiting() == QuarantineCount(1, 12, {"no-token": 1})


def test_an_empty_folder_need_not_be_there(quarantine: Quarantine) -> None:
    assert quarantine.waiting() == QuarantineCount()


def test_the_same_message_is_kept_once(quarantine: Quarantine) -> None:
    assert keep(quarantine, b"x") == keep(quarantine, b"x")
    assert quarantine.waiting().files == 1


def test_of_messages_that_say_the_same_one_is_enough(quarantine: Quarantine) -> None:
    first = keep(quarantine, b"x", once="2026-11-20 5.7.1")
    assert keep(quarantine, b"y", once="2026-11-20 5.7.1") == first
    assert keep(quarantine, b"z", once="2026-11-21 5.7.1") != first


def test_two_that_come_at_the_same_moment_are_not_mixed(
    quarantine: Quarantine, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync, others = os.fsync, [b"another"]

    def raced(fd: int) -> None:
        while others:
            keep(quarantine, others.pop(), once="2026-11-20 5.7.1")
        sync(fd)

    monkeypatch.setattr(os, "fsync", raced)
    path = keep(quarantine, b"one of them", once="2026-11-20 5.7.1")
    assert path is not None
    assert path.read_bytes() == b"one of them"
    assert os.listdir(path.parent) == [path.name]


def test_strangers_fill_the_folder_only_so_far(quarantine: Quarantine) -> None:
    kept = [keep(quarantine, b"%d" % number) for number in range(12)]
    assert [path is not None for path in kept] == [True] * 8 + [False] * 4
    kept = [keep(quarantine, b"vouched %d" % number, vouched=True) for number in range(3)]
    assert [path is not None for path in kept] == [True, True, False]


def test_large_messages_fill_it_sooner(quarantine: Quarantine) -> None:
    kept = [keep(quarantine, b"%d" % number + b"x" * 3_000) for number in range(4)]
    assert [path is not None for path in kept] == [True, True, False, False]


def test_only_the_beginning_of_a_huge_message_is_kept(tmp_path: Path) -> None:
    path = keep(Quarantine(tmp_path), b"x" * (LARGEST + 1))
    assert path is not None
    assert path.stat().st_size == LARGEST


def test_room_comes_back_when_a_person_takes_files_away(quarantine: Quarantine) -> None:
    kept = [keep(quarantine, b"%d" % number) for number in range(8)]
    assert keep(quarantine, b"more") is None
    assert kept[0] is not None
    kept[0].unlink()
    assert keep(quarantine, b"more") is not None


def test_files_of_others_neither_count_nor_go(quarantine: Quarantine) -> None:
    quarantine.folder.mkdir(parents=True)
    for number in range(20):
        (quarantine.folder / f"note {number}.txt").write_text("mine")
    assert keep(quarantine, b"x") is not None
    assert quarantine.waiting().files == 1
    assert len(os.listdir(quarantine.folder)) == 21


@pytest.mark.parametrize("step", ["write", "fsync"])
def test_a_full_disk_leaves_no_half_message(
    quarantine: Quarantine, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, step, full)
    with pytest.raises(TemporaryError, match="No space left"):
        keep(quarantine, b"x")
    assert os.listdir(quarantine.folder) == []


def test_a_folder_that_cannot_be_read_holds_nothing_as_far_as_one_sees(tmp_path: Path) -> None:
    (tmp_path / "quarantine").write_text("a file in its place")
    assert Quarantine(tmp_path / "quarantine").waiting() == QuarantineCount()


WHOM = "ada.lovelace@example.org"
ENCODED = base64.b64encode(b"No such mailbox: Ada.Lovelace@Example.ORG, sorry.")


@pytest.mark.parametrize(
    "raw",
    [
        b"To: Ada.Lovelace@EXAMPLE.org\r\n\r\n",
        b"To: someone\r\n\r\nFinal-Recipient: rfc822;ada.lovelace+40example.org\r\n",
        b"To: bounces+ada.lovelace=example.org@list.example\r\n\r\n",
        b"X: y\r\n\r\nno such mailbox: ada.love=\r\nlace=40example.org\r\n",
        b"X: =?utf-8?q?ada=2Elovelace=40example=2Eorg?=\r\n\r\n",
        b"X: =?utf-8?b?" + ENCODED + b"?=\r\n\r\n",
        b"Content-Transfer-Encoding: base64\r\n\r\n" + ENCODED[:40] + b"\r\n" + ENCODED[40:],
        b"Content-Transfer-Encoding: base64x\r\n\r\n" + ENCODED,
    ],
)
def test_a_message_that_names_somebody_is_forgotten_with_them(tmp_path: Path, raw: bytes) -> None:
    quarantine = Quarantine(tmp_path)
    quarantine.keep(raw, QuarantineReason.NO_TOKEN, NOW, vouched=False)
    quarantine.keep(
        b"To: bada.lovelace@example.org\r\n\r\n", QuarantineReason.NO_TOKEN, NOW, vouched=False
    )
    assert quarantine.forget(WHOM).deleted == 1
    assert quarantine.waiting().files == 1
    assert quarantine.forget(WHOM).deleted == 0


@pytest.mark.parametrize(
    "piece", [b"=?", b"ada", b"ada.lovelace ", b"=\r\n", b"YWRh\r\n", b"--x\r\n"]
)
def test_no_message_keeps_an_erasure_busy(tmp_path: Path, piece: bytes) -> None:
    quarantine = Quarantine(tmp_path)
    quarantine.keep(piece * (300_000 // len(piece)), QuarantineReason.NO_TOKEN, NOW, vouched=False)
    begun = time.process_time()
    assert quarantine.forget(WHOM).deleted == 0
    assert time.process_time() - begun < 10


MARKS = ("a" + "\u0315" * 60_000 + "\u0300" * 60_000).encode()


def test_marks_that_normalising_takes_for_ever_to_order_do_not_keep_an_erasure_busy(
    tmp_path: Path,
) -> None:
    quarantine = Quarantine(tmp_path)
    quarantine.keep(MARKS, QuarantineReason.NO_TOKEN, NOW, vouched=False)
    begun = time.process_time()
    assert quarantine.forget(WHOM) == ForgetResult(0)
    assert time.process_time() - begun < 20


def test_what_a_request_has_no_time_to_search_is_searched_later_and_for_nobody_else(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    quarantine = Quarantine(tmp_path)
    for raw in (WHOM.encode(), b"about " + WHOM.encode(), b"eve@example.org", b"nobody"):
        quarantine.keep(raw, QuarantineReason.NO_TOKEN, NOW, vouched=False)
    assert quarantine.forget(WHOM, seconds=0) == ForgetResult(0, unsearched=4)
    assert "4 messages" in caplog.text
    assert WHOM not in caplog.text
    assert quarantine.waiting().files == 4
    (note,) = tmp_path.glob(".forget-*")
    assert note.stat().st_mode & 0o777 == 0o600
    assert Quarantine(tmp_path).finish_forgetting() == ForgetResult(2)
    assert not any(WHOM.encode() in path.read_bytes() for path in tmp_path.iterdir())
    assert quarantine.waiting().files == len(os.listdir(tmp_path)) == 2
    assert Quarantine(tmp_path).finish_forgetting() == ForgetResult(0)


def test_a_search_that_is_cut_short_is_taken_up_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quarantine = Quarantine(tmp_path)
    quarantine.keep(WHOM.encode(), QuarantineReason.NO_TOKEN, NOW, vouched=False)

    def killed(*_: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("digest.bounces.quarantine.mentions", killed)
        with pytest.raises(KeyboardInterrupt):
            quarantine.forget(WHOM)
    assert quarantine.finish_forgetting() == ForgetResult(1)
    assert os.listdir(tmp_path) == []
