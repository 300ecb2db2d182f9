"""A relay that quotes whom it refuses: no reader's address is left where it outlives the reader."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from fakes import parse_message
from installation import PARIS, RENDERER, Installation
from sqlalchemy import text

from digest import subscriptions
from digest.daily.pause_alert import PauseAlert
from digest.delivery.retry import Reply, SmtpStage

MONDAY = datetime(2026, 11, 16, 8, tzinfo=PARIS)
WHOM = "ada.lovelace@example.org"
QUOTES = [
    f"5.7.1 <{WHOM}> is on our blocklist",
    "5.7.1 SRS0=x=y=example.org=ada.lovelace@relay.example: ada.lovelace+40example.org blocked",
    "5.7.1 blocked, for ada.lovelace did not ask for it",
]


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    installation = Installation(tmp_path, MONDAY)
    alarm = PauseAlert(
        "ops@example.net",
        installation.transport,
        RENDERER,
        installation.list_identity,
        "b@example.org",
    )
    installation.daily_run = replace(
        installation.daily_run, delivery=replace(installation.delivery, pause_alert=alarm)
    )
    installation.subscribe(WHOM)
    installation.dump("A")
    return installation


@pytest.mark.parametrize("place", [SmtpStage.MAIL, SmtpStage.RCPT])
@pytest.mark.parametrize("quote", QUOTES)
def test_neither_log_nor_status_nor_the_operators_mail_names_the_reader(
    installation: Installation, quote: str, place: SmtpStage, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    installation.transport.answers = {WHOM: Reply.of(place, 550, quote)}
    report = installation.run_day()
    stock = installation.status()
    assert stock.paused
    assert "5.7.1" in stock.paused
    (mail,) = installation.transport.mails
    told = parse_message(mail.content).get_body(("plain",))
    assert told is not None
    everywhere = [
        caplog.text, report.summary, report.no_mail_reason, str(stock.as_dict()), "\n".join(stock.lines()),
        str(told.get_content()),
    ]  # fmt: skip
    assert not [words for words in everywhere if "lovelace" in words.lower()]


@pytest.mark.parametrize("quote", QUOTES)
def test_once_the_reader_is_erased_no_table_names_them(
    installation: Installation, quote: str
) -> None:
    installation.transport.answers = {WHOM: Reply.of(SmtpStage.RCPT, 550, quote)}
    installation.run_day()
    subscriptions.erase_by_email(installation.store, WHOM, now=installation.clock())
    with installation.store.read() as unit:
        for table in ("runs", "flags", "outbox", "attempts"):
            rows = unit.connection.execute(text(f"SELECT * FROM {table}"))
            assert "lovelace" not in str(list(rows)).lower()


def test_a_defect_while_a_mail_is_made_is_logged_without_its_words(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError(f"{WHOM} is at fault")

    monkeypatch.setattr("digest.daily.deliver.mail_recipient", broken)
    installation.run_day()
    assert "RuntimeError" in caplog.text
    assert "lovelace" not in caplog.text
