"""A relay that quotes whom it refuses: no reader's address is left where it outlives the reader."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from factories import PARIS, RENDERER, Newsroom, parsed
from sqlalchemy import text

from digest import subscriptions
from digest.daily.pause_alert import PauseAlert
from digest.daily.status import read_status
from digest.delivery.retry import Reply, SmtpStage

MONDAY = datetime(2026, 11, 16, 8, tzinfo=PARIS)
WHOM = "ada.lovelace@example.org"
QUOTES = [
    f"5.7.1 <{WHOM}> is on our blocklist",
    "5.7.1 SRS0=x=y=example.org=ada.lovelace@relay.example: ada.lovelace+40example.org blocked",
    "5.7.1 blocked, for ada.lovelace did not ask for it",
]


@pytest.fixture
def room(tmp_path: Path) -> Newsroom:
    room = Newsroom(tmp_path, MONDAY)
    alarm = PauseAlert(
        "ops@example.net", room.transport, RENDERER, room.list_identity, "b@example.org"
    )
    room.day = replace(room.day, delivery=replace(room.delivery, pause_alert=alarm))
    room.subscribe(WHOM)
    room.dump("A")
    return room


@pytest.mark.parametrize("place", [SmtpStage.MAIL, SmtpStage.RCPT])
@pytest.mark.parametrize("quote", QUOTES)
def test_neither_log_nor_status_nor_the_operators_mail_names_the_reader(
    room: Newsroom, quote: str, place: SmtpStage, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    room.transport.answers = {WHOM: Reply.of(place, 550, quote)}
    report = room.day.run(clock=room.clock)
    stock = read_status(room.store, room.editorial, clock=room.clock)
    assert stock.paused
    assert "5.7.1" in stock.paused
    (mail,) = room.transport.mails
    told = parsed(mail.content).get_body(("plain",))
    assert told is not None
    everywhere = [
        caplog.text, report.summary, report.no_mail_reason, str(stock.as_dict()), "\n".join(stock.lines()),
        str(told.get_content()),
    ]  # fmt: skip
    assert not [words for words in everywhere if "lovelace" in words.lower()]


@pytest.mark.parametrize("quote", QUOTES)
def test_once_the_reader_is_erased_no_table_names_them(room: Newsroom, quote: str) -> None:
    room.transport.answers = {WHOM: Reply.of(SmtpStage.RCPT, 550, quote)}
    room.day.run(clock=room.clock)
    subscriptions.erase_by_email(room.store, WHOM, now=room.clock())
    with room.store.read() as unit:
        for table in ("runs", "flags", "outbox", "attempts"):
            rows = unit.connection.execute(text(f"SELECT * FROM {table}"))
            assert "lovelace" not in str(list(rows)).lower()


def test_a_defect_while_a_mail_is_made_is_logged_without_its_words(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError(f"{WHOM} is at fault")

    monkeypatch.setattr("digest.daily.deliver.mail_recipient", broken)
    room.day.run(clock=room.clock)
    assert "RuntimeError" in caplog.text
    assert "lovelace" not in caplog.text
